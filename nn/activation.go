package nn

import (
	"github.com/descent-go/descent/internal/rng"
	"github.com/descent-go/descent/optim"
)

// An Activation is the nonlinearity between two layers of a perceptron.
type Activation string

const (
	// ReLU is 0 where x < 0, else x.
	ReLU Activation = "relu"
	// Tanh is the hyperbolic tangent.
	Tanh Activation = "tanh"
	// GELU is xΦ(x), Φ the distribution function of the normal distribution:
	// the exact form to within six units in the last place, not the
	// approximation by tanh. Hendrycks & Gimpel 2016, arXiv:1606.08415.
	GELU Activation = "gelu"
)

// activations lists the activations, the default first.
var activations = []Activation{ReLU, Tanh, GELU}

// newActivation returns the layer of an activation for examples of a shape.
func newActivation[F optim.Float](a Activation, shape []int) layer[F] {
	w := elementwise[F]{of: a, dims: shape, loops: loopsOf[F]()}
	switch a {
	case ReLU:
		return &relu[F]{elementwise: w}
	case Tanh:
		return &tanh[F]{elementwise: w}
	case GELU:
		return &gelu[F]{elementwise: w}
	}
	panic("nn: unknown activation " + string(a))
}

// elementwise is what the activations have in common.
type elementwise[F optim.Float] struct {
	of    Activation
	dims  []int
	loops *loops[F]
	y     []F // outputs of the last forward
}

func (e *elementwise[F]) kind() string         { return string(e.of) }
func (e *elementwise[F]) shape() []int         { return e.dims }
func (e *elementwise[F]) tensors() []tensor[F] { return nil }
func (e *elementwise[F]) init(*rng.Rand)       {}

type relu[F optim.Float] struct {
	elementwise[F]
	done, undone bool // by the dense layer before, and after
}

func (r *relu[F]) forward(x []F, _ int) []F {
	if r.done {
		r.y = x
		return x
	}
	r.y = sized(r.y, len(x))
	r.loops.relu(r.y, x)
	return r.y
}

func (r *relu[F]) backward(dy []F, _ int, _ bool) []F {
	if !r.undone {
		r.loops.reluBack(dy, r.y, dy)
	}
	return dy
}

type tanh[F optim.Float] struct{ elementwise[F] }

func (t *tanh[F]) forward(x []F, _ int) []F {
	t.y = sized(t.y, len(x))
	t.loops.tanh(t.y, x)
	return t.y
}

func (t *tanh[F]) backward(dy []F, _ int, _ bool) []F {
	t.loops.tanhBack(dy, t.y, dy)
	return dy
}

type gelu[F optim.Float] struct {
	elementwise[F]
	slope []F // of the last forward
}

func (g *gelu[F]) forward(x []F, _ int) []F {
	g.y, g.slope = sized(g.y, len(x)), sized(g.slope, len(x))
	g.loops.gelu(g.y, g.slope, x)
	return g.y
}

func (g *gelu[F]) backward(dy []F, _ int, _ bool) []F {
	g.loops.mul(dy, dy, g.slope)
	return dy
}
