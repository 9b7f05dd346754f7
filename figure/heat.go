package figure

import (
	"fmt"
	"math"

	"github.com/descent-go/descent/internal/portable"
)

// Heat shows the loss of the tries of a search over two of the things that they
// differ in. The colours are a smooth mean over the tries nearby (Nadaraya and
// Watson's kernel regression, of logarithms where the losses are positive, on a
// logarithmic scale then), because tries differ in other things too; where no try is
// near there is none. A try that diverged counts as the worst that did not, and is
// marked by an ×, others by dots, the best by a star.
type Heat struct {
	Style
	X, Y  TryAxis
	Tries []Try  // places on X and Y; a try without one of them is left out
	Label string // of the loss; "": loss
}

// Figure draws the map, 960×680 units by default.
func (c Heat) Figure() (*Figure, error) {
	c, _, err := c.placed()
	if err != nil {
		return nil, err
	}
	w, h := c.size(960, 680)
	x, y := c.X.place(c.Tries, 0, w/float64(max(2*len(c.X.Choices), 2))), c.Y.place(c.Tries, 1, 0.2*w)
	fd, err := c.mean(x, y, 160)
	if err != nil {
		return nil, err
	}
	m := &contourMap{c: Contour{Style: c.Style, XLabel: clean(c.X.Name), YLabel: clean(c.Y.Name)}, fd: fd, bands: Bands}
	if fd.span == 0 {
		m.bands = 1
	}
	m.p, m.s, m.x, m.y, m.crowd = c.Theme.palette(), newScene(c.Style, w, h, "Heat"), x, y, 1
	const margin, barGap, barWidth = 20, 16, 14
	es := c.entries(m.p, fd.undef > 0)
	top := legendRows(m.s, m.p, es, margin, w-margin, heading(m.s, m.p, c.Style, margin, w-margin))
	barRoom := barGap + barWidth + 8 + m.barTextWidth()
	if err := m.settle(rect{margin, top, w - margin - barRoom, h - 4}, true, "Heat"); err != nil {
		return nil, err
	}
	f := m.frame
	m.bar = rect{f.x1 + barGap, f.y0, f.x1 + barGap + barWidth, f.y1}
	m.background()
	c.marks(&m.panel)
	return newFigure(m.s, c.scale(2))
}

// placed checks what is given, and leaves out tries without a place on both axes; it
// tells the indices of those that it keeps.
func (c Heat) placed() (Heat, []int, error) {
	if err := checkTries(c.Style, Auto, "Heat", []TryAxis{c.X, c.Y}, c.Tries); err != nil {
		return Heat{}, nil, err
	}
	if c.Label == "" {
		c.Label = "loss"
	}
	var tries []Try
	var kept []int
	for i, t := range c.Tries {
		if !math.IsNaN(t.At[0]) && !math.IsNaN(t.At[1]) {
			tries, kept = append(tries, t), append(kept, i)
		}
	}
	c.Tries = tries
	return c, kept, nil
}

// mean is the mean of the tries nearby, on a grid of n by n places of the unit square.
func (c Heat) mean(x, y axis, n int) (*field, error) {
	around, err := c.kernel(x, y)
	if err != nil {
		return nil, err
	}
	fd, err := sample(around, Domain{0, 1, 0, 1}, n, nil, 0.01)
	if err != nil {
		return nil, err
	}
	fd.name = clean(c.Label)
	fd.ofMeans()
	return fd, nil
}

// reach is how far from the nearest try, in widths of the kernel, there is a mean.
const reach = 2.5

