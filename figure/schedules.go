package figure

import (
	"errors"
	"fmt"
)

// Curve is a schedule: a learning rate, and where it cycles one, a momentum.
type Curve struct {
	Name     string
	Total    int64 // steps 0 to Total−1 are drawn; at least 1
	Rate     func(step int64) float64
	Momentum func(step int64) float64 // nil: none
}

// Schedules shows learning rates against the step. When a curve has a
// momentum, a second panel beside the first shows it.
type Schedules struct {
	Style
	Curves []Curve
	XLabel string // "": step
	YLabel string // "": learning rate
	Y      Scale  // of the rate; Auto: linear
}

// Figure draws the curves, 960×480 units by default, 1200×480 with a momentum.
func (c Schedules) Figure() (*Figure, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.XLabel == "" {
		c.XLabel = "step"
	}
	if c.YLabel == "" {
		c.YLabel = "learning rate"
	}
	p := c.Theme.palette()
	rates, moments := make([]Series, len(c.Curves)), make([]Series, len(c.Curves))
	cycled := false
	for i, q := range c.Curves {
		rates[i] = steps(q.Rate, q.Total)
		if q.Momentum != nil {
			cycled = true
			moments[i] = steps(q.Momentum, q.Total)
		}
	}
	w, h := c.size(960, 480)
	if cycled && c.Width == 0 {
		w = 1200
	}
	const margin, gap = 20, 24
	s := newScene(c.Style, w, h, "Schedules")
	top := heading(s, p, c.Style, margin, w-margin)
	xs := axis{lo: 0, hi: 1, whole: true}
	for _, q := range c.Curves {
		xs.hi = max(xs.hi, float64(q.Total))
	}
	rate := &panel{s: s, p: p, x: xs, y: valueAxis(rates, c.Y == Log && c.Y.isLog(rates))}
	moment := &panel{s: s, p: p, x: xs, y: valueAxis(moments, false)}
	right := w - margin - 4
	if cycled {
		right = w/2 - gap/2
	}
	entries := make([]entry, len(c.Curves))
	for i, q := range c.Curves {
		entries[i] = entry{q.Name, troublesOf(rates[i], rate.x, rate.y).notes(rates[i], c.XLabel), lineSample(p.look(i), 2.2, len(c.Curves) > 1)}
	}
	if len(entries) > 1 || entries[0].name != "" || len(entries[0].notes) > 0 {
		top = legendRows(s, p, entries, margin, w-margin, top)
	}
	if err := rate.settle(rect{margin, top, right, h}, true, "Schedules"); err != nil {
		return nil, err
	}
	c.panel(rate, rates, c.YLabel)
	if cycled {
		if err := moment.settle(rect{w/2 + gap/2, top, w - margin - 4, h}, true, "Schedules"); err != nil {
			return nil, err
		}
		c.panel(moment, moments, "momentum")
	}
	return newFigure(s, c.scale(2))
}

func (c Schedules) panel(pn *panel, curves []Series, label string) {
	pn.s.open("panel", clean(label))
	defer pn.s.close()
	pn.ground(true)
	for i, q := range curves {
		t := pn.trace(q)
		pn.s.open("curve", clean(c.Curves[i].Name))
		pn.curve(t, pn.p.look(i), 2.2)
		if len(curves) > 1 {
			pn.beads(t, pn.p.look(i), 5, i, len(curves))
		}
		pn.s.close()
	}
	pn.axes(c.XLabel, label, true)
}

// steps evaluates a schedule at every step, or at 200,000 steps spread evenly
// over a longer one.
func steps(f func(int64) float64, total int64) Series {
	const most = 200_000
	n := min(total, most)
	s := Series{X: make([]float64, n), Y: make([]float64, n)}
	for i := range n {
		step := i
		if total > most {
			step = int64(float64(total-1) * (float64(i) / float64(n-1)))
		}
		s.X[i], s.Y[i] = float64(step), f(step)
	}
	return s
}

func (c Schedules) check() error {
	if err := c.Style.check(); err != nil {
		return err
	}
	if err := c.Y.check("Schedules.Y"); err != nil {
		return err
	}
	if len(c.Curves) == 0 {
		return errors.New("figure: Schedules.Curves is empty, want at least one curve")
	}
	for i, q := range c.Curves {
		if q.Rate == nil {
			return fmt.Errorf("figure: Schedules.Curves[%d] (%q).Rate is nil, want a function", i, q.Name)
		}
		if q.Total < 1 || q.Total > 1<<53 {
			return fmt.Errorf("figure: Schedules.Curves[%d] (%q).Total = %d, want 1 to 2⁵³", i, q.Name, q.Total)
		}
	}
	return nil
}
