package figure

import (
	"fmt"
	"image/color"
	"math"
)

// Contour is a function of two variables seen from above, with paths on it.
type Contour struct {
	Style
	Func   func(x, y float64) float64
	Domain Domain
	// Levels is the number of bands between the least and the largest value on
	// the domain, 2 to 200; 0: 22. They are spaced logarithmically in the height
	// above the minimum, and evenly near it.
	Levels int
	Paths  []Path
	Minima []Point // known minima, marked by a star
	XLabel string  // "": x
	YLabel string  // "": y
	Equal  bool    // one unit of x is as long as one unit of y

	value string // what Func returns; "": f
	star  string // what Minima are, drawn above paths; "": minima, below them
}

func (c Contour) check(kind string) error {
	if err := c.Style.check(); err != nil {
		return err
	}
	if c.Func == nil {
		return fmt.Errorf("figure: %s.Func is nil, want a function", kind)
	}
	if err := c.Domain.check(kind + ".Domain"); err != nil {
		return err
	}
	if c.Levels != 0 && (c.Levels < 2 || c.Levels > 200) {
		return fmt.Errorf("figure: %s.Levels = %d, want 0 or 2 to 200", kind, c.Levels)
	}
	return checkPaths(kind, c.Paths)
}

// Figure draws the contour, 960×680 units by default; with Equal the width
// follows the domain. Below a width of 560 the legend stands above it.
func (c Contour) Figure() (*Figure, error) {
	if err := c.check("Contour"); err != nil {
		return nil, err
	}
	m, err := c.lay()
	if err != nil {
		return nil, err
	}
	m.background()
	m.legend()
	if c.star == "" {
		m.minima()
	}
	m.drawPaths(c.Paths, m.routes)
	if c.star != "" { // a path may well end there
		m.minima()
	}
	return newFigure(m.s, c.scale(2))
}

// contourMap is a contour laid out.
type contourMap struct {
	panel
	c      Contour
	fd     *field
	bands  int
	routes []route
	bar    rect // the colour bar
	column rect // the legend
	narrow bool // it is above
}

// narrowContour is the width below which a contour has its legend above it.
const narrowContour = 560

func (c Contour) lay() (*contourMap, error) {
	if c.XLabel == "" {
		c.XLabel = "x"
	}
	if c.YLabel == "" {
		c.YLabel = "y"
	}
	fd, err := sample(c.Func, c.Domain, 320, c.Minima, 0.01)
	if err != nil {
		return nil, err
	}
	fd.name = c.value
	w, h := c.size(960, 680)
	d := c.Domain
	m := &contourMap{c: c, fd: fd, bands: c.Levels}
	if m.bands == 0 {
		m.bands = Bands
	}
	if fd.span == 0 {
		m.bands = 1
	}
	m.p = c.Theme.palette()
	m.s = newScene(c.Style, w, h, "Contour")
	m.x, m.y = axis{lo: d.XMin, hi: d.XMax}, axis{lo: d.YMin, hi: d.YMax}
	const margin = 20
	top := heading(m.s, m.p, c.Style, margin, w-margin)
	if m.narrow = w < narrowContour; m.narrow {
		top = legendRows(m.s, m.p, m.entries(), margin, w-margin, top)
		if c.Height == 0 {
			h = math.Round(top + w)
			m.s.h = h
		}
	}
	m.frame = rect{margin, top + 4, w - margin, h - below - 6}
	left := margin + m.leftRoom(true)
	const barGap, barWidth = 16, 14
	barRoom := barGap + barWidth + 8 + m.barTextWidth()
	side := 0.0
	if es := m.entries(); len(es) > 0 && !m.narrow {
		side = 22 + columnWidth(es, 0.3*w)
	}
	m.frame.x0, m.frame.x1 = left, w-margin-side-barRoom
	if m.frame.w() < 80 || m.frame.h() < 80 {
		return nil, fmt.Errorf("figure: Contour of %v×%v units leaves no room for the axes", w, h)
	}
	if c.Equal {
		m.equalize((d.XMax/2 - d.XMin/2) / (d.YMax/2 - d.YMin/2))
		m.s.w = math.Ceil(max(m.frame.x1+barRoom+side+margin, 360))
		if c.Width != 0 {
			m.s.w = w
		}
		if m.frame.w() < 40 || m.frame.h() < 40 {
			return nil, fmt.Errorf("figure: Contour.Equal makes the axes %.3g×%.3g units for %v, want at least 40×40", m.frame.w(), m.frame.h(), d)
		}
	}
	f := m.frame
	m.bar = rect{f.x1 + barGap, f.y0, f.x1 + barGap + barWidth, f.y1}
	m.column = rect{f.x1 + barRoom + 22, f.y0, m.s.w - margin, m.s.h - 12}
	for _, p := range c.Paths {
		m.routes = append(m.routes, m.route(p))
	}
	return m, nil
}

