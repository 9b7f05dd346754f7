// Package lab tries things out and says what they are worth: update rules,
// learning rates, schedules, on functions and on data.
//
// What is tried is a [Trial]: settings of a training, a seed and a budget. What
// it is tried on is a [Task], and what came of it an [Outcome]. A [Pool] runs
// many of them at once, with outcomes that do not depend on how many; a [Journal]
// keeps those that there are, so that work which was interrupted goes on.
//
// [Compare] is the protocol by which contenders are compared fairly. The package
// writes nothing but journals, and tells what happens by events; an [EventLog]
// keeps those for others to follow.
package lab

import (
	"github.com/descent-go/descent/train"
)

// Settings are settings of a training by their names, with values as on the
// command line of descent train: optimizer, lr, schedule, batch and so on. Those
// that choose data or function belong to the Task.
type Settings map[string]string

// A Trial is one training to do.
type Trial struct {
	Settings Settings `json:"settings"`
	// Seed makes the initial parameters, the order of batches and the noise; for a
	// function without noise it moves the start.
	Seed uint64 `json:"seed"`
	// Steps is the budget in gradient evaluations: batches, however many make a
	// step. 0 is the task's own.
	Steps int64 `json:"steps"`
	// Test evaluates the test set at the end. Without it the test set is not touched.
	Test bool `json:"test,omitempty"`
	// Curve takes down the objective along the way. Without it the validation set is
	// looked at only at the end, unless the rate depends on it.
	Curve bool `json:"curve,omitempty"`
}

// An Outcome is what came of a trial. Losses are of the objective: the loss of the
// validation set; where there is none, the function's value; where there is no
// function either, the mean training loss since the last look.
type Outcome struct {
	Trial
	Final        train.Real      `json:"final"` // at the end; +Inf when it diverged
	Best         train.Real      `json:"best"`  // the lowest that was looked at; +Inf when there was none
	First        train.Real      `json:"first"` // of the first step, in training
	Test         *train.Real     `json:"test_loss,omitempty"`
	Accuracy     *train.Real     `json:"accuracy,omitempty"` // of the validation set at the end
	TestAccuracy *train.Real     `json:"test_accuracy,omitempty"`
	Steps        int64           `json:"taken"` // updates applied
	Seconds      float64         `json:"seconds"`
	StateBytes   int64           `json:"state_bytes"` // memory of the optimizer's state
	Diverged     *train.Diverged `json:"diverged,omitempty"`
	// Curve, where the trial asks for it, has the objective at up to 200 steps, the same
	// ones for all trials of a task with the same budget; it ends where the trial
	// diverged.
	Curve []Point `json:"points,omitempty"`
}

// A Point is a point of a curve.
type Point struct {
	Step int64      `json:"step"`
	Loss train.Real `json:"loss"`
}
