package figure

import (
	"math"

	"github.com/descent-go/descent/internal/portable"
)

// mark is the shape of a marker.
type mark int

const (
	circle mark = iota
	square
	triangle
	diamond
	wedge // a triangle on its tip
	pentagon
	plus
	hexagon
	markCount
	star = markCount // kept for minima
)

// ring returns the outline of the marker round c; r is the radius of a circle
// that looks as large.
func (m mark) ring(c Point, r float64) []Point {
	switch m {
	case square:
		return polygonRing(c, 1.2*r, 4, 45)
	case triangle:
		return polygonRing(c, 1.35*r, 3, 90)
	case diamond:
		return polygonRing(c, 1.3*r, 4, 90)
	case wedge:
		return polygonRing(c, 1.35*r, 3, -90)
	case pentagon:
		return polygonRing(c, 1.15*r, 5, 90)
	case plus:
		return plusRing(c, 1.25*r)
	case star:
		return starRing(c, 1.5*r)
	case hexagon:
		return polygonRing(c, 1.1*r, 6, 0)
	}
	return polygonRing(c, r, 24, 0)
}

// polygonRing returns a regular polygon with its first corner at the angle
// given in degrees, counted from the right towards the top.
func polygonRing(c Point, r float64, n int, first float64) []Point {
	pts := make([]Point, n)
	for i := range pts {
		a := (first + float64(i)*360/float64(n)) * math.Pi / 180
		pts[i] = Point{c.X + float64(r*portable.Cos(a)), c.Y - float64(r*portable.Sin(a))}
	}
	return pts
}

func plusRing(c Point, r float64) []Point {
	a := 0.4 * r
	pts := make([]Point, 0, 12)
	for _, d := range [12]Point{
		{a, -r}, {a, -a}, {r, -a}, {r, a}, {a, a}, {a, r}, {-a, r}, {-a, a}, {-r, a}, {-r, -a}, {-a, -a}, {-a, -r},
	} {
		pts = append(pts, Point{c.X + d.X, c.Y + d.Y})
	}
	return pts
}

func starRing(c Point, r float64) []Point {
	outer, inner := polygonRing(c, r, 5, 90), polygonRing(c, 0.45*r, 5, 126)
	pts := make([]Point, 0, 10)
	for i := range outer {
		pts = append(pts, outer[i], inner[i])
	}
	return pts
}

// marker draws a filled marker with a rim in the colour of the halo.
func (s *scene) marker(p *palette, lk look, at Point, r float64) {
	s.polygon(lk.color, pen{color: p.halo, width: 1}, lk.mark.ring(at, r)...)
}

// cross draws an ×, which marks where a series stops being finite.
func (s *scene) cross(p *palette, lk look, c Point, r float64) {
	arms := [][]Point{
		{{c.X - r, c.Y - r}, {c.X + r, c.Y + r}},
		{{c.X - r, c.Y + r}, {c.X + r, c.Y - r}},
	}
	s.add(&shape{lines: arms, pen: pen{color: p.halo, width: 5}})
	s.add(&shape{lines: arms, pen: pen{color: lk.color, width: 2.4}})
}
