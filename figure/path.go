package figure

import (
	"fmt"
)

// Path is where an optimizer went in the plane.
type Path struct {
	Name string
	X, Y []float64 // one point for each step, the start first
	Step []int64   // step numbers of the points; nil: 0, 1, 2, …
	Note string    // a remark under the name in the legend
	Ends bool      // mark the start (a ring) and the end (the path's marker)
	// Every marks the points whose step number is a multiple of it; 0: none.
	Every int64
}

func (p Path) check(field string) error {
	if len(p.X) != len(p.Y) {
		return fmt.Errorf("figure: %s has %d values of X and %d of Y, want as many of each", field, len(p.X), len(p.Y))
	}
	if p.Step != nil && len(p.Step) != len(p.X) {
		return fmt.Errorf("figure: %s has %d points and %d values of Step, want as many of each or none", field, len(p.X), len(p.Step))
	}
	if p.Every < 0 {
		return fmt.Errorf("figure: %s.Every = %d, want 0 or more", field, p.Every)
	}
	return nil
}

func checkPaths(kind string, paths []Path) error {
	for i, p := range paths {
		if err := p.check(fmt.Sprintf("%s.Paths[%d] (%q)", kind, i, p.Name)); err != nil {
			return err
		}
	}
	return nil
}

func (p Path) step(i int) int64 {
	if p.Step == nil {
		return int64(i)
	}
	return p.Step[i]
}

// finite returns the number of points before the first that is not finite.
func (p Path) finite() int {
	for i := range p.X {
		if !finite(p.X[i]) || !finite(p.Y[i]) {
			return i
		}
	}
	return len(p.X)
}

// notes are the remarks of the legend.
func (p Path) notes(leaves bool) []string {
	var notes []string
	if p.Note != "" {
		notes = append(notes, p.Note)
	}
	if n := p.finite(); n < len(p.X) {
		notes = append(notes, "diverged at step "+count(p.step(n)))
	} else if len(p.X) == 0 {
		notes = append(notes, "no points")
	}
	if leaves {
		notes = append(notes, "leaves the frame")
	}
	return notes
}

// leaves reports whether a finite point lies outside the domain.
func (p Path) leaves(d Domain) bool {
	for i := range p.finite() {
		if p.X[i] < d.XMin || p.X[i] > d.XMax || p.Y[i] < d.YMin || p.Y[i] > d.YMax {
			return true
		}
	}
	return false
}

// pathWidth returns the width of the k-th of n paths: those drawn first are wider,
// so that they show on both sides of paths that run over them.
func pathWidth(k, n int) float64 {
	if n == 1 {
		return 2.4
	}
	return 3.6 - float64(1.8*float64(k)/float64(n-1))
}

// route is a path on a scene.
type route struct {
	pts    []Point   // all finite points
	pieces [][]Point // its line inside the frame
}

func (pn *panel) route(p Path) route {
	n := p.finite()
	pts := make([]Point, n)
	for i := range pts {
		pts[i] = Point{pn.px(p.X[i]), pn.py(p.Y[i])}
	}
	pieces, _ := clipLine(thin(pts, 0.3), pn.frame)
	if n > 10_000 {
		pieces = dedupe(pieces, 0.5)
	}
	return route{pts, pieces}
}

// drawPaths draws paths in layers, so that no line hides another's marks: first
// what lifts them off the ground, then lines, marks, starts and ends.
func (pn *panel) drawPaths(paths []Path, routes []route) {
	s, n := pn.s, len(paths)
	for i, r := range routes {
		s.add(&shape{lines: r.pieces, pen: pen{color: pn.p.halo, width: pathWidth(i, n) + 2.2}})
	}
	for i, r := range routes {
		lk := pn.p.look(i)
		s.open("path", clean(paths[i].Name))
		s.add(&shape{lines: r.pieces, pen: pen{color: lk.color, width: pathWidth(i, n), dash: lk.dash}})
		s.close()
	}
	s.open("marks", "")
	for i, r := range routes {
		pn.everyMarks(paths[i], r, pn.p.look(i))
	}
	pn.startRings(paths, routes)
	for i, r := range routes {
		pn.endMark(paths[i], r, pn.p.look(i))
	}
	s.close()
}

func (pn *panel) startRings(paths []Path, routes []route) {
	for i, p := range paths {
		if pts := routes[i].pts; p.Ends && len(pts) > 0 && pn.frame.contains(pts[0]) {
			startRing(pn.s, pn.p, pts[0])
		}
	}
}

func (pn *panel) everyMarks(p Path, r route, lk look) {
	if p.Every == 0 {
		return
	}
	last := Point{-far, -far}
	for i, q := range r.pts {
		// Marks nearer than their size would only make a smear.
		if i > 0 && p.step(i)%p.Every == 0 && pn.frame.contains(q) && distance(q, last, last) >= 7 {
			pn.s.marker(pn.p, lk, q, 3)
			last = q
		}
	}
}

// endMark marks the last point, or with an × the last one before the path
// stopped being finite; outside the frame that is where it left.
func (pn *panel) endMark(p Path, r route, lk look) {
	if len(r.pts) == 0 {
		return
	}
	last := r.pts[len(r.pts)-1]
	switch {
	case len(r.pts) < len(p.X):
		if !pn.frame.contains(last) {
			last = pn.frame.clamp(last)
			if n := len(r.pieces); n > 0 {
				last = r.pieces[n-1][len(r.pieces[n-1])-1]
			}
		}
		pn.s.cross(pn.p, lk, last, 5.5)
	case (p.Ends || len(r.pts) == 1) && pn.frame.contains(last):
		pn.s.marker(pn.p, lk, last, 5)
	}
}

func startRing(s *scene, p *palette, at Point) {
	s.polygon(p.paper, pen{color: p.ink, width: 1.6}, circle.ring(at, 4.5)...)
}

// pathEntries are the lines of a legend for paths on a domain: one for each
// path, then the marks that need a word: minima are what the star is called.
func pathEntries(paths []Path, d Domain, minima []Point, star string, p *palette) []entry {
	var es []entry
	starts := false
	for i, q := range paths {
		es = append(es, entry{q.Name, q.notes(q.leaves(d)), lineSample(p.look(i), 2.4, true)})
		starts = starts || q.Ends && len(q.X) > 0
	}
	at := func(x, y float64) Point { return Point{x + sampleWidth/2, y} }
	if starts {
		es = append(es, entry{"start", nil, func(s *scene, p *palette, x, y float64) { startRing(s, p, at(x, y)) }})
	}
	if len(minima) > 0 {
		name := star
		switch {
		case name == "" && len(minima) == 1:
			name = "minimum"
		case name == "":
			name = "minima"
		}
		es = append(es, entry{name, nil, func(s *scene, p *palette, x, y float64) { minimumMark(s, p, at(x, y)) }})
	}
	return es
}

func minimumMark(s *scene, p *palette, at Point) {
	s.polygon(p.ink, pen{color: p.paper, width: 1.4}, star.ring(at, 6)...)
}
