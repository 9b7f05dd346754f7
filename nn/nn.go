// Package nn trains small networks: softmax regression, linear regression,
// multi-layer perceptrons and convolutional networks in float32, with
// hand-written backward passes.
//
// A network is named by a spec such as "mlp:128,64,act=gelu" or
// "conv:8x3,pool:2,dense:64"; [Parse] and [ParseShape] make it.
// [Net.Params] and [Net.Loss] are all that a training loop needs. The same
// seed and batches give the same bits on every architecture and any number of
// threads, and once a batch of the largest size has been seen, nothing is
// allocated.
package nn

import (
	"fmt"
	"slices"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/optim"
)

// A Task is what a network's outputs mean, which decides its loss.
type Task int

const (
	// Classify has one output per class, and the cross-entropy of their
	// softmax with the integer label for loss.
	Classify Task = iota
	// Regress has one output per target, and the mean squared error over
	// examples and targets for loss.
	Regress
)

// String returns "classification" or "regression".
func (t Task) String() string {
	switch t {
	case Classify:
		return "classification"
	case Regress:
		return "regression"
	}
	return fmt.Sprintf("Task(%d)", int(t))
}

// A Net is a network with its parameters and gradients. It is not safe for
// concurrent use.
type Net struct {
	plan  plan
	task  Task
	shape []int // of an example, as it was given
	net   *network[float32]
}

// Params returns the parameters, first layer first: "dense1.weight" of shape
// [in out], "dense1.bias" of shape [out], "conv1.weight" of shape [channels out,
// channels in, size, size], "conv1.bias" of shape [channels out], "bn1.weight"
// and "bn1.bias" of shape [channels], "dense2.weight" and so on. Data and Grad are views of the slabs that [Net.Flat] returns.
func (n *Net) Params() []optim.Param[float32] {
	return append([]optim.Param[float32](nil), n.net.params...)
}

// Buffers returns what the network remembers besides its parameters, and needs
// for evaluation: "bn1.running_mean" and "bn1.running_var" of shape [channels],
// and so on. A saved network holds them, an optimizer does not. Data is the
// network's own, Grad nil.
func (n *Net) Buffers() []optim.Param[float32] {
	return append([]optim.Param[float32](nil), n.net.buffers...)
}

// State returns where the random numbers of dropout are in their stream.
// Training that continues with [Net.SetState] draws the same as if it had never
// stopped.
func (n *Net) State() ([]byte, error) { return n.net.mode.random.MarshalBinary() }

// SetState sets the stream of dropout to where it was when State returned b.
func (n *Net) SetState(b []byte) error { return n.net.mode.random.UnmarshalBinary(b) }

// Flat returns all parameters and all gradients, each as one slice in the
// order of Params. They are the network's own.
func (n *Net) Flat() (values, grads []float32) { return n.net.values, n.net.grads }

// In returns the number of features of an example.
func (n *Net) In() int { return n.net.in }

// Shape returns the shape of an example: [features] where the network takes it
// as a row, [height width] or [height width channels] where it takes it as an
// image.
func (n *Net) Shape() []int { return slices.Clone(n.shape) }

// Out returns the number of classes or targets.
func (n *Net) Out() int { return n.net.out }

// Task returns what the network was made for.
func (n *Net) Task() Task { return n.task }

// Init draws all weights anew from the seed, sets the biases to zero, and
// begins the running statistics and the stream of dropout anew.
func (n *Net) Init(seed uint64) { n.net.init(seed) }

// Loss returns the mean loss of a batch and overwrites all gradients with
// those of that mean. It fails, and leaves the gradients as they were, when
// the batch is empty, does not have the network's shape, lacks labels or
// targets, or has a label out of range.
//
// It is a pass for learning: dropout draws from its stream, and batch
// normalisation updates its running statistics. Evaluate and Predict do
// neither.
func (n *Net) Loss(b *data.Batch) (float64, error) {
	e, err := n.judged(b)
	if err != nil {
		return 0, err
	}
	return n.net.learn(e), nil
}

// Evaluate returns the mean loss of a batch and, in classification, how many
// examples have their own class as the most probable. Gradients stay as they
// are. It fails like Loss. Memory grows with the batch: pass a large set in
// pieces and weight their losses by their sizes.
func (n *Net) Evaluate(b *data.Batch) (loss float64, correct int, err error) {
	e, err := n.judged(b)
	if err != nil {
		return 0, 0, err
	}
	loss, correct = n.net.loss.of(n.net.forward(e.x, e.n), e, nil)
	return loss, correct, nil
}

// Predict writes the predictions for a batch, which needs neither labels nor
// targets, to out: b.N×Out, class probabilities or target values.
func (n *Net) Predict(b *data.Batch, out []float32) error {
	if err := n.fits(b); err != nil {
		return err
	}
	if len(out) != b.N*n.net.out {
		return fmt.Errorf("nn: room for %d predictions, want %d×%d", len(out), b.N, n.net.out)
	}
	n.net.loss.predict(n.net.forward(b.X, b.N), out)
	return nil
}

// fits says whether the features of a batch have the network's shape.
func (n *Net) fits(b *data.Batch) error {
	switch {
	case b.N <= 0:
		return fmt.Errorf("nn: batch of %d examples, want at least 1", b.N)
	case b.Dim != n.net.in:
		return fmt.Errorf("nn: batch has %d features, want %d", b.Dim, n.net.in)
	case len(b.X) != b.N*b.Dim:
		return fmt.Errorf("nn: batch of %d×%d has %d features in all", b.N, b.Dim, len(b.X))
	}
	return nil
}

// judged checks a batch with its answers and returns it as the network takes
// it.
func (n *Net) judged(b *data.Batch) (examples[float32], error) {
	e := examples[float32]{n: b.N, x: b.X, label: b.Label, target: b.Target}
	if err := n.fits(b); err != nil {
		return e, err
	}
	return e, n.net.loss.check(e)
}
