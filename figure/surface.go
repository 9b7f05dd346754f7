package figure

import (
	"fmt"
	"math"
)

// Surface is a function of two variables as a shaded surface, with paths lying
// on it. Where a path runs behind the surface it is drawn faint.
//
// Heights are to scale when they span less than about three orders of
// magnitude, else logarithmic above the minimum, as the labels of the axis say.
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
	// height above the plane, 5 to 85 degrees. Both 0: −60 and 34.
	Azimuth, Elevation float64
}

// quads is the number of cells of the surface along each side.
const quads = 80

type surfacePlot struct {
	s      *scene
	p      *palette
	c      Surface
	fd     *field
	vw     *view
	linear bool
	w      [quads + 1][quads + 1]float64 // heights by y and x; NaN where undefined
}

// Figure draws the surface, 960×680 units by default.
func (c Surface) Figure() (*Figure, error) {
	ct := Contour{Style: c.Style, Func: c.Func, Domain: c.Domain, Paths: c.Paths}
	if err := ct.check("Surface"); err != nil {
		return nil, err
	}
	vw, err := newView(c.Azimuth, c.Elevation)
	if err != nil {
		return nil, err
	}
	const per = 4 // samples per cell: the scale sees more than the corners
	fd, err := sample(c.Func, c.Domain, per*quads+1, per*quads+1, c.Minima)
	if err != nil {
		return nil, err
	}
	if c.XLabel == "" {
		c.XLabel = "x"
	}
	if c.YLabel == "" {
		c.YLabel = "y"
	}
	w, h := c.size(960, 680)
	sf := &surfacePlot{p: c.Theme.palette(), c: c, fd: fd, vw: vw, linear: !fd.bent()}
	sf.s = newScene(c.Style, w, h, "Surface")
	for j := range sf.w {
		for i := range sf.w[j] {
			sf.w[j][i] = sf.height(fd.v[per*j*fd.nx+per*i])
		}
	}
	const margin = 20
	top := heading(sf.s, sf.p, c.Style, margin, w-margin)
	es := pathEntries(c.Paths, c.Domain, c.Minima, sf.p)
	side := 0.0
	if len(es) > 0 {
		side = 16 + columnWidth(es, 0.3*w)
	}
	r := rect{margin, top, w - margin - side, h - 12}
	if r.w() < 160 || r.h() < 160 {
		return nil, fmt.Errorf("figure: Surface of %v×%v units leaves no room for the axes", w, h)
	}
	vw.fit(r, sf.zTickWidth()+12, 12, 24, 34)
	sf.box()
	sf.mesh()
	sf.paths()
	legendColumn(sf.s, sf.p, es, rect{w - margin - side + 16, top + 4, w - margin, h - 12})
	return newFigure(sf.s, c.scale(2))
}

