package optim

// AMSGrad is Adam whose divisor never shrinks: it keeps the maximum of the mean squares.
//
// S. J. Reddi, S. Kale, S. Kumar, On the convergence of Adam and beyond, ICLR 2018, algorithm 2, arXiv:1904.09237.
//
// As in PyTorch the maximum is taken of the uncorrected mean square and corrected afterwards; the paper has no correction at all: BiasCorrection false.
//
//descent:rate 0.001
//descent:forms amsgrad
type AMSGrad struct {
	Beta1          float64 `def:"0.9" in:"[0,1)" sym:"\\beta_1" doc:"decay of the mean gradient"`
	Beta2          float64 `def:"0.999" in:"[0,1)" sym:"\\beta_2" doc:"decay of the mean square"`
	Eps            float64 `def:"1e-8" in:"[0,inf)" sym:"\\varepsilon" doc:"keeps the divisor above zero"`
	BiasCorrection bool    `def:"true" doc:"divide mean and maximum by 1 − βᵗ"`
	L2             float64 `def:"0" in:"[0,inf)" sym:"\\lambda_2" doc:"weight decay added to the gradient"`
	Decay          float64 `def:"0" in:"[0,inf)" sym:"\\lambda" doc:"decoupled weight decay, scaled by the rate"`
}

func (r AMSGrad) step(t int64, lr float64, m *memo) adamStep[float64] {
	return Adam(r).step(t, lr, m)
}

//descent:rule
func amsgrad[F Float](k *adamStep[F], p, g, m, v, x F) (_, _, _, _ F) {
	g += k.L2 * p
	m += (1 - k.Beta1) * (g - m)
	v += (1 - k.Beta2) * (g*g - v)
	x = max(x, v)
	p -= k.Rate*(m/(sqrt(x)+k.Eps)) + k.Shrink*p
	return p, m, v, x
}
