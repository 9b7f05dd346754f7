package nn

import (
	"math"

	"github.com/descent-go/descent/internal/portable"
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
	// the exact form, not the approximation by tanh. Hendrycks & Gimpel 2016,
	// arXiv:1606.08415.
	GELU Activation = "gelu"
)

// activations lists the activations, the default first.
var activations = []Activation{ReLU, Tanh, GELU}

// newActivation returns the layer of an activation for examples of a shape.
func newActivation[F optim.Float](a Activation, shape []int) layer[F] {
	w := elementwise[F]{of: a, dims: shape}
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
	of   Activation
	dims []int
	x, y []F // inputs and outputs of the last forward
}

func (e *elementwise[F]) kind() string         { return string(e.of) }
func (e *elementwise[F]) shape() []int         { return e.dims }
func (e *elementwise[F]) tensors() []tensor[F] { return nil }
func (e *elementwise[F]) init(*rng.Rand)       {}

// keep remembers the inputs and makes room for the outputs.
func (e *elementwise[F]) keep(x []F) []F {
	e.x, e.y = x, sized(e.y, len(x))
	return e.y
}

type relu[F optim.Float] struct {
	elementwise[F]
	done, undone bool // by the dense layer before, and after
}

func (r *relu[F]) forward(x []F, _ int) []F {
	if r.done {
		r.y = x
		return x
	}
	y := r.keep(x)
	for i, v := range x {
		if v < 0 {
			v = 0
		}
		y[i] = v
	}
	return y
}

func (r *relu[F]) backward(dy []F, _ int, _ bool) []F {
	if r.undone {
		return dy
	}
	y := r.y[:len(dy)]
	for i := range dy {
		if y[i] <= 0 {
			dy[i] = 0
		}
	}
	return dy
}

type tanh[F optim.Float] struct{ elementwise[F] }

func (t *tanh[F]) forward(x []F, _ int) []F {
	y := t.keep(x)
	for i, v := range x {
		y[i] = F(portable.Tanh(float64(v)))
	}
	return y
}

func (t *tanh[F]) backward(dy []F, _ int, _ bool) []F {
	y := t.y[:len(dy)]
	for i, v := range y {
		dy[i] *= 1 - F(v*v)
	}
	return dy
}

type gelu[F optim.Float] struct {
	elementwise[F]
	cdf []F // Φ(x) of the last forward
}

func (g *gelu[F]) forward(x []F, _ int) []F {
	y := g.keep(x)
	g.cdf = sized(g.cdf, len(x))
	for i, v := range x {
		p := normal(float64(v))
		y[i], g.cdf[i] = F(float64(v)*p), F(p)
	}
	return y
}

func (g *gelu[F]) backward(dy []F, _ int, _ bool) []F {
	x, cdf := g.x[:len(dy)], g.cdf[:len(dy)]
	for i, v := range x {
		v := float64(v)
		density := portable.Exp(float64(-0.5*v*v)) * (1 / (math.Sqrt2 * math.SqrtPi))
		dy[i] *= F(float64(cdf[i]) + float64(v*density))
	}
	return dy
}

// normal is the distribution function of the normal distribution.
func normal(x float64) float64 {
	return float64(0.5 * (1 + portable.Erf(float64(x*(1/math.Sqrt2)))))
}
