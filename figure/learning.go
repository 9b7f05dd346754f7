package figure

import (
	"errors"
	"fmt"
	"math"
)

// Learning shows how a model learned: panels for loss, accuracy and learning
// rate below one another on one axis of steps or epochs. A panel without data
// is left out. The names of the series are not used.
type Learning struct {
	Style
	XLabel              string // "": step
	TrainLoss, ValLoss  Series
	TrainAcc, ValAcc    Series // accuracies in [0, 1]
	Rate                Series // learning rate
	LossScale, RateAxis Scale  // Auto: loss as in Loss; the rate linear

	// Smoothing is the decay β in [0, 1) of the moving average drawn over the
	// raw training curves, m ← βm + (1−β)y, divided by 1 − βᵗ so that it is not
	// biased towards zero. 0: chosen so that it averages over about a fiftieth
	// of the points, and none for fewer than 100.
	Smoothing float64
}

// Figure draws the panels, 960×760 units by default, less where a panel is
// left out.
func (c Learning) Figure() (*Figure, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.XLabel == "" {
		c.XLabel = "step"
	}
	p := c.Theme.palette()
	type part struct {
		train, val Series
		label      string
		share      float64
		log        bool
	}
	losses := []Series{c.TrainLoss, c.ValLoss}
	var parts []part
	for _, q := range []part{
		{c.TrainLoss, c.ValLoss, "loss", 3, c.LossScale.isLog(losses)},
		{c.TrainAcc, c.ValAcc, "accuracy", 2.2, false},
		{c.Rate, Series{}, "learning rate", 1.4, c.RateAxis == Log && c.RateAxis.isLog([]Series{c.Rate})},
	} {
		if len(q.train.Y)+len(q.val.Y) > 0 {
			parts = append(parts, q)
		}
	}
	shares := 0.0
	for _, q := range parts {
		shares += q.share
	}
	w, h := c.size(960, math.Round(150+92*shares))
	const margin, gap = 20, 18
	s := newScene(c.Style, w, h, "Learning curve")
	top := heading(s, p, c.Style, margin, w-margin)
	top = legendRows(s, p, c.entries(p), margin, w-margin, top)

	xs := stepAxis([]Series{c.TrainLoss, c.ValLoss, c.TrainAcc, c.ValAcc, c.Rate}, false)
	room := h - top - 6 - below - gap*float64(len(parts)-1)
	panels := make([]*panel, len(parts))
	x0, x1, y := 0.0, math.Inf(1), top
	for i, q := range parts {
		pn := &panel{s: s, p: p, x: xs, y: valueAxis([]Series{q.train, q.val}, q.log)}
		r := rect{margin, y, w - margin - 4, y + 6 + room*q.share/shares}
		last := i == len(parts)-1
		if last {
			r.y1 += below
		}
		if err := pn.settle(r, last, "Learning"); err != nil {
			return nil, err
		}
		panels[i] = pn
		x0, x1, y = max(x0, pn.frame.x0), min(x1, pn.frame.x1), pn.frame.y1+gap-6
	}
	for i, q := range parts {
		pn := panels[i]
		pn.frame.x0, pn.frame.x1 = x0, x1
		s.open("panel", q.label)
		pn.ground(true)
		if q.label == "learning rate" {
			pn.curve(pn.trace(q.train, c.XLabel), p.look(2).solid(), 2)
		} else {
			c.curves(pn, q.train, q.val)
		}
		pn.axes(c.XLabel, q.label, i == len(parts)-1)
		s.close()
	}
	return newFigure(s, c.scale(2))
}

func (l look) solid() look {
	l.dash = nil
	return l
}

func (c Learning) curves(pn *panel, train, val Series) {
	raw, validation := pn.p.look(0), pn.p.look(1).solid()
	if beta := c.beta(len(train.Y)); beta > 0 {
		faint := raw
		faint.color, faint.dash = mix(pn.p.plot, raw.color, 0.3), nil
		pn.curve(pn.trace(train, c.XLabel), faint, 1)
		pn.curve(pn.trace(Series{X: train.X, Y: smooth(train.Y, beta)}, c.XLabel), raw, 2.2)
	} else {
		pn.curve(pn.trace(train, c.XLabel), raw, 2.2)
	}
	t := pn.trace(val, c.XLabel)
	pn.curve(t, validation, 2)
	last := Point{-far, -far}
	for _, piece := range t.pieces {
		for _, q := range piece {
			if pn.frame.contains(q) && distance(q, last, last) >= 12 {
				pn.s.marker(pn.p, validation, q, 3.6)
				last = q
			}
		}
	}
}

