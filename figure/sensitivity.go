package figure

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Sensitivity shows how the final loss depends on the learning rate, a curve
// for each rule: the median over the seeds, in a band. Both axes are
// logarithmic; that of the losses is linear where one of them is negative.
//
// A rate at which at least half of the seeds diverged has an × on the upper
// edge, to which the curve rises; a smaller × if fewer did. A triangle there is
// a loss beyond the axis. A ring marks the place of the default rate.
type Sensitivity struct {
	Style
	Rules  []RateCurve
	XLabel string // "": learning rate
	YLabel string // "": final loss
	Y      Scale  // Auto: logarithmic unless a loss is negative
}

// RateCurve is what a rule came to at the rates that were tried.
type RateCurve struct {
	Name  string
	Rates []float64 // positive, in ascending order
	// Final holds the losses of the seeds for each rate, at least one; NaN or
	// ±Inf: that seed diverged. The band reaches from the lowest to the highest
	// of fewer than five, from the lower to the upper quartile of more.
	Final   [][]float64
	Default float64 // the default rate; 0: none
}

// rateColumn is what stands above one rate.
type rateColumn struct {
	rate         float64
	lo, mid, hi  float64 // +Inf above seeds that diverged
	seeds, burst int     // how many, and how many of them diverged
}

func (c RateCurve) columns() []rateColumn {
	cols := make([]rateColumn, len(c.Rates))
	for i, r := range c.Rates {
		ys := make([]float64, len(c.Final[i]))
		q := rateColumn{rate: r, seeds: len(ys)}
		for k, y := range c.Final[i] {
			if ys[k] = above(y); ys[k] != y || math.IsInf(y, 1) {
				q.burst++
			}
		}
		slices.Sort(ys)
		low, high := 0.0, 1.0
		if len(ys) >= 5 {
			low, high = 0.25, 0.75
		}
		q.lo, q.mid, q.hi = Quantile(ys, low), Quantile(ys, 0.5), Quantile(ys, high)
		cols[i] = q
	}
	return cols
}

// Figure draws the curves, 960 units wide by default and as high as legend and
// panel need.
func (c Sensitivity) Figure() (*Figure, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.XLabel == "" {
		c.XLabel = "learning rate"
	}
	if c.YLabel == "" {
		c.YLabel = "final loss"
	}
	p := c.Theme.palette()
	all := make([][]rateColumn, len(c.Rules))
	lo, hi := math.Inf(1), 0.0
	var shown []Series
	for i, r := range c.Rules {
		all[i] = r.columns()
		var low, mid Series
		for _, q := range all[i] {
			lo, hi = min(lo, q.rate), max(hi, q.rate)
			low.Y, mid.Y = append(low.Y, q.lo), append(mid.Y, q.mid)
		}
		shown = append(shown, low, mid)
	}
	pn := &panel{p: p, x: fitAxis(lo, hi, 0.03, true), y: lossAxis(shown, c.Y.isLog(shown)), crowd: len(c.Rules)}
	top := func(s *scene) float64 {
		return legendRows(s, p, c.entries(p, all), 20, s.w-20, heading(s, p, c.Style, 20, s.w-20))
	}
	r, err := pn.stage(c.Style, top, "Sensitivity")
	if err != nil {
		return nil, err
	}
	head := pn.raise(float64(apart * deepest(all)))
	if err := pn.settle(r, true, "Sensitivity"); err != nil {
		return nil, err
	}
	pn.ground(true)
	pn.s.polygon(fade(p.muted, 0.07), pen{}, rect{pn.frame.x0, pn.frame.y0, pn.frame.x1, pn.frame.y0 + head}.corners()...)
	for i, cols := range all {
		pn.band(bandOfColumns(cols), p.look(i), len(all))
	}
	for i, cols := range all {
		pn.s.open("curve", clean(c.Rules[i].Name))
		pn.rates(cols, p.look(i))
		pn.s.close()
	}
	pn.s.open("marks", "")
	for i, cols := range all {
		pn.rateMarks(cols, p.look(i))
		if at, ok := pn.onRates(cols, c.Rules[i].Default); ok {
			pn.ring(p.look(i), at)
		}
	}
	pn.s.close()
	pn.axes(c.XLabel, c.YLabel, true)
	return newFigure(pn.s, c.scale(2))
}

