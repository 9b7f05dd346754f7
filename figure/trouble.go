package figure

import (
	"fmt"
	"math"
)

// A counter counts values of one kind and remembers where the first was.
type counter struct {
	n     int
	first float64
}

func (c *counter) see(x float64) {
	if c.n == 0 {
		c.first = x
	}
	c.n++
}

// troubles are the values of a series that have no place within its axes.
type troubles struct {
	bad, low, over, under counter // not finite; ≤ 0 on a logarithmic axis; beyond the ends of the axis
	value                 float64 // the first that is not finite
	// end is the number of points before those at the end of the series that are
	// all above the axis or not finite: the length of the series without any.
	end int
}

// troublesOf looks for them. Points left of a logarithmic x axis do not count:
// the label of that axis says so.
func troublesOf(s Series, x, y axis) troubles {
	var t troubles
	t.end = len(s.Y)
	for t.end > 0 && (s.Y[t.end-1] > y.hi || !finite(s.Y[t.end-1])) {
		t.end--
	}
	for i, v := range s.Y {
		at := s.x(i)
		switch {
		case x.log && at <= 0:
		case !finite(v):
			if t.bad.n == 0 {
				t.value = v
			}
			t.bad.see(at)
		case y.log && v <= 0:
			t.low.see(at)
		case v > y.hi:
			t.over.see(at)
		case v < y.lo:
			t.under.see(at)
		}
	}
	return t
}

// diverged returns where a series that diverged leaves the axis upward or stops
// being finite. One that is finite to its end has only left the axis, unless it
// is said to have diverged.
func (t troubles) diverged(s Series) (x float64, ok bool) {
	n := len(s.Y)
	if n == 0 || finite(s.Y[n-1]) && !s.Diverged {
		return 0, false
	}
	return s.x(min(t.end, n-1)), true
}

// notes says it in words; unit names the x axis.
func (t troubles) notes(s Series, unit string) (notes []string) {
	over, bad := t.over, t.bad
	if x, ok := t.diverged(s); ok {
		// The end of the series is told as one thing.
		nan := t.end
		for nan < len(s.Y) && finite(s.Y[nan]) {
			nan++
		}
		if nan > t.end || t.end == len(s.Y) {
			notes = append(notes, "diverged at "+place(unit, x))
		}
		switch {
		case nan == len(s.Y):
		case nan == len(s.Y)-1:
			notes = append(notes, number(s.Y[nan])+" at "+place(unit, s.x(nan)))
		default:
			notes = append(notes, number(s.Y[nan])+" from "+place(unit, s.x(nan)))
		}
		for _, v := range s.Y[t.end:] {
			if finite(v) {
				over.n--
			} else {
				bad.n--
			}
		}
	}
	note := func(c counter, what, why string) {
		switch {
		case c.n == 1:
			notes = append(notes, what+" at "+place(unit, c.first)+why)
		case c.n > 1:
			notes = append(notes, fmt.Sprintf("%s (%s times, first at %s)%s", what, count(int64(c.n)), place(unit, c.first), why))
		}
	}
	note(bad, number(t.value), "")
	// What stays beyond to the end is told as one thing.
	for _, c := range []struct {
		counter
		what, why string
	}{{over, "above the axis", ""}, {t.under, "below the axis", ""}, {t.low, "≤ 0", ": not on a log axis"}} {
		if i := len(s.Y) - c.n; c.n > 1 && s.x(i) == c.first {
			notes = append(notes, c.what+" from "+place(unit, c.first)+c.why)
		} else {
			note(c.counter, c.what, c.why)
		}
	}
	return notes
}

// place writes a value of an x axis with its unit: step 812, 3.5 seconds. A
// step is whole.
func place(unit string, x float64) string {
	text := number(x)
	if x == math.Trunc(x) && math.Abs(x) < 1e15 {
		text = minus(count(int64(x)))
	}
	if unit != "" && unit[len(unit)-1] == 's' { // a plural
		return text + " " + unit
	}
	return unit + " " + text
}
