package optim

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

// Sums of squares are taken over blocks of sumBlock elements, each in sumLanes
// partial sums, so that their bits depend on neither threads nor SIMD width.
const (
	sumBlock = 1 << 12
	sumLanes = 16
)

// sumSquares returns the sum of squares of x in float64.
func sumSquares[F Float](x []F) float64 {
	total := 0.0
	for len(x) > 0 {
		b := x[:lowest(sumBlock, len(x))]
		x = x[len(b):]
		var lane [sumLanes]float64
		for len(b) >= sumLanes {
			for l, v := range b[:sumLanes] {
				lane[l] += float64(float64(v) * float64(v))
			}
			b = b[sumLanes:]
		}
		for l, v := range b {
			lane[l] += float64(float64(v) * float64(v))
		}
		total += fold(&lane)
	}
	return total
}

// change returns the sums of squares of now − was and of was, for at most sumBlock elements.
func change[F Float](was, now []F) (diff, before float64) {
	var d, b [sumLanes]float64
	for i, w := range was {
		x := float64(now[i]) - float64(w)
		d[i%sumLanes] += float64(x * x)
		b[i%sumLanes] += float64(float64(w) * float64(w))
	}
	return fold(&d), fold(&b)
}

// fold adds the lanes up in a fixed tree.
func fold(lane *[sumLanes]float64) float64 {
	for n := sumLanes / 2; n > 0; n /= 2 {
		for i := range n {
			lane[i] += lane[i+n]
		}
	}
	return lane[0]
}