// kernel returns the mean loss of the tries around a place of the unit square; NaN
// where there are none. Choices do not mix.
func (c Heat) kernel(x, y axis) (func(u, v float64) float64, error) {
	worst, lowest := math.Inf(-1), math.Inf(1)
	for _, t := range c.Tries {
		if !t.diverged() {
			worst, lowest = max(worst, t.Loss), min(lowest, t.Loss)
		}
	}
	if math.IsInf(worst, 0) {
		return nil, fmt.Errorf("figure: Heat of %d tries, want at least one that has a place on both axes and did not diverge", len(c.Tries))
	}
	log := lowest > 0 && lowest < worst
	type known struct{ u, v, loss float64 }
	all := make([]known, len(c.Tries))
	for i, t := range c.Tries {
		loss := worst
		if !t.diverged() {
			loss = t.Loss
		}
		if log {
			loss = portable.Log(loss)
		}
		all[i] = known{x.unit(t.At[0]), y.unit(t.At[1]), loss}
	}
	width := min(max(0.35*portable.Pow(float64(len(all)), -1.0/3), 0.03), 0.15)
	apart := func(a, b float64, choices []string) float64 {
		switch n := float64(len(choices)); {
		case choices == nil:
			return (a - b) / width
		case math.Floor(min(a, 1-1e-9)*n) == math.Floor(min(b, 1-1e-9)*n):
			return 0
		}
		return math.Inf(1)
	}
	return func(u, v float64) float64 {
		nearest := math.Inf(1)
		var sum, weights float64
		for _, k := range all {
			du, dv := apart(u, k.u, c.X.Choices), apart(v, k.v, c.Y.Choices)
			d := float64(du*du) + float64(dv*dv)
			nearest = min(nearest, d)
			w := portable.Exp(-d / 2)
			sum += float64(w * k.loss)
			weights += w
		}
		switch {
		case nearest > reach*reach:
			return math.NaN()
		case log:
			return min(max(portable.Exp(sum/weights), lowest), worst)
		}
		return min(max(sum/weights, lowest), worst) // the same where all are
	}, nil
}

// spots are where tries are marked: those at the same choice are moved apart.
func (c Heat) spots() (xs, ys []float64) {
	xs, ys = c.X.apart(c.Tries, 0), make([]float64, len(c.Tries))
	for i, t := range c.Tries {
		ys[i] = t.At[1]
		if c.Y.Choices != nil { // not along a diagonal with those of X
			_, part := math.Modf(float64(i) * (math.Sqrt2 - 1))
			ys[i] += float64(0.5 * (part - 0.5))
		}
	}
	return xs, ys
}

// marks draws the tries.
func (c Heat) marks(pn *panel) {
	best := bestTry(c.Tries)
	xs, ys := c.spots()
	pn.s.open("marks", "")
	defer pn.s.close()
	for i := range c.Tries {
		at := Point{pn.px(xs[i]), pn.py(ys[i])}
		switch {
		case i == best:
		case c.Tries[i].diverged():
			pn.s.cross(pn.p, look{color: pn.p.series[1]}, at, 3.4)
		default:
			pn.s.marker(pn.p, look{color: pn.p.ink}, at, 2.6)
		}
	}
	if best >= 0 {
		pn.s.marker(pn.p, look{color: pn.p.series[1], mark: star}, Point{pn.px(xs[best]), pn.py(ys[best])}, 7.5)
	}
}

func (c Heat) entries(p *palette, undefined bool) []entry {
	var es []entry
	if best := bestTry(c.Tries); best >= 0 {
		es = append(es, entry{name: "best", notes: []string{number(c.Tries[best].Loss)}, draw: func(s *scene, p *palette, x, y float64) {
			s.marker(p, look{color: p.series[1], mark: star}, Point{x + sampleWidth/2, y}, 7)
		}})
	}
	es = append(es, entry{name: "try", draw: func(s *scene, p *palette, x, y float64) {
		s.marker(p, look{color: p.ink}, Point{x + sampleWidth/2, y}, 2.6)
	}})
	diverged := 0
	for i := range c.Tries {
		if c.Tries[i].diverged() {
			diverged++
		}
	}
	if diverged > 0 {
		es = append(es, entry{name: "diverged", notes: []string{count(int64(diverged))}, draw: func(s *scene, p *palette, x, y float64) {
			s.cross(p, look{color: p.series[1]}, Point{x + sampleWidth/2, y}, 3.4)
		}})
	}
	if undefined {
		es = append(es, entry{name: "no try near", draw: func(s *scene, p *palette, x, y float64) {
			s.polygon(p.void, pen{}, rect{x + 8, y - 6, x + 22, y + 6}.corners()...)
		}})
	}
	return append(es, entry{notes: []string{"colours: smooth mean of the tries nearby"}, draw: func(s *scene, p *palette, x, y float64) {
		for k := range 3 {
			x0 := x + float64(10*k)
			s.polygon(p.soft.at(float64(k)/2), pen{}, rect{x0, y - 6, x0 + 10, y + 6}.corners()...)
		}
	}})
}
