package figure

import (
	"errors"
	"math"
)

// Slices shows the tries of a search above each thing that they differ in, a panel
// for each. Tries are marked as in [TuningHistory]; those at the same choice are
// moved apart. A try for which something did not exist is not in that panel.
type Slices struct {
	Style
	Axes   []TryAxis
	Tries  []Try
	YLabel string // "": loss
	Y      Scale  // Auto: logarithmic unless a loss is negative
}

// Figure draws the panels, 960 units wide by default and at most four in a row.
func (c Slices) Figure() (*Figure, error) {
	if len(c.Axes) == 0 {
		return nil, errors.New("figure: Slices.Axes is empty, want at least one axis")
	}
	if err := checkTries(c.Style, c.Y, "Slices", c.Axes, c.Tries); err != nil {
		return nil, err
	}
	if c.YLabel == "" {
		c.YLabel = "loss"
	}
	const margin, gap, tall = 20, 14, 250
	p := c.Theme.palette()
	y := tryAxis(c.Tries, c.Y)
	n := len(c.Axes)
	w, h := c.size(960, 0)
	columns := min(n, max(1, int(w/300)), 4)
	rows := (n + columns - 1) / columns
	columns = (n + rows - 1) / rows // even rows
	top := func(s *scene) float64 {
		return legendRows(s, p, tryEntries(p, c.Tries, y), margin, s.w-margin, heading(s, p, c.Style, margin, s.w-margin))
	}
	if h == 0 {
		h = math.Round(top(newScene(c.Style, w, 0, "Slices"))) + float64(tall*rows) + 8
	}
	s := newScene(c.Style, w, h, "Slices")
	y0 := top(s)
	wide, high := (w-2*margin+gap)/float64(columns), (h-8-y0)/float64(rows)
	for i, a := range c.Axes {
		x0, up := margin+float64(wide*float64(i%columns)), y0+float64(high*float64(i/columns))
		pn := &panel{s: s, p: p, y: y, crowd: 1}
		pn.x = a.place(c.Tries, i, (wide-60)/float64(max(len(a.Choices), 1)))
		if err := pn.settle(rect{x0, up, x0 + wide - gap, up + high}, true, "Slices"); err != nil {
			return nil, err
		}
		pn.headroom(c.Tries)
		pn.ground(true)
		pn.tries(c.Tries, a.apart(c.Tries, i))
		label := ""
		if i%columns == 0 {
			label = c.YLabel
		}
		pn.axes(clean(a.Name), label, true)
	}
	return newFigure(s, c.scale(2))
}

// apart returns the places of tries on an axis; those at the same choice spread
// over its width, by the golden ratio.
func (a TryAxis) apart(tries []Try, j int) []float64 {
	x := make([]float64, len(tries))
	for i, t := range tries {
		x[i] = t.At[j]
		if a.Choices != nil {
			_, part := math.Modf(float64(i) * (math.Phi - 1))
			x[i] += float64(0.5 * (part - 0.5))
		}
	}
	return x
}