func (sf *surfacePlot) zTickWidth() float64 {
	var w float64
	ts, _ := sf.fd.ticks(7)
	for _, t := range ts {
		w = max(w, textWidth(t.text, tickSize, false))
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
			var pts [4]Point
			for k := range c {
				pts[k] = vw.at(c[k])
			}
			col := shade(sf.p.strong.at(mean), sf.light(c))
			s.polygon(col, pen{color: col, width: 0.5}, pts[:]...)
			const every = 5
			var wires [][]Point
			if i%every == 0 {
				wires = append(wires, []Point{pts[0], pts[3]})
			}
			if (i+1)%every == 0 {
				wires = append(wires, []Point{pts[1], pts[2]})
			}
			if j%every == 0 {
				wires = append(wires, []Point{pts[0], pts[1]})
			}
			if (j+1)%every == 0 {
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

// seen reports whether nothing of the surface stands between a place and the
// viewer.
func (sf *surfacePlot) seen(p spot3) bool {
	const step = 1.0 / quads
	for k := 2; ; k++ {
		s := float64(k) * step
		w := p.w + float64(s*sf.vw.slope)
		if w > 1 {
			return true
		}
		h := sf.over(p.u+float64(s*sf.vw.near[0]), p.v+float64(s*sf.vw.near[1]))
		if math.IsNaN(h) {
			if s > 3 {
				return true
			}
			continue
		}
		if h > w+0.004 {
			return false
		}
	}
}

// drape returns a path as it lies on the surface, in pieces that are seen and
// pieces that are hidden.
func (sf *surfacePlot) drape(p Path) (seen, hidden [][]Point) {
	d := sf.c.Domain
	xa, ya := axis{d.XMin, d.XMax, false}, axis{d.YMin, d.YMax, false}
	n := p.finite()
	floor := make([]Point, n)
	for i := range floor {
		floor[i] = Point{2*xa.unit(p.X[i]) - 1, 2*ya.unit(p.Y[i]) - 1}
	}
	pieces, _ := clipLine(thin(floor, 0.002), rect{-1, -1, 1, 1})
	if n > 10_000 {
		pieces = dedupe(pieces, 0.003)
	}
	for _, piece := range pieces {
		var cur []Point
		was := false
		flush := func() {
			if len(cur) > 1 {
				if was {
					seen = append(seen, thin(cur, 0.3))
				} else {
					hidden = append(hidden, thin(cur, 0.3))
				}
			}
		}
		put := func(u, v float64) {
			w := sf.over(u, v)
			if math.IsNaN(w) {
				flush()
				cur = nil
				return
			}
			q := spot3{u, v, w}
			now, at := sf.seen(q), sf.vw.at(q)
			if len(cur) > 0 && now != was {
				cur = append(cur, at)
				flush()
				cur = nil
			}
			was = now
			cur = append(cur, at)
		}
		for i, q := range piece {
			if i == 0 {
				put(q.X, q.Y)
				continue
			}
			o := piece[i-1]
			const stride = 1.0 / quads
			m := max(1, int(math.Ceil(max(math.Abs(q.X-o.X), math.Abs(q.Y-o.Y))/stride)))
			for k := 1; k <= m; k++ {
				f := float64(k) / float64(m)
				put(o.X+float64(f*(q.X-o.X)), o.Y+float64(f*(q.Y-o.Y)))
			}
		}
		flush()
	}
	return seen, hidden
}

// mark places a mark on the surface, if it is inside and seen.
func (sf *surfacePlot) place(q Point) (at Point, ok bool) {
	d := sf.c.Domain
	u := 2*(axis{d.XMin, d.XMax, false}).unit(q.X) - 1
	v := 2*(axis{d.YMin, d.YMax, false}).unit(q.Y) - 1
	p := spot3{u, v, sf.over(u, v)}
	if math.IsNaN(p.w) {
		return at, false
	}
	return sf.vw.at(p), true
}

func (sf *surfacePlot) paths() {
	s, p, n := sf.s, sf.p, len(sf.c.Paths)
	type drape struct{ seen, hidden [][]Point }
	ds := make([]drape, n)
	for i, q := range sf.c.Paths {
		ds[i].seen, ds[i].hidden = sf.drape(q)
		s.add(&shape{lines: ds[i].seen, pen: pen{color: p.halo, width: pathWidth(i, n) + 2}})
	}
	for i, q := range sf.c.Paths {
		lk := p.look(i)
		s.open("path", clean(q.Name))
		s.add(&shape{lines: ds[i].hidden, pen: pen{color: fade(lk.color, 0.35), width: 1.4, dash: []float64{2, 2}}})
		s.add(&shape{lines: ds[i].seen, pen: pen{color: lk.color, width: pathWidth(i, n), dash: lk.dash}})
		s.close()
	}
	s.open("marks", "")
	defer s.close()
	for _, q := range sf.c.Minima {
		if at, ok := sf.place(q); ok {
			minimumMark(s, p, at)
		}
	}
	for _, q := range sf.c.Paths {
		if q.finite() > 0 && q.Ends {
			if at, ok := sf.place(Point{q.X[0], q.Y[0]}); ok {
				startRing(s, p, at)
			}
		}
	}
	for i, q := range sf.c.Paths {
		sf.marks(q, p.look(i))
	}
}

func (sf *surfacePlot) marks(q Path, lk look) {
	n := q.finite()
	if n == 0 {
		return
	}
	if q.Every > 0 {
		last := Point{-far, -far}
		for i := 1; i < n; i++ {
			if q.step(i)%q.Every != 0 {
				continue
			}
			if at, ok := sf.place(Point{q.X[i], q.Y[i]}); ok && distance(at, last, last) >= 7 {
				sf.s.marker(sf.p, lk, at, 3)
				last = at
			}
		}
	}
	if at, ok := sf.place(Point{q.X[n-1], q.Y[n-1]}); ok {
		switch {
		case n < len(q.X):
			sf.s.cross(sf.p, lk, at, 5.5)
		case q.Ends:
			sf.s.marker(sf.p, lk, at, 5)
		}
	}
}
