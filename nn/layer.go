package nn

import (
	"github.com/descent-go/descent/internal/rng"
	"github.com/descent-go/descent/optim"
)

// A layer maps examples to examples and gradients back. Examples lie one after
// the other, row-major in the shape of one example. A layer keeps what it
// needs from forward to backward, and buffers that grow with the largest batch.
type layer[F optim.Float] interface {
	// kind names the layer in summaries and, numbered, in parameter names.
	kind() string
	// shape returns the shape of one example of the output.
	shape() []int
	// tensors lists the parameters; it is empty for a layer without any.
	tensors() []tensor[F]
	// init draws the initial parameters.
	init(r *rng.Rand)
	// forward returns the outputs of n examples x, in a buffer of the layer
	// that stays valid until the next forward. x must stay as it is until
	// backward has returned.
	forward(x []F, n int) []F
	// backward takes the gradient of the loss with respect to the outputs of
	// the last forward, which it may overwrite, and sets the gradients of the
	// parameters. It returns the gradient with respect to the inputs, or nil
	// where inputs is false.
	backward(dy []F, n int, inputs bool) []F
}

// A remembering layer keeps more than its parameters from one batch to the
// next; what it lists belongs to a saved network.
type remembering[F optim.Float] interface {
	buffers() []tensor[F]
}

// A tensor declares one parameter of a layer and says where its values and its
// gradient are, once there is a place for them.
type tensor[F optim.Float] struct {
	name         string
	shape        []int
	values, grad *[]F
}

// size returns the product of a shape.
func size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// sized returns buf with n elements, a new one if it is too small. The
// elements are undefined.
func sized[F optim.Float](buf []F, n int) []F {
	if cap(buf) < n {
		return make([]F, n)
	}
	return buf[:n]
}
