package figure

import (
	"errors"
	"fmt"
	"image/color"
	"math"
	"slices"
)

// A Try is one try of a search for good settings.
type Try struct {
	// At is its place on each axis: a number, the place of a choice in its list from 0,
	// or NaN where what the axis shows did not exist.
	At     []float64
	Loss   float64 // NaN or ±Inf: it diverged
	Pruned bool    // it was ended early, and Loss is that of a shorter training
}

// A TryAxis is one of the things that tries differ in.
type TryAxis struct {
	Name    string
	Log     bool     // logarithmic; all numbers are positive
	Choices []string // nil: numbers
}

// TuningHistory shows a search in the order of its tries: each loss, and the best
// of those before it. A try that was pruned is small and counts for no best; one
// that diverged has an × on the upper edge. A triangle there is a loss beyond the
// axis.
type TuningHistory struct {
	Style
	Tries  []Try  // At is not looked at
	XLabel string // "": try
	YLabel string // "": loss
	Y      Scale  // Auto: logarithmic unless a loss is negative
}

// Figure draws the history, 960 units wide by default and as high as legend and
// panel need.
func (c TuningHistory) Figure() (*Figure, error) {
	if err := checkTries(c.Style, c.Y, "TuningHistory", nil, c.Tries); err != nil {
		return nil, err
	}
	if c.XLabel == "" {
		c.XLabel = "try"
	}
	if c.YLabel == "" {
		c.YLabel = "loss"
	}
	p := c.Theme.palette()
	n := float64(len(c.Tries))
	pn := &panel{p: p, x: axis{lo: 1 - max(0.02*n, 0.5), hi: n + max(0.02*n, 0.5), whole: true}, y: tryAxis(c.Tries, c.Y), crowd: 2}
	es := tryEntries(p, c.Tries, pn.y)
	es = append(es, entry{name: "best so far", draw: lineSample(look{color: p.series[1]}, 2.2, false)})
	top := func(s *scene) float64 { return legendRows(s, p, es, 20, s.w-20, heading(s, p, c.Style, 20, s.w-20)) }
	if _, err := pn.stage(c.Style, top, "TuningHistory"); err != nil {
		return nil, err
	}
	pn.headroom(c.Tries)
	pn.ground(true)
	var line []Point
	best := improvements(c.Tries)
	for i := range c.Tries {
		if !best[i] || !placed(c.Tries[i].Loss, pn.y.log) {
			continue
		}
		at := pn.tryAt(float64(i+1), c.Tries[i].Loss)
		if k := len(line); k > 0 {
			line = append(line, Point{at.X, line[k-1].Y})
		}
		line = append(line, at)
	}
	if k := len(line); k > 0 {
		line = append(line, Point{pn.px(n), line[k-1].Y})
		pn.s.open("curve", "best so far")
		pn.s.line(pen{color: p.series[1], width: 2.2}, line...)
		pn.s.close()
	}
	x := make([]float64, len(c.Tries))
	for i := range x {
		x[i] = float64(i + 1)
	}
	pn.tries(c.Tries, x)
	pn.axes(c.XLabel, c.YLabel, true)
	return newFigure(pn.s, c.scale(2))
}

func (t *Try) diverged() bool { return !finite(t.Loss) }

// improvements tells the tries that are better than all before them.
func improvements(tries []Try) []bool {
	better, best := make([]bool, len(tries)), math.Inf(1)
	for i, t := range tries {
		if !t.diverged() && !t.Pruned && t.Loss < best {
			better[i], best = true, t.Loss
		}
	}
	return better
}

// bestTry returns the index of the best try, −1 when there is none.
func bestTry(tries []Try) int {
	best := -1
	for i, better := range improvements(tries) {
		if better {
			best = i
		}
	}
	return best
}

// tryAxis returns an axis for the losses of tries.
func tryAxis(tries []Try, scale Scale) axis {
	var ys []float64
	for i := range tries {
		if !tries[i].diverged() {
			ys = append(ys, tries[i].Loss)
		}
	}
	slices.Sort(ys) // those at the upper end may be outliers, the best is not
	all := []Series{{Y: ys}}
	a := lossAxis(all, scale.isLog(all))
	if a.log { // room for the star of the best
		a.lo = max(pow10(log10(a.lo)-float64(0.04*(log10(a.hi)-log10(a.lo)))), math.SmallestNonzeroFloat64)
	} else {
		a.lo = max(a.lo-float64(0.08*(a.hi/2-a.lo/2)), -math.MaxFloat64)
	}
	return a
}

// headroom makes room on the upper edge of a panel for tries that have no place
// below it.
func (pn *panel) headroom(tries []Try) {
	if !slices.ContainsFunc(tries, func(t Try) bool { return t.diverged() || t.Loss > pn.y.hi }) {
		return
	}
	pn.raise(20)
}

// tryAt is the place of a loss that has one.
func (pn *panel) tryAt(x, loss float64) Point {
	return Point{pn.px(x), min(max(pn.py(loss), pn.frame.y0), pn.frame.y1)}
}

