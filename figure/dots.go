package figure

import (
	"errors"
	"fmt"
	"math"
)

// Dots compares things, a row for each, by values on one axis that begins at
// zero: a mark for each of several conditions, joined by a line from the
// smallest to the largest.
type Dots struct {
	Style
	Rows   []string // names, from the top
	Panels []DotPanel
	XLabel string
	// Limit draws a line at this value, which LimitName names. 0: none.
	Limit     float64
	LimitName string
}

// DotPanel is one of several panels beside one another, with the same rows and
// the same axis.
type DotPanel struct {
	Title string
	// Marks are the conditions: Y holds a value for each row, NaN where there
	// is none. X is not used. A name and its look are the same in every panel.
	Marks []Series
}

// Figure draws the rows, 960 units wide by default and as high as they need.
func (c Dots) Figure() (*Figure, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	const margin, gap, row, foot = 20, 24, 23, below + 4
	p := c.Theme.palette()
	w, h := c.size(960, 0)
	// The height follows from what stands above the rows, so measure that first.
	above := func(s *scene) float64 {
		y := heading(s, p, c.Style, margin, w-margin)
		return legendRows(s, p, c.entries(p), margin, w-margin, y) + 18
	}
	if h == 0 {
		h = above(newScene(c.Style, w, 0, "")) + float64(row*len(c.Rows)) + foot
	}
	s := newScene(c.Style, w, h, "Comparison")
	top := above(s)
	names := 0.0
	for _, r := range c.Rows {
		names = max(names, textWidth(clean(r), tickSize, false))
	}
	names = min(names, w/4)
	n := float64(len(c.Panels))
	wide := (w - margin - 14 - names - 9 - margin - float64(gap*(n-1))) / n
	if !(wide >= 60 && h-foot-top >= 40) {
		return nil, fmt.Errorf("figure: Dots of %v×%v units leaves no room for the axes", w, h)
	}
	xs := axis{lo: 0, hi: c.highest()}
	for i, q := range c.Panels {
		x0 := margin + names + 9 + float64(float64(i)*(wide+gap))
		pn := &panel{s: s, p: p, frame: rect{x0, top, x0 + wide, h - foot}, x: xs, y: axis{lo: 0, hi: 1}}
		c.panel(pn, q, i == 0, names)
	}
	return newFigure(s, c.scale(2))
}

// highest returns the end of the axis, with some room beyond the largest value.
func (c Dots) highest() float64 {
	top := c.Limit
	for _, q := range c.Panels {
		for _, m := range q.Marks {
			for _, v := range m.Y {
				if finite(v) {
					top = max(top, v)
				}
			}
		}
	}
	if top <= 0 {
		return 1
	}
	return min(1.06*top, math.MaxFloat64)
}

// entries are the legend: every condition once.
func (c Dots) entries(p *palette) []entry {
	var list []entry
	for _, name := range c.names() {
		lk := p.look(len(list))
		list = append(list, entry{name: name, draw: func(s *scene, p *palette, x, y float64) {
			s.marker(p, lk, Point{x + sampleWidth/2, y}, 5)
		}})
	}
	if c.Limit > 0 && c.LimitName != "" {
		list = append(list, entry{name: c.LimitName, draw: func(s *scene, p *palette, x, y float64) {
			s.line(limitPen(p), Point{x, y}, Point{x + sampleWidth, y})
		}})
	}
	return list
}

// names returns the names of the conditions in the order of their looks.
func (c Dots) names() []string {
	var names []string
	seen := map[string]bool{}
	for _, q := range c.Panels {
		for _, m := range q.Marks {
			if !seen[m.Name] {
				seen[m.Name] = true
				names = append(names, m.Name)
			}
		}
	}
	return names
}

func limitPen(p *palette) pen { return pen{color: p.muted, width: 1.6, dash: []float64{6, 4}} }

func (c Dots) panel(pn *panel, q DotPanel, named bool, room float64) {
	s, p, f := pn.s, pn.p, pn.frame
	s.open("panel", clean(q.Title))
	defer s.close()
	s.polygon(p.plot, pen{}, f.corners()...)
	s.text(label{at: Point{f.x0, f.y0 - 7}, text: shorten(clean(q.Title), noteSize, false, f.w()), size: noteSize, ink: p.muted})
	ticks, _ := pn.xTicks()
	for _, t := range ticks {
		pn.vertical(pen{color: p.grid, width: 1}, t.value)
		s.text(label{at: Point{pn.px(t.value), f.y1 + 19}, text: t.text, size: tickSize, anchor: 0.5, ink: p.ink})
	}
	if c.Limit > 0 {
		s.line(limitPen(p), Point{pn.px(c.Limit), f.y0}, Point{pn.px(c.Limit), f.y1})
	}
	looks := map[string]look{}
	for i, name := range c.names() {
		looks[name] = p.look(i)
	}
	for i, name := range c.Rows {
		y := f.y0 + float64((float64(i)+0.5)*f.h()/float64(len(c.Rows)))
		s.open("row", clean(name))
		if named {
			s.text(label{at: Point{f.x0 - 9, y + 0.36*tickSize}, text: shorten(clean(name), tickSize, false, room), size: tickSize, anchor: 1, ink: p.ink})
		}
		lo, hi := math.Inf(1), math.Inf(-1)
		for _, m := range q.Marks {
			if v := m.Y[i]; finite(v) {
				lo, hi = min(lo, v), max(hi, v)
			}
		}
		if lo < hi {
			s.line(pen{color: fade(p.muted, 0.45), width: 1.4}, Point{pn.px(lo), y}, Point{pn.px(hi), y})
		}
		for _, m := range q.Marks {
			if v := m.Y[i]; finite(v) {
				s.marker(p, looks[m.Name], Point{pn.px(v), y}, 5)
			}
		}
		s.close()
	}
	s.polygon(fade(p.paper, 0), pen{color: p.muted, width: 1}, f.corners()...)
	text := shorten(clean(c.XLabel), labelSize, false, f.w())
	s.text(label{at: Point{(f.x0 + f.x1) / 2, f.y1 + 41}, text: text, size: labelSize, anchor: 0.5, ink: p.ink})
}

func (c Dots) check() error {
	if err := c.Style.check(); err != nil {
		return err
	}
	switch {
	case len(c.Rows) == 0:
		return errors.New("figure: Dots.Rows is empty, want at least one row")
	case len(c.Rows) > 200:
		return fmt.Errorf("figure: Dots has %d rows, want at most 200", len(c.Rows))
	case len(c.Panels) == 0 || len(c.Panels) > 4:
		return fmt.Errorf("figure: Dots has %d panels, want 1 to 4", len(c.Panels))
	case !finite(c.Limit) || c.Limit < 0:
		return fmt.Errorf("figure: Dots.Limit = %v, want a finite number of at least 0", c.Limit)
	}
	for i, q := range c.Panels {
		for j, m := range q.Marks {
			if len(m.Y) != len(c.Rows) {
				return fmt.Errorf("figure: Dots.Panels[%d].Marks[%d] (%q) has %d values, want %d, one for each row", i, j, m.Name, len(m.Y), len(c.Rows))
			}
			for k, v := range m.Y {
				if v < 0 {
					return fmt.Errorf("figure: Dots.Panels[%d].Marks[%d] (%q).Y[%d] = %v, want at least 0, or NaN for no value", i, j, m.Name, k, v)
				}
			}
		}
	}
	return nil
}
