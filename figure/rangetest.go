package figure

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// RangeTest shows how a learning rate was found: above, the losses of a training
// whose rate rises from step to step; below, what short real runs came to at the
// rates that were validated. Both have the same logarithmic axis of rates, on which
// suggestions are vertical lines and the answer is a band.
//
// Below, a dot is a run, the line joins their medians, and a rate on which runs
// diverged has an × on the upper edge.
type RangeTest struct {
	Style
	Ramp     Series // losses against rates, both of the steps of the ramp; X > 0
	Smoothed Series // the same, smoothed
	Left     bool   // the ramp ended because the loss left upward
	Tried    []Validated
	// Suggestions are rates with the names of their criteria; a rate of 0 is none,
	// and stands in the legend with its note alone.
	Suggestions []RateMark
	Low, High   float64 // the answer; both 0: none
	Best        float64 // the rate of the answer to use; 0: none
	Limit       float64 // highest median that is about as good as the best; NaN: not drawn
	XLabel      string  // "": learning rate
	YLabel      string  // of the runs; "": validated loss
}

// Validated is a rate with the losses of its runs; NaN or ±Inf: one diverged.
type Validated struct {
	Rate   float64
	Losses []float64
	// Diverged says that runs did which are not among Losses.
	Diverged bool
}

// RateMark is a rate that has a name.
type RateMark struct {
	Name string
	Note string // in the legend; may be empty
	Rate float64
}

// Figure draws both panels, 960 units wide and as high as they and the legend need
// by default.
func (c RangeTest) Figure() (*Figure, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.XLabel == "" {
		c.XLabel = "learning rate"
	}
	if c.YLabel == "" {
		c.YLabel = "validated loss"
	}
	p := c.Theme.palette()
	xs := c.rates()
	ramp := &panel{p: p, x: xs}
	ramp.y = lossAxis([]Series{c.Smoothed, c.Ramp}, Auto.isLog([]Series{c.Ramp, c.Smoothed}))
	runs, medians := c.runs()
	tried := &panel{p: p, x: xs, y: lossAxis([]Series{medians, runs}, Auto.isLog([]Series{runs}))}

	w, _ := c.size(960, 0)
	const margin, gap = 20, 18
	s := newScene(c.Style, w, 0, "Range test")
	top := heading(s, p, c.Style, margin, w-margin)
	top = legendRows(s, p, c.entries(p), margin, w-margin, top)
	panels := []*panel{ramp}
	if len(c.Tried) > 0 {
		panels = append(panels, tried)
	}
	_, s.h = c.size(0, math.Round(top+6+below+float64(230*len(panels))))
	room := (s.h - top - 6 - below - float64(gap*float64(len(panels)-1))) / float64(len(panels))
	x0, x1, y := 0.0, math.Inf(1), top
	for i, pn := range panels {
		pn.s = s
		r := rect{margin, y, w - margin - 4, y + 6 + room}
		last := i == len(panels)-1
		if last {
			r.y1 += below
		}
		if err := pn.settle(r, last, "RangeTest"); err != nil {
			return nil, err
		}
		x0, x1, y = max(x0, pn.frame.x0), min(x1, pn.frame.x1), pn.frame.y1+gap-6
	}
	for i, pn := range panels {
		pn.frame.x0, pn.frame.x1 = x0, x1
		label, draw := "loss of the range test", c.drawRamp
		if i == 1 {
			label, draw = c.YLabel, c.drawRuns
		}
		s.open("panel", label)
		pn.ground(true)
		c.drawMarks(pn, i == 0)
		draw(pn)
		pn.axes(c.XLabel, label, i == len(panels)-1)
		s.close()
	}
	return newFigure(s, c.scale(2))
}

