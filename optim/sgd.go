package optim

// SGD is gradient descent, with heavy-ball or Nesterov momentum when Momentum is above zero.
//
// B. T. Polyak, Some methods of speeding up the convergence of iteration methods, 1964; I. Sutskever et al., On the importance of initialization and momentum in deep learning, ICML 2013.
//
// As in PyTorch the rate stays outside the velocity, b = μb + (1 − dampening)g and θ −= ηb, and the first velocity is the gradient itself, undamped.
//
// Nesterov is the reparametrised form: what is stored is the look-ahead point θ + μv, where the gradient is taken; View gives θ. Rule Nesterov stores θ; rule Momentum has the rate inside the velocity.
//
//descent:rate 0.001
//descent:forms sgd sgdMomentum sgdNesterov
type SGD struct {
	Momentum  float64 `def:"0" in:"[0,1)" sym:"\\mu" doc:"share of the velocity that is kept; 0 keeps no velocity at all"`
	Dampening float64 `def:"0" in:"[0,1)" sym:"\\tau" doc:"share of each gradient that the velocity leaves out"`
	Nesterov  bool    `def:"false" doc:"step along the velocity that the next update would have"`
	Maximize  bool    `def:"false" doc:"climb instead of descend"`
	L2        float64 `def:"0" in:"[0,inf)" sym:"\\lambda_2" doc:"weight decay added to the gradient"`
	Decay     float64 `def:"0" in:"[0,inf)" sym:"\\lambda" doc:"decoupled weight decay, scaled by the rate"`
}

type sgdStep[F Float] struct {
	Sign   F `sym:"\\pm"`
	L2     F `sym:"\\lambda_2"`
	Mu     F `sym:"\\mu"`
	Gain   F `sym:"(1-\\tau)"`
	Rate   F `sym:"\\eta"`
	Shrink F `sym:"\\eta\\lambda"`
}

func (r SGD) step(t int64, lr float64) sgdStep[float64] {
	return sgdStep[float64]{
		Sign:   when(r.Maximize, -1, 1),
		L2:     r.L2,
		Mu:     r.Momentum,
		Gain:   when(t == 1, 1, 1-r.Dampening),
		Rate:   lr,
		Shrink: lr * r.Decay,
	}
}

func (r SGD) form() string {
	switch {
	case r.Momentum == 0:
		return "sgd"
	case r.Nesterov:
		return "sgdNesterov"
	}
	return "sgdMomentum"
}

//descent:rule
func sgd[F Float](k *sgdStep[F], p, g F) F {
	g = k.Sign*g + k.L2*p
	p -= k.Rate*g + k.Shrink*p
	return p
}

//descent:rule
func sgdMomentum[F Float](k *sgdStep[F], p, g, b F) (_, _ F) {
	g = k.Sign*g + k.L2*p
	b = k.Mu*b + k.Gain*g
	p -= k.Rate*b + k.Shrink*p
	return p, b
}

//descent:rule
func sgdNesterov[F Float](k *sgdStep[F], p, g, b F) (_, _ F) {
	g = k.Sign*g + k.L2*p
	b = k.Mu*b + k.Gain*g
	p -= k.Rate*(g+k.Mu*b) + k.Shrink*p
	return p, b
}

//descent:view sgdNesterov
func sgdNesterovView[F Float](k *sgdStep[F], p, b F) F {
	p += k.Rate * k.Mu * b
	return p
}
