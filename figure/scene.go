package figure

import "image/color"

// A scene is a drawing as a list of operations, in units with the origin at the
// top left corner and y growing downward. Both writers read it.
type scene struct {
	w, h  float64
	paper color.NRGBA
	title string // accessible name
	ops   []any  // *shape, *label, openGroup, closeGroup
}

// shape is a set of open lines or closed rings. A fill follows the nonzero
// winding rule. A colour with A = 0 is not drawn.
type shape struct {
	lines  [][]Point
	closed bool
	fill   color.NRGBA
	pen    pen
}

// pen is how a line is drawn.
type pen struct {
	color  color.NRGBA
	width  float64
	dash   []float64 // nil: solid
	offset float64   // where in the dash pattern the line starts
}

// label is one line of text. anchor is 0 when at is its left end, 1/2 its
// middle, 1 its right end; at.Y is the baseline. A turned label reads upward.
type label struct {
	at     Point
	text   string
	size   float64
	bold   bool
	turned bool
	anchor float64
	ink    color.NRGBA
}

// openGroup and closeGroup give an SVG its structure; they draw nothing.
type openGroup struct{ class, title string }
type closeGroup struct{}

func (s *scene) open(class, title string) { s.ops = append(s.ops, openGroup{class, title}) }
func (s *scene) close()                   { s.ops = append(s.ops, closeGroup{}) }

func (s *scene) add(sh *shape) {
	if len(sh.lines) > 0 {
		s.ops = append(s.ops, sh)
	}
}

func (s *scene) line(p pen, pts ...Point) {
	s.add(&shape{lines: [][]Point{pts}, pen: p})
}

func (s *scene) polygon(fill color.NRGBA, p pen, pts ...Point) {
	s.add(&shape{lines: [][]Point{pts}, closed: true, fill: fill, pen: p})
}

func (s *scene) text(l label) {
	if l.text != "" {
		s.ops = append(s.ops, &l)
	}
}

// rect is an axis-parallel rectangle; y0 < y1, y0 is the upper edge.
type rect struct{ x0, y0, x1, y1 float64 }

func (r rect) w() float64 { return r.x1 - r.x0 }
func (r rect) h() float64 { return r.y1 - r.y0 }

func (r rect) corners() []Point {
	return []Point{{r.x0, r.y0}, {r.x1, r.y0}, {r.x1, r.y1}, {r.x0, r.y1}}
}

func (r rect) contains(p Point) bool {
	return p.X >= r.x0 && p.X <= r.x1 && p.Y >= r.y0 && p.Y <= r.y1
}

// clamp returns the point of r nearest to p.
func (r rect) clamp(p Point) Point {
	return Point{min(max(p.X, r.x0), r.x1), min(max(p.Y, r.y0), r.y1)}
}