// stage gives a panel that is a whole picture its scene and its frame: 960
// units wide, less than half as high, below what top writes. It returns the
// room for frame and axes.
func (pn *panel) stage(st Style, top func(*scene) float64, kind string) (rect, error) {
	const margin = 20
	w, h := st.size(960, 0)
	if h == 0 { // a long legend takes no room from the curves
		h = math.Round(top(newScene(st, w, 0, kind)) + min(max(0.46*w, 290), 440) + below)
	}
	pn.s = newScene(st, w, h, kind)
	r := rect{margin, top(pn.s), w - margin - 4, h}
	return r, pn.settle(r, true, kind)
}

// raise makes room for marks at the top of the panel, a number of units high,
// and returns how high it is: at most two fifths of the panel.
func (pn *panel) raise(head float64) float64 {
	if head == 0 {
		return 0
	}
	head = min(head+4, 0.4*pn.frame.h())
	grow := pn.frame.h() / (pn.frame.h() - head)
	if pn.y.log {
		lo, hi := log10(pn.y.lo), log10(pn.y.hi)
		pn.y.hi = min(pow10(lo+float64((hi-lo)*grow)), math.MaxFloat64)
	} else {
		pn.y.hi = min(pn.y.lo+float64((pn.y.hi-pn.y.lo)*grow), math.MaxFloat64)
	}
	return head
}

// deepest returns how many rules have seeds that diverged at about one rate, at
// most.
func deepest(all [][]rateColumn) int {
	count, most := map[int]int{}, 0
	for _, cols := range all {
		for _, q := range cols {
			if q.burst > 0 {
				k := int(math.Round(8 * log10(q.rate)))
				count[k]++
				most = max(most, count[k])
			}
		}
	}
	return most
}

func bandOfColumns(cols []rateColumn) *band {
	b := &band{}
	for _, q := range cols {
		b.lo.X, b.lo.Y = append(b.lo.X, q.rate), append(b.lo.Y, q.lo)
		b.hi.X, b.hi.Y = append(b.hi.X, q.rate), append(b.hi.Y, q.hi)
	}
	return b
}

// place is the point of a column on the panel, on an edge where its median has
// no place between them.
func (pn *panel) place(q rateColumn) Point {
	at := Point{X: pn.px(q.rate)}
	switch {
	case math.IsInf(q.mid, 1) || q.mid > pn.y.hi:
		at.Y = pn.frame.y0
	case q.mid < pn.y.lo:
		at.Y = pn.frame.y1
	default:
		at.Y = pn.py(q.mid)
	}
	return at
}

// rates draws the line through the medians. It rises to the edge where they
// diverge, and does not run along it.
func (pn *panel) rates(cols []rateColumn, lk look) {
	off := func(q rateColumn) bool { return q.mid > pn.y.hi }
	var lines [][]Point
	for i := 1; i < len(cols); i++ {
		if a, b := cols[i-1], cols[i]; !off(a) || !off(b) {
			if n := len(lines); n > 0 && !off(a) {
				lines[n-1] = append(lines[n-1], pn.place(b))
			} else {
				lines = append(lines, []Point{pn.place(a), pn.place(b)})
			}
		}
	}
	pn.s.add(&shape{lines: lines, pen: pen{color: lk.color, width: 1.9, dash: lk.dash}})
}

// rateMarks puts the marker on every median and what left the axis on its edge.
func (pn *panel) rateMarks(cols []rateColumn, lk look) {
	for _, q := range cols {
		at := pn.place(q)
		edge := Point{at.X, pn.frame.y0 + 7}
		switch {
		case math.IsInf(q.mid, 1):
			pn.s.cross(pn.p, lk, pn.vacant(edge, false), 4.5)
			continue
		case q.mid > pn.y.hi:
			pn.s.marker(pn.p, look{color: lk.color, mark: triangle}, pn.vacant(edge, false), 4)
		case q.mid < pn.y.lo:
			pn.s.marker(pn.p, look{color: lk.color, mark: wedge}, pn.vacant(Point{at.X, pn.frame.y1 - 6}, true), 4)
		default:
			pn.s.marker(pn.p, lk, at, 3.6)
		}
		if q.burst > 0 {
			pn.s.cross(pn.p, lk, pn.vacant(edge, false), 3)
		}
	}
}

