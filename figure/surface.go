package figure

import (
	"fmt"
	"math"
)

// surfaceShare sets the scale of heights: see field.
const surfaceShare = 0.25

// Surface is a function of two variables as a shaded surface, with paths lying
// on it. Where a path runs behind the surface it is drawn faint.
//
// Heights are to scale unless most of the domain is far lower than its highest
// place; then they are compressed, logarithmically above the lowest quarter, as
// the labels of the axis show.
type Surface struct {
	Style
	Func   func(x, y float64) float64
	Domain Domain
	Paths  []Path
	Minima []Point // known minima, marked by a star
	XLabel string  // "": x
	YLabel string  // "": y

	// Azimuth and Elevation say where the viewer stands: the direction in the
	// plane, counted in degrees from the x axis towards the y axis, and the
	// height above the plane, 5 to 85 degrees. Both 0: of several
	// views one in which the surface hides little of the paths and minima.
	Azimuth, Elevation float64

	value string // what Func returns; "": f
	star  string // what Minima are, drawn above paths; "": minima, below them
}

// quads is the number of cells of the surface along each side.
const quads = 64

type surfacePlot struct {
	s      *scene
	p      *palette
	c      Surface
	fd     *field
	vw     *view
	linear bool
	w      [quads + 1][quads + 1]float64 // heights by y and x; NaN where undefined
	hue    [quads + 1][quads + 1]float64 // places on the colour map
}

// Figure draws the surface, 960×680 units by default.
func (c Surface) Figure() (*Figure, error) {
	ct := Contour{Style: c.Style, Func: c.Func, Domain: c.Domain, Paths: c.Paths}
	if err := ct.check("Surface"); err != nil {
		return nil, err
	}
	const per = 4 // samples per cell: the scale sees more than the corners
	fd, err := sample(c.Func, c.Domain, per*quads+1, c.Minima, surfaceShare)
	if err != nil {
		return nil, err
	}
	fd.name = c.value
	if c.XLabel == "" {
		c.XLabel = "x"
	}
	if c.YLabel == "" {
		c.YLabel = "y"
	}
	w, h := c.size(960, 680)
	sf := &surfacePlot{p: c.Theme.palette(), c: c, fd: fd, linear: !fd.bent()}
	sf.s = newScene(c.Style, w, h, "Surface")
	for j := range sf.w {
		for i := range sf.w[j] {
			v := fd.v[per*j*fd.nx+per*i]
			sf.w[j][i], sf.hue[j][i] = sf.height(v), fd.unit(v)
		}
	}
	if err := sf.chooseView(); err != nil {
		return nil, err
	}
	const margin = 20
	top := heading(sf.s, sf.p, c.Style, margin, w-margin)
	es := pathEntries(c.Paths, c.Domain, c.Minima, c.star, sf.p)
	side := 0.0
	if len(es) > 0 {
		side = 16 + columnWidth(es, 0.3*w)
	}
	r := rect{margin, top, w - margin - side, h - 12}
	if r.w() < 160 || r.h() < 160 {
		return nil, fmt.Errorf("figure: Surface of %v×%v units leaves no room for the axes", w, h)
	}
	sf.vw.fit(r, sf.zTickWidth()+12, 12, 24, 34)
	sf.box()
	sf.mesh()
	sf.paths()
	legendColumn(sf.s, sf.p, es, rect{w - margin - side + 16, top + 4, w - margin, h - 12})
	return newFigure(sf.s, c.scale(2))
}

func (sf *surfacePlot) zTickWidth() float64 {
	var w float64
	ts, relative := sf.fd.ticks(5)
	for _, t := range ts {
		w = max(w, textWidth(t.text, tickSize, false))
	}
	if sf.fd.name != "" {
		w = max(w, textWidth(sf.fd.title(relative), labelSize, false))
	}
	return w
}

