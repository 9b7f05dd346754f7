package lab

import "github.com/descent-go/descent/train"

// A Comparison is what came of [Compare], with all that a report of it needs.
type Comparison struct {
	Protocol Protocol         `json:"protocol"`
	Tasks    []TaskComparison `json:"tasks"`
	// Profiles are there with four tasks and more.
	Profiles []Profile `json:"profiles,omitempty"`
	// Summary says in a sentence how the contenders did over all tasks.
	Summary string `json:"summary"`
	// Trials counts all trainings, Seconds is the time that they took together.
	Trials  int     `json:"trials"`
	Seconds float64 `json:"seconds"`
}

// A Protocol is how it was compared.
type Protocol struct {
	Contenders []string `json:"contenders"` // their names, in the order given
	Schedule   string   `json:"schedule"`   // of all; "": that of the tasks, constant as a rule
	Trials     int      `json:"trials"`     // of tuning, for each contender and task
	Decades    float64  `json:"decades"`    // around the usual rate, that tuning begins with
	// Space has what is tuned beside the rate, as ParseDimensions reads it.
	Space         []string `json:"space,omitempty"`
	Finalists     int      `json:"finalists"`
	TuningSeed    uint64   `json:"tuning_seed"`
	FinalistSeeds []uint64 `json:"finalist_seeds"`
	FreshSeeds    []uint64 `json:"fresh_seeds"`
	Seed          uint64   `json:"seed"` // that the others come from
	// Confidence of the intervals, all of one task together.
	Confidence float64 `json:"confidence"`
	// Text says all of it in sentences.
	Text []string `json:"text"`
}

// A TaskComparison is what came of one task.
type TaskComparison struct {
	Name string `json:"name"`
	// Objective is what tuning, targets and curves look at: "validation loss",
	// "value" or "training loss". Measure is what the verdict is about: "test loss"
	// where there is a test set, else the objective.
	Objective string `json:"objective"`
	Measure   string `json:"measure"`
	Budget    int64  `json:"budget"` // gradient evaluations of a trial
	Accuracy  bool   `json:"accuracy"`
	// Target is a value of the objective; TargetRule says where it comes from.
	Target     train.Real `json:"target"`
	TargetRule string     `json:"target_rule"`
	// Rows has a row for each contender, the best first.
	Rows    []Row   `json:"rows"`
	Verdict Verdict `json:"verdict"`
	// Function is that of two variables that was minimized, as problem.Resolve reads it,
	// and Paths where the contenders go on it, in their order; "" for everything else.
	Function string      `json:"function,omitempty"`
	Paths    []TunedPath `json:"paths,omitempty"`
	// Experiment is the task's file of settings; those of a trial are put over them.
	Experiment string `json:"experiment"`
}

// A Row is what came of a contender on a task, tuned, on seeds that tuning has not
// seen.
type Row struct {
	Name      string  `json:"name"`
	Optimizer string  `json:"optimizer"` // the rule with its options
	Rate      float64 `json:"rate"`      // that tuning chose
	Usual     float64 `json:"usual"`     // the rule's default, or the rate given
	// Values are those that tuning chose beside the rate, by the keys of the space; nil
	// where the contender is as it was.
	Values Configuration `json:"values,omitempty"`
	// Schedule is what the rate follows over Updates steps; "": a constant.
	Schedule   string `json:"schedule,omitempty"`
	Updates    int64  `json:"updates"`
	Edge       bool   `json:"edge"` // the rate is the lowest or highest that was tried: the best may lie beyond
	StateBytes int64  `json:"state_bytes"`

	// Final is of the measure at the end, Objective of the objective, Accuracy of
	// the share that is classified rightly, of test data if there are any.
	Final     Summary  `json:"final"`
	Objective Summary  `json:"objective"`
	Accuracy  *Summary `json:"accuracy,omitempty"`
	// StepsToTarget and SecondsToTarget are +Inf where the target was missed;
	// Reached counts the runs that reached it. Seconds are of the whole run.
	StepsToTarget   Summary `json:"steps_to_target"`
	SecondsToTarget Summary `json:"seconds_to_target"`
	Reached         int     `json:"reached"`
	Seconds         Summary `json:"seconds"`

	// Difference is to the best row; nil in that row.
	Difference *Difference `json:"difference,omitempty"`

	// Rates has what tuning found, in ascending order of the rates; Tolerance is
	// how many decades of them are within 5 % of the best. Where more than the rate was
	// tuned Places has that, and Rates what came of further trials, in which all else is
	// as it was chosen.
	Rates     []RatePoint `json:"rates"`
	Places    []RatePoint `json:"places,omitempty"`
	Tolerance float64     `json:"tolerance"`
	// The rates within are from ToleranceLow to ToleranceHigh; Open says that they
	// reach the end of what was tried, so that there may be more.
	ToleranceLow  float64 `json:"tolerance_low"`
	ToleranceHigh float64 `json:"tolerance_high"`
	ToleranceOpen bool    `json:"tolerance_open"`
	// Cost is the best objective to expect of 1, 2, … of these trials in any order.
	Cost        []CostPoint  `json:"cost"`
	Divergences []Divergence `json:"divergences,omitempty"`
	Runs        []Outcome    `json:"runs"` // on the fresh seeds
	Untuned     Untuned      `json:"untuned"`
}

