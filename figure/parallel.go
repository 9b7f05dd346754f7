package figure

import (
	"errors"
	"fmt"
	"image/color"
	"math"
	"slices"
)

// Parallel shows every try of a search as a line across parallel axes: one for each
// thing that tries differ in, and the loss as the last one. The best tries are
// strong, the best of all most. The line of a try that diverged is dotted and ends
// in an × above the axis of the loss; that of one that was pruned is dashed. A line
// has a gap where something did not exist.
type Parallel struct {
	Style
	Axes  []TryAxis
	Tries []Try
	Top   int    // how many are strong, at least 1; 0: a tenth of all, from 1 to 10
	Label string // of the loss; "": loss
	Y     Scale  // of the loss; Auto: logarithmic unless one is negative
}

// Figure draws the lines, 960 units wide by default.
func (c Parallel) Figure() (*Figure, error) {
	switch {
	case len(c.Axes) == 0:
		return nil, errors.New("figure: Parallel.Axes is empty, want at least one axis")
	case c.Top < 0:
		return nil, fmt.Errorf("figure: Parallel.Top = %d, want at least 0", c.Top)
	}
	if err := checkTries(c.Style, c.Y, "Parallel", c.Axes, c.Tries); err != nil {
		return nil, err
	}
	if c.Label == "" {
		c.Label = "loss"
	}
	if c.Top == 0 {
		c.Top = min(max(len(c.Tries)/10, 1), 10)
	}
	const margin = 20
	p := c.Theme.palette()
	w, h := c.size(960, 0)
	b := &bundle{p: p, c: c, loss: tryAxis(c.Tries, c.Y), top: topTries(c.Tries, c.Top)}
	top := func(s *scene) float64 {
		return legendRows(s, p, b.entries(), margin, s.w-margin, heading(s, p, c.Style, margin, s.w-margin))
	}
	if h == 0 {
		h = math.Round(top(newScene(c.Style, w, 0, "Parallel"))) + 400
	}
	b.s = newScene(c.Style, w, h, "Parallel")
	b.frame = rect{margin, top(b.s) + 46, w - margin - 12, h - 24}
	b.lay()
	if b.pitch < 60 || b.frame.h() < 60 {
		return nil, fmt.Errorf("figure: Parallel of %v×%v units leaves no room for %d axes", w, h, len(c.Axes)+1)
	}
	b.draw()
	return newFigure(b.s, c.scale(2))
}

// A bundle is the lines of tries across axes.
type bundle struct {
	s     *scene
	p     *palette
	c     Parallel
	frame rect
	axes  []axis // the last is that of the loss
	pitch float64
	loss  axis
	top   []int // the best tries, the best first
}

// topTries returns the k best tries that went on to the end.
func topTries(tries []Try, k int) []int {
	var best []int
	for i := range tries {
		if !tries[i].diverged() && !tries[i].Pruned {
			best = append(best, i)
		}
	}
	slices.SortStableFunc(best, func(a, b int) int {
		switch {
		case tries[a].Loss < tries[b].Loss:
			return -1
		case tries[a].Loss > tries[b].Loss:
			return 1
		}
		return 0
	})
	return best[:min(k, len(best))]
}

// lay places the axes; the first has the room for its numbers on its left.
func (b *bundle) lay() {
	n := len(b.c.Axes)
	width := b.frame.w() / float64(n+1) * 0.6
	left := 0.0
	for j, a := range b.c.Axes {
		b.axes = append(b.axes, a.place(b.c.Tries, j, width))
		if major, _ := b.axes[j].ticks(7); j == 0 {
			for _, t := range major {
				left = max(left, textWidth(t.text, tickSize, false))
			}
		}
	}
	b.axes = append(b.axes, b.loss)
	b.frame.x0 += max(left+12, 30)
	right := 0.0
	major, _ := b.loss.ticks(7)
	for _, t := range major {
		right = max(right, textWidth(t.text, tickSize, false))
	}
	b.frame.x1 -= max(right, 30) // the last name has half of it on that side
	b.pitch = b.frame.w() / float64(n)
}

func (b *bundle) x(j int) float64 { return b.frame.x0 + float64(b.pitch*float64(j)) }

func (b *bundle) y(j int, v float64) float64 {
	return b.frame.y1 - float64(min(max(b.axes[j].unit(v), 0), 1)*b.frame.h())
}

// lines returns the parts of a try's line, and the place of its × if it diverged.
func (b *bundle) lines(t *Try) (parts [][]Point, end Point) {
	var part []Point
	n := len(b.c.Axes)
	for j := range n + 1 {
		v := t.Loss
		if j < n {
			v = t.At[j]
		}
		switch {
		case j == n && t.diverged():
			end = Point{b.x(n), b.frame.y0 - 12}
			part = append(part, end)
		case j == n && !placed(v, b.loss.log):
			part = append(part, Point{b.x(n), b.frame.y1})
		case math.IsNaN(v):
			parts = append(parts, part)
			part = nil
		default:
			part = append(part, Point{b.x(j), b.y(j, v)})
		}
	}
	parts = append(parts, part)
	return slices.DeleteFunc(parts, func(p []Point) bool { return len(p) == 0 }), end
}

