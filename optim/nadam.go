package optim

import "math"

// NAdam is Adam with Nesterov momentum: the current gradient takes part in the step ahead of its mean.
//
// T. Dozat, Incorporating Nesterov momentum into Adam, ICLR workshop 2016, algorithm 8.
//
// As in PyTorch μₜ = β₁(1 − ½·0.96^(t·momentum_decay)) with momentum_decay 0.004; a very large momentum_decay gives Optax's constant β₁. PyTorch before 2.0 multiplied ∏μ by μₜ once too often for the step ahead (its pull request 92699 mended that); RepeatMu does the same.
//
//descent:rate 0.002
//descent:forms nadam
type NAdam struct {
	Beta1         float64 `def:"0.9" in:"[0,1)" sym:"\\beta_1" doc:"decay of the mean gradient"`
	Beta2         float64 `def:"0.999" in:"[0,1)" sym:"\\beta_2" doc:"decay of the mean square"`
	Eps           float64 `def:"1e-8" in:"[0,inf)" sym:"\\varepsilon" doc:"keeps the divisor above zero"`
	RepeatMu      bool    `def:"false" doc:"multiply the product ahead by μₜ twice, as PyTorch did before 2.0"`
	MomentumDecay float64 `def:"0.004" in:"[0,inf)" sym:"\\psi" doc:"how fast the momentum approaches beta1"`
	L2            float64 `def:"0" in:"[0,inf)" sym:"\\lambda_2" doc:"weight decay added to the gradient"`
	Decay         float64 `def:"0" in:"[0,inf)" sym:"\\lambda" doc:"decoupled weight decay, scaled by the rate"`
}

type nadamStep[F Float] struct {
	L2     F `sym:"\\lambda_2"`
	Beta1  F `sym:"\\beta_1"`
	Beta2  F `sym:"\\beta_2"`
	Eps    F `sym:"\\varepsilon\\sqrt{1-\\beta_2^t}"`
	Now    F `sym:"\\eta\\frac{(1-\\mu_t)\\sqrt{1-\\beta_2^t}}{1-\\prod_{i=1}^{t}\\mu_i}"`
	Mean   F `sym:"\\eta\\frac{\\mu_{t+1}\\sqrt{1-\\beta_2^t}}{1-\\prod_{i=1}^{t+1}\\mu_i}"`
	Shrink F `sym:"\\eta\\lambda"`
}

func (r NAdam) step(t int64, lr float64, m *memo) nadamStep[float64] {
	mu, next := float64(r.Beta1*warm(t, r.MomentumDecay)), float64(r.Beta1*warm(t+1, r.MomentumDecay))
	product := float64(m.beta1.at(r.Beta1, t) * m.product.upTo(t, r.MomentumDecay))
	ahead := float64(product * next)
	if r.RepeatMu {
		ahead = float64(ahead * mu)
	}
	root := math.Sqrt(m.beta2.debt(r.Beta2, t))
	return nadamStep[float64]{
		L2:     r.L2,
		Beta1:  r.Beta1,
		Beta2:  r.Beta2,
		Eps:    r.Eps * root,
		Now:    lr * root * (1 - mu) / (1 - product),
		Mean:   lr * root * next / (1 - ahead),
		Shrink: lr * r.Decay,
	}
}

//descent:rule
func nadam[F Float](k *nadamStep[F], p, g, m, v F) (_, _, _ F) {
	g += k.L2 * p
	m += (1 - k.Beta1) * (g - m)
	v += (1 - k.Beta2) * (g*g - v)
	p -= (k.Now*g+k.Mean*m)/(sqrt(v)+k.Eps) + k.Shrink*p
	return p, m, v
}