// height returns where a value stands, in [0, 1].
func (sf *surfacePlot) height(v float64) float64 {
	switch {
	case math.IsNaN(v) || sf.fd.span == 0:
		return v - v // 0, or NaN
	case sf.linear:
		return (v/4 - sf.fd.min/4) / sf.fd.span
	default:
		return sf.fd.unit(v)
	}
}

// mesh draws the cells from the farthest to the nearest: for a surface that is
// a function of the plane that order is right without sorting.
func (sf *surfacePlot) mesh() {
	s, vw := sf.s, sf.vw
	s.open("surface", "")
	defer s.close()
	at := func(i, j int) spot3 { return spot3{2*float64(i)/quads - 1, 2*float64(j)/quads - 1, sf.w[j][i]} }
	wire := pen{color: fade(rgb(0x101820), 0.20), width: 0.6}
	for a := range quads {
		for b := range quads {
			i, j := a, b
			if vw.uNear < 0 {
				i = quads - 1 - a
			}
			if vw.vNear < 0 {
				j = quads - 1 - b
			}
			c := [4]spot3{at(i, j), at(i+1, j), at(i+1, j+1), at(i, j+1)}
			mean := (c[0].w + c[1].w + c[2].w + c[3].w) / 4
			if math.IsNaN(mean) {
				continue
			}
			hue := (sf.hue[j][i] + sf.hue[j][i+1] + sf.hue[j+1][i+1] + sf.hue[j+1][i]) / 4
			var pts [4]Point
			for k := range c {
				pts[k] = vw.at(c[k])
			}
			col := shade(sf.p.strong.at(hue), sf.light(c))
			s.polygon(col, pen{color: col, width: 0.5}, pts[:]...)
			// A wire belongs to the nearer of its two cells, which is painted last.
			const every = 4
			var wires [][]Point
			if k := i; k%every == 0 && (vw.uNear > 0 || k == 0) {
				wires = append(wires, []Point{pts[0], pts[3]})
			}
			if k := i + 1; k%every == 0 && (vw.uNear < 0 || k == quads) {
				wires = append(wires, []Point{pts[1], pts[2]})
			}
			if k := j; k%every == 0 && (vw.vNear > 0 || k == 0) {
				wires = append(wires, []Point{pts[0], pts[1]})
			}
			if k := j + 1; k%every == 0 && (vw.vNear < 0 || k == quads) {
				wires = append(wires, []Point{pts[3], pts[2]})
			}
			s.add(&shape{lines: wires, pen: wire})
		}
	}
}

// light returns the brightness of a cell: Lambert's law for a lamp that stands
// to the upper left of the viewer, over ambient light.
func (sf *surfacePlot) light(c [4]spot3) float64 {
	const side = 2.0 / quads
	du := (c[1].w + c[2].w - c[0].w - c[3].w) / 2 * boxHeight / side
	dv := (c[2].w + c[3].w - c[0].w - c[1].w) / 2 * boxHeight / side
	vw := sf.vw
	lu := float64(0.5*vw.near[0]) - float64(0.65*vw.right[0])
	lv := float64(0.5*vw.near[1]) - float64(0.65*vw.right[1])
	const lz = 1.1
	dot := lz - float64(lu*du) - float64(lv*dv)
	norm := math.Sqrt((1 + float64(du*du) + float64(dv*dv)) * (lz*lz + float64(lu*lu) + float64(lv*lv)))
	return 0.72 + float64(0.40*max(dot/norm, 0))
}

// over returns the height of the drawn surface; NaN outside or where undefined.
func (sf *surfacePlot) over(u, v float64) float64 {
	x, y := (u+1)/2*quads, (v+1)/2*quads
	if !(x >= 0 && y >= 0 && x <= quads && y <= quads) {
		return math.NaN()
	}
	i, j := min(int(x), quads-1), min(int(y), quads-1)
	x, y = x-float64(i), y-float64(j)
	a := sf.w[j][i] + float64(x*(sf.w[j][i+1]-sf.w[j][i]))
	b := sf.w[j+1][i] + float64(x*(sf.w[j+1][i+1]-sf.w[j+1][i]))
	return a + float64(y*(b-a))
}