// rates is the axis of the rates.
func (c RangeTest) rates() axis {
	lo, hi := math.Inf(1), 0.0
	see := func(v float64) {
		if v > 0 && finite(v) {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	for i := range c.Ramp.Y {
		see(c.Ramp.x(i))
	}
	for _, v := range c.Tried {
		see(v.Rate)
	}
	if hi == 0 {
		lo, hi = 0.1, 10
	}
	return fitAxis(lo, hi, 0.01, true)
}

// runs are the losses of all runs, and the medians of the rates, +Inf where half
// of the runs diverged.
func (c RangeTest) runs() (all, medians Series) {
	for _, v := range c.Tried {
		losses := make([]float64, len(v.Losses))
		for i, l := range v.Losses {
			losses[i] = above(l)
			all.X, all.Y = append(all.X, v.Rate), append(all.Y, l)
		}
		slices.Sort(losses)
		medians.X, medians.Y = append(medians.X, v.Rate), append(medians.Y, Quantile(losses, 0.5))
	}
	return all, medians
}

// The looks of what is drawn, by their places in the palette.
const (
	lookRamp        = 0
	lookRuns        = 4
	lookAnswer      = 2
	lookSuggestions = 1 // and those after it
)

// suggested is the look of a suggestion.
func suggested(p *palette, i int) look {
	return p.look([]int{lookSuggestions, 3, 6, 7, 5}[i%5])
}

// answered is the look of the answer.
func answered(p *palette) look { return look{color: p.look(lookAnswer).color} }

// drawMarks draws the answer and the suggestions over the height of a panel, with
// their markers above if they are asked for.
func (c RangeTest) drawMarks(pn *panel, marked bool) {
	f, p, s := pn.frame, pn.p, pn.s
	at := func(rate float64) float64 { return min(max(pn.px(rate), f.x0), f.x1) }
	if c.High > 0 {
		lo, hi := at(c.Low), at(c.High)
		if hi-lo < 2 { // as wide as a line at least
			mid := float64((lo + hi) / 2)
			lo, hi = mid-1, mid+1
		}
		s.open("answer", "")
		s.polygon(fade(answered(p).color, 0.22), pen{}, rect{lo, f.y0, hi, f.y1}.corners()...)
		if c.Best > 0 {
			x := at(c.Best)
			s.line(pen{color: answered(p).color, width: 2}, Point{x, f.y0}, Point{x, f.y1})
		}
		s.close()
	}
	for i, m := range c.Suggestions {
		if m.Rate <= 0 || !finite(m.Rate) || m.Rate < pn.x.lo || m.Rate > pn.x.hi {
			continue
		}
		lk, x := suggested(p, i), pn.px(m.Rate)
		s.open("suggestion", clean(m.Name))
		s.line(pen{color: lk.color, width: 1.8, dash: lk.dash}, Point{x, f.y0}, Point{x, f.y1})
		if marked {
			s.marker(p, lk, pn.vacant(Point{x, f.y0 + 8}, false), 4.5)
		}
		s.close()
	}
}

func (c RangeTest) drawRamp(pn *panel) {
	p, s := pn.p, pn.s
	lk := p.look(lookRamp)
	raw := pn.trace(c.Ramp)
	s.open("run", "losses")
	pn.lines(raw, look{color: mix(p.paper, lk.color, 0.4)}, 1)
	s.close()
	smooth := c.Smoothed
	smooth.Diverged = c.Left
	t := pn.trace(smooth)
	s.open("run", "smoothed")
	pn.lines(t, lk, 2.2)
	s.close()
	s.open("marks", "")
	pn.edges(t, lk)
	s.close()
}

func (c RangeTest) drawRuns(pn *panel) {
	p, s, f := pn.p, pn.s, pn.frame
	lk := p.look(lookRuns)
	_, medians := c.runs()
	if y := pn.py(c.Limit); !math.IsNaN(c.Limit) && placed(c.Limit, pn.y.log) && y > f.y0 && y < f.y1 {
		s.line(limitPen(p), Point{f.x0, y}, Point{f.x1, y})
	}
	s.open("run", "medians")
	pn.lines(pn.trace(medians), look{color: lk.color}, 1.9)
	s.close()
	s.open("marks", "")
	for _, v := range c.Tried {
		burst := v.Diverged
		for _, l := range v.Losses {
			switch {
			case !finite(l):
				burst = true
			case placed(l, pn.y.log) && l >= pn.y.lo && l <= pn.y.hi:
				s.marker(p, look{color: lk.color}, Point{pn.px(v.Rate), pn.py(l)}, 3)
			}
		}
		if burst {
			s.cross(p, lk, Point{pn.px(v.Rate), f.y0 + 8}, 4)
		}
	}
	s.close()
}

// entries are the legend.
func (c RangeTest) entries(p *palette) []entry {
	es := []entry{{name: "range test", notes: []string{"faint: raw; line: smoothed"}, draw: averageSample(p.look(lookRamp), true)}}
	if len(c.Tried) > 0 {
		lk := look{color: p.look(lookRuns).color}
		e := entry{name: "real runs", notes: []string{"line: medians of seeds; × diverged"}, draw: lineSample(lk, 1.9, true)}
		es = append(es, e)
	}
	if c.High > 0 {
		notes := []string{number(c.Low) + " to " + number(c.High)}
		if c.Best > 0 {
			notes = append(notes, "line: lowest loss, at "+number(c.Best))
		}
		es = append(es, entry{name: "answer", notes: notes, draw: bandSample(answered(p), lineSample(answered(p), 2, false))})
	}
	if !math.IsNaN(c.Limit) && c.High > 0 {
		es = append(es, entry{name: "as good as the best", notes: []string{"below " + number(c.Limit)}, draw: func(s *scene, p *palette, x, y float64) {
			s.line(limitPen(p), Point{x, y}, Point{x + sampleWidth, y})
		}})
	}
	for i, m := range c.Suggestions {
		e := entry{name: m.Name, draw: func(*scene, *palette, float64, float64) {}}
		if m.Rate > 0 && finite(m.Rate) {
			e.notes = []string{number(m.Rate)}
			e.draw = lineSample(suggested(p, i), 1.8, true)
		}
		if m.Note != "" {
			e.notes = append(e.notes, m.Note)
		}
		es = append(es, e)
	}
	return es
}

func (c RangeTest) check() error {
	if err := c.Style.check(); err != nil {
		return err
	}
	for _, f := range []namedSeries{{"Ramp", c.Ramp}, {"Smoothed", c.Smoothed}} {
		if err := f.s.check("RangeTest." + f.field); err != nil {
			return err
		}
		if len(f.s.Y) > 0 && !(f.s.x(0) > 0) {
			return fmt.Errorf("figure: RangeTest.%s.X[0] = %v, want rates above 0", f.field, f.s.x(0))
		}
	}
	if len(c.Ramp.Y) == 0 && len(c.Tried) == 0 {
		return errors.New("figure: RangeTest has no data, want a ramp or rates that were tried")
	}
	for i, v := range c.Tried {
		switch {
		case !(v.Rate > 0) || math.IsInf(v.Rate, 1):
			return fmt.Errorf("figure: RangeTest.Tried[%d].Rate = %v, want (0, +Inf)", i, v.Rate)
		case i > 0 && v.Rate <= c.Tried[i-1].Rate:
			return fmt.Errorf("figure: RangeTest.Tried[%d].Rate = %v follows %v, want ascending order", i, v.Rate, c.Tried[i-1].Rate)
		case len(v.Losses) == 0:
			return fmt.Errorf("figure: RangeTest.Tried[%d] has no losses, want at least one", i)
		}
	}
	if !(c.Low >= 0 && c.High >= c.Low) || math.IsInf(c.High, 1) || c.Low == 0 && c.High > 0 {
		return fmt.Errorf("figure: RangeTest.Low and High = %v and %v, want 0 < Low ≤ High, or both 0", c.Low, c.High)
	}
	return nil
}
