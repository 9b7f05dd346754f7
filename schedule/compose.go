package schedule

// Warmup rises in a straight line from a fraction of another schedule's first
// value to that value, and then follows the schedule, whose own steps begin at
// 0 there.
type Warmup struct {
	Steps int64    `json:"steps" def:"total/20" in:"[0,inf)" sym:"W" doc:"steps of the rise"`
	Start float64  `json:"start" def:"0.01" in:"[0,inf)" sym:"a" doc:"where the rise starts, as a fraction of the first value of Then; at 0 the first update moves nothing"`
	Then  Schedule `json:"then" doc:"the schedule that follows"`
}

// At returns the factor at a step.
func (s Warmup) At(step int64) float64 {
	if step >= s.Steps {
		return s.Then.At(max(step-s.Steps, 0))
	}
	return float64(mix(s.Start, 1, 1-fraction(step, s.Steps)) * s.Then.At(0))
}

// Join is one schedule after another. Each counts its own steps from 0.
type Join struct {
	Parts      []Schedule `json:"parts" doc:"the schedules"`
	Milestones []int64    `json:"at" in:"[0,inf)" sym:"m_i" doc:"steps at which the second part, the third and so on begin, ascending"`
}

// At returns the factor at a step. It panics if there are fewer parts than
// milestones and one.
func (s Join) At(step int64) float64 {
	i := reached(s.Milestones, step)
	if i > 0 {
		step -= s.Milestones[i-1]
	}
	return s.Parts[i].At(step)
}

// Times is the product of schedules; of none it is 1.
type Times struct {
	Parts []Schedule `json:"parts" doc:"the schedules"`
}

// At returns the product of the factors at a step.
func (s Times) At(step int64) float64 {
	product := 1.0
	for _, p := range s.Parts {
		product = float64(product * p.At(step))
	}
	return product
}

// Scale multiplies a schedule by a number.
type Scale struct {
	By float64  `json:"by" def:"1" in:"[0,inf)" sym:"c" doc:"the number"`
	Of Schedule `json:"of" doc:"the schedule"`
}

// At returns the scaled factor at a step.
func (s Scale) At(step int64) float64 { return float64(s.By * s.Of.At(step)) }

// lasts returns how many steps a schedule takes to reach its end, and whether
// it has one.
func lasts(s Schedule) (int64, bool) {
	switch s := s.(type) {
	case Warmup:
		return s.Steps, true
	case Hold:
		return s.Steps, true
	case Linear:
		return s.Total, true
	case Polynomial:
		return s.Total, true
	case Cosine:
		return s.Total, true
	case OneCycle:
		return s.Total, true
	case OneCycleMomentum:
		return s.Total, true
	case WSD:
		return s.Total, true
	case Scale:
		return lasts(s.Of)
	case Times:
		length, ends := int64(0), false
		for _, p := range s.Parts {
			if n, ok := lasts(p); ok {
				length, ends = max(length, n), true
			}
		}
		return length, ends
	}
	return 0, false
}
