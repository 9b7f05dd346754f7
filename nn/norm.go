package nn

import (
	"math"

	"github.com/descent-go/descent/internal/rng"
	"github.com/descent-go/descent/optim"
)

const (
	// normEpsilon is added to variances.
	normEpsilon = 1e-5
	// normMomentum is the weight of the latest batch in the running mean and
	// variance.
	normMomentum = 0.1
)

// mode is shared by the layers of a network.
type mode struct {
	learn  bool      // the pass is for learning, not for evaluation
	random *rng.Rand // of dropout
}

// batchNorm gives every channel, or feature, the mean and variance that it
// learns: y = γ(x − mean)/√(variance + 1e-5) + β. In learning, mean and
// variance are those of the batch; in evaluation, running ones with momentum
// 0.1, of which the variance is unbiased, as in PyTorch. Ioffe & Szegedy 2015,
// arXiv:1502.03167, algorithms 1 and 2. Sums are taken in float64.
type batchNorm[F optim.Float] struct {
	dims     []int
	channels int
	pixels   int // of one channel of one example
	mode     *mode

	weight, bias         []F
	weightGrad, biasGrad []F
	mean, variance       []F // running

	center, scale, sum, dot []float64 // by channel
	unit, y                 []F       // x as of mean 0 and variance 1; the outputs
}

func newBatchNorm[F optim.Float](dims []int, m *mode) *batchNorm[F] {
	c := dims[0]
	b := &batchNorm[F]{dims: dims, channels: c, pixels: size(dims) / c, mode: m}
	b.mean, b.variance = make([]F, c), make([]F, c)
	b.center, b.scale, b.sum, b.dot = make([]float64, c), make([]float64, c), make([]float64, c), make([]float64, c)
	return b
}

func (b *batchNorm[F]) kind() string { return "bn" }
func (b *batchNorm[F]) shape() []int { return b.dims }

func (b *batchNorm[F]) tensors() []tensor[F] {
	return []tensor[F]{
		{"weight", []int{b.channels}, &b.weight, &b.weightGrad},
		{"bias", []int{b.channels}, &b.bias, &b.biasGrad},
	}
}

func (b *batchNorm[F]) buffers() []tensor[F] {
	return []tensor[F]{
		{name: "running_mean", shape: []int{b.channels}, values: &b.mean},
		{name: "running_var", shape: []int{b.channels}, values: &b.variance},
	}
}

func (b *batchNorm[F]) init(*rng.Rand) {
	spread(b.weight, 1)
	clear(b.bias)
	clear(b.mean)
	spread(b.variance, 1)
}

func (b *batchNorm[F]) forward(x []F, n int) []F {
	if b.mode.learn {
		b.measure(x, n)
	} else {
		for c := range b.channels {
			b.center[c] = float64(b.mean[c])
			b.scale[c] = 1 / math.Sqrt(float64(b.variance[c])+normEpsilon)
		}
	}
	b.y, b.unit = sized(b.y, len(x)), sized(b.unit, len(x))
	for i := 0; i < len(x); i += b.pixels {
		c := i / b.pixels % b.channels
		center, scale, weight, bias := F(b.center[c]), F(b.scale[c]), b.weight[c], b.bias[c]
		unit, y := b.unit[i:][:b.pixels], b.y[i:][:b.pixels]
		for j, v := range x[i:][:b.pixels] {
			u := F((v - center) * scale)
			unit[j], y[j] = u, F(u*weight)+bias
		}
	}
	return b.y
}

// measure sets center and scale to those of a batch, and updates the running
// ones.
func (b *batchNorm[F]) measure(x []F, n int) {
	clear(b.sum)
	clear(b.dot)
	count := float64(n * b.pixels)
	for i := 0; i < len(x); i += b.pixels {
		c, s := i/b.pixels%b.channels, 0.0
		for _, v := range x[i:][:b.pixels] {
			s += float64(v)
		}
		b.sum[c] += s
	}
	for c, s := range b.sum {
		b.center[c] = s / count
	}
	for i := 0; i < len(x); i += b.pixels {
		c, s := i/b.pixels%b.channels, 0.0
		center := b.center[c]
		for _, v := range x[i:][:b.pixels] {
			d := float64(v) - center
			s += float64(d * d)
		}
		b.dot[c] += s
	}
	for c, s := range b.dot {
		variance := s / count
		b.scale[c] = 1 / math.Sqrt(variance+normEpsilon)
		b.mean[c] = F(float64((1-normMomentum)*float64(b.mean[c])) + float64(normMomentum*b.center[c]))
		b.variance[c] = F(float64((1-normMomentum)*float64(b.variance[c])) + float64(normMomentum*(s/max(count-1, 1))))
	}
}

func (b *batchNorm[F]) backward(dy []F, n int, inputs bool) []F {
	clear(b.sum)
	clear(b.dot)
	for i := 0; i < len(dy); i += b.pixels {
		c, s, d := i/b.pixels%b.channels, 0.0, 0.0
		unit := b.unit[i:][:b.pixels]
		for j, g := range dy[i:][:b.pixels] {
			s += float64(g)
			d += float64(float64(g) * float64(unit[j]))
		}
		b.sum[c] += s
		b.dot[c] += d
	}
	for c := range b.channels {
		b.biasGrad[c], b.weightGrad[c] = F(b.sum[c]), F(b.dot[c])
	}
	if !inputs {
		return nil
	}
	count := float64(n * b.pixels)
	for i := 0; i < len(dy); i += b.pixels {
		c := i / b.pixels % b.channels
		factor, mean, slope := F(b.scale[c]*float64(b.weight[c])), F(b.sum[c]/count), F(b.dot[c]/count)
		row, unit := dy[i:][:b.pixels], b.unit[i:][:b.pixels]
		for j, g := range row {
			row[j] = F(factor * (g - mean - F(unit[j]*slope)))
		}
	}
	return dy
}
