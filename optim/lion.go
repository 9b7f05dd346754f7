package optim

// Lion steps by the sign of a mean of gradient and momentum: every parameter moves by the rate, up or down.
//
// X. Chen et al., Symbolic discovery of optimization algorithms, NeurIPS 2023, program 1, arXiv:2302.06675.
//
// Wants a rate 3 to 10 times smaller than AdamW's and a decay as much larger.
//
//descent:rate 0.0001
//descent:forms lion
type Lion struct {
	Beta1 float64 `def:"0.9" in:"[0,1)" sym:"\\beta_1" doc:"share of the momentum in the step"`
	Beta2 float64 `def:"0.99" in:"[0,1)" sym:"\\beta_2" doc:"decay of the momentum"`
	L2    float64 `def:"0" in:"[0,inf)" sym:"\\lambda_2" doc:"weight decay added to the gradient"`
	Decay float64 `def:"0" in:"[0,inf)" sym:"\\lambda" doc:"decoupled weight decay, scaled by the rate"`
}

type lionStep[F Float] struct {
	L2     F `sym:"\\lambda_2"`
	Beta1  F `sym:"\\beta_1"`
	Beta2  F `sym:"\\beta_2"`
	Rate   F `sym:"\\eta"`
	Shrink F `sym:"\\eta\\lambda"`
}

func (r Lion) step(_ int64, lr float64) lionStep[float64] {
	return lionStep[float64]{L2: r.L2, Beta1: r.Beta1, Beta2: r.Beta2, Rate: lr, Shrink: lr * r.Decay}
}

//descent:rule
func lion[F Float](k *lionStep[F], p, g, m F) (_, _ F) {
	g += k.L2 * p
	u := sign(m + (1-k.Beta1)*(g-m))
	m += (1 - k.Beta2) * (g - m)
	p -= k.Rate*u + k.Shrink*p
	return p, m
}
