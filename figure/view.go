package figure

import (
	"fmt"
	"math"

	"github.com/descent-go/descent/internal/portable"
)

// spot3 is a place in the box that a surface stands in: u and v in [-1, 1], the
// height w in [0, 1].
type spot3 struct{ u, v, w float64 }

// boxHeight is the height of the box; its sides are 2 long.
const boxHeight = 1.15

// view is an orthographic projection of that box.
type view struct {
	right  [2]float64 // direction on the floor that points right on the screen
	near   [2]float64 // direction on the floor towards the viewer
	sin    float64    // of the elevation
	cos    float64
	scale  float64
	x0, y0 float64 // where the middle of the floor is on the screen
	uNear  float64 // the sides of the box that face the viewer: −1 or 1
	vNear  float64
	slope  float64 // rise per length on the floor of a ray to the viewer
}

func newView(azimuth, elevation float64) (*view, error) {
	if !(elevation >= 5 && elevation <= 85) {
		return nil, fmt.Errorf("figure: Surface.Elevation = %v, want [5, 85] degrees", elevation)
	}
	if !finite(azimuth) {
		return nil, fmt.Errorf("figure: Surface.Azimuth = %v, want degrees", azimuth)
	}
	azimuth = math.Mod(azimuth, 360)
	a, e := azimuth*math.Pi/180, elevation*math.Pi/180
	ca, sa := portable.Cos(a), portable.Sin(a)
	vw := &view{
		right: [2]float64{-sa, ca}, near: [2]float64{ca, sa},
		sin: portable.Sin(e), cos: portable.Cos(e), scale: 1,
		uNear: math.Copysign(1, ca), vNear: math.Copysign(1, sa),
	}
	vw.slope = vw.sin / vw.cos / boxHeight
	return vw, nil
}

// at projects a place in the box; u and v may lie outside [-1, 1].
func (vw *view) at(p spot3) Point {
	x := float64(p.u*vw.right[0]) + float64(p.v*vw.right[1])
	far := -float64(p.u*vw.near[0]) - float64(p.v*vw.near[1])
	y := float64(far*vw.sin) + float64(p.w*boxHeight*vw.cos)
	return Point{vw.x0 + float64(x*vw.scale), vw.y0 - float64(y*vw.scale)}
}

// fit places the box inside r, with room for what is written round it.
func (vw *view) fit(r rect, left, right, top, bottom float64) {
	vw.scale, vw.x0, vw.y0 = 1, 0, 0
	var b rect
	first := true
	for _, u := range []float64{-1, 1} {
		for _, v := range []float64{-1, 1} {
			for _, w := range []float64{0, 1} {
				p := vw.at(spot3{u, v, w})
				if first {
					b, first = rect{p.X, p.Y, p.X, p.Y}, false
				}
				b = rect{min(b.x0, p.X), min(b.y0, p.Y), max(b.x1, p.X), max(b.y1, p.Y)}
			}
		}
	}
	in := rect{r.x0 + left, r.y0 + top, r.x1 - right, r.y1 - bottom}
	vw.scale = min(in.w()/b.w(), in.h()/b.h())
	vw.x0 = (in.x0+in.x1)/2 - float64((b.x0+b.x1)/2*vw.scale)
	vw.y0 = (in.y0+in.y1)/2 - float64((b.y0+b.y1)/2*vw.scale)
}

