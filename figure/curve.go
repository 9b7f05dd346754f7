package figure

import (
	"fmt"
	"math"
)

// Series is a curve of values against steps.
type Series struct {
	Name string
	X    []float64 // steps, in ascending order; nil: 0, 1, 2, …
	Y    []float64 // values, one for each X
}

func (s Series) check(field string) error {
	if s.X == nil {
		return nil
	}
	if len(s.X) != len(s.Y) {
		return fmt.Errorf("figure: %s has %d values of X and %d of Y, want as many of each", field, len(s.X), len(s.Y))
	}
	for i, x := range s.X {
		if !finite(x) {
			return fmt.Errorf("figure: %s.X[%d] = %v, want a finite number", field, i, x)
		}
		if i > 0 && x < s.X[i-1] {
			return fmt.Errorf("figure: %s.X[%d] = %v follows %v, want ascending order", field, i, x, s.X[i-1])
		}
	}
	return nil
}

func (s Series) x(i int) float64 {
	if s.X == nil {
		return float64(i)
	}
	return s.X[i]
}

// spot is a place on the edge of a panel that stands for a value that cannot
// be drawn.
type spot struct {
	at   Point
	kind mark // wedge: below the axis; triangle: above it
}

// trace is a series turned into what a panel shows of it.
type trace struct {
	pieces [][]Point
	spots  []spot
	cuts   []Point // last finite point before NaN or ±Inf
	notes  []string
}

// counter counts values of one kind and remembers the first.
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

// trace draws a series with at most four points per pixel column: the first,
// the smallest, the largest and the last, in their order, so that no spike is
// lost. unit names the x axis in notes.
func (pn *panel) trace(s Series, unit string) trace {
	const column = 0.5 // one pixel of a PNG of default scale
	var (
		t                     trace
		piece                 []Point
		low, over, under, bad counter
		badValue              float64
		col                   = math.Inf(-1)
		idx                   [4]int // first, min, max, last of the column
		have                  bool
		lastSpot              [2]float64
		lastCut               = math.Inf(-1)
		logX, logY            = pn.x.log, pn.y.log
		bottom, top           = pn.frame.y1, pn.frame.y0
		pointOf               = func(i int) Point { return Point{pn.px(s.x(i)), pn.py(s.Y[i])} }
		lastPoint             Point
		havePoint             bool
	)
	lastSpot = [2]float64{math.Inf(-1), math.Inf(-1)}
	flushColumn := func() {
		if !have {
			return
		}
		have = false
		a, b := idx[1], idx[2]
		if a > b {
			a, b = b, a
		}
		prev := -1
		for _, i := range [4]int{idx[0], a, b, idx[3]} {
			if i != prev {
				piece = append(piece, pointOf(i))
				prev = i
			}
		}
		lastPoint, havePoint = piece[len(piece)-1], true
	}
	flush := func() {
		flushColumn()
		if len(piece) > 0 {
			t.pieces = append(t.pieces, piece)
			piece = nil
		}
	}
	mark := func(k int, x, y float64, kind mark) {
		if x-lastSpot[k] >= 9 {
			lastSpot[k] = x
			t.spots = append(t.spots, spot{Point{x, y}, kind})
		}
	}
	for i, y := range s.Y {
		x := s.x(i)
		if logX && x <= 0 {
			continue // the label of the axis says so
		}
		switch {
		case !finite(y):
			flush()
			if bad.n == 0 {
				badValue = y
			}
			bad.see(x)
			at := Point{pn.px(x), top}
			if havePoint {
				at = lastPoint
			}
			if at.X-lastCut >= 9 {
				lastCut = at.X
				t.cuts = append(t.cuts, at)
			}
		case logY && y <= 0:
			flush()
			low.see(x)
			mark(0, pn.px(x), bottom-6, wedge)
		default:
			if y > pn.y.hi {
				over.see(x)
				mark(1, pn.px(x), top+6, triangle)
			}
			if y < pn.y.lo {
				under.see(x)
				mark(0, pn.px(x), bottom-6, wedge)
			}
			c := math.Floor(pn.px(x) / column)
			if !have || c != col {
				flushColumn()
				col, have = c, true
				idx = [4]int{i, i, i, i}
				continue
			}
			if y < s.Y[idx[1]] {
				idx[1] = i
			}
			if y > s.Y[idx[2]] {
				idx[2] = i
			}
			idx[3] = i
		}
	}
	flush()
	note := func(c counter, what string) {
		switch {
		case c.n == 1:
			t.notes = append(t.notes, fmt.Sprintf("%s at %s %s", what, unit, place(c.first)))
		case c.n > 1:
			t.notes = append(t.notes, fmt.Sprintf("%s (%s times, from %s %s)", what, count(int64(c.n)), unit, place(c.first)))
		}
	}
	note(bad, number(badValue))
	note(low, "≤ 0")
	note(over, "above the axis")
	note(under, "below the axis")
	return t
}

// place writes a value of the x axis, whole when it is a step.
func place(x float64) string {
	if x == math.Trunc(x) && math.Abs(x) < 1e15 {
		return minus(count(int64(x)))
	}
	return number(x)
}

// curve draws a trace: its lines cut at the frame, and its marks.
func (pn *panel) curve(t trace, lk look, width float64) {
	var lines [][]Point
	for _, piece := range t.pieces {
		in, _ := clipLine(piece, pn.frame)
		for _, l := range in {
			if len(l) == 1 {
				pn.s.marker(pn.p, look{color: lk.color}, l[0], width+1)
				continue
			}
			lines = append(lines, l)
		}
	}
	pn.s.add(&shape{lines: lines, pen: pen{color: lk.color, width: width, dash: lk.dash}})
	for _, sp := range t.spots {
		pn.s.marker(pn.p, look{color: lk.color, mark: sp.kind}, sp.at, 4)
	}
	for _, c := range t.cuts {
		pn.s.cross(pn.p, lk, pn.frame.clamp(c), 5)
	}
}

// beads puts n of the series' markers along a trace, the k-th of several traces
// shifted against the others.
func (pn *panel) beads(t trace, lk look, n, k, of int) {
	next := 0
	want := func() float64 {
		return pn.frame.x0 + float64(pn.frame.w()*(float64(next)+(float64(k)+0.5)/float64(of))/float64(n))
	}
	for _, piece := range t.pieces {
		for _, q := range piece {
			if q.X >= want() && pn.frame.contains(q) {
				pn.s.marker(pn.p, lk, q, 4)
				for q.X >= want() {
					next++
				}
			}
		}
	}
}