// onRates returns the place of a rate on the line through the medians, where
// that is within the panel.
func (pn *panel) onRates(cols []rateColumn, rate float64) (Point, bool) {
	for i, q := range cols {
		if rate == 0 || rate < cols[0].rate*(1-1e-9) || rate > q.rate*(1+1e-9) {
			continue
		}
		b := pn.place(q)
		a := b
		if i > 0 {
			a = pn.place(cols[i-1])
		}
		at := Point{X: pn.px(rate), Y: b.Y}
		if b.X-a.X > 1e-9 {
			at.Y = a.Y + float64((b.Y-a.Y)*((at.X-a.X)/(b.X-a.X)))
		}
		return at, at.Y > pn.frame.y0 && at.Y < pn.frame.y1
	}
	return Point{}, false
}

// ring draws a circle round a place.
func (pn *panel) ring(lk look, at Point) {
	ring := circle.ring(at, 7.5)
	pn.s.polygon(fade(pn.p.paper, 0), pen{color: pn.p.halo, width: 4}, ring...)
	pn.s.polygon(fade(pn.p.paper, 0), pen{color: lk.color, width: 1.8}, ring...)
}

// entries are the legend: the best of every rule, its default, and how to read
// the picture.
func (c Sensitivity) entries(p *palette, all [][]rateColumn) []entry {
	var es []entry
	var few, many, rings, crosses bool
	for i, cols := range all {
		r := c.Rules[i]
		e := entry{name: r.Name, draw: lineSample(p.look(i), 2, true)}
		at, burst := -1, 0
		for k, q := range cols {
			if at < 0 || q.mid < cols[at].mid {
				at = k
			}
			if q.burst > 0 {
				burst++
			}
			few, many = few || q.seeds > 1 && q.seeds < 5, many || q.seeds >= 5
		}
		if best := cols[at]; math.IsInf(best.mid, 1) {
			e.notes = append(e.notes, "diverges at every rate")
		} else {
			e.notes = append(e.notes, number(best.mid)+" at "+number(best.rate))
			if burst > 0 {
				e.notes = append(e.notes, fmt.Sprintf("%d of %d diverge", burst, len(cols)))
			}
		}
		switch d := r.Default; {
		case d == 0:
		case d < cols[0].rate*(1-1e-9) || d > cols[len(cols)-1].rate*(1+1e-9):
			e.notes = append(e.notes, "default "+number(d)+" not tried")
		default:
			rings = true
		}
		crosses = crosses || burst > 0
		es = append(es, e)
	}
	muted := look{color: p.muted}
	if few || many {
		name := "band: lowest to highest seed"
		if many && few {
			name = "band: quartiles of five seeds or more, else lowest to highest"
		} else if many {
			name = "band: lower to upper quartile of the seeds"
		}
		es = append(es, entry{notes: []string{"line: median; " + name}, draw: bandSample(muted, lineSample(muted, 2, false))})
	}
	if crosses {
		es = append(es, entry{notes: []string{"× diverged; small: fewer than half of the seeds"}, draw: func(s *scene, p *palette, x, y float64) {
			s.cross(p, muted, Point{x + sampleWidth/2, y}, 4.5)
		}})
	}
	if rings {
		es = append(es, entry{notes: []string{"default rate"}, draw: func(s *scene, p *palette, x, y float64) {
			(&panel{s: s, p: p}).ring(muted, Point{x + sampleWidth/2, y})
		}})
	}
	return es
}

func (c Sensitivity) check() error {
	if err := c.Style.check(); err != nil {
		return err
	}
	if err := c.Y.check("Sensitivity.Y"); err != nil {
		return err
	}
	if len(c.Rules) == 0 {
		return errors.New("figure: Sensitivity.Rules is empty, want at least one rule")
	}
	for i, r := range c.Rules {
		field := fmt.Sprintf("Sensitivity.Rules[%d] (%q)", i, r.Name)
		switch {
		case len(r.Rates) == 0:
			return fmt.Errorf("figure: %s.Rates is empty, want at least one rate", field)
		case len(r.Rates) != len(r.Final):
			return fmt.Errorf("figure: %s has %d Rates and %d values of Final, want as many of each", field, len(r.Rates), len(r.Final))
		case r.Default < 0 || !finite(r.Default):
			return fmt.Errorf("figure: %s.Default = %v, want 0 or a positive number", field, r.Default)
		}
		for k, v := range r.Rates {
			if !(v > 0) || !finite(v) || k > 0 && v <= r.Rates[k-1] {
				return fmt.Errorf("figure: %s.Rates[%d] = %v, want positive numbers in ascending order", field, k, v)
			}
			if len(r.Final[k]) == 0 {
				return fmt.Errorf("figure: %s.Final[%d] is empty, want the loss of at least one seed", field, k)
			}
		}
	}
	return nil
}
