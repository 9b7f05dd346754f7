// Package train runs optimizers: over functions, and over models with data.
//
// [Run] is the loop. A step asks the model for a loss and its gradients, takes
// the rate from the schedule, clips, updates and reports to sinks as typed
// events; between steps it evaluates, and decides whether to stop. It stops by
// count, when a limit that [Options] sets is reached, when training diverges,
// or when the context ends, and returns what it has come to in every case.
//
// With [Checkpoints] a run survives the end of its process: it goes on from the
// newest one and ends with the bits that it would have had.
//
// The loop is deterministic: the same model, source and options give the same
// bits, whatever the number of threads. Only a time budget lets the clock act.
package train

import (
	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/optim"
)

// A Model is what can be trained: parameters with a loss. The networks of
// package nn are models, [Function] makes one of a function.
type Model[F optim.Float] interface {
	// Params returns the parameters. Their Data and Grad are the model's own:
	// the loop updates them in place.
	Params() []optim.Param[F]
	// Loss returns the mean loss of a batch at the present parameters and
	// overwrites every Grad with its gradient. The batch is nil when Run was
	// given no source.
	Loss(b *data.Batch) (float64, error)
}

// An Evaluator is a model that can be judged without gradients. Validation and
// test sets need one.
type Evaluator interface {
	// Evaluate returns the mean loss of a batch and, for classification, how
	// many examples are classified rightly.
	Evaluate(b *data.Batch) (loss float64, correct int, err error)
}

// A Pointwise model is a function: its loss at any point is known without a
// batch. The loop then reports the loss at the point it ends at.
type Pointwise interface {
	// At returns the loss at a point of as many coordinates as all parameters
	// together have elements.
	At(point []float64) float64
}
