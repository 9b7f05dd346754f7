package schedule

import (
	"math"

	"github.com/descent-go/descent/internal/portable"
)

// Cosine goes from 1 to Min along half a cosine.
//
// I. Loshchilov, F. Hutter, SGDR: stochastic gradient descent with warm
// restarts, ICLR 2017, equation 5, arXiv:1608.03983.
//
// PyTorch's CosineAnnealingLR rises again past its end, in steps as long as
// the descent: that is Periodic. Without it Min holds.
type Cosine struct {
	Total    int64   `json:"total" def:"total" in:"[1,inf)" sym:"T" doc:"steps from 1 to Min"`
	Min      float64 `json:"min" def:"0" in:"[0,inf)" sym:"\\eta_{\\min}" doc:"factor at the end"`
	Periodic bool    `json:"periodic" def:"false" doc:"rise and fall again past Total"`
}

// At returns the factor at a step.
func (s Cosine) At(step int64) float64 {
	if total := max(s.Total, 1); s.Periodic && step > total {
		if step %= 2 * min(total, math.MaxInt64/2); step > total {
			step = 2*total - step
		}
	}
	return mix(1, s.Min, cosine(fraction(step, s.Total)))
}

// cosine goes from 1 at 0 to 0 at 1, exactly.
func cosine(u float64) float64 { return 0.5 * (1 + portable.Cos(math.Pi*u)) }

// SGDR is the cosine with warm restarts: each time it comes down to Min it
// starts from 1 again, and each period is TMult times as long as the one
// before. PyTorch's CosineAnnealingWarmRestarts.
//
// I. Loshchilov, F. Hutter, SGDR: stochastic gradient descent with warm
// restarts, ICLR 2017, arXiv:1608.03983.
type SGDR struct {
	T0    int64   `json:"t0" def:"total/10" in:"[1,inf)" sym:"T_0" doc:"steps of the first period"`
	TMult int64   `json:"t_mult" def:"1" in:"[1,inf)" sym:"T_{\\mathrm{mult}}" doc:"ratio of one period's length to the last one's"`
	Min   float64 `json:"min" def:"0" in:"[0,inf)" sym:"\\eta_{\\min}" doc:"factor at the end of a period"`
}

// At returns the factor at a step.
func (s SGDR) At(step int64) float64 {
	step, period := max(step, 0), max(s.T0, 1)
	if s.TMult <= 1 {
		step %= period
	}
	for step >= period { // at most 63 times: the periods at least double
		step -= period
		if period > math.MaxInt64/s.TMult {
			period = math.MaxInt64
		} else {
			period *= s.TMult
		}
	}
	return mix(1, s.Min, cosine(fraction(step, period)))
}
