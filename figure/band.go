package figure

import (
	"math"
	"slices"
)

// A band is what several runs have in common at the same steps.
type band struct {
	lo, mid, hi Series // of the same X; +Inf above runs that diverged
	name        string // which band it is
}

// bandOf returns the median and the band of some series, nil when they have
// fewer than half of the steps of the shortest in common. A step is common when
// every series that has begun and not ended by then has a point there. What is
// not finite counts as above everything, also after the end of a series that
// ends so.
func bandOf(runs []Series) *band {
	b := &band{name: "lowest to highest"}
	low, high := 0.0, 1.0
	if len(runs) >= 5 {
		b.name, low, high = "lower to upper quartile", 0.25, 0.75
	}
	fewest := math.MaxInt
	for _, s := range runs {
		fewest = min(fewest, len(s.Y))
	}
	shared := 0 // steps that at least two have
	var xs, los, mids, his []float64
	at := make([]int, len(runs)) // the next point of each series
	var values []float64
	for {
		x := math.Inf(1)
		for k, s := range runs {
			if at[k] < len(s.Y) {
				x = min(x, s.x(at[k]))
			}
		}
		if math.IsInf(x, 1) {
			break
		}
		common := true
		values = values[:0]
		for k, s := range runs {
			n := len(s.Y)
			switch {
			case at[k] < n && s.x(at[k]) == x:
				values = append(values, above(s.Y[at[k]]))
				at[k]++
			case at[k] == n && (s.Diverged || !finite(s.Y[n-1])):
				values = append(values, math.Inf(1))
			case at[k] > 0 && at[k] < n:
				common = false
			}
		}
		if common {
			if len(values) > 1 {
				shared++
			}
			slices.Sort(values)
			xs = append(xs, x)
			los = append(los, Quantile(values, low))
			mids = append(mids, Quantile(values, 0.5))
			his = append(his, Quantile(values, high))
		}
	}
	if 2*shared < fewest {
		return nil
	}
	b.lo, b.mid, b.hi = Series{X: xs, Y: los}, Series{X: xs, Y: mids}, Series{X: xs, Y: his}
	return b
}

func above(v float64) float64 {
	if finite(v) {
		return v
	}
	return math.Inf(1)
}

// band fills the room between the edges of a band, cut at the frame, as far as
// its lower edge is known. of is the number of bands: many are fainter, so that
// what lies below them is seen.
func (pn *panel) band(b *band, lk look, of int) {
	share := 0.2
	if of > 4 {
		share = 0.12
	}
	type slice struct{ x, top, bottom float64 }
	var slices []slice
	flush := func() {
		if len(slices) == 1 { // a point: as wide as a marker
			s := slices[0]
			slices = append(slices, slice{s.x + 2, s.top, s.bottom})
			slices[0].x -= 2
		}
		if len(slices) > 0 {
			ring := make([]Point, 0, 2*len(slices))
			for _, s := range slices {
				ring = append(ring, Point{s.x, s.top})
			}
			ring = straight(ring, 0.08)
			var under []Point
			for i := len(slices) - 1; i >= 0; i-- {
				under = append(under, Point{slices[i].x, slices[i].bottom})
			}
			pn.s.polygon(fade(lk.color, share), pen{}, append(ring, straight(under, 0.08)...)...)
		}
		slices = slices[:0]
	}
	y := func(v float64) float64 {
		switch {
		case math.IsInf(v, 1):
			return pn.frame.y0
		case pn.y.log && v <= 0:
			return pn.frame.y1
		}
		return min(max(pn.py(v), pn.frame.y0), pn.frame.y1)
	}
	for i, v := range b.lo.Y {
		x := b.lo.X[i]
		if pn.x.log && x <= 0 {
			continue
		}
		if math.IsInf(v, 1) {
			flush()
			continue
		}
		s := slice{min(max(pn.px(x), pn.frame.x0), pn.frame.x1), y(b.hi.Y[i]), y(v)}
		if n := len(slices); n > 0 && math.Floor(s.x/pn.column()) == math.Floor(slices[n-1].x/pn.column()) {
			slices[n-1].top = min(slices[n-1].top, s.top)
			slices[n-1].bottom = max(slices[n-1].bottom, s.bottom)
			continue
		}
		slices = append(slices, s)
	}
	flush()
}
