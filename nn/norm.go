package nn

import (
	"math"

	"github.com/descent-go/descent/internal/parallel"
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

	center, scale []float64 // by channel
	sums          []pair    // of each piece: [piece][channel]
	n             int
	x, dy         []F
	unit, y       []F // x as of mean 0 and variance 1; the outputs
	pass          normPass
}

// normPass is what the parts of the work do.
type normPass int

const (
	normMeasure normPass = iota // sums of x and its square
	normApply
	normSlopes // sums of the gradient, and of its products with unit
	normBack
)

// A pair is two sums.
type pair struct{ a, b float64 }

func newBatchNorm[F optim.Float](dims []int, m *mode) *batchNorm[F] {
	c := dims[0]
	b := &batchNorm[F]{dims: dims, channels: c, pixels: size(dims) / c, mode: m}
	b.mean, b.variance = make([]F, c), make([]F, c)
	b.center, b.scale = make([]float64, c), make([]float64, c)
	b.sums = make([]pair, maxPieces*c)
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
	b.x, b.n = x, n
	if b.mode.learn {
		b.measure()
	} else {
		for c := range b.channels {
			b.center[c] = float64(b.mean[c])
			b.scale[c] = 1 / math.Sqrt(float64(b.variance[c])+normEpsilon)
		}
	}
	b.y, b.unit = sized(b.y, len(x)), sized(b.unit, len(x))
	b.run(normApply)
	return b.y
}

// measure sets center and scale to those of a batch, and updates the running
// ones.
func (b *batchNorm[F]) measure() {
	b.run(normMeasure)
	count := float64(b.n * b.pixels)
	for c, s := range b.totals() {
		shift := s.a / count
		b.center[c] = b.origin(c) + shift
		square := max(0, s.b-float64(shift*s.a)) // of the distances from the center
		b.scale[c] = 1 / math.Sqrt(square/count+normEpsilon)
		b.mean[c] = F(float64((1-normMomentum)*float64(b.mean[c])) + float64(normMomentum*b.center[c]))
		b.variance[c] = F(float64((1-normMomentum)*float64(b.variance[c])) + float64(normMomentum*(square/max(count-1, 1))))
	}
}

// origin is where the sums of a channel are taken from, so that they lose
// nothing: the channel's first number.
func (b *batchNorm[F]) origin(c int) float64 { return float64(b.x[c*b.pixels]) }

func (b *batchNorm[F]) backward(dy []F, n int, inputs bool) []F {
	b.dy = dy
	b.run(normSlopes)
	for c, s := range b.totals() {
		b.biasGrad[c], b.weightGrad[c] = F(s.a), F(s.b)
	}
	if !inputs {
		return nil
	}
	b.run(normBack)
	return dy
}

// totals adds up the sums of all pieces, in order.
func (b *batchNorm[F]) totals() []pair {
	total := b.sums[:b.channels]
	for p := 1; p < pieces(b.n); p++ {
		for c, s := range b.sums[p*b.channels:][:b.channels] {
			total[c].a += s.a
			total[c].b += s.b
		}
	}
	return total
}

// run does a pass over the batch.
func (b *batchNorm[F]) run(pass normPass) {
	b.pass = pass
	parallel.Do(threadsFor(b.n, float64(len(b.x))), b)
}

// Part does some pieces of the batch; package parallel calls it.
func (b *batchNorm[F]) Part(i, parts int) {
	from, to := shared(i, parts, b.n)
	for p := from; p < to; p++ {
		lo, hi := piece(p, b.n)
		sums := b.sums[p*b.channels:][:b.channels]
		if b.pass == normMeasure || b.pass == normSlopes {
			clear(sums)
		}
		for e := lo; e < hi; e++ {
			for c := range b.channels {
				b.plane(c, (e*b.channels+c)*b.pixels, sums)
			}
		}
	}
}

// plane does a channel of an example, which begins at some element.
func (b *batchNorm[F]) plane(c, at int, sums []pair) {
	switch b.pass {
	case normMeasure:
		s := moments(b.x[at:][:b.pixels], b.origin(c))
		sums[c].a += s.a
		sums[c].b += s.b
	case normSlopes:
		s := products(b.dy[at:][:b.pixels], b.unit[at:][:b.pixels])
		sums[c].a += s.a
		sums[c].b += s.b
	case normApply:
		center, scale, weight, bias := F(b.center[c]), F(b.scale[c]), b.weight[c], b.bias[c]
		unit, y := b.unit[at:][:b.pixels], b.y[at:][:b.pixels]
		for j, v := range b.x[at:][:b.pixels] {
			u := F((v - center) * scale)
			unit[j], y[j] = u, F(u*weight)+bias
		}
	case normBack:
		count, total := float64(b.n*b.pixels), b.sums[c]
		factor, mean, slope := F(b.scale[c]*float64(b.weight[c])), F(total.a/count), F(total.b/count)
		unit, dy := b.unit[at:][:b.pixels], b.dy[at:][:b.pixels]
		for j, g := range dy {
			dy[j] = F(factor * (g - mean - F(unit[j]*slope)))
		}
	}
}

// moments returns the sums of the distances of all x from an origin, and of
// their squares. Four sums each are enough for the processor not to wait.
func moments[F optim.Float](x []F, origin float64) pair {
	var s [4]pair
	for ; len(x) >= 4; x = x[4:] {
		d0, d1, d2, d3 := float64(x[0])-origin, float64(x[1])-origin, float64(x[2])-origin, float64(x[3])-origin
		s[0].a += d0
		s[1].a += d1
		s[2].a += d2
		s[3].a += d3
		s[0].b += float64(d0 * d0)
		s[1].b += float64(d1 * d1)
		s[2].b += float64(d2 * d2)
		s[3].b += float64(d3 * d3)
	}
	for i, v := range x {
		d := float64(v) - origin
		s[i].a += d
		s[i].b += float64(d * d)
	}
	return pair{(s[0].a + s[1].a) + (s[2].a + s[3].a), (s[0].b + s[1].b) + (s[2].b + s[3].b)}
}

// products returns the sums of all x, and of their products with all y.
func products[F optim.Float](x, y []F) pair {
	var s [4]pair
	for ; len(x) >= 4; x, y = x[4:], y[4:] {
		s[0].a += float64(x[0])
		s[1].a += float64(x[1])
		s[2].a += float64(x[2])
		s[3].a += float64(x[3])
		s[0].b += float64(float64(x[0]) * float64(y[0]))
		s[1].b += float64(float64(x[1]) * float64(y[1]))
		s[2].b += float64(float64(x[2]) * float64(y[2]))
		s[3].b += float64(float64(x[3]) * float64(y[3]))
	}
	for i, v := range x {
		s[i].a += float64(v)
		s[i].b += float64(float64(v) * float64(y[i]))
	}
	return pair{(s[0].a + s[1].a) + (s[2].a + s[3].a), (s[0].b + s[1].b) + (s[2].b + s[3].b)}
}
