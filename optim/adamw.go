package optim

// AdamW is Adam with decoupled weight decay.
//
// I. Loshchilov, F. Hutter, Decoupled weight decay regularization, ICLR 2019, algorithm 2, arXiv:1711.05101.
//
// Differs from the paper: the decay is scaled by the learning rate, as in PyTorch.
//
//descent:rate 0.001
//descent:forms adam
type AdamW struct {
	Beta1          float64 `def:"0.9" in:"[0,1)" sym:"\\beta_1" doc:"decay of the mean gradient"`
	Beta2          float64 `def:"0.999" in:"[0,1)" sym:"\\beta_2" doc:"decay of the mean square"`
	Eps            float64 `def:"1e-8" in:"[0,inf)" sym:"\\varepsilon" doc:"keeps the divisor above zero"`
	BiasCorrection bool    `def:"true" doc:"divide the means by 1 − βᵗ"`
	L2             float64 `def:"0" in:"[0,inf)" sym:"\\lambda_2" doc:"weight decay added to the gradient"`
	Decay          float64 `def:"0.01" in:"[0,inf)" sym:"\\lambda" doc:"decoupled weight decay, scaled by the rate"`
}

func (r AdamW) step(t int64, lr float64, m *memo) adamStep[float64] {
	return Adam(r).step(t, lr, m)
}
