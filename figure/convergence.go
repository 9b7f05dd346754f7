package figure

import (
	"errors"
	"fmt"
	"slices"
)

// Convergence shows the loss of several rules against the step, each run with
// several seeds: the median in a band, from the lowest to the highest of fewer
// than five seeds, from the lower to the upper quartile of more.
//
// Seeds that diverged count as above all others from there on, and are marked
// on the upper edge. The axis holds all values unless a few of them would take
// the room of the others.
type Convergence struct {
	Style
	Rules  []SeedCurves
	Levels []Level // losses to compare with, such as a target
	XLabel string  // "": step; a plural, such as evaluations, stands behind its number
	YLabel string  // "": loss
	Y      Scale   // Auto: logarithmic unless a value is negative
	LogX   bool    // steps on a logarithmic axis; those ≤ 0 are left out, and the axis says so
}

// SeedCurves are the runs of one rule. The names of the series are not used. A
// rule without points keeps its look and is not drawn.
type SeedCurves struct {
	Name  string
	Seeds []Series // with most of their steps in common
}

// Level is a line at a value, and what it is.
type Level struct {
	Name  string
	Value float64
}

// Figure draws the curves, 960 units wide by default and as high as legend and
// panel need.
func (c Convergence) Figure() (*Figure, error) {
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
	var all []Series
	for _, r := range c.Rules {
		all = append(all, r.Seeds...)
	}
	log := c.Y.isLog(all)
	pn := &panel{p: p, x: stepAxis(all, c.LogX), y: lossAxis(all, log), crowd: len(c.Rules)}
	var strands []*strand
	for i, r := range c.Rules {
		st := &strand{name: r.Name, look: p.look(i), beads: true}
		for _, s := range r.Seeds {
			if len(s.Y) > 0 {
				st.runs = append(st.runs, s)
			}
		}
		if len(st.runs) > 0 {
			st.prepare(pn, c.XLabel)
			strands = append(strands, st)
		}
	}
	shown := shownSeries(strands)
	for _, l := range c.Levels { // a level is worth seeing too
		shown = append(shown, Series{Y: []float64{l.Value}})
	}
	pn.y = lossAxis(shown, log)
	entries := c.entries(p, strands)
	top := func(s *scene) float64 {
		return legendRows(s, p, entries, 20, s.w-20, heading(s, p, c.Style, 20, s.w-20))
	}
	if _, err := pn.stage(c.Style, top, "Convergence"); err != nil {
		return nil, err
	}
	pn.ground(true)
	for _, l := range c.Levels {
		if placed(l.Value, pn.y.log) {
			pn.horizontal(limitPen(p), l.Value)
		}
	}
	pn.strands(strands)
	pn.axes(logXLabel(c.XLabel, c.LogX, all), c.YLabel, true)
	return newFigure(pn.s, c.scale(2))
}

func (c Convergence) entries(p *palette, strands []*strand) []entry {
	var es []entry
	var kinds []string
	for _, st := range strands {
		notes := slices.Clone(st.notes)
		if st.band != nil {
			notes = append(lastNote(st.band.mid), notes...)
		} else if len(st.runs) == 1 {
			notes = append(lastNote(st.runs[0]), notes...)
		}
		es = append(es, entry{st.name, notes, st.sample(true)})
		if st.kind != "" && !slices.Contains(kinds, st.kind) {
			kinds = append(kinds, st.kind)
		}
	}
	muted := look{color: p.muted}
	for _, k := range kinds {
		es = append(es, entry{notes: []string{k}, draw: bandSample(muted, lineSample(muted, 2.2, false))})
	}
	for _, l := range c.Levels {
		es = append(es, entry{l.Name, []string{number(l.Value)}, func(s *scene, p *palette, x, y float64) {
			s.line(limitPen(p), Point{x, y}, Point{x + sampleWidth, y})
		}})
	}
	return es
}

func (c Convergence) check() error {
	if err := c.Style.check(); err != nil {
		return err
	}
	if err := c.Y.check("Convergence.Y"); err != nil {
		return err
	}
	n := 0
	for i, r := range c.Rules {
		for k, s := range r.Seeds {
			if err := s.check(fmt.Sprintf("Convergence.Rules[%d] (%q).Seeds[%d]", i, r.Name, k)); err != nil {
				return err
			}
			n += len(s.Y)
		}
	}
	for i, l := range c.Levels {
		if !finite(l.Value) {
			return fmt.Errorf("figure: Convergence.Levels[%d] (%q).Value = %v, want a finite number", i, l.Name, l.Value)
		}
	}
	if n == 0 {
		return errors.New("figure: Convergence has no data, want at least one run with points")
	}
	return nil
}
