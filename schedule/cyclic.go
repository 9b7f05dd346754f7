package schedule

import (
	"math"

	"github.com/descent-go/descent/internal/portable"
)

// Cyclic goes up and down between Min and Max in straight lines: PyTorch's
// CyclicLR, with Min its base_lr and Max its max_lr as factors of one base
// rate.
//
// L. N. Smith, Cyclical learning rates for training neural networks, WACV
// 2017, arXiv:1506.01186.
//
// Momentum, or Adam's β₁, goes the other way: see [Cyclic.Momentum].
type Cyclic struct {
	Min          float64 `json:"min" def:"0.1" in:"[0,inf)" sym:"\\eta_{\\min}" doc:"lowest factor"`
	Max          float64 `json:"max" def:"1" in:"[0,inf)" sym:"\\eta_{\\max}" doc:"highest factor"`
	Up           int64   `json:"up" def:"total/10" in:"[1,inf)" sym:"u" doc:"steps from Min to Max"`
	Down         int64   `json:"down" def:"=up" in:"[1,inf)" sym:"d" doc:"steps from Max to Min"`
	Mode         string  `json:"mode" def:"triangular" in:"triangular|triangular2|exp_range" doc:"what becomes of the height: it stays, halves each cycle, or shrinks by Gamma each step"`
	Gamma        float64 `json:"gamma" def:"1" in:"(0,1]" sym:"\\gamma" doc:"what each step multiplies the height by in exp_range"`
	BaseMomentum float64 `json:"base_momentum" def:"0.8" in:"[0,1]" sym:"\\beta_{\\min}" doc:"momentum at Max"`
	MaxMomentum  float64 `json:"max_momentum" def:"0.9" in:"[0,1]" sym:"\\beta_{\\max}" doc:"momentum at Min"`
}

// At returns the factor at a step.
func (s Cyclic) At(step int64) float64 { return mix(s.Max, s.Min, s.height(step)) }

// Momentum returns what goes against the rate: MaxMomentum at the lowest rate
// and BaseMomentum at the highest. These are absolute values, for momentum or
// Adam's β₁.
func (s Cyclic) Momentum() Schedule { return CyclicMomentum(s) }

// CyclicMomentum is what [Cyclic.Momentum] returns.
type CyclicMomentum Cyclic

// At returns the momentum at a step, an absolute value.
func (s CyclicMomentum) At(step int64) float64 {
	return mix(s.BaseMomentum, s.MaxMomentum, Cyclic(s).height(step))
}

// height returns where a step stands between the lowest value, 0, and the
// highest, 1.
func (s Cyclic) height(step int64) float64 {
	step, up, down := max(step, 0), max(s.Up, 1), max(s.Down, 1)
	length := up + down
	if length < 0 {
		length = math.MaxInt64
	}
	cycle, at := step/length, step%length
	h := float64(at) / float64(up)
	if at > up {
		h = float64(length-at) / float64(down)
	}
	switch s.Mode {
	case "triangular2":
		return math.Ldexp(h, -int(min(cycle, 2000)))
	case "exp_range":
		return float64(h * portable.Pow(s.Gamma, float64(step)))
	}
	return h
}
