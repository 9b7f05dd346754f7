package figure

import (
	"fmt"
	"math"
	"slices"
)

// A strand is one curve of a panel with its place in the legend: that of a run,
// or of several that belong together.
type strand struct {
	name   string
	runs   []Series // at least one
	look   look
	beta   float64 // decay of the average; 0: not smoothed
	raw    bool    // raw values are drawn behind the average, of a single run
	dotted bool    // its points are marked
	beads  bool    // its line is marked here and there

	troubles []troubles
	smooth   []Series // averages of the runs, or the runs themselves
	band     *band    // of several runs with common steps
	kind     string   // how several runs are drawn
	notes    []string
}

// strandOf returns a strand of one series, none without points.
func strandOf(name string, s Series, lk look, beta float64, dotted bool) []*strand {
	if len(s.Y) == 0 {
		return nil
	}
	return []*strand{{name: name, runs: []Series{s}, look: lk, beta: beta, raw: beta > 0, dotted: dotted}}
}

// prepare computes what is drawn, for the axes of a panel.
func (st *strand) prepare(pn *panel, unit string) {
	for _, s := range st.runs {
		t := troublesOf(s, pn.x, pn.y)
		st.troubles = append(st.troubles, t)
		if st.beta > 0 {
			whole := len(s.Y)
			if _, gone := t.diverged(s); gone {
				whole = t.end
			}
			end := len(s.Y) - whole
			s.Y = smooth(s.Y[:whole], st.beta, pn.y)
			for range end {
				s.Y = append(s.Y, math.NaN())
			}
		}
		st.smooth = append(st.smooth, s)
	}
	switch n := len(st.runs); {
	case n == 1:
		st.notes = st.troubles[0].notes(st.runs[0], unit)
	default:
		if st.band = bandOf(st.smooth); st.band == nil {
			st.kind = fmt.Sprintf("%d runs one by one, few steps in common", n)
		} else {
			st.kind = fmt.Sprintf("median of %d runs, band from %s", n, st.band.name)
		}
		st.notes = st.together(unit)
	}
}

// together says what the runs of a group have come to.
func (st *strand) together(unit string) (notes []string) {
	var left, low, outside counter
	for i, s := range st.runs {
		t := st.troubles[i]
		x, gone := t.diverged(s)
		switch {
		case gone:
			if left.n == 0 || x < left.first {
				left.first = x
			}
			left.n++
		case t.low.n > 0:
			low.see(t.low.first)
		case t.bad.n+t.over.n+t.under.n > 0:
			outside.see(0)
		}
	}
	if left.n == 1 {
		notes = append(notes, "1 diverged at "+place(unit, left.first))
	} else if left.n > 1 {
		notes = append(notes, fmt.Sprintf("%d diverged, the first at %s", left.n, place(unit, left.first)))
	}
	if low.n > 0 {
		notes = append(notes, fmt.Sprintf("%d with values ≤ 0, which a logarithmic axis cannot show", low.n))
	}
	if outside.n > 0 {
		notes = append(notes, fmt.Sprintf("%d with values beyond the axis", outside.n))
	}
	return notes
}

// smooth is the debiased exponential moving average of what an axis shows: a
// value beyond it counts as its end. Values that are not finite stay as they are
// and do not enter.
func smooth(y []float64, beta float64, shown axis) []float64 {
	out := make([]float64, len(y), len(y)+1)
	m, bias := 0.0, 1.0
	for i, v := range y {
		if !finite(v) {
			out[i] = v
			continue
		}
		if v > shown.hi || v < shown.lo && !shown.log {
			v = min(max(v, shown.lo), shown.hi)
		}
		m = float64(beta*m) + float64((1-beta)*v)
		bias *= beta
		out[i] = m / (1 - bias)
	}
	return out
}

// bare reports whether the values of steps are drawn themselves.
func (st *strand) bare() bool { return len(st.runs) == 1 && (st.raw || st.beta == 0) }

// shownSeries returns the curves that strands draw, from which a panel finds its
// range.
func shownSeries(strands []*strand) (all []Series) {
	for _, st := range strands {
		switch {
		case st.band != nil:
			all = append(all, st.band.lo, st.band.mid, st.band.hi)
		case st.bare():
			all = append(all, st.runs...)
		default:
			all = append(all, st.smooth...)
		}
	}
	return all
}

// strands draws the strands of a panel in layers, so that no curve's raw values
// or band hide another's line, and no line a mark.
func (pn *panel) strands(strands []*strand) {
	lines, edges := make([][]trace, len(strands)), make([]trace, len(strands))
	for i, st := range strands {
		pn.s.open("raw", clean(st.name))
		switch {
		case st.band != nil:
			lines[i] = []trace{pn.trace(st.band.mid)}
			edges[i] = pn.divergences(st)
			pn.band(st.band, st.look, len(strands))
		case st.bare():
			lines[i] = []trace{pn.trace(st.smooth[0])}
			if st.raw {
				raw := pn.trace(st.runs[0])
				edges[i].spots = raw.spots
				pn.lines(raw, faint(pn.p, st.look, len(strands)), 1)
			}
		default:
			edges[i] = pn.divergences(st)
			for _, s := range st.smooth {
				lines[i] = append(lines[i], pn.trace(s))
			}
		}
		pn.s.close()
	}
	for i, st := range strands {
		width := 2.2
		if len(lines[i]) > 1 {
			width = 1.2
		} else if len(strands) > 2 {
			width = 1.9
		}
		pn.s.open("curve", clean(st.name))
		for _, t := range lines[i] {
			pn.lines(t, st.look, width)
		}
		pn.s.close()
	}
	pn.s.open("marks", "")
	for i, st := range strands {
		for _, t := range lines[i] {
			switch {
			case st.dotted:
				pn.dots(t, st.look)
			case st.beads:
				pn.beads(t, st.look, min(6, max(2, 48/len(strands))), i, len(strands))
			}
			pn.edges(t, st.look)
		}
		pn.edges(edges[i], st.look)
	}
	pn.s.close()
}

// divergences marks where runs diverged of which only averages are drawn.
func (pn *panel) divergences(st *strand) trace {
	tr := tracer{pn: pn}
	var xs []float64
	for i, s := range st.runs {
		if x, ok := st.troubles[i].diverged(s); ok && !(pn.x.log && x <= 0) {
			xs = append(xs, x)
		}
	}
	slices.Sort(xs)
	for _, x := range xs {
		tr.out = circle
		tr.leave(x, triangle)
	}
	return tr.t
}

// faint is how raw values are drawn behind their average.
func faint(p *palette, lk look, of int) look {
	share := 0.3
	if of > 2 {
		share = 0.16
	}
	return look{color: mix(p.plot, lk.color, share)}
}

func (l look) solid() look {
	l.dash = nil
	return l
}
