package schedule

// Constant is the same factor at every step.
type Constant struct {
	Factor float64 `json:"factor" def:"1" in:"[0,inf)" sym:"c" doc:"the factor"`
}

// At returns the factor.
func (s Constant) At(int64) float64 { return s.Factor }

// Hold is a factor for a number of steps, and 1 from then on: PyTorch's
// ConstantLR.
type Hold struct {
	Factor float64 `json:"factor" in:"[0,inf)" sym:"c" doc:"the factor at first"`
	Steps  int64   `json:"steps" in:"[0,inf)" sym:"T" doc:"steps that the factor holds for"`
}

// At returns the factor at a step.
func (s Hold) At(step int64) float64 {
	if max(step, 0) < s.Steps {
		return s.Factor
	}
	return 1
}