func (b *bundle) draw() {
	b.s.open("tries", "")
	for i := range b.c.Tries {
		if !slices.Contains(b.top, i) {
			b.try(i, b.faint(&b.c.Tries[i]))
		}
	}
	b.s.close()
	b.s.open("top", "")
	for k, i := range slices.Backward(b.top) {
		b.try(i, b.strong(k))
	}
	b.s.close()
	b.s.open("marks", "")
	for i := range b.c.Tries {
		if t := &b.c.Tries[i]; t.diverged() {
			_, at := b.lines(t)
			b.s.cross(b.p, look{color: b.p.series[1]}, at, 3.6)
			break // all of them have the same place
		}
	}
	b.s.close()
	b.scales()
}

func (b *bundle) faint(t *Try) pen {
	p := pen{color: fade(b.p.muted, min(0.5, max(0.14, 12/float64(len(b.c.Tries))))), width: 1}
	switch {
	case t.diverged():
		p.color, p.dash = fade(b.p.series[1], 0.55), []float64{1.5, 3}
	case t.Pruned:
		p.dash = []float64{5, 3}
	}
	return p
}

// strong is the pen of the try that is so many places behind the best.
func (b *bundle) strong(k int) pen {
	if k == 0 {
		return pen{color: b.p.series[1], width: 2.8}
	}
	return pen{color: fade(b.p.series[0], 0.85), width: 1.6}
}

// try draws the line of a try. What stands alone between gaps is a dot.
func (b *bundle) try(i int, p pen) {
	parts, _ := b.lines(&b.c.Tries[i])
	for _, part := range parts {
		if len(part) == 1 {
			b.s.polygon(p.color, pen{}, circle.ring(part[0], 1.2*p.width)...)
			continue
		}
		b.s.line(p, part...)
	}
}

// scales draws the axes over the lines, with names above them and numbers on their
// left, those of the loss on its right.
func (b *bundle) scales() {
	b.s.open("axes", "")
	defer b.s.close()
	edge := pen{color: b.p.muted, width: 1.2}
	for j, a := range b.axes {
		x := b.x(j)
		b.s.line(edge, Point{x, b.frame.y0}, Point{x, b.frame.y1})
		major, minor := a.ticks(max(2, int(b.frame.h()/55)))
		for _, v := range minor {
			if u := a.unit(v); u >= 0 && u <= 1 {
				out := -3.0
				if j == len(b.c.Axes) {
					out = 3
				}
				b.s.line(edge, Point{x + out, b.y(j, v)}, Point{x, b.y(j, v)})
			}
		}
		for _, t := range major {
			y := b.y(j, t.value)
			if j == len(b.c.Axes) {
				b.s.line(edge, Point{x, y}, Point{x + 5, y})
				b.s.text(label{at: Point{x + 8, y + 0.36*tickSize}, text: t.text, size: tickSize, ink: b.p.ink})
				continue
			}
			b.s.line(edge, Point{x - 5, y}, Point{x, y})
			wide := textWidth(t.text, tickSize, false)
			b.s.polygon(fade(b.p.paper, 0.78), pen{}, rect{x - 10 - wide, y - 8, x - 6, y + 8}.corners()...)
			b.s.text(label{at: Point{x - 8, y + 0.36*tickSize}, text: t.text, size: tickSize, anchor: 1, ink: b.p.ink})
		}
		name := b.c.Label
		if j < len(b.c.Axes) {
			name = b.c.Axes[j].Name
		}
		room := 2 * min(x-4, b.s.w-4-x, b.pitch/2-4)
		b.s.text(label{at: Point{x, b.frame.y0 - 26}, text: shorten(clean(name), labelSize, false, room), size: labelSize, anchor: 0.5, ink: b.p.ink})
	}
}

func (b *bundle) entries() []entry {
	line := func(p pen) func(*scene, *palette, float64, float64) {
		return func(s *scene, _ *palette, x, y float64) { s.line(p, Point{x, y}, Point{x + sampleWidth, y}) }
	}
	var es []entry
	if len(b.top) > 0 {
		best := &b.c.Tries[b.top[0]]
		es = append(es, entry{name: "best", notes: []string{number(best.Loss), "try " + count(int64(b.top[0]+1))}, draw: line(b.strong(0))})
	}
	if n := len(b.top); n > 1 {
		es = append(es, entry{name: "next best", notes: []string{count(int64(n - 1))}, draw: line(b.strong(1))})
	}
	var others [3]int // whole, pruned, diverged
	var sample [3]*Try
	for i := range b.c.Tries {
		t, kind := &b.c.Tries[i], 0
		switch {
		case slices.Contains(b.top, i):
			continue
		case t.diverged():
			kind = 2
		case t.Pruned:
			kind = 1
		}
		others[kind]++
		sample[kind] = t
	}
	for kind, name := range [3]string{"others", "pruned", "diverged"} {
		if others[kind] == 0 {
			continue
		}
		p := b.faint(sample[kind])
		p.color = color.NRGBA{p.color.R, p.color.G, p.color.B, 180}
		e := entry{name: name, notes: []string{count(int64(others[kind]))}, draw: line(p)}
		es = append(es, e)
	}
	return es
}
