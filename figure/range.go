package figure

import (
	"fmt"
	"math"
	"slices"
)

// Scale says how the values of an axis are spaced.
type Scale int

// The scales. Auto is Log unless a value is negative or none is positive.
const (
	Auto Scale = iota
	Linear
	Log
)

func (s Scale) check(field string) error {
	if s < Auto || s > Log {
		return fmt.Errorf("figure: %s = %d, want Auto, Linear or Log", field, int(s))
	}
	return nil
}

// isLog decides for some series.
func (s Scale) isLog(series []Series) bool {
	positive := false
	for _, r := range series {
		for _, y := range r.Y {
			if s == Auto && y < 0 && finite(y) {
				return false
			}
			positive = positive || y > 0 && finite(y)
		}
	}
	return positive && s != Linear
}

// valueAxis returns an axis that holds the values of some series. When a run
// explodes, the axis ends well above where the others are, and what lies beyond
// is marked at its edge: otherwise one run would flatten all.
func valueAxis(series []Series, log bool) axis {
	lo, hi, size := math.Inf(1), math.Inf(-1), 0.0
	for _, s := range series {
		var seen []float64
		for _, y := range s.Y {
			if finite(y) && !(log && y <= 0) {
				lo, hi = min(lo, y), max(hi, y)
				seen = append(seen, math.Abs(y))
			}
		}
		if len(seen) > 0 {
			size = max(size, seen[0])
			slices.Sort(seen)
			size = max(size, seen[len(seen)/2])
		}
	}
	if lo > hi {
		return axis{lo: 0, hi: 1}
	}
	switch {
	case lo == hi && !log: // a constant is seen against zero
		lo, hi = min(lo, 0), max(hi, 0)
	case log && hi/size > 1e6:
		hi = 1e3 * size
	case !log && size > 0:
		if hi/size > 1e3 {
			hi = 10 * size
		}
		if lo/size < -1e3 {
			lo = -10 * size
		}
	}
	return fitAxis(lo, hi, 0.04, log)
}

// stepAxis returns an axis for the steps of some series, without margins.
func stepAxis(series []Series, log bool) axis {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, s := range series {
		for _, i := range [2]int{0, len(s.Y) - 1} {
			if i >= 0 && i < len(s.Y) {
				lo, hi = min(lo, s.x(i)), max(hi, s.x(i))
			}
		}
	}
	switch {
	case lo > hi:
		return axis{lo: 0, hi: 1}
	case log && hi > 0:
		first := hi
		for _, s := range series {
			for i := range s.Y {
				if x := s.x(i); x > 0 {
					first = min(first, x)
					break
				}
			}
		}
		return fitAxis(first, hi, 0, true)
	case lo == hi:
		return axis{lo: lo - 1, hi: hi + 1, whole: true}
	}
	return axis{lo: lo, hi: hi, whole: true}
}
