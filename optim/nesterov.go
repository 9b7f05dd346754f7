package optim

// Nesterov is accelerated gradient as a true look-ahead: the gradient is taken at θ + μv, then v = μv − ηg and θ += v.
//
// Y. Nesterov, A method of solving a convex programming problem with convergence rate O(1/k²), 1983; in the form of I. Sutskever et al., ICML 2013, equations 3 and 4.
//
// Call Optimizer.Probe before the gradient is computed: it moves the parameters to θ + μv, and the next Step moves them back and applies the update. Slot x keeps θ meanwhile.
//
// While rate and μ are constant it traces the same θ as the reparametrised form of SGD and Momentum, which needs one gradient place and one state slot less.
//
//descent:rate 0.001
//descent:forms nesterov
type Nesterov struct {
	Beta  float64 `def:"0.9" in:"[0,1)" sym:"\\mu" doc:"share of the velocity that is kept"`
	L2    float64 `def:"0" in:"[0,inf)" sym:"\\lambda_2" doc:"weight decay added to the gradient, taken at θ + μv"`
	Decay float64 `def:"0" in:"[0,inf)" sym:"\\lambda" doc:"decoupled weight decay, scaled by the rate"`
}

func (r Nesterov) step(_ int64, lr float64) momentumStep[float64] {
	return momentumStep[float64]{L2: r.L2, Mu: r.Beta, Rate: lr, Shrink: lr * r.Decay}
}

//descent:probe nesterov
func nesterovProbe[F Float](k *momentumStep[F], p, v, x F) (_, _, _ F) {
	x = p
	p = x + k.Mu*v
	return p, v, x
}

//descent:rule
func nesterov[F Float](k *momentumStep[F], p, g, v, x F) (_, _, _ F) {
	g += k.L2 * p
	v = k.Mu*v - k.Rate*g
	p = x + v - k.Shrink*x
	return p, v, x
}
