package schedule

import "math"

// WSD warms up in a straight line, stays at 1, and decays to Min at the end.
//
// S. Hu et al., MiniCPM: unveiling the potential of small language models with
// scalable training strategies, COLM 2024, section 4, arXiv:2404.06395; the
// shape 1-sqrt is from A. Hägele et al., Scaling laws and compute-optimal
// training beyond fixed training durations, NeurIPS 2024, arXiv:2405.18392.
type WSD struct {
	Total  int64   `json:"total" def:"total" in:"[1,inf)" sym:"T" doc:"all steps"`
	Warmup int64   `json:"warmup" def:"0" in:"[0,inf)" sym:"W" doc:"steps of the rise, the last of which is at 1"`
	Decay  int64   `json:"decay" def:"total/5" in:"[0,inf)" sym:"D" doc:"steps of the decay"`
	Shape  string  `json:"shape" def:"1-sqrt" in:"linear|cosine|1-sqrt" doc:"shape of the decay"`
	Min    float64 `json:"min" def:"0" in:"[0,inf)" sym:"\\eta_{\\min}" doc:"factor from step Total on"`
}

// At returns the factor at a step.
func (s WSD) At(step int64) float64 {
	step = max(step, 0)
	if step < s.Warmup {
		return float64(step+1) / float64(s.Warmup)
	}
	since := step - (s.Total - s.Decay)
	if since < 0 {
		return 1
	}
	u := fraction(since, s.Decay)
	switch s.Shape {
	case "cosine":
		return mix(1, s.Min, cosine(u))
	case "linear":
		return mix(1, s.Min, 1-u)
	}
	return mix(1, s.Min, 1-math.Sqrt(u))
}
