package figure

import (
	"fmt"
	"math"
	"slices"
)

// Series is a curve of values against steps.
type Series struct {
	Name string
	X    []float64 // steps, in ascending order; nil: 0, 1, 2, …
	Y    []float64 // values, one for each X
	// Diverged says that it ends because the run diverged, whatever its last value
	// is: a loss of NaN or ±Inf at the end says so by itself.
	Diverged bool
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

// spot is a place on the edge of a panel where a series leaves it.
type spot struct {
	at   Point
	kind mark // wedge: below the axis; triangle: above it
}

// trace is a series turned into what a panel shows of it.
type trace struct {
	pieces [][]Point
	spots  []spot
	cuts   []Point // last finite point before NaN or ±Inf, or of a run that diverged
}

// column is the width of the columns of a panel in which a series is drawn by
// four points: a pixel of a PNG of default scale, more where there are many
// series, so that an SVG stays small.
func (pn *panel) column() float64 {
	return 0.5 * float64(1+pn.crowd/4)
}

// A tracer makes a trace.
type tracer struct {
	pn    *panel
	s     Series
	t     trace
	piece []Point
	col   float64 // of the points in idx
	idx   []int   // first, smallest, largest and last of the column
	out   mark    // how the last point left the frame
	last  *Point  // that was drawn
	floor *Point  // where the line comes back from below a logarithmic axis
}

// trace draws a series with at most four points per column: the first, the
// smallest, the largest and the last, in their order, so that no spike is lost.
func (pn *panel) trace(s Series) trace {
	tr := tracer{pn: pn, s: s, out: circle}
	for i, y := range s.Y {
		x := s.x(i)
		switch {
		case pn.x.log && x <= 0:
		case !finite(y):
			tr.flush()
			tr.floor = nil
			tr.stop(x)
		case pn.y.log && y <= 0:
			tr.fall(x)
		default:
			switch {
			case y > pn.y.hi:
				tr.leave(x, triangle)
			case y < pn.y.lo:
				tr.leave(x, wedge)
			default:
				tr.out = circle
			}
			tr.rise()
			tr.add(i, x, y)
		}
	}
	tr.flush()
	if n := len(s.Y); s.Diverged && n > 0 && finite(s.Y[n-1]) {
		tr.stop(s.x(n - 1))
	}
	return tr.t
}

// add takes a point into its column.
func (tr *tracer) add(i int, x, y float64) {
	c := math.Floor(tr.pn.px(x) / tr.pn.column())
	if len(tr.idx) == 0 || c != tr.col {
		tr.flushColumn()
		tr.col, tr.idx = c, append(tr.idx, i, i, i, i)
		return
	}
	if y < tr.s.Y[tr.idx[1]] {
		tr.idx[1] = i
	}
	if y > tr.s.Y[tr.idx[2]] {
		tr.idx[2] = i
	}
	tr.idx[3] = i
}

func (tr *tracer) flushColumn() {
	if len(tr.idx) == 0 {
		return
	}
	first, a, b, last := tr.idx[0], tr.idx[1], tr.idx[2], tr.idx[3]
	tr.idx = tr.idx[:0]
	if a > b {
		a, b = b, a
	}
	prev := -1
	for _, i := range [4]int{first, a, b, last} {
		if i != prev {
			tr.piece = append(tr.piece, Point{tr.pn.px(tr.s.x(i)), tr.pn.py(tr.s.Y[i])})
			prev = i
		}
	}
	end := tr.piece[len(tr.piece)-1]
	tr.last = &end
}

// flush ends a piece of the line.
func (tr *tracer) flush() {
	tr.flushColumn()
	if len(tr.piece) > 0 {
		tr.t.pieces = append(tr.t.pieces, tr.piece)
		tr.piece = nil
	}
}

// fall draws the line to the lower edge, which stands for what a logarithmic
// axis cannot show, and rise draws it back from there.
func (tr *tracer) fall(x float64) {
	tr.flushColumn()
	tr.floor = &Point{tr.pn.px(x), tr.pn.frame.y1}
	if len(tr.piece) > 0 {
		tr.piece = append(tr.piece, *tr.floor)
	}
	tr.flush()
	tr.leave(x, wedge)
}

func (tr *tracer) rise() {
	if tr.floor != nil {
		tr.piece = append(tr.piece, *tr.floor)
		tr.floor = nil
	}
}

// leave marks the edge where the series goes beyond it, if it was not there
// already and no mark is near.
func (tr *tracer) leave(x float64, kind mark) {
	if tr.out == kind {
		return
	}
	tr.out = kind
	at := Point{tr.pn.px(x), tr.pn.frame.y0 + 6}
	if kind == wedge {
		at.Y = tr.pn.frame.y1 - 6
	}
	for _, sp := range tr.t.spots {
		if sp.kind == kind && at.X-sp.at.X < apart {
			return
		}
	}
	tr.t.spots = append(tr.t.spots, spot{tr.pn.frame.clamp(at), kind})
}

// apart is the least distance of two marks of a trace on one edge.
const apart = 9

// stop marks the last point before the series is not finite.
func (tr *tracer) stop(x float64) {
	at := Point{tr.pn.px(x), tr.pn.frame.y0}
	if tr.last != nil {
		at = *tr.last
	}
	if n := len(tr.t.cuts); n == 0 || at.X-tr.t.cuts[n-1].X >= apart {
		tr.t.cuts = append(tr.t.cuts, at)
	}
}

// curve draws a trace: its lines cut at the frame, and its marks.
func (pn *panel) curve(t trace, lk look, width float64) {
	pn.lines(t, lk, width)
	pn.edges(t, lk)
}

// lines draws the lines of a trace, cut at the frame.
func (pn *panel) lines(t trace, lk look, width float64) {
	var lines [][]Point
	for _, piece := range t.pieces {
		in, _ := clipLine(piece, pn.frame)
		for _, l := range in {
			if len(l) == 1 {
				pn.s.marker(pn.p, look{color: lk.color}, l[0], width+1)
				continue
			}
			lines = append(lines, straight(l, 0.08))
		}
	}
	pn.s.add(&shape{lines: lines, pen: pen{color: lk.color, width: width, dash: lk.dash}})
}

// edges marks where a trace leaves the frame, or ends.
func (pn *panel) edges(t trace, lk look) {
	for _, sp := range t.spots {
		at := pn.vacant(sp.at, sp.kind == wedge)
		pn.s.marker(pn.p, look{color: lk.color, mark: sp.kind}, at, 4)
	}
	inside := rect{pn.frame.x0, pn.frame.y0 + 6, pn.frame.x1, pn.frame.y1 - 6}
	for _, c := range t.cuts {
		if !inside.contains(c) {
			c = pn.vacant(inside.clamp(c), c.Y > inside.y1)
		}
		pn.s.cross(pn.p, lk, c, 5)
	}
}

// vacant returns the place nearest to one on an edge where no other mark is.
func (pn *panel) vacant(at Point, bottom bool) Point {
	step := float64(apart)
	if bottom {
		step = -apart
	}
	taken := func(o Point) bool { return math.Abs(o.X-at.X) < apart-1 && math.Abs(o.Y-at.Y) < apart-1 }
	for range 8 {
		if !slices.ContainsFunc(pn.taken, taken) {
			break
		}
		at.Y += step
	}
	pn.taken = append(pn.taken, at)
	return at
}

// straight leaves out points of a line that are no farther than tol from the
// straight line between the points that stay. Long lines are looked at in
// stretches.
func straight(pts []Point, tol float64) []Point {
	const stretch = 256
	var out []Point
	for from := 0; from < len(pts)-1; from += stretch {
		part := simplify(pts[from:min(from+stretch+1, len(pts))], tol)
		if from > 0 {
			part = part[1:]
		}
		out = append(out, part...)
	}
	return out
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

// dots puts the marker of a look at the points of a trace, where they are far
// enough from one another.
func (pn *panel) dots(t trace, lk look) {
	last := Point{-far, -far}
	for _, piece := range t.pieces {
		for _, q := range piece {
			if pn.frame.contains(q) && distance(q, last, last) >= 12 {
				pn.s.marker(pn.p, lk, q, 3.6)
				last = q
			}
		}
	}
}