// tries marks tries above their places on the x axis; where that is NaN there is no
// mark. Those that improved on all before them stand out, and the best most.
func (pn *panel) tries(tries []Try, x []float64) {
	lk, best, better := pn.p.series[0], bestTry(tries), improvements(tries)
	mark := func(i int) {
		t, px := tries[i], pn.px(x[i])
		edge := Point{px, pn.frame.y0 + 9}
		switch {
		case math.IsNaN(x[i]):
		case t.diverged():
			pn.s.cross(pn.p, look{color: pn.p.series[1]}, edge, 3.6)
		case t.Loss > pn.y.hi:
			pn.s.marker(pn.p, look{color: lk, mark: triangle}, edge, 3.6)
		case !placed(t.Loss, pn.y.log) || t.Loss < pn.y.lo:
			pn.s.marker(pn.p, look{color: lk, mark: wedge}, Point{px, pn.frame.y1 - 7}, 3.6)
		case i == best:
			pn.s.marker(pn.p, look{color: pn.p.series[1], mark: star}, pn.tryAt(x[i], t.Loss), 7.5)
		case t.Pruned:
			pn.s.polygon(color.NRGBA{}, pen{color: fade(lk, 0.75), width: 1.2}, circle.ring(pn.tryAt(x[i], t.Loss), 2.6)...)
		case better[i]:
			pn.s.marker(pn.p, look{color: lk}, pn.tryAt(x[i], t.Loss), 4.6)
		default:
			pn.s.polygon(fade(lk, 0.5), pen{color: fade(lk, 0.8), width: 0.7}, circle.ring(pn.tryAt(x[i], t.Loss), 3.2)...)
		}
	}
	pn.s.open("marks", "")
	defer pn.s.close()
	for pass := range 3 {
		for i := range tries {
			rank := 0
			if i == best {
				rank = 2
			} else if better[i] || tries[i].diverged() {
				rank = 1
			}
			if rank == pass {
				mark(i)
			}
		}
	}
}

// tryEntries are the legend of marks.
func tryEntries(p *palette, tries []Try, y axis) []entry {
	lk := p.series[0]
	var pruned, diverged, beyond, whole int
	for i := range tries {
		switch t := &tries[i]; {
		case t.diverged():
			diverged++
		case t.Loss > y.hi:
			beyond++
		case t.Pruned:
			pruned++
		default:
			whole++
		}
	}
	sample := func(draw func(s *scene, p *palette, at Point)) func(*scene, *palette, float64, float64) {
		return func(s *scene, p *palette, x, y float64) { draw(s, p, Point{x + sampleWidth/2, y}) }
	}
	var es []entry
	if best := bestTry(tries); best >= 0 {
		es = append(es, entry{name: "best", notes: []string{number(tries[best].Loss), "try " + count(int64(best+1))}, draw: sample(func(s *scene, p *palette, at Point) {
			s.marker(p, look{color: p.series[1], mark: star}, at, 7)
		})})
	}
	if whole > 0 {
		es = append(es, entry{name: "try", notes: []string{"strong: better than all before"}, draw: sample(func(s *scene, p *palette, at Point) {
			s.polygon(fade(lk, 0.5), pen{color: fade(lk, 0.8), width: 0.7}, circle.ring(Point{at.X - 8, at.Y}, 3.2)...)
			s.marker(p, look{color: lk}, Point{at.X + 8, at.Y}, 4.6)
		})})
	}
	if pruned > 0 {
		es = append(es, entry{name: "pruned", notes: []string{count(int64(pruned))}, draw: sample(func(s *scene, p *palette, at Point) {
			s.polygon(color.NRGBA{}, pen{color: fade(lk, 0.75), width: 1.2}, circle.ring(at, 2.6)...)
		})})
	}
	if diverged > 0 {
		es = append(es, entry{name: "diverged", notes: []string{count(int64(diverged))}, draw: sample(func(s *scene, p *palette, at Point) {
			s.cross(p, look{color: p.series[1]}, at, 3.6)
		})})
	}
	if beyond > 0 {
		es = append(es, entry{name: "beyond the axis", notes: []string{count(int64(beyond))}, draw: sample(func(s *scene, p *palette, at Point) {
			s.marker(p, look{color: lk, mark: triangle}, at, 3.6)
		})})
	}
	return es
}

// checkTries checks what pictures of tries have in common.
func checkTries(st Style, y Scale, kind string, axes []TryAxis, tries []Try) error {
	if err := st.check(); err != nil {
		return err
	}
	if err := y.check(kind + ".Y"); err != nil {
		return err
	}
	if len(tries) == 0 {
		return errors.New("figure: " + kind + ".Tries is empty, want at least one try")
	}
	for i, t := range tries {
		if axes != nil && len(t.At) != len(axes) {
			return fmt.Errorf("figure: %s.Tries[%d].At has %d places, want %d, one for each axis", kind, i, len(t.At), len(axes))
		}
		for j, a := range axes {
			switch v := t.At[j]; {
			case math.IsNaN(v):
			case a.Choices != nil && (v != math.Trunc(v) || v < 0 || v >= float64(len(a.Choices))):
				return fmt.Errorf("figure: %s.Tries[%d].At[%d] = %v, want a whole number in [0, %d): the place of a choice of %q", kind, i, j, v, len(a.Choices), a.Name)
			case math.IsInf(v, 0) || a.Log && v <= 0:
				return fmt.Errorf("figure: %s.Tries[%d].At[%d] = %v, want a finite number, positive on a logarithmic axis", kind, i, j, v)
			}
		}
	}
	return nil
}

// place returns the axis that holds the places of tries on one of theirs; names of
// choices are cut to a width.
func (a TryAxis) place(tries []Try, j int, width float64) axis {
	if a.Choices != nil {
		n := len(a.Choices)
		ax := axis{lo: -0.5, hi: float64(n) - 0.5}
		for _, c := range a.Choices {
			ax.names = append(ax.names, shorten(clean(c), tickSize, false, width))
		}
		return ax
	}
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, t := range tries {
		if v := t.At[j]; !math.IsNaN(v) {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	if lo > hi {
		lo, hi = 1, 1
	}
	return fitAxis(lo, hi, 0.04, a.Log)
}
