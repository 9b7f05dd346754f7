package figure

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Loss shows the loss of one or several runs against the step.
//
// On a logarithmic axis values ≤ 0 are marked at its lower edge; NaN and ±Inf
// cut the line, with an × at the last finite value. The axis holds all values
// unless a few of them, of a run that diverged, would take the room of the
// others: where a curve leaves it, the edge is marked. The legend says when
// each happened first.
type Loss struct {
	Style
	Runs   []Series
	XLabel string // "": step
	YLabel string // "": loss
	Y      Scale  // Auto: logarithmic unless a value is negative
	LogX   bool   // steps on a logarithmic axis; those ≤ 0 are left out, and the axis says so
}

// Figure draws the curves, 960×560 units by default, higher with a long legend.
func (c Loss) Figure() (*Figure, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.XLabel == "" {
		c.XLabel = "step"
	}
	if c.YLabel == "" {
		c.YLabel = "loss"
	}
	p := c.Theme.palette()
	pn := &panel{p: p, x: stepAxis(c.Runs, c.LogX), y: lossAxis(c.Runs, c.Y.isLog(c.Runs)), crowd: len(c.Runs)}
	entries := make([]entry, len(c.Runs))
	for i, r := range c.Runs {
		notes := append(lastNote(r), troublesOf(r, pn.x, pn.y).notes(r, c.XLabel)...)
		entries[i] = entry{r.Name, notes, lineSample(p.look(i), 2, len(c.Runs) > 1)}
	}
	w, h := c.size(960, 560)
	const margin = 20
	pn.s = newScene(c.Style, w, h, "Loss")
	top := heading(pn.s, p, c.Style, margin, w-margin)
	if len(entries) > 1 || entries[0].name != "" || len(entries[0].notes) > 0 {
		top = legendRows(pn.s, p, entries, margin, w-margin, top)
	}
	if c.Height == 0 { // a long legend takes no room from the curves
		h = max(h, math.Round(top+440))
		pn.s.h = h
	}
	if err := pn.settle(rect{margin, top, w - margin - 4, h}, true, "Loss"); err != nil {
		return nil, err
	}
	pn.ground(true)
	traces := make([]trace, len(c.Runs))
	for i, r := range c.Runs {
		traces[i] = pn.trace(r)
		pn.s.open("run", clean(r.Name))
		pn.lines(traces[i], p.look(i), 1.9)
		pn.s.close()
	}
	pn.s.open("marks", "")
	for i, t := range traces {
		if n := len(traces); n > 1 {
			pn.beads(t, p.look(i), 6, i, n)
		}
		pn.edges(t, p.look(i))
	}
	pn.s.close()
	pn.axes(logXLabel(c.XLabel, c.LogX, c.Runs), c.YLabel, true)
	return newFigure(pn.s, c.scale(2))
}

// logXLabel is the label of an x axis, which says when points have no place on
// it.
func logXLabel(label string, log bool, series []Series) string {
	if log && slices.ContainsFunc(series, func(r Series) bool { return len(r.Y) > 0 && r.x(0) <= 0 }) {
		return label + " (0 has no place on a logarithmic axis)"
	}
	return label
}

func (c Loss) check() error {
	if err := c.Style.check(); err != nil {
		return err
	}
	if err := c.Y.check("Loss.Y"); err != nil {
		return err
	}
	if len(c.Runs) == 0 {
		return errors.New("figure: Loss.Runs is empty, want at least one run")
	}
	for i, r := range c.Runs {
		if err := r.check(fmt.Sprintf("Loss.Runs[%d] (%q)", i, r.Name)); err != nil {
			return err
		}
	}
	return nil
}

// lastNote says where a run ends.
func lastNote(s Series) []string {
	n := len(s.Y)
	if n == 0 {
		return []string{"no points"}
	}
	if last := s.Y[n-1]; finite(last) {
		return []string{"ends at " + number(last)}
	}
	return nil
}

// settle gives the panel its frame inside r, below which its x axis is written
// when labelled.
func (pn *panel) settle(r rect, xLabels bool, kind string) error {
	pn.frame = r
	pn.frame.y0 += 6
	if xLabels {
		pn.frame.y1 -= below
	}
	pn.frame.x0 += pn.leftRoom(true)
	// The last number of the x axis may stand out to the right.
	if xs, _ := pn.xTicks(); xLabels && len(xs) > 0 {
		t := xs[len(xs)-1]
		over := pn.px(t.value) + float64(textWidth(t.text, tickSize, false)/2) - (pn.s.w - 6)
		pn.frame.x1 -= math.Max(over, 0)
	}
	if !(pn.frame.w() >= 60 && pn.frame.h() >= 40) {
		return fmt.Errorf("figure: %s of %v×%v units leaves no room for the axes", kind, pn.s.w, pn.s.h)
	}
	return nil
}
