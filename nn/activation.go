package nn

import (
	"github.com/descent-go/descent/internal/parallel"
	"github.com/descent-go/descent/internal/rng"
	"github.com/descent-go/descent/nn/internal/kernel"
	"github.com/descent-go/descent/optim"
)

// An Activation is the nonlinearity behind a dense layer or a convolution.
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

	two   kernel.Loop2[F] // what the parts of the work do: this, or if it is nil
	three kernel.Loop3[F] // this
	on    [3][]F          // to these slices
}

// Nanoseconds of one element, about.
const (
	quick = 0.2 // a comparison or product
	slow  = 1   // an exponential and more
)

// uninterrupted is the most elements for one call of a kernel, during which the
// garbage collector can't stop the thread.
const uninterrupted = 1 << 16

// apply2 applies a loop on as many threads as it is worth.
func (e *elementwise[F]) apply2(f kernel.Loop2[F], cost float64, y, x []F) {
	e.two, e.on = f, [3][]F{y, x}
	e.run(cost)
}

// apply3 is apply2 for three slices.
func (e *elementwise[F]) apply3(f kernel.Loop3[F], cost float64, z, y, x []F) {
	e.two, e.three, e.on = nil, f, [3][]F{z, y, x}
	e.run(cost)
}

func (e *elementwise[F]) run(cost float64) {
	parallel.Do(parallel.Threads(int(min(cost*float64(len(e.on[0])), 1e12))), e)
	e.on = [3][]F{} // holds on to nothing
}

// Part does a part of the elements; package parallel calls it.
func (e *elementwise[F]) Part(i, parts int) {
	const unit = 64 // whole lines of the cache
	n := len(e.on[0])
	lo, hi := n*i/parts/unit*unit, n*(i+1)/parts/unit*unit
	if i == parts-1 {
		hi = n
	}
	for ; lo < hi; lo += uninterrupted {
		end := min(lo+uninterrupted, hi)
		if e.two != nil {
			e.two(e.on[0][lo:end], e.on[1][lo:end])
		} else {
			e.three(e.on[0][lo:end], e.on[1][lo:end], e.on[2][lo:end])
		}
	}
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
	r.apply2(r.loops.relu, quick, r.y, x)
	return r.y
}

func (r *relu[F]) backward(dy []F, _ int, _ bool) []F {
	if !r.undone {
		r.apply3(r.loops.reluBack, quick, dy, r.y, dy)
	}
	return dy
}

type tanh[F optim.Float] struct{ elementwise[F] }

func (t *tanh[F]) forward(x []F, _ int) []F {
	t.y = sized(t.y, len(x))
	t.apply2(t.loops.tanh, slow, t.y, x)
	return t.y
}

func (t *tanh[F]) backward(dy []F, _ int, _ bool) []F {
	t.apply3(t.loops.tanhBack, quick, dy, t.y, dy)
	return dy
}

type gelu[F optim.Float] struct {
	elementwise[F]
	slope []F // of the last forward
}

func (g *gelu[F]) forward(x []F, _ int) []F {
	g.y, g.slope = sized(g.y, len(x)), sized(g.slope, len(x))
	g.apply3(g.loops.gelu, slow, g.y, g.slope, x)
	return g.y
}

func (g *gelu[F]) backward(dy []F, _ int, _ bool) []F {
	g.apply3(g.loops.mul, quick, dy, dy, g.slope)
	return dy
}
