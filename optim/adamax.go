package optim

// Adamax is Adam with the infinity norm: the divisor is a decaying maximum of the gradients' magnitudes.
//
// D. P. Kingma, J. Ba, Adam: a method for stochastic optimization, ICLR 2015, algorithm 2, arXiv:1412.6980.
//
// As in PyTorch ε is added to the magnitude before the maximum is taken; the paper has none.
//
//descent:rate 0.002
//descent:forms adamax
type Adamax struct {
	Beta1 float64 `def:"0.9" in:"[0,1)" sym:"\\beta_1" doc:"decay of the mean gradient"`
	Beta2 float64 `def:"0.999" in:"[0,1)" sym:"\\beta_2" doc:"decay of the maximum"`
	Eps   float64 `def:"1e-8" in:"[0,inf)" sym:"\\varepsilon" doc:"keeps the divisor above zero"`
	L2    float64 `def:"0" in:"[0,inf)" sym:"\\lambda_2" doc:"weight decay added to the gradient"`
	Decay float64 `def:"0" in:"[0,inf)" sym:"\\lambda" doc:"decoupled weight decay, scaled by the rate"`
}

type adamaxStep[F Float] struct {
	L2     F `sym:"\\lambda_2"`
	Beta1  F `sym:"\\beta_1"`
	Beta2  F `sym:"\\beta_2"`
	Eps    F `sym:"\\varepsilon"`
	Rate   F `sym:"\\frac{\\eta}{1-\\beta_1^t}"`
	Shrink F `sym:"\\eta\\lambda"`
}

func (r Adamax) step(t int64, lr float64, m *memo) adamaxStep[float64] {
	return adamaxStep[float64]{L2: r.L2, Beta1: r.Beta1, Beta2: r.Beta2, Eps: r.Eps, Rate: lr / m.beta1.debt(r.Beta1, t), Shrink: lr * r.Decay}
}

//descent:rule
func adamax[F Float](k *adamaxStep[F], p, g, m, u F) (_, _, _ F) {
	g += k.L2 * p
	m += (1 - k.Beta1) * (g - m)
	u = max(k.Beta2*u, abs(g)+k.Eps)
	p -= k.Rate*(m/u) + k.Shrink*p
	return p, m, u
}
