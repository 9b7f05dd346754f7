package figure

import "math"

// chooseView sets the view that the caller asked for, or the one that shows
// most of what lies on the surface.
func (sf *surfacePlot) chooseView() (err error) {
	c := sf.c
	if c.Azimuth != 0 || c.Elevation != 0 {
		sf.vw, err = newView(c.Azimuth, c.Elevation)
		return err
	}
	var spots []spot3
	add := func(q Point, weight int) {
		if p, ok := sf.lift(q); ok {
			for range weight {
				spots = append(spots, p)
			}
		}
	}
	for _, q := range c.Paths {
		n := q.finite()
		stride := max(1, n/200)
		for i := 0; i < n; i += stride {
			add(Point{q.X[i], q.Y[i]}, 1)
		}
		if n > 0 { // where it starts and ends matters most
			add(Point{q.X[0], q.Y[0]}, 20)
			add(Point{q.X[n-1], q.Y[n-1]}, 20)
		}
	}
	for _, q := range c.Minima {
		add(q, 20)
	}
	best := -1
	for _, elevation := range []float64{36, 52} {
		for _, azimuth := range []float64{-60, -120, -30, -150, 30, 150, 60, 120} {
			old := sf.vw
			if sf.vw, err = newView(azimuth, elevation); err != nil {
				return err
			}
			n := 0
			for _, p := range spots {
				if sf.seen(p) {
					n++
				}
			}
			// A view must show clearly more to take the place of one before it.
			if old != nil && n <= best+len(spots)/20 {
				sf.vw = old
				continue
			}
			best = n
		}
	}
	return nil
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
	xa, ya := axis{lo: d.XMin, hi: d.XMax}, axis{lo: d.YMin, hi: d.YMax}
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

// lift returns the place of a point of the plane on the surface; ok is false
// outside the domain and where the function is undefined.
func (sf *surfacePlot) lift(q Point) (p spot3, ok bool) {
	d := sf.c.Domain
	u := 2*(axis{lo: d.XMin, hi: d.XMax}).unit(q.X) - 1
	v := 2*(axis{lo: d.YMin, hi: d.YMax}).unit(q.Y) - 1
	w := sf.over(u, v)
	return spot3{u, v, w}, !math.IsNaN(w)
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
	faint := *p // for marks behind the surface
	faint.ink, faint.paper, faint.halo = fade(p.ink, 0.4), fade(p.paper, 0.4), fade(p.halo, 0)
	// on calls draw at the place of a point, with the palette for what is seen there.
	on := func(q Point, draw func(p *palette, at Point, alpha float64)) {
		if at, ok := sf.lift(q); ok && sf.seen(at) {
			draw(p, sf.vw.at(at), 1)
		} else if ok {
			draw(&faint, sf.vw.at(at), 0.4)
		}
	}
	stars := func() {
		for _, q := range sf.c.Minima {
			on(q, func(p *palette, at Point, _ float64) { minimumMark(s, p, at) })
		}
	}
	if sf.c.star == "" {
		stars()
	} else {
		defer stars()
	}
	for _, q := range sf.c.Paths {
		if q.finite() > 0 && q.Ends {
			on(Point{q.X[0], q.Y[0]}, func(p *palette, at Point, _ float64) { startRing(s, p, at) })
		}
	}
	for i, q := range sf.c.Paths {
		lk, last := p.look(i), Point{-far, -far}
		n := q.finite()
		for k := 1; k < n && q.Every > 0; k++ {
			if q.step(k)%q.Every != 0 {
				continue
			}
			on(Point{q.X[k], q.Y[k]}, func(p *palette, at Point, alpha float64) {
				if alpha == 1 && distance(at, last, last) >= 7 {
					s.marker(p, lk, at, 3)
					last = at
				}
			})
		}
		if n == 0 {
			continue
		}
		on(Point{q.X[n-1], q.Y[n-1]}, func(p *palette, at Point, alpha float64) {
			lk := lk
			lk.color = fade(lk.color, alpha)
			switch {
			case n < len(q.X):
				s.cross(p, lk, at, 5.5)
			case q.Ends:
				s.marker(p, lk, at, 5)
			}
		})
	}
}
