package optim

import (
	"github.com/descent-go/descent/internal/cpu"
	"github.com/descent-go/descent/optim/internal/kernel"
)

// Stats describes one step.
type Stats struct {
	Rate       float64 // the learning rate that Step was given
	GradNorm   float64 // 2-norm of all gradients before ClipNorm; 0 when nothing asked for it
	Clipped    bool    // the norm exceeded the limit
	Skipped    bool    // no update, because of a non-finite gradient
	UpdateNorm float64 // 2-norm of the change of all parameters; measured
	ParamNorm  float64 // 2-norm of the parameters that changed, before; measured
	Ratio      float64 // UpdateNorm / ParamNorm; about 1e-3 is usual
}

// Measure switches the measuring of gradient, update and parameter norms on or
// off. It costs one read of gradients and one copy of parameters per step.
func (o *Optimizer[F]) Measure(on bool) {
	o.measure = on
	o.reserve()
	if on && o.scratch == nil {
		longest := 1
		for _, p := range o.params {
			if len(p.Data) > longest {
				longest = len(p.Data)
			}
		}
		o.scratch = make([]F, lowest(longest, sumBlock))
	}
}

// Stats returns what the last step measured.
func (o *Optimizer[F]) Stats() Stats { return o.stats }

// EffectiveRate returns the rate η/(1 − μ) that momentum μ in [0, 1) has on a
// steady gradient, in the forms where the velocity sums gradients.
func EffectiveRate(eta, mu float64) float64 { return eta / (1 - mu) }

// Sums of squares are taken over blocks of sumBlock elements, each in
// kernel.Lanes partial sums, so that their bits depend on neither threads nor
// SIMD width.
const sumBlock = 1 << 12

// reduction returns the sum of squares for F at a level.
func reduction[F Float](level cpu.Level) kernel.Reduction[F] {
	var forms any = &kernel.SumSquares32Forms
	r, ok := forms.(*kernel.Reductions[F])
	if !ok {
		forms = &kernel.SumSquares64Forms
		r = forms.(*kernel.Reductions[F])
	}
	return r.At(level)
}

// change returns the sums of squares of now − was and of was, for at most sumBlock elements.
func change[F Float](was, now []F) (diff, before float64) {
	var d, b [kernel.Lanes]float64
	for i, w := range was {
		x := float64(now[i]) - float64(w)
		d[i%kernel.Lanes] += float64(x * x)
		b[i%kernel.Lanes] += float64(float64(w) * float64(w))
	}
	return fold(&d), fold(&b)
}

// fold adds the lanes up in a fixed tree.
func fold(lane *[kernel.Lanes]float64) float64 {
	for n := kernel.Lanes / 2; n > 0; n /= 2 {
		for i := range n {
			lane[i] += lane[i+n]
		}
	}
	return lane[0]
}
