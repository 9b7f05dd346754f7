package optim

// Momentum is the textbook heavy ball: v = μv − ηg, θ += v, with the rate inside the velocity.
//
// I. Sutskever et al., On the importance of initialization and momentum in deep learning, ICML 2013, equations 1 and 2.
//
// Equal to SGD with momentum while the rate is constant; under a schedule it differs, because the velocity keeps the rates of the past. Keras has this form.
//
// Nesterov is the reparametrised form with the rate inside, θ += μv − ηg after v is updated; View gives the true θ = u − μv.
//
//descent:rate 0.001
//descent:forms momentum momentumNesterov
type Momentum struct {
	Beta     float64 `def:"0.9" in:"[0,1)" sym:"\\mu" doc:"share of the velocity that is kept"`
	Nesterov bool    `def:"false" doc:"step along the velocity that the next update would have"`
	L2       float64 `def:"0" in:"[0,inf)" sym:"\\lambda_2" doc:"weight decay added to the gradient"`
	Decay    float64 `def:"0" in:"[0,inf)" sym:"\\lambda" doc:"decoupled weight decay, scaled by the rate"`
}

type momentumStep[F Float] struct {
	L2     F `sym:"\\lambda_2"`
	Mu     F `sym:"\\mu"`
	Rate   F `sym:"\\eta"`
	Shrink F `sym:"\\eta\\lambda"`
}

func (r Momentum) step(_ int64, lr float64) momentumStep[float64] {
	return momentumStep[float64]{L2: r.L2, Mu: r.Beta, Rate: lr, Shrink: lr * r.Decay}
}

func (r Momentum) form() string {
	if r.Nesterov {
		return "momentumNesterov"
	}
	return "momentum"
}

//descent:rule
func momentum[F Float](k *momentumStep[F], p, g, v F) (_, _ F) {
	g += k.L2 * p
	v = k.Mu*v - k.Rate*g
	p += v - k.Shrink*p
	return p, v
}

//descent:rule
func momentumNesterov[F Float](k *momentumStep[F], p, g, v F) (_, _ F) {
	g += k.L2 * p
	v = k.Mu*v - k.Rate*g
	p += k.Mu*v - k.Rate*g - k.Shrink*p
	return p, v
}

//descent:view momentumNesterov
func momentumNesterovView[F Float](k *momentumStep[F], p, v F) F {
	p -= k.Mu * v
	return p
}
