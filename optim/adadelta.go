package optim

// AdaDelta needs no rate: it scales each gradient by the ratio of two decaying root mean squares, of past updates and of past gradients.
//
// M. D. Zeiler, ADADELTA: an adaptive learning rate method, 2012, algorithm 1, arXiv:1212.5701.
//
// As in PyTorch a global rate, 1 by default, multiplies the update. EpsInside is the paper's √(d + ε)/√(s + ε); without it the roots are taken first, (√d + ε)/(√s + ε).
//
//descent:rate 1
//descent:forms adadelta
type AdaDelta struct {
	Rho       float64 `def:"0.9" in:"[0,1)" sym:"\\rho" doc:"decay of both mean squares; the paper has 0.95, PyTorch 0.9"`
	Eps       float64 `def:"1e-6" in:"[0,inf)" sym:"\\varepsilon" doc:"starts the updates and keeps the divisor above zero"`
	EpsInside bool    `def:"true" doc:"add ε under both roots, as the paper does"`
	L2        float64 `def:"0" in:"[0,inf)" sym:"\\lambda_2" doc:"weight decay added to the gradient"`
	Decay     float64 `def:"0" in:"[0,inf)" sym:"\\lambda" doc:"decoupled weight decay, scaled by the rate"`
}

type adadeltaStep[F Float] struct {
	L2     F `sym:"\\lambda_2"`
	Fresh  F `sym:"(1-\\rho)"`
	Under  F `sym:"\\varepsilon_{\\mathrm{in}}"`
	Eps    F `sym:"\\varepsilon"`
	Rate   F `sym:"\\eta"`
	Shrink F `sym:"\\eta\\lambda"`
}

func (r AdaDelta) step(_ int64, lr float64) adadeltaStep[float64] {
	return adadeltaStep[float64]{
		L2:     r.L2,
		Fresh:  1 - r.Rho,
		Under:  when(r.EpsInside, r.Eps, 0),
		Eps:    when(r.EpsInside, 0, r.Eps),
		Rate:   lr,
		Shrink: lr * r.Decay,
	}
}

//descent:rule
func adadelta[F Float](k *adadeltaStep[F], p, g, s, d F) (_, _, _ F) {
	g += k.L2 * p
	s += k.Fresh * (g*g - s)
	u := g * ((sqrt(d+k.Under) + k.Eps) / (sqrt(s+k.Under) + k.Eps))
	d += k.Fresh * (u*u - d)
	p -= k.Rate*u + k.Shrink*p
	return p, s, d
}
