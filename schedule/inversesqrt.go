package schedule

import "math"

// InverseSqrt rises in a straight line and then falls with the square root of
// the step.
//
// A. Vaswani et al., Attention is all you need, NeurIPS 2017, equation 3,
// arXiv:1706.03762.
//
// Differs from the paper: the highest factor, at step Warmup−1, is 1. The
// paper's rates come from the base rate (d·Warmup)^−½ for models of width d.
type InverseSqrt struct {
	Warmup int64 `json:"warmup" def:"4000" in:"[1,inf)" sym:"W" doc:"steps of the rise"`
}

// At returns the factor at a step.
func (s InverseSqrt) At(step int64) float64 {
	t, w := float64(max(step, 0))+1, float64(s.Warmup)
	return min(t/w, math.Sqrt(w/t))
}
