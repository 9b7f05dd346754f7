// Package record keeps what there is to know of runs: a folder for each, with
// the experiment, the log of events, checkpoints, figures and the model; and an
// index over all folders, which can be thrown away at any time.
//
// # A run's folder
//
//	experiment.yaml    settings, and under "recorded" where and when they were run
//	events.jsonl       every event of the run, a line each: see AppendEvent
//	checkpoints/       see package checkpoint
//	figures/
//	model.safetensors  the model at the end
//	train.json         the report of the run
//	tags.json          words that the user has given it
//	.lock              held by the process that works on the run
//
// Whether a folder holds a run is decided by experiment.yaml and events.jsonl:
// one of them has to be there.
package record
