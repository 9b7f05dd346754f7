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
// of the outputs gives to the label. It takes exponentials relative to the
// largest output, so that nothing overflows, and sums in float64.
type crossEntropy[F optim.Float] struct {
	classes int
	loops   *loops[F]
	p       []F // probabilities of the last batch
}

func newCrossEntropy[F optim.Float](classes int) *crossEntropy[F] {
	return &crossEntropy[F]{classes: classes, loops: loopsOf[F]()}
}

func (c *crossEntropy[F]) check(b examples[F]) error {
	if len(b.label) != b.n {
		return fmt.Errorf("nn: batch of %d examples has %d labels", b.n, len(b.label))
	}
	for i, l := range b.label {
		if l < 0 || int(l) >= c.classes {
			return fmt.Errorf("nn: label %d of example %d of the batch, want 0 to %d", l, i, c.classes-1)
		}
	}
	return nil
}

// exponentials sets p to e^(z − the largest output of the example).
func (c *crossEntropy[F]) exponentials(z []F) {
	c.p = sized(c.p, len(z))
	for i := 0; i < len(z); i += c.classes {
		row, p := z[i:][:c.classes], c.p[i:][:c.classes]
		_, top := largest(row)
		for k, v := range row {
			p[k] = v - top
		}
	}
	c.loops.exp(c.p, c.p)
}

// largest returns the largest output and its class.
func largest[F optim.Float](z []F) (class int, top F) {
	top = z[0]
	for k, v := range z {
		if v > top {
			class, top = k, v
		}
	}
	return class, top
}

// total returns the sum of the exponentials of one example.
func total[F optim.Float](p []F) float64 {
	sum := 0.0
	for _, v := range p {
		sum += float64(v)
	}
	return sum
}

func (c *crossEntropy[F]) of(z []F, b examples[F], grad []F) (mean float64, correct int) {
	n := float64(b.n)
	c.exponentials(z)
	for i, l := range b.label {
		row, p := z[i*c.classes:][:c.classes], c.p[i*c.classes:][:c.classes]
		class, top := largest(row)
		sum := total(p)
		mean += float64(top) + portable.Log(sum) - float64(row[l])
		if class == int(l) && !math.IsNaN(sum) {
			correct++
		}
		if grad != nil {
			g := grad[i*c.classes:][:c.classes]
			for k, v := range p {
				g[k] = F(float64(v) / sum / n)
			}
			g[l] = F((float64(p[l])/sum - 1) / n)
		}
	}
	return mean / n, correct
}

func (c *crossEntropy[F]) predict(z, out []F) {
	c.exponentials(z)
	for i := 0; i < len(z); i += c.classes {
		p := c.p[i:][:c.classes]
		sum := total(p)
		for k, v := range p {
			out[i+k] = F(float64(v) / sum)
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
