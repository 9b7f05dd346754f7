package schedule

import (
	"sort"

	"github.com/descent-go/descent/internal/portable"
)

// Step multiplies the rate by Gamma after every so many steps: PyTorch's
// StepLR.
type Step struct {
	Every int64   `json:"every" def:"total/3" in:"[1,inf)" sym:"s" doc:"steps between two reductions"`
	Gamma float64 `json:"gamma" def:"0.1" in:"(0,inf)" sym:"\\gamma" doc:"what each reduction multiplies by"`
}

// At returns the factor at a step.
func (s Step) At(step int64) float64 {
	return portable.Pow(s.Gamma, float64(max(step, 0)/max(s.Every, 1)))
}

// MultiStep multiplies the rate by Gamma at each of its milestones: PyTorch's
// MultiStepLR.
type MultiStep struct {
	Milestones []int64 `json:"at" in:"[0,inf)" sym:"m_i" doc:"steps at which the rate is reduced, ascending"`
	Gamma      float64 `json:"gamma" def:"0.1" in:"(0,inf)" sym:"\\gamma" doc:"what each reduction multiplies by"`
}

// At returns the factor at a step.
func (s MultiStep) At(step int64) float64 {
	return portable.Pow(s.Gamma, float64(reached(s.Milestones, step)))
}

// reached counts the milestones, in ascending order, at or before a step.
func reached(milestones []int64, step int64) int {
	return sort.Search(len(milestones), func(i int) bool { return milestones[i] > max(step, 0) })
}

// Exponential multiplies the rate by Gamma after every step: PyTorch's
// ExponentialLR. With a Gamma above 1 the rate grows, in the end to +Inf.
type Exponential struct {
	Gamma float64 `json:"gamma" in:"(0,inf)" sym:"\\gamma" doc:"what each step multiplies by"`
}

// At returns the factor at a step.
func (s Exponential) At(step int64) float64 {
	return portable.Pow(s.Gamma, float64(max(step, 0)))
}
