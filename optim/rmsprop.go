package optim

// RMSProp divides each gradient by a decaying root mean square of its past.
//
// T. Hinton, Neural networks for machine learning, lecture 6e, 2012; centered and with momentum: A. Graves, Generating sequences with recurrent neural networks, 2013, equations 38 to 41, arXiv:1308.0850.
//
// As in PyTorch ε stands outside the root, √s + ε, and the rate outside the momentum. EpsInside gives √(s + ε); FirstSquare starts with s₀ = g₀² instead of 0; RateInside puts the rate into the momentum, as Optax and Keras do. Graves' form is Centered, EpsInside, Rho 0.95, Eps 1e-4.
//
// Hinton's lecture has ρ = 0.9 and no ε; 0.99 is PyTorch's. The centered variance is kept from going negative by rounding.
//
//descent:rate 0.01
//descent:forms rmsprop rmspropCentered rmspropMomentum rmspropCenteredMomentum
type RMSProp struct {
	Rho         float64 `def:"0.99" in:"[0,1)" sym:"\\rho" doc:"decay of the mean square"`
	Eps         float64 `def:"1e-8" in:"[0,inf)" sym:"\\varepsilon" doc:"keeps the divisor above zero"`
	EpsInside   bool    `def:"false" doc:"add ε under the root"`
	FirstSquare bool    `def:"false" doc:"start the mean square with the first gradient squared, not with zero"`
	Centered    bool    `def:"false" doc:"divide by the standard deviation: subtract the squared mean"`
	Momentum    float64 `def:"0" in:"[0,1)" sym:"\\mu" doc:"share of the velocity that is kept"`
	RateInside  bool    `def:"false" doc:"keep the rate inside the velocity"`
	L2          float64 `def:"0" in:"[0,inf)" sym:"\\lambda_2" doc:"weight decay added to the gradient"`
	Decay       float64 `def:"0" in:"[0,inf)" sym:"\\lambda" doc:"decoupled weight decay, scaled by the rate"`
}

type rmspropStep[F Float] struct {
	L2     F `sym:"\\lambda_2"`
	Fresh  F `sym:"(1-\\rho)"`
	Mean   F `sym:"(1-\\rho)"`
	Under  F `sym:"\\varepsilon_{\\mathrm{in}}"`
	Eps    F `sym:"\\varepsilon"`
	Mu     F `sym:"\\mu"`
	In     F `sym:"\\eta_{\\mathrm{in}}"`
	Out    F `sym:"\\eta"`
	Shrink F `sym:"\\eta\\lambda"`
}

func (r RMSProp) step(t int64, lr float64) rmspropStep[float64] {
	return rmspropStep[float64]{
		L2:     r.L2,
		Fresh:  when(r.FirstSquare && t == 1, 1, 1-r.Rho),
		Mean:   1 - r.Rho,
		Under:  when(r.EpsInside, r.Eps, 0),
		Eps:    when(r.EpsInside, 0, r.Eps),
		Mu:     r.Momentum,
		In:     when(r.RateInside, lr, 1),
		Out:    when(r.RateInside, 1, lr),
		Shrink: lr * r.Decay,
	}
}

func (r RMSProp) form() string {
	switch {
	case r.Centered && r.Momentum != 0:
		return "rmspropCenteredMomentum"
	case r.Momentum != 0:
		return "rmspropMomentum"
	case r.Centered:
		return "rmspropCentered"
	}
	return "rmsprop"
}

//descent:rule
func rmsprop[F Float](k *rmspropStep[F], p, g, s F) (_, _ F) {
	g += k.L2 * p
	s += k.Fresh * (g*g - s)
	u := g / (sqrt(s+k.Under) + k.Eps)
	p -= k.In*k.Out*u + k.Shrink*p
	return p, s
}

//descent:rule
func rmspropCentered[F Float](k *rmspropStep[F], p, g, s, a F) (_, _, _ F) {
	g += k.L2 * p
	s += k.Fresh * (g*g - s)
	a += k.Mean * (g - a)
	u := g / (sqrt(max(s-a*a, 0)+k.Under) + k.Eps)
	p -= k.In*k.Out*u + k.Shrink*p
	return p, s, a
}

//descent:rule
func rmspropMomentum[F Float](k *rmspropStep[F], p, g, s, b F) (_, _, _ F) {
	g += k.L2 * p
	s += k.Fresh * (g*g - s)
	u := g / (sqrt(s+k.Under) + k.Eps)
	b = k.Mu*b + k.In*u
	p -= k.Out*b + k.Shrink*p
	return p, s, b
}

//descent:rule
func rmspropCenteredMomentum[F Float](k *rmspropStep[F], p, g, s, a, b F) (_, _, _, _ F) {
	g += k.L2 * p
	s += k.Fresh * (g*g - s)
	a += k.Mean * (g - a)
	u := g / (sqrt(max(s-a*a, 0)+k.Under) + k.Eps)
	b = k.Mu*b + k.In*u
	p -= k.Out*b + k.Shrink*p
	return p, s, a, b
}
