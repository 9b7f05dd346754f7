package curves

import (
	"math"
	"sort"

	"github.com/descent-go/descent/record"
)

// An Axis is what a curve is drawn against.
type Axis string

// The axes. Without epochs, Epoch is Step.
const (
	Step     Axis = "step"     // updates applied
	Epoch    Axis = "epoch"    // steps over the steps of an epoch
	Examples Axis = "examples" // trained on
	Seconds  Axis = "seconds"  // since the run began
)

// Axes lists the axes.
func Axes() []Axis { return []Axis{Step, Epoch, Examples, Seconds} }

// at returns where an event stands on the axis.
func (a Axis) at(perEpoch, step, examples int64, seconds float64) float64 {
	switch {
	case a == Seconds:
		return seconds
	case a == Examples:
		return float64(examples)
	case a == Epoch && perEpoch > 0:
		return float64(step) / float64(perEpoch)
	}
	return float64(step)
}

// along returns where rows from one to another stand.
func (a Axis) along(c *record.Columns, r *record.Rows, from, to int) []float64 {
	x := make([]float64, to-from)
	switch {
	case a == Seconds:
		copy(x, r.Seconds[from:to])
	case a == Examples:
		for i, v := range r.Examples[from:to] {
			x[i] = float64(v)
		}
	case a == Epoch && c.PerEpoch > 0:
		per := float64(c.PerEpoch)
		for i, v := range r.Step[from:to] {
			x[i] = float64(v) / per
		}
	default:
		for i, v := range r.Step[from:to] {
			x[i] = float64(v)
		}
	}
	return x
}

// A Window is the part of an axis that is seen. The zero value is all of it.
type Window struct {
	From, To float64 // the whole axis where To is not above From
	Log      bool    // the columns of the picture are even in the logarithm
}

// whole reports whether all of the axis is seen.
func (w Window) whole() bool { return !(w.To > w.From) }

// rows returns the rows within a window, and one on either side of it, so that
// lines reach its edges. x does not fall.
func (w Window) rows(x []float64) (from, to int) {
	if w.whole() {
		return 0, len(x)
	}
	from = sort.SearchFloat64s(x, w.From)
	to = sort.Search(len(x), func(i int) bool { return x[i] > w.To })
	return max(0, from-1), min(len(x), to+1)
}

// columns returns a function that tells in which of n columns of a picture of
// [lo, hi] a place is.
func (w Window) columns(lo, hi float64, n int) func(x float64) int {
	if w.Log && hi > 0 {
		if lo <= 0 { // which a logarithmic axis does not show
			lo = min(1, hi/2)
		}
		a, per := math.Log(lo), float64(n)/(math.Log(hi)-math.Log(lo))
		return func(x float64) int {
			if x <= lo {
				return -1
			}
			return int((math.Log(x) - a) * per)
		}
	}
	per := float64(n) / (hi - lo)
	return func(x float64) int { return int(math.Floor((x - lo) * per)) }
}
