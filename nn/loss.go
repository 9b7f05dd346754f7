package nn

import (
	"fmt"
	"math"

	"github.com/descent-go/descent/internal/portable"
	"github.com/descent-go/descent/optim"
)

// examples is a batch in the network's own type.
type examples[F optim.Float] struct {
	n      int
	x      []F
	label  []int32
	target []F
}

// A loss judges the outputs of a network.
type loss[F optim.Float] interface {
	// check says whether the answers of a batch fit the outputs.
	check(b examples[F]) error
	// of returns the mean loss of the outputs z and how many examples they
	// classify rightly. If grad is not nil, it receives the gradient with
	// respect to z.
	of(z []F, b examples[F], grad []F) (mean float64, correct int)
	// predict turns the outputs z into predictions.
	predict(z, out []F)
}

// crossEntropy is the negative logarithm of the probability that the softmax
// of the outputs gives to the label. It computes in float64, and relative to
// the largest output, so that nothing overflows.
type crossEntropy[F optim.Float] struct {
	p []float64 // probabilities of one example; its length is the number of classes
}

func (c *crossEntropy[F]) check(b examples[F]) error {
	if len(b.label) != b.n {
		return fmt.Errorf("nn: batch of %d examples has %d labels", b.n, len(b.label))
	}
	for i, l := range b.label {
		if l < 0 || int(l) >= len(c.p) {
			return fmt.Errorf("nn: label %d of example %d of the batch, want 0 to %d", l, i, len(c.p)-1)
		}
	}
	return nil
}

// softmax sets p to the probabilities of one example and returns the
// logarithm of what they were divided by, and the most probable class, -1
// where the outputs are not numbers.
func (c *crossEntropy[F]) softmax(z []F) (logSum float64, class int) {
	for k, v := range z {
		if v > z[class] {
			class = k
		}
	}
	top, sum := float64(z[class]), 0.0
	for k, v := range z {
		c.p[k] = portable.Exp(float64(v) - top)
		sum += c.p[k]
	}
	for k := range c.p {
		c.p[k] /= sum
	}
	if math.IsNaN(sum) {
		class = -1
	}
	return top + portable.Log(sum), class
}

func (c *crossEntropy[F]) of(z []F, b examples[F], grad []F) (mean float64, correct int) {
	classes, n := len(c.p), float64(b.n)
	for i, l := range b.label {
		row := z[i*classes:][:classes]
		logSum, class := c.softmax(row)
		mean += logSum - float64(row[l])
		if class == int(l) {
			correct++
		}
		if grad != nil {
			c.p[l]--
			for k, p := range c.p {
				grad[i*classes+k] = F(p / n)
			}
		}
	}
	return mean / n, correct
}

func (c *crossEntropy[F]) predict(z, out []F) {
	for i := 0; i < len(z); i += len(c.p) {
		c.softmax(z[i:][:len(c.p)])
		for k, p := range c.p {
			out[i+k] = F(p)
		}
	}
}

// squaredError is the mean of (z − target)² over examples and outputs, as in
// PyTorch's nn.MSELoss: no factor ½, and divided by the number of outputs too.
type squaredError[F optim.Float] struct {
	out int
}

func (s squaredError[F]) check(b examples[F]) error {
	if len(b.target) != b.n*s.out {
		return fmt.Errorf("nn: batch of %d examples has %d targets, want %d each", b.n, len(b.target), s.out)
	}
	return nil
}

func (s squaredError[F]) of(z []F, b examples[F], grad []F) (mean float64, _ int) {
	n := float64(len(z))
	for i, v := range z {
		d := float64(v) - float64(b.target[i])
		mean += float64(d * d)
		if grad != nil {
			grad[i] = F(2 * d / n)
		}
	}
	return mean / n, 0
}

func (s squaredError[F]) predict(z, out []F) { copy(out, z) }