// beta returns the decay for a series of n points; 0: not smoothed.
func (c Learning) beta(n int) float64 {
	switch {
	case c.Smoothing > 0:
		return c.Smoothing
	case n < 100:
		return 0
	default:
		return 1 - 50/float64(n)
	}
}

// smooth is the debiased exponential moving average. Values that are not finite
// stay as they are and do not enter it.
func smooth(y []float64, beta float64) []float64 {
	out := make([]float64, len(y))
	m, bias := 0.0, 1.0
	for i, v := range y {
		if !finite(v) {
			out[i] = v
			continue
		}
		m = float64(beta*m) + float64((1-beta)*v)
		bias *= beta
		out[i] = m / (1 - bias)
	}
	return out
}

func (c Learning) entries(p *palette) []entry {
	var es []entry
	raw, val := p.look(0), p.look(1).solid()
	n := max(len(c.TrainLoss.Y), len(c.TrainAcc.Y))
	beta := c.beta(n)
	if n > 0 {
		e := entry{name: "training", draw: func(s *scene, p *palette, x, y float64) {
			if beta > 0 {
				s.line(pen{color: mix(p.paper, raw.color, 0.4), width: 1}, Point{x, y + 3}, Point{x + 6, y - 5}, Point{x + 13, y + 5}, Point{x + 20, y - 4}, Point{x + sampleWidth, y + 2})
			}
			s.line(pen{color: raw.color, width: 2.2}, Point{x, y}, Point{x + sampleWidth, y})
		}}
		if beta > 0 {
			e.notes = append(e.notes, "faint: raw; line: average, β = "+number(beta))
		}
		e.notes = append(e.notes, c.troubles(c.TrainLoss, "loss")...)
		es = append(es, e)
	}
	if len(c.ValLoss.Y)+len(c.ValAcc.Y) > 0 {
		e := entry{name: "validation", draw: lineSample(val, 2, true)}
		if x, y, ok := best(c.ValLoss, -1); ok {
			e.notes = append(e.notes, fmt.Sprintf("lowest loss %s at %s %s", number(y), c.XLabel, place(x)))
		}
		if x, y, ok := best(c.ValAcc, 1); ok {
			e.notes = append(e.notes, fmt.Sprintf("highest accuracy %s at %s %s", number(y), c.XLabel, place(x)))
		}
		e.notes = append(e.notes, c.troubles(c.ValLoss, "loss")...)
		es = append(es, e)
	}
	return es
}

// troubles names the values of a loss that cannot be drawn.
func (c Learning) troubles(s Series, what string) (notes []string) {
	var bad, low counter
	var value float64
	log := c.LossScale.isLog([]Series{c.TrainLoss, c.ValLoss})
	for i, y := range s.Y {
		switch {
		case !finite(y):
			if bad.n == 0 {
				value = y
			}
			bad.see(s.x(i))
		case log && y <= 0:
			low.see(s.x(i))
		}
	}
	if bad.n > 0 {
		notes = append(notes, fmt.Sprintf("%s %s from %s %s", what, number(value), c.XLabel, place(bad.first)))
	}
	if low.n > 0 {
		notes = append(notes, fmt.Sprintf("%s ≤ 0 from %s %s", what, c.XLabel, place(low.first)))
	}
	return notes
}

// best returns the first place of the largest value (sign 1) or smallest (−1).
func best(s Series, sign float64) (x, y float64, ok bool) {
	for i, v := range s.Y {
		if finite(v) && (!ok || sign*v > sign*y) {
			x, y, ok = s.x(i), v, true
		}
	}
	return x, y, ok
}

func (c Learning) check() error {
	if err := c.Style.check(); err != nil {
		return err
	}
	if err := c.LossScale.check("Learning.LossScale"); err != nil {
		return err
	}
	if err := c.RateAxis.check("Learning.RateAxis"); err != nil {
		return err
	}
	if !(c.Smoothing >= 0 && c.Smoothing < 1) {
		return fmt.Errorf("figure: Learning.Smoothing = %v, want [0, 1)", c.Smoothing)
	}
	n := 0
	for _, f := range []struct {
		name string
		s    Series
	}{
		{"TrainLoss", c.TrainLoss}, {"ValLoss", c.ValLoss}, {"TrainAcc", c.TrainAcc}, {"ValAcc", c.ValAcc}, {"Rate", c.Rate},
	} {
		if err := f.s.check("Learning." + f.name); err != nil {
			return err
		}
		n += len(f.s.Y)
	}
	if n == 0 {
		return errors.New("figure: Learning has no data, want at least one series with points")
	}
	return nil
}
