package web

import (
	"math"

	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/train"
)

// DomainMeta is where a number may lie.
type DomainMeta struct {
	Text    string     `json:"text"` // "[0, 1)"
	Min     train.Real `json:"min"`
	Max     train.Real `json:"max"`
	MinOpen bool       `json:"min_open"` // the end itself is excluded
	MaxOpen bool       `json:"max_open"`
}

func domainMeta(i *optim.Interval) *DomainMeta {
	if i == nil {
		return nil
	}
	return &DomainMeta{i.String(), train.Real(i.Min), train.Real(i.Max), i.MinOpen, i.MaxOpen}
}

// A Slider says how a number is best moved: from Low to High, evenly on Scale.
// A field beside it takes what lies outside.
type Slider struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	// Scale is linear; log; or complement: evenly in the logarithm of 1 - x, so
	// that 0.9, 0.99 and 0.999 are as far apart as what they remember.
	Scale string `json:"scale"`
	// Zero says that the number may be 0 too, which a log scale does not have: it
	// is what the slider means at its lower end.
	Zero bool `json:"zero,omitempty"`
}

// around returns a slider about a number: three decades to either side of a
// positive one.
func around(v float64) Slider {
	switch {
	case v > 0:
		return Slider{Low: power(v, -3), High: power(v, 3), Scale: "log"}
	case v < 0:
		return Slider{Low: 3 * v, High: -v, Scale: "linear"}
	}
	return Slider{Low: -1, High: 1, Scale: "linear"}
}

// power returns the power of ten that is the given number of decades from v's.
func power(v float64, decades int) float64 {
	return math.Pow10(int(math.Round(math.Log10(v))) + decades)
}

// sliderOf returns the slider of a number with a default in a domain.
func sliderOf(v float64, in optim.Interval) Slider {
	var s Slider
	switch {
	case in.Min == 0 && in.Max == 1 && in.MaxOpen && !in.MinOpen:
		return Slider{Low: 0, High: 0.9999, Scale: "complement"}
	case !math.IsInf(in.Max, 1):
		s = Slider{Low: in.Min, High: in.Max, Scale: "linear"}
	case in.Min > 0:
		s = Slider{Low: in.Min, High: 4 * math.Max(in.Min, v), Scale: "linear"}
	case v == 0:
		s = Slider{Low: 1e-6, High: 1, Scale: "log", Zero: true}
	default:
		s = around(v)
		s.Zero = in.Contains(0)
		return s
	}
	margin := (s.High - s.Low) / 100
	if in.MinOpen && s.Low == in.Min {
		s.Low += margin
	}
	if in.MaxOpen && s.High == in.Max {
		s.High -= margin
	}
	return s
}
