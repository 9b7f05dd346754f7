package schedule

import "github.com/descent-go/descent/internal/portable"

// Linear goes from Start to End in a straight line: PyTorch's LinearLR.
//
// The defaults decay to zero over the whole run. PyTorch's are those of a
// warm-up: from 1/3 to 1 over five steps.
type Linear struct {
	Start float64 `json:"start" def:"1" in:"[0,inf)" sym:"a" doc:"factor at step 0"`
	End   float64 `json:"end" def:"0" in:"[0,inf)" sym:"b" doc:"factor from step Total on"`
	Total int64   `json:"total" def:"total" in:"[0,inf)" sym:"T" doc:"steps from Start to End"`
}

// At returns the factor at a step.
func (s Linear) At(step int64) float64 {
	return mix(s.Start, s.End, 1-fraction(step, s.Total))
}

// Polynomial goes from 1 to End as a power of the steps that remain: PyTorch's
// PolynomialLR, whose End is 0.
type Polynomial struct {
	Total int64   `json:"total" def:"total" in:"[0,inf)" sym:"T" doc:"steps until End"`
	Power float64 `json:"power" def:"1" in:"(0,inf)" sym:"p" doc:"the power: 1 is a straight line"`
	End   float64 `json:"end" def:"0" in:"[0,inf)" sym:"b" doc:"factor from step Total on"`
}

// At returns the factor at a step.
func (s Polynomial) At(step int64) float64 {
	return mix(1, s.End, portable.Pow(1-fraction(step, s.Total), s.Power))
}
