package schedule

// OneCycle rises from 1/DivFactor to 1 and then falls far below where it
// began. The base rate is the highest one. PyTorch's OneCycleLR, of which it
// takes the two phases that are the default and the three of the paper.
//
// L. N. Smith, N. Topin, Super-convergence: very fast training of neural
// networks using large learning rates, 2018, arXiv:1708.07120.
//
// Momentum, or Adam's β₁, goes the other way: see [OneCycle.Momentum].
// Differs from PyTorch: where PctStart·Total is less than one step, the
// highest rate is that of step 0, and past the end, where PyTorch fails, the
// last value holds.
type OneCycle struct {
	Total          int64   `json:"total" def:"total" in:"[1,inf)" sym:"T" doc:"steps of the cycle"`
	PctStart       float64 `json:"pct_start" def:"0.3" in:"[0,1]" sym:"p" doc:"part of the cycle in which the rate rises, at most 0.5 with three phases"`
	DivFactor      float64 `json:"div_factor" def:"25" in:"[1,inf)" sym:"d" doc:"highest rate over first rate"`
	FinalDivFactor float64 `json:"final_div_factor" def:"1e4" in:"[1,inf)" sym:"f" doc:"first rate over last rate"`
	Anneal         string  `json:"anneal" def:"cos" in:"cos|linear" doc:"shape of the phases"`
	ThreePhase     bool    `json:"three_phase" def:"false" doc:"fall back to the first rate as fast as it rose, then on to the last"`
	BaseMomentum   float64 `json:"base_momentum" def:"0.85" in:"[0,1]" sym:"\\beta_{\\min}" doc:"momentum at the highest rate"`
	MaxMomentum    float64 `json:"max_momentum" def:"0.95" in:"[0,1]" sym:"\\beta_{\\max}" doc:"momentum at the first and last rates"`
}

// At returns the factor at a step.
func (s OneCycle) At(step int64) float64 {
	first := 1 / s.DivFactor
	last := first / s.FinalDivFactor
	return s.along(step, [4]float64{first, 1, first, last}, [3]float64{first, 1, last})
}

// Momentum returns what goes against the rate: MaxMomentum where the cycle
// begins and ends and BaseMomentum at the highest rate. These are absolute
// values, for momentum or Adam's β₁.
func (s OneCycle) Momentum() Schedule { return OneCycleMomentum(s) }

// OneCycleMomentum is what [OneCycle.Momentum] returns.
type OneCycleMomentum OneCycle

// At returns the momentum at a step, an absolute value.
func (s OneCycleMomentum) At(step int64) float64 {
	high, low := s.MaxMomentum, s.BaseMomentum
	return OneCycle(s).along(step, [4]float64{high, low, high, high}, [3]float64{high, low, high})
}

// along returns where a step stands on the way through the values at the ends
// of three phases or of two.
func (s OneCycle) along(step int64, three [4]float64, two [3]float64) float64 {
	rise := float64(s.PctStart * float64(s.Total))
	last := float64(s.Total - 1)
	ends, values := []float64{0, max(rise-1, 0), last}, two[:]
	if s.ThreePhase {
		ends, values = []float64{0, max(rise-1, 0), max(2*rise-2, 0), last}, three[:]
	}
	at := min(max(float64(step), 0), last)
	i := 1
	for i < len(ends)-1 && at > ends[i] {
		i++
	}
	u := 1.0
	if at < ends[i] {
		u = (at - ends[i-1]) / (ends[i] - ends[i-1])
	}
	if s.Anneal == "cos" {
		return mix(values[i-1], values[i], cosine(u))
	}
	return mix(values[i-1], values[i], 1-u)
}
