package figure

import (
	"errors"
	"fmt"
	"math"
)

// TuningCost shows what tuning buys: the best loss after k trials against k, a
// curve for each rule in a band. A rule that is good after few trials is easy to
// tune.
//
// A value of +Inf says that the trials so far may all have diverged; it has no
// place on the axis and is marked by an × on its upper edge.
type TuningCost struct {
	Style
	Rules  []TuningCurve
	XLabel string // "": trials
	YLabel string // "": best loss so far
	Y      Scale  // Auto: logarithmic unless a value is negative
	Band   string // what the bands are, for the legend, such as "5th to 95th percentile"
}

// TuningCurve is the best loss after 1, 2, … trials.
type TuningCurve struct {
	Name   string
	Best   []float64
	Lo, Hi []float64 // edges of the band, as many as in Best; nil: none
}

// Figure draws the curves, 960 units wide by default and as high as legend and
// panel need.
func (c TuningCost) Figure() (*Figure, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.XLabel == "" {
		c.XLabel = "trials"
	}
	if c.YLabel == "" {
		c.YLabel = "best loss so far"
	}
	p := c.Theme.palette()
	strands := make([]*strand, len(c.Rules))
	var all, shown []Series
	most, banded := 0, false
	for i, r := range c.Rules {
		x := make([]float64, len(r.Best))
		for k := range x {
			x[k] = float64(k + 1)
		}
		mid := Series{X: x, Y: r.Best}
		st := &strand{name: r.Name, runs: []Series{mid}, smooth: []Series{mid}, look: p.look(i)}
		if r.Lo != nil {
			st.band = &band{lo: Series{X: x, Y: r.Lo}, mid: mid, hi: Series{X: x, Y: r.Hi}}
			banded = true
		}
		strands[i], most = st, max(most, len(x))
		all = append(all, mid)
		shown = append(shown, mid, Series{Y: r.Lo}, Series{Y: r.Hi})
	}
	pn := &panel{p: p, x: stepAxis(all, false), y: lossAxis(shown, c.Y.isLog(shown)), crowd: len(c.Rules)}
	pn.x.lo, pn.x.hi = pn.x.lo-float64(0.015*float64(most)), pn.x.hi+float64(0.015*float64(most))
	entries := make([]entry, len(strands))
	for i, st := range strands {
		st.dotted, st.beads = most <= 40, most > 40
		entries[i] = entry{st.name, c.Rules[i].notes(), st.sample(true)}
	}
	if banded {
		muted := look{color: p.muted}
		note := c.Band
		if note == "" {
			note = "band around the expected best"
		}
		entries = append(entries, entry{notes: []string{note}, draw: bandSample(muted, lineSample(muted, 2.2, false))})
	}
	top := func(s *scene) float64 {
		return legendRows(s, p, entries, 20, s.w-20, heading(s, p, c.Style, 20, s.w-20))
	}
	if _, err := pn.stage(c.Style, top, "TuningCost"); err != nil {
		return nil, err
	}
	for _, st := range strands {
		st.troubles = []troubles{troublesOf(st.runs[0], pn.x, pn.y)}
	}
	pn.ground(true)
	pn.strands(strands)
	pn.axes(c.XLabel, c.YLabel, true)
	return newFigure(pn.s, c.scale(2))
}

// notes say what the trials came to.
func (r TuningCurve) notes() []string {
	n := len(r.Best)
	if n == 0 {
		return []string{"no trials"}
	}
	for k, y := range r.Best {
		if !finite(y) {
			continue
		}
		end := number(r.Best[n-1]) + " after " + trials(n)
		if k > 0 {
			return []string{end, "fewer than " + count(int64(k+1)) + " may all diverge"}
		}
		return []string{end}
	}
	return []string{"all of " + trials(n) + " diverged"}
}

func trials(n int) string {
	if n == 1 {
		return "1 trial"
	}
	return count(int64(n)) + " trials"
}

func (c TuningCost) check() error {
	if err := c.Style.check(); err != nil {
		return err
	}
	if err := c.Y.check("TuningCost.Y"); err != nil {
		return err
	}
	n := 0
	for i, r := range c.Rules {
		if k := len(r.Best); r.Lo != nil && len(r.Lo) != k || len(r.Hi) != len(r.Lo) {
			return fmt.Errorf("figure: TuningCost.Rules[%d] (%q) has %d values of Best, %d of Lo and %d of Hi, want as many of each, or none of Lo and Hi",
				i, r.Name, k, len(r.Lo), len(r.Hi))
		}
		n += len(r.Best)
		for k := range r.Lo {
			if math.IsNaN(r.Lo[k]) || math.IsNaN(r.Hi[k]) || r.Lo[k] > r.Hi[k] {
				return fmt.Errorf("figure: TuningCost.Rules[%d] (%q): band %d reaches from %v to %v, want from the lower to the higher", i, r.Name, k, r.Lo[k], r.Hi[k])
			}
		}
	}
	if n == 0 {
		return errors.New("figure: TuningCost has no data, want at least one rule with trials")
	}
	return nil
}
