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

// bounds returns the smallest and the largest value that has a place on an
// axis; lo > hi when there is none.
func bounds(series []Series, log bool) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, s := range series {
		for _, y := range s.Y {
			if placed(y, log) {
				lo, hi = min(lo, y), max(hi, y)
			}
		}
	}
	return lo, hi
}

// placed reports whether a value has a place on an axis, however long.
func placed(y float64, log bool) bool { return finite(y) && !(log && y <= 0) }

// valueAxis returns an axis that holds all values of some series.
func valueAxis(series []Series, log bool) axis {
	lo, hi := bounds(series, log)
	return shownAxis(lo, hi, log)
}

func shownAxis(lo, hi float64, log bool) axis {
	switch {
	case lo > hi:
		return axis{lo: 0, hi: 1}
	case lo == 0 && hi == 0:
		hi = 1
	case lo == hi && !log: // a constant is seen against zero
		lo, hi = min(lo, 0), max(hi, 0)
	}
	return fitAxis(lo, hi, 0.04, log)
}

// lossAxis returns an axis for losses. It holds all values, unless a few would
// leave the others no room: a run that explodes, a batch that is an outlier.
// Then it ends a little beyond the others, and what leaves it is for the curves
// to mark.
func lossAxis(series []Series, log bool) axis {
	lo, hi := bounds(series, log)
	low, top, ok := body(series, log)
	if !ok {
		return shownAxis(lo, hi, log)
	}
	// In units of the axis, small enough that sums stay finite.
	unit, value := func(v float64) float64 { return v / 16 }, func(u float64) float64 { return 16 * u }
	if log {
		unit, value = log10, pow10
	}
	l, t := unit(low), unit(top)
	span := max(t-l, 0.05*max(math.Abs(l), math.Abs(t)))
	keep, room := float64(3*span), span
	if log { // where two decades more take little room
		keep, room = max(2, float64(0.5*(t-l))), max(0.5, float64(0.2*(t-l)))
	}
	if keep == 0 {
		return shownAxis(lo, hi, log)
	}
	above, below := math.Inf(1), math.Inf(-1)
	if unit(hi) > t+keep {
		above = max(value(t+room), top)
	}
	if unit(lo) < l-keep {
		below = min(value(l-room), low)
	}
	lo, hi = low, top
	for _, s := range series {
		for _, y := range s.Y {
			if placed(y, log) && y >= below && y <= above {
				lo, hi = min(lo, y), max(hi, y)
			}
		}
	}
	return shownAxis(lo, hi, log)
}

// body returns the range in which some series spend nearly all of their time:
// from the smaller of the last value and what one value in fifty falls short
// of, to the larger of the first value and what one in twenty exceeds. Series
// that leave for good before half of their time is over count with their first
// value alone, unless all do.
func body(series []Series, log bool) (low, top float64, ok bool) {
	type stay struct {
		values []float64 // with a place, in order
		n      int       // of them before the series left for good
	}
	var all []stay
	staying := false
	for _, s := range series {
		var st stay
		for _, y := range s.Y {
			if placed(y, log) {
				st.values = append(st.values, y)
			}
		}
		if len(st.values) == 0 {
			continue
		}
		st.n = lastStay(st.values)
		staying = staying || 2*st.n >= len(st.values)
		all = append(all, st)
	}
	low, top = math.Inf(1), math.Inf(-1)
	for _, st := range all {
		values := st.values
		switch {
		case !staying:
		case 2*st.n >= len(values):
			values = values[:st.n]
		default:
			values = values[:1]
		}
		first, last := values[0], values[len(values)-1]
		slices.Sort(values)
		low = min(low, first, last, Quantile(values, 0.02))
		top = max(top, first, Quantile(values, 0.95))
	}
	return low, top, len(all) > 0
}

// lastStay returns how many values come before a series leaves for good: for
// more than thirty times the size of its first values or, downward, where
// losses may well go far, a million times.
func lastStay(values []float64) int {
	start := size(values[:min(5, 1+len(values)/10)])
	if start == 0 {
		start = size(values)
	}
	for n := len(values); n > 0; n-- {
		if v := values[n-1]; start == 0 || v/start <= 30 && v/start >= -1e6 {
			return n
		}
	}
	return 1
}

// size is the larger of the magnitudes of the first value and the median.
func size(values []float64) float64 {
	sorted := make([]float64, len(values))
	for i, v := range values {
		sorted[i] = math.Abs(v)
	}
	first := sorted[0]
	slices.Sort(sorted)
	return max(first, sorted[len(sorted)/2])
}

// Quantile returns the q-quantile, 0 to 1, of at least one sorted value, which may be
// +Inf: it lies on the line between the two values next to it, as everywhere in
// figures.
func Quantile(sorted []float64, q float64) float64 {
	at := float64(q * float64(len(sorted)-1))
	i := int(at)
	t := at - float64(i)
	if t == 0 || sorted[i] == sorted[i+1] {
		return sorted[i]
	}
	return float64((1-t)*sorted[i]) + float64(t*sorted[i+1])
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
