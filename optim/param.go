package optim

// Float is the element type of parameters, gradients and state.
type Float interface{ float32 | float64 }

// A Param is one named tensor of a model: its values and its gradient, both
// of as many elements as Shape's product, row-major.
type Param[F Float] struct {
	// Name identifies the parameter in groups, errors and saved state. It is
	// unique within an optimizer and not empty.
	Name string
	// Shape lists the dimensions; empty for a scalar.
	Shape []int
	// Data holds the values, which a step overwrites.
	Data []F
	// Grad holds the gradient of the loss. A nil Grad leaves the parameter
	// alone: no update, no decay, no change of its state.
	Grad []F
}
