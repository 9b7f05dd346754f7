package nn

import (
	"github.com/descent-go/descent/internal/rng"
	"github.com/descent-go/descent/nn/internal/gemm"
	"github.com/descent-go/descent/optim"
)

// dense is the layer y = xW + b. W is in×out, row-major: the transpose of
// PyTorch's nn.Linear.weight, so that forward reads both factors as they lie.
type dense[F optim.Float] struct {
	in, out int
	start   Initialization
	mul     *gemm.Workspace[F]

	// rectify says that the layer after this one is ReLU, which this one does
	// with its last sums; rectified, that the layer before it is, whose
	// derivative this one does with the gradient of its inputs.
	rectify, rectified bool

	weight, bias         []F
	weightGrad, biasGrad []F

	x     []F // inputs of the last forward
	y, dx []F
	ones  []F
}

func newDense[F optim.Float](in, out int, start Initialization, mul *gemm.Workspace[F]) *dense[F] {
	return &dense[F]{in: in, out: out, start: start, mul: mul}
}

func (d *dense[F]) kind() string { return "dense" }
func (d *dense[F]) shape() []int { return []int{d.out} }

func (d *dense[F]) tensors() []tensor[F] {
	return []tensor[F]{
		{"weight", []int{d.in, d.out}, &d.weight, &d.weightGrad},
		{"bias", []int{d.out}, &d.bias, &d.biasGrad},
	}
}

func (d *dense[F]) init(r *rng.Rand) {
	fill(d.start, d.weight, d.in, d.out, r)
	clear(d.bias)
}

func (d *dense[F]) forward(x []F, n int) []F {
	d.x = x
	d.y = sized(d.y, n*d.out)
	d.mul.Layer(gemm.Of(x, n, d.in), gemm.Of(d.weight, d.in, d.out), d.bias, d.rectify, gemm.Of(d.y, n, d.out))
	return d.y
}

func (d *dense[F]) backward(dy []F, n int, inputs bool) []F {
	g := gemm.Of(dy, n, d.out)
	d.mul.Mul(1, gemm.Of(d.x, n, d.in).T(), g, 0, gemm.Of(d.weightGrad, d.in, d.out))
	for len(d.ones) < n {
		d.ones = append(d.ones, 1)
	}
	d.mul.Mul(1, gemm.Of(d.ones, 1, n), g, 0, gemm.Of(d.biasGrad, 1, d.out))
	if !inputs {
		return nil
	}
	d.dx = sized(d.dx, n*d.in)
	w, dx := gemm.Of(d.weight, d.in, d.out).T(), gemm.Of(d.dx, n, d.in)
	if d.rectified {
		d.mul.Gated(g, w, gemm.Of(d.x, n, d.in), dx)
	} else {
		d.mul.Mul(1, g, w, 0, dx)
	}
	return d.dx
}

// fuse gives the work of every ReLU that stands beside dense layers to them.
func fuse[F optim.Float](layers []layer[F]) {
	for i, l := range layers {
		r, ok := l.(*relu[F])
		if !ok {
			continue
		}
		if i > 0 {
			if d, ok := layers[i-1].(*dense[F]); ok {
				d.rectify, r.done = true, true
			}
		}
		if i+1 < len(layers) {
			if d, ok := layers[i+1].(*dense[F]); ok {
				d.rectified, r.undone = true, true
			}
		}
	}
}
