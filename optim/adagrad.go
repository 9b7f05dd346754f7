package optim

import "math"

// AdaGrad divides the rate of each parameter by the root of the sum of its squared gradients.
//
// J. Duchi, E. Hazan, Y. Singer, Adaptive subgradient methods for online learning and stochastic optimization, JMLR 12, 2011, figure 1, diagonal form.
//
// As in PyTorch the step is η/(1 + (t−1)·lr_decay) · g/(√s + ε) with s₀ = initial. Mean divides the sum by the number of gradients, √(s/t). EpsInside puts ε under the root, √(s + ε), as Optax and Keras do (with initial = 0.1 and ε = 1e-7).
//
//descent:rate 0.01
//descent:forms adagrad
type AdaGrad struct {
	Eps       float64 `def:"1e-10" in:"[0,inf)" sym:"\\varepsilon" doc:"keeps the divisor above zero"`
	EpsInside bool    `def:"false" doc:"add ε under the root"`
	Mean      bool    `def:"false" doc:"divide by the root of the mean of the squares, not of the sum"`
	Initial   float64 `def:"0" in:"[0,inf)" sym:"s_0" doc:"the sum at the start"`
	LRDecay   float64 `def:"0" in:"[0,inf)" sym:"d" doc:"the rate of update t is divided by 1 + (t−1)·lr_decay"`
	L2        float64 `def:"0" in:"[0,inf)" sym:"\\lambda_2" doc:"weight decay added to the gradient"`
	Decay     float64 `def:"0" in:"[0,inf)" sym:"\\lambda" doc:"decoupled weight decay, scaled by the rate"`
}

type adagradStep[F Float] struct {
	L2     F `sym:"\\lambda_2"`
	Root   F `sym:"1/\\sqrt{n}"`
	Under  F `sym:"\\varepsilon_{\\mathrm{in}}"`
	Eps    F `sym:"\\varepsilon"`
	Rate   F `sym:"\\eta_t"`
	Shrink F `sym:"\\eta\\lambda"`
}

func (r AdaGrad) step(t int64, lr float64) adagradStep[float64] {
	s := adagradStep[float64]{
		L2:     r.L2,
		Root:   1,
		Under:  when(r.EpsInside, r.Eps, 0),
		Eps:    when(r.EpsInside, 0, r.Eps),
		Rate:   lr / (1 + float64(float64(t-1)*r.LRDecay)),
		Shrink: lr * r.Decay,
	}
	if r.Mean {
		n := float64(t)
		s.Root, s.Under = 1/math.Sqrt(n), s.Under*n // √(s/n + ε) = √(s + nε)/√n
	}
	return s
}

func (r AdaGrad) start(float64) [1]float64 { return [1]float64{r.Initial} }

//descent:rule
func adagrad[F Float](k *adagradStep[F], p, g, s F) (_, _ F) {
	g += k.L2 * p
	s += g * g
	p -= k.Rate*(g/(sqrt(s+k.Under)*k.Root+k.Eps)) + k.Shrink*p
	return p, s
}
