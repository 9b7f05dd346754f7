package optim

import (
	"math"

	"github.com/descent-go/descent/internal/portable"
)

// ASGD is gradient descent with a slowly falling rate that averages its iterates.
//
// B. T. Polyak, A. B. Juditsky, Acceleration of stochastic approximation by averaging, SIAM J. Control Optim. 30, 1992; the rates as in L. Bottou, Stochastic gradient descent tricks, 2012, section 5.3.
//
// As in PyTorch the rate of update t is η/(1 + λη(t−1))^α. The average starts after t0 updates; View gives it, and that is what should be evaluated.
//
//descent:rate 0.01
//descent:forms asgd
type ASGD struct {
	Lambda float64 `def:"1e-4" in:"[0,inf)" sym:"\\lambda_a" doc:"decay of the parameters, and of the rate"`
	Alpha  float64 `def:"0.75" in:"[0,inf)" sym:"\\alpha" doc:"power by which the rate falls"`
	T0     float64 `def:"1e6" in:"[0,inf)" sym:"t_0" doc:"updates before averaging starts"`
	L2     float64 `def:"0" in:"[0,inf)" sym:"\\lambda_2" doc:"weight decay added to the gradient"`
	Decay  float64 `def:"0" in:"[0,inf)" sym:"\\lambda" doc:"decoupled weight decay, scaled by the rate"`
}

type asgdStep[F Float] struct {
	L2     F `sym:"\\lambda_2"`
	Keep   F `sym:"(1-\\lambda_a\\eta_t)"`
	Rate   F `sym:"\\eta_t"`
	Mean   F `sym:"\\mu_t"`
	Shrink F `sym:"\\eta\\lambda"`
}

func (r ASGD) step(t int64, lr float64) asgdStep[float64] {
	eta, mean := lr, 1.0
	if t > 1 {
		eta = lr / portable.Pow(1+float64(float64(r.Lambda*lr)*float64(t-1)), r.Alpha)
		mean = 1 / math.Max(1, float64(t-1)-r.T0)
	}
	return asgdStep[float64]{L2: r.L2, Keep: 1 - float64(r.Lambda*eta), Rate: eta, Mean: mean, Shrink: lr * r.Decay}
}

//descent:rule
func asgd[F Float](k *asgdStep[F], p, g, a F) (_, _ F) {
	g += k.L2 * p
	p = k.Keep*p - k.Rate*g - k.Shrink*p
	a += k.Mean * (p - a)
	return p, a
}

//descent:view asgd
func asgdView[F Float](_ *asgdStep[F], p, a F) F {
	p = a
	return p
}
