package figure

import (
	"math"
)

// panel is one pair of axes on a scene.
type panel struct {
	s     *scene
	p     *palette
	frame rect
	x, y  axis
	crowd int     // how many series it shows, about
	taken []Point // places of marks on the edges
}

func (pn *panel) px(v float64) float64 {
	return pn.frame.x0 + float64(pn.x.unit(v)*pn.frame.w())
}

func (pn *panel) py(v float64) float64 {
	return pn.frame.y1 - float64(pn.y.unit(v)*pn.frame.h())
}

func (pn *panel) xTicks() ([]tick, []float64) {
	n := max(2, int(pn.frame.w()/95))
	for {
		major, minor := pn.x.ticks(n)
		// Labels need room: fewer ticks until each has its own.
		room := math.Inf(1)
		for i, t := range major {
			w := textWidth(t.text, tickSize, false)
			if i > 0 {
				gap := pn.px(t.value) - pn.px(major[i-1].value)
				room = min(room, gap-(w+textWidth(major[i-1].text, tickSize, false))/2)
			}
		}
		if room >= 10 || n <= 2 {
			return major, minor
		}
		n--
	}
}

func (pn *panel) yTicks() ([]tick, []float64) {
	h := pn.frame.h()
	if h < 120 {
		return pn.y.ticks(max(2, int(h/36)))
	}
	return pn.y.ticks(max(4, int(h/65)))
}

// ground paints the area inside the axes and its grid.
func (pn *panel) ground(grid bool) {
	f := pn.frame
	pn.s.polygon(pn.p.plot, pen{}, f.corners()...)
	if !grid {
		return
	}
	fine := pen{color: fade(pn.p.grid, 0.55), width: 0.7}
	main := pen{color: pn.p.grid, width: 1}
	pn.s.open("grid", "")
	xs, xm := pn.xTicks()
	ys, ym := pn.yTicks()
	for _, v := range xm {
		pn.vertical(fine, v)
	}
	for _, v := range ym {
		pn.horizontal(fine, v)
	}
	for _, t := range xs {
		pn.vertical(main, t.value)
	}
	for _, t := range ys {
		pn.horizontal(main, t.value)
	}
	pn.s.close()
}

func (pn *panel) vertical(p pen, v float64) {
	if x := pn.px(v); x > pn.frame.x0+0.5 && x < pn.frame.x1-0.5 {
		pn.s.line(p, Point{x, pn.frame.y0}, Point{x, pn.frame.y1})
	}
}

func (pn *panel) horizontal(p pen, v float64) {
	if y := pn.py(v); y > pn.frame.y0+0.5 && y < pn.frame.y1-0.5 {
		pn.s.line(p, Point{pn.frame.x0, y}, Point{pn.frame.x1, y})
	}
}

// axes draws the frame, ticks and labels. Without xLabels the ticks of the x
// axis carry no numbers: the panel below has them.
func (pn *panel) axes(xLabel, yLabel string, xLabels bool) {
	s, f, p := pn.s, pn.frame, pn.p
	edge := pen{color: p.muted, width: 1}
	s.open("axes", "")
	s.polygon(fade(p.paper, 0), edge, f.corners()...)
	xs, xm := pn.xTicks()
	for _, v := range xm {
		if x := pn.px(v); f.x0 <= x && x <= f.x1 {
			s.line(edge, Point{x, f.y1}, Point{x, f.y1 + 3})
		}
	}
	for _, t := range xs {
		x := pn.px(t.value)
		s.line(edge, Point{x, f.y1}, Point{x, f.y1 + 5})
		if xLabels {
			s.text(label{at: Point{x, f.y1 + 19}, text: t.text, size: tickSize, anchor: 0.5, ink: p.ink})
		}
	}
	ys, ym := pn.yTicks()
	for _, v := range ym {
		if y := pn.py(v); f.y0 <= y && y <= f.y1 {
			s.line(edge, Point{f.x0 - 3, y}, Point{f.x0, y})
		}
	}
	for _, t := range ys {
		y := pn.py(t.value)
		s.line(edge, Point{f.x0 - 5, y}, Point{f.x0, y})
		s.text(label{at: Point{f.x0 - 9, y + 0.36*tickSize}, text: t.text, size: tickSize, anchor: 1, ink: p.ink})
	}
	if xLabels && xLabel != "" {
		text := shorten(xLabel, labelSize, false, f.w())
		s.text(label{at: Point{(f.x0 + f.x1) / 2, f.y1 + 41}, text: text, size: labelSize, anchor: 0.5, ink: p.ink})
	}
	if yLabel != "" {
		text := shorten(yLabel, labelSize, false, f.h())
		x := f.x0 - 9 - pn.yTickWidth() - 9
		s.text(label{at: Point{x, (f.y0 + f.y1) / 2}, text: text, size: labelSize, anchor: 0.5, turned: true, ink: p.ink})
	}
	s.close()
}

// below is the room that ticks, numbers and label of an x axis take.
const below = 50

func (pn *panel) yTickWidth() float64 {
	var w float64
	ys, _ := pn.yTicks()
	for _, t := range ys {
		w = max(w, textWidth(t.text, tickSize, false))
	}
	return w
}

// leftRoom is the room that ticks, numbers and label of a y axis take.
func (pn *panel) leftRoom(labelled bool) float64 {
	w := 9 + pn.yTickWidth()
	if labelled {
		w += 9 + labelSize
	}
	return w
}

// heading writes title and subtitle and returns the y below them.
func heading(s *scene, p *palette, st Style, x0, x1 float64) float64 {
	y := 18.0
	if st.Title != "" {
		s.text(label{at: Point{x0, y + 15}, text: shorten(clean(st.Title), titleSize, true, x1-x0), size: titleSize, bold: true, ink: p.ink})
		y += 27
	}
	if st.Subtitle != "" {
		s.text(label{at: Point{x0, y + 10}, text: shorten(clean(st.Subtitle), noteSize, false, x1-x0), size: noteSize, ink: p.muted})
		y += 20
	}
	return y
}

// newScene starts a scene; title is its accessible name when the style has none.
func newScene(st Style, w, h float64, title string) *scene {
	if st.Title != "" {
		title = st.Title
	}
	return &scene{w: w, h: h, paper: st.Theme.palette().paper, title: clean(title)}
}