// A Summary has the median and the quartiles of what several seeds came to.
type Summary struct {
	Median train.Real `json:"median"`
	Low    train.Real `json:"low"`
	High   train.Real `json:"high"`
}

// A RatePoint is what came of one rate in tuning: the objective for each seed,
// +Inf where it diverged; the first is that of the trial, others of re-ranking.
type RatePoint struct {
	Rate   float64       `json:"rate"`
	Values Configuration `json:"values,omitempty"` // of what else is tuned; nil: as it was
	Losses []train.Real  `json:"losses"`
}

// A CostPoint is the best objective of so many trials in random order: its median
// with a band from the 5th to the 95th percentile, and its mean, which is +Inf while
// all of them may diverge.
type CostPoint struct {
	Trials int        `json:"trials"`
	Best   train.Real `json:"best"`
	Mean   train.Real `json:"mean"`
	Low    train.Real `json:"low"`
	High   train.Real `json:"high"`
}

// A Divergence tells of a trial that diverged.
type Divergence struct {
	Stage string  `json:"stage"`
	Rate  float64 `json:"rate"`
	Seed  uint64  `json:"seed"`
	train.Diverged
}

// Untuned is what the contender comes to at its usual rate, on the same seeds.
type Untuned struct {
	Rate      float64  `json:"rate"`
	Final     Summary  `json:"final"`
	Objective Summary  `json:"objective"`
	Accuracy  *Summary `json:"accuracy,omitempty"`
	Diverged  int      `json:"diverged"`
}

// A Difference is that between a row and the best row, seed by seed, with an
// interval; those of all rows hold together. With Ratio it is how many times as
// large the row's loss is; else by how much it is larger. +Inf stands for divergence,
// and for an interval that is open because there are too few seeds.
//
// The estimate is that of Hodges and Lehmann, and the interval inverts Wilcoxon's
// signed-rank test, which holds for ten seeds and less. What it can tell apart depends
// on how losses scatter from seed to seed: of two rules, one 20 % better, ten seeds
// name the winner in 98 of 100 comparisons where the scatter is 7 %, in 86 where it is
// 10 %, and the t-test, the best there is for normal noise, in 91; more seeds settle
// it. The interval of the bootstrap, of the median difference and of this row alone,
// is shorter than its confidence allows with so few; no verdict stands on it.
type Difference struct {
	Ratio  bool       `json:"ratio"`
	Median train.Real `json:"median"`
	Low    train.Real `json:"low"`
	High   train.Real `json:"high"`
	// Clear says that the interval excludes "no difference".
	Clear         bool       `json:"clear"`
	BootstrapLow  train.Real `json:"bootstrap_low"`
	BootstrapHigh train.Real `json:"bootstrap_high"`
}

// A Verdict says who is the best, if that can be said.
type Verdict struct {
	Winner string   `json:"winner"`         // "": no clear difference
	Best   string   `json:"best"`           // lowest median
	Tied   []string `json:"tied,omitempty"` // with Best
	// MoreSeeds is how many seeds in all would settle it, by the variance that was
	// observed; 0 when there is a winner, or when no number would.
	MoreSeeds int    `json:"more_seeds,omitempty"`
	Text      string `json:"text"`
}

// A Profile is a performance profile of Dolan and Moré, Mathematical Programming
// 91 (2002): a contender's cost on each task, in steps to the target, divided by
// the lowest of all contenders; +Inf where the target was missed.
type Profile struct {
	Name   string       `json:"name"`
	Ratios []train.Real `json:"ratios"` // in the order of the tasks
}