// box draws floor and back walls with grid lines and the labels of the axes.
func (sf *surfacePlot) box() {
	s, p, vw := sf.s, sf.p, sf.vw
	wall := pen{color: p.muted, width: 0.8}
	grid := pen{color: p.grid, width: 0.9}
	un, vn := vw.uNear, vw.vNear
	face := func(q ...spot3) {
		pts := make([]Point, len(q))
		for i := range q {
			pts[i] = vw.at(q[i])
		}
		s.polygon(p.plot, wall, pts...)
	}
	line := func(pn pen, a, b spot3) { s.line(pn, vw.at(a), vw.at(b)) }
	s.open("box", "")
	defer s.close()
	face(spot3{-1, -1, 0}, spot3{1, -1, 0}, spot3{1, 1, 0}, spot3{-1, 1, 0})
	face(spot3{-un, -1, 0}, spot3{-un, 1, 0}, spot3{-un, 1, 1}, spot3{-un, -1, 1})
	face(spot3{-1, -vn, 0}, spot3{1, -vn, 0}, spot3{1, -vn, 1}, spot3{-1, -vn, 1})

	mark := func(at spot3, du, dv, off float64, text string) {
		line(wall, at, spot3{at.u + 0.03*du, at.v + 0.03*dv, 0})
		if math.Abs(at.u*dv)+math.Abs(at.v*du) < 0.97 { // not at a corner, where labels meet
			sf.beside(spot3{at.u + off*du, at.v + off*dv, 0}, text, tickSize, false)
		}
	}
	n := max(2, int(vw.scale/34))
	d := sf.c.Domain
	xa, ya := axis{lo: d.XMin, hi: d.XMax}, axis{lo: d.YMin, hi: d.YMax}
	xs, _ := xa.ticks(n)
	ys, _ := ya.ticks(n)
	inside := func(s float64) bool { return math.Abs(s) < 0.995 } // not on an edge of the box
	for _, t := range xs {
		u := 2*xa.unit(t.value) - 1
		if inside(u) {
			line(grid, spot3{u, -1, 0}, spot3{u, 1, 0})
			line(grid, spot3{u, -vn, 0}, spot3{u, -vn, 1})
		}
		mark(spot3{u, vn, 0}, 0, vn, 0.12, t.text)
	}
	for _, t := range ys {
		v := 2*ya.unit(t.value) - 1
		if inside(v) {
			line(grid, spot3{-1, v, 0}, spot3{1, v, 0})
			line(grid, spot3{-un, v, 0}, spot3{-un, v, 1})
		}
		mark(spot3{un, v, 0}, un, 0, 0.12, t.text)
	}
	sf.beside(spot3{0, 1.32 * vn, 0}, sf.c.XLabel, labelSize, false)
	sf.beside(spot3{1.32 * un, 0, 0}, sf.c.YLabel, labelSize, false)

	// The heights stand at the corner that is leftmost on the screen.
	zu, zv := un, -vn
	if vw.at(spot3{-un, vn, 0}).X < vw.at(spot3{un, -vn, 0}).X {
		zu, zv = -un, vn
	}
	ts, relative := sf.fd.ticks(5)
	above := math.Inf(1)
	for _, t := range ts {
		w := sf.height(t.value)
		if w > 1+1e-9 {
			continue
		}
		if inside(2*w - 1) {
			line(grid, spot3{-un, -1, w}, spot3{-un, 1, w})
			line(grid, spot3{-1, -vn, w}, spot3{1, -vn, w})
		}
		at := vw.at(spot3{zu, zv, w})
		s.line(wall, at, Point{at.X - 5, at.Y})
		if above-at.Y < tickSize+1 {
			continue
		}
		above = at.Y
		s.text(label{at: Point{at.X - 9, at.Y + 0.36*tickSize}, text: t.text, size: tickSize, anchor: 1, ink: p.ink})
	}
	at := vw.at(spot3{zu, zv, 1})
	title := label{at: Point{at.X - 9, at.Y - 14}, text: sf.fd.title(relative), size: labelSize, anchor: 0.5, ink: p.ink}
	if sf.fd.name != "" { // longer than f, it would get in the way of the surface
		title.anchor = 1
	}
	s.text(title)
	line(wall, spot3{zu, zv, 0}, spot3{zu, zv, 1})
}

// beside writes text centred on the projection of a place.
func (sf *surfacePlot) beside(at spot3, text string, size float64, heavy bool) {
	q := sf.vw.at(at)
	sf.s.text(label{at: Point{q.X, q.Y + 0.36*size}, text: text, size: size, bold: heavy, anchor: 0.5, ink: sf.p.ink})
}
