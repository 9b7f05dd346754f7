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

	weight, bias         []F
	weightGrad, biasGrad []F

	x     []F // inputs of the last forward
	y, dx []F
	sums  []float64
}

func newDense[F optim.Float](in, out int, start Initialization, mul *gemm.Workspace[F]) *dense[F] {
	return &dense[F]{in: in, out: out, start: start, mul: mul, sums: make([]float64, out)}
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
	for i := range n {
		copy(d.y[i*d.out:], d.bias)
	}
	d.mul.Mul(1, gemm.Of(x, n, d.in), gemm.Of(d.weight, d.in, d.out), 1, gemm.Of(d.y, n, d.out))
	return d.y
}

func (d *dense[F]) backward(dy []F, n int, inputs bool) []F {
	d.mul.Mul(1, gemm.Of(d.x, n, d.in).T(), gemm.Of(dy, n, d.out), 0, gemm.Of(d.weightGrad, d.in, d.out))
	clear(d.sums)
	for i := range n {
		for j, g := range dy[i*d.out:][:d.out] {
			d.sums[j] += float64(g)
		}
	}
	for j, s := range d.sums {
		d.biasGrad[j] = F(s)
	}
	if !inputs {
		return nil
	}
	d.dx = sized(d.dx, n*d.in)
	d.mul.Mul(1, gemm.Of(dy, n, d.out), gemm.Of(d.weight, d.in, d.out).T(), 0, gemm.Of(d.dx, n, d.in))
	return d.dx
}
