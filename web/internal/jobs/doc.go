// Package jobs runs what takes longer than a request: trainings, comparisons and
// searches, each as a process of its own, by the command line that a user would
// type.
//
// A [Manager] keeps them in a folder, one folder for each:
//
//	job.json         what the job is and how it is
//	experiment.yaml  the settings that it was started with, if they came as a file
//	events.jsonl     what happens, of all but trainings, whose events are in the
//	                 folder of their run
//	log              what the process has written to its standard streams, the end
//	out/             the files that the command writes; of a training, its run
//	lock, exit       of the process: see [Attend]
//
// So many jobs go on at a time; the others wait in the order in which they came.
// Processes do not depend on the manager: one that is killed leaves them at work,
// and the next one finds them. A manager that is closed asks them to end, which
// they do with a checkpoint, and the next one starts them again.
package jobs