// equalize gives the frame sides in a ratio, and the picture the height for it,
// where its size was not asked for.
func (m *contourMap) equalize(ratio float64) {
	f := &m.frame
	room := f.w()
	if m.c.Width == 0 {
		room = 1100
	}
	if f.h()*ratio <= room {
		f.x1 = f.x0 + float64(f.h()*ratio)
		return
	}
	f.x1 = f.x0 + room
	y1 := f.y0 + room/ratio
	if m.c.Height == 0 {
		m.s.h -= math.Floor(f.y1 - y1)
	}
	f.y1 = y1
}

// background draws the bands, the colour bar and the axes.
func (m *contourMap) background() {
	s, f := m.s, m.frame
	s.open("bands", "")
	s.polygon(m.band(0), pen{}, f.corners()...)
	for k := 1; k < m.bands && m.fd.span > 0; k++ {
		s.add(&shape{
			lines: m.rings(m.fd.t, float64(k)/float64(m.bands)), closed: true,
			fill: m.band(k), pen: pen{color: m.p.isoline, width: 0.8},
		})
	}
	s.close()
	if m.fd.undef > 0 {
		hole := make([]float64, len(m.fd.v))
		for i, v := range m.fd.v {
			if math.IsNaN(v) {
				hole[i] = 1
			}
		}
		s.open("undefined", "")
		s.add(&shape{lines: m.rings(hole, 0.5), closed: true, fill: m.p.void})
		s.close()
	}
	m.colourBar()
	m.axes(m.c.XLabel, m.c.YLabel, true)
}

func (m *contourMap) band(k int) color.NRGBA {
	return m.p.soft.at(float64(k) / float64(max(m.bands-1, 1)))
}

// rings returns a region of the grid in units of the scene.
func (m *contourMap) rings(t []float64, level float64) [][]Point {
	rings := region(t, m.fd.nx, m.fd.ny, level)
	out := rings[:0]
	sx, sy := m.frame.w()/float64(m.fd.nx-1), m.frame.h()/float64(m.fd.ny-1)
	for _, r := range rings {
		for i, p := range r {
			r[i] = Point{m.frame.x0 + float64(p.X*sx), m.frame.y1 - float64(p.Y*sy)}
		}
		if r = simplify(r, 0.1); len(r) > 2 {
			out = append(out, r)
		}
	}
	return out
}

const barTicks = 8

func (m *contourMap) barTextWidth() float64 {
	ts, relative := m.fd.ticks(barTicks)
	w := textWidth(m.fd.title(relative), noteSize, false) - 22
	for _, t := range ts {
		w = max(w, textWidth(t.text, tickSize, false))
	}
	return w
}

func (m *contourMap) colourBar() {
	s, b := m.s, m.bar
	ts, relative := m.fd.ticks(barTicks)
	title := m.fd.title(relative)
	s.open("colour-bar", "")
	defer s.close()
	s.text(label{at: Point{b.x0, b.y0 + 10}, text: title, size: noteSize, ink: m.p.muted})
	b.y0 += 20
	for k := range m.bands {
		y1 := b.y1 - float64(b.h()*float64(k)/float64(m.bands))
		y0 := b.y1 - float64(b.h()*float64(k+1)/float64(m.bands))
		c := m.band(k)
		s.polygon(c, pen{color: c, width: 0.5}, rect{b.x0, y0, b.x1, y1}.corners()...)
	}
	edge := pen{color: m.p.muted, width: 1}
	s.polygon(color.NRGBA{}, edge, b.corners()...)
	above := math.Inf(1)
	for _, t := range ts {
		y := b.y1 - float64(b.h()*m.fd.unit(t.value))
		if above-y < tickSize+2 {
			continue
		}
		above = y
		s.line(edge, Point{b.x1, y}, Point{b.x1 + 4, y})
		s.text(label{at: Point{b.x1 + 8, y + 0.36*tickSize}, text: t.text, size: tickSize, ink: m.p.ink})
	}
}

func (m *contourMap) entries() []entry {
	es := pathEntries(m.c.Paths, m.c.Domain, m.c.Minima, m.c.star, m.p)
	if m.fd.undef > 0 {
		es = append(es, entry{"undefined", nil, func(s *scene, p *palette, x, y float64) {
			s.polygon(p.void, pen{}, rect{x + 8, y - 6, x + 22, y + 6}.corners()...)
		}})
	}
	return es
}

// legend draws the legend beside the contour, unless it is above it already.
func (m *contourMap) legend() {
	if !m.narrow {
		legendColumn(m.s, m.p, m.entries(), m.column)
	}
}

func (m *contourMap) minima() {
	m.s.open("minima", "")
	defer m.s.close()
	for _, q := range m.c.Minima {
		if at := (Point{m.px(q.X), m.py(q.Y)}); m.frame.contains(at) {
			minimumMark(m.s, m.p, at)
		}
	}
}
