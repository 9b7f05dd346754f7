package optim

import (
	"math"

	"github.com/descent-go/descent/internal/portable"
)

// RAdam is Adam that waits: while the variance of the divisor cannot be told it takes a plain momentum step, then rectifies the divisor by what is known of its variance.
//
// L. Liu et al., On the variance of the adaptive learning rate and beyond, ICLR 2020, algorithm 2, arXiv:1908.03265.
//
// As in PyTorch it rectifies when ρₜ > 5 (the paper: Threshold 4), and ε is added to the uncorrected √v (the paper has none). With β₂ ≤ 0.6 it never rectifies.
//
//descent:rate 0.001
//descent:forms radam
type RAdam struct {
	Beta1     float64 `def:"0.9" in:"[0,1)" sym:"\\beta_1" doc:"decay of the mean gradient"`
	Beta2     float64 `def:"0.999" in:"[0,1)" sym:"\\beta_2" doc:"decay of the mean square"`
	Eps       float64 `def:"1e-8" in:"[0,inf)" sym:"\\varepsilon" doc:"keeps the divisor above zero"`
	Threshold float64 `def:"5" in:"[4,inf)" sym:"\\rho_{\\min}" doc:"the length of the approximated mean from which the step is rectified"`
	L2        float64 `def:"0" in:"[0,inf)" sym:"\\lambda_2" doc:"weight decay added to the gradient"`
	Decay     float64 `def:"0" in:"[0,inf)" sym:"\\lambda" doc:"decoupled weight decay, scaled by the rate"`
}

// radamStep divides by Use·√v + Base: √v + ε when rectified, 1 before.
type radamStep[F Float] struct {
	L2     F `sym:"\\lambda_2"`
	Beta1  F `sym:"\\beta_1"`
	Beta2  F `sym:"\\beta_2"`
	Use    F `sym:"[\\rho_t>\\rho_{\\min}]"`
	Base   F `sym:"\\varepsilon_t"`
	Rate   F `sym:"\\frac{\\eta\\,r_t}{1-\\beta_1^t}"`
	Shrink F `sym:"\\eta\\lambda"`
}

func (r RAdam) step(t int64, lr float64, m *memo) radamStep[float64] {
	s := radamStep[float64]{L2: r.L2, Beta1: r.Beta1, Beta2: r.Beta2, Base: 1, Rate: lr / m.beta1.debt(r.Beta1, t), Shrink: lr * r.Decay}
	if rect := r.rectification(t, m.beta2.at(r.Beta2, t)); rect > 0 {
		s.Use, s.Base = 1, r.Eps
		s.Rate *= rect * math.Sqrt(m.beta2.debt(r.Beta2, t))
	}
	return s
}

// Rectification returns r of update t, counted from 1: √[(ρₜ−4)(ρₜ−2)ρ∞ / ((ρ∞−4)(ρ∞−2)ρₜ)],
// or zero while ρₜ is not above the threshold and the step is not adapted.
func (r RAdam) Rectification(t int64) float64 {
	return r.rectification(t, portable.Pow(r.Beta2, float64(t)))
}

func (r RAdam) rectification(t int64, pow float64) float64 {
	inf := 2/(1-r.Beta2) - 1
	rho := inf - float64(2*float64(t)*pow)/(1-pow)
	if !(rho > r.Threshold) {
		return 0
	}
	return math.Sqrt((rho - 4) * (rho - 2) * inf / ((inf - 4) * (inf - 2) * rho))
}

//descent:rule
func radam[F Float](k *radamStep[F], p, g, m, v F) (_, _, _ F) {
	g += k.L2 * p
	m += (1 - k.Beta1) * (g - m)
	v += (1 - k.Beta2) * (g*g - v)
	p -= k.Rate*(m/(k.Use*sqrt(v)+k.Base)) + k.Shrink*p
	return p, m, v
}
