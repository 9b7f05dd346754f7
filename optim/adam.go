package optim

import "math"

// Adam keeps decaying means of the gradient and of its square, corrects both for their start at zero, and divides one by the root of the other.
//
// D. P. Kingma, J. Ba, Adam: a method for stochastic optimization, ICLR 2015, algorithm 1, arXiv:1412.6980.
//
// Weight decay in the gradient is L2; Decay makes it AdamW.
//
//descent:rate 0.001
//descent:forms adam
type Adam struct {
	Beta1          float64 `def:"0.9" in:"[0,1)" sym:"\\beta_1" doc:"decay of the mean gradient"`
	Beta2          float64 `def:"0.999" in:"[0,1)" sym:"\\beta_2" doc:"decay of the mean square"`
	Eps            float64 `def:"1e-8" in:"[0,inf)" sym:"\\varepsilon" doc:"keeps the divisor above zero"`
	BiasCorrection bool    `def:"true" doc:"divide the means by 1 − βᵗ"`
	L2             float64 `def:"0" in:"[0,inf)" sym:"\\lambda_2" doc:"weight decay added to the gradient"`
	Decay          float64 `def:"0" in:"[0,inf)" sym:"\\lambda" doc:"decoupled weight decay, scaled by the rate"`
}

// adamStep folds both bias corrections into scalars of the update, as the end
// of the paper's section 2 does: an element costs one square root and one
// division, and no product for them.
type adamStep[F Float] struct {
	L2     F `sym:"\\lambda_2"`
	Beta1  F `sym:"\\beta_1"`
	Beta2  F `sym:"\\beta_2"`
	Eps    F `sym:"\\varepsilon\\sqrt{1-\\beta_2^t}"`
	Rate   F `sym:"\\eta\\frac{\\sqrt{1-\\beta_2^t}}{1-\\beta_1^t}"`
	Shrink F `sym:"\\eta\\lambda"`
}

func (r Adam) step(t int64, lr float64, m *memo) adamStep[float64] {
	s := adamStep[float64]{L2: r.L2, Beta1: r.Beta1, Beta2: r.Beta2, Eps: r.Eps, Rate: lr, Shrink: lr * r.Decay}
	if r.BiasCorrection {
		root := math.Sqrt(m.beta2.debt(r.Beta2, t))
		s.Eps *= root
		s.Rate *= root / m.beta1.debt(r.Beta1, t)
	}
	return s
}

//descent:rule
func adam[F Float](k *adamStep[F], p, g, m, v F) (_, _, _ F) {
	g += k.L2 * p
	m += (1 - k.Beta1) * (g - m)
	v += (1 - k.Beta2) * (g*g - v)
	p -= k.Rate*(m/(sqrt(v)+k.Eps)) + k.Shrink*p
	return p, m, v
}
