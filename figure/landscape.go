package figure

import (
	"fmt"
	"math"
	"slices"

	"github.com/descent-go/descent/internal/portable"
)

// Landscape is a loss that is known on a grid of a plane, with the paths of
// trainings projected onto it. Between the grid's points it is interpolated.
type Landscape struct {
	Style
	X, Y []float64 // columns and rows of the grid, evenly spaced and rising; 4 at least
	// Loss has a row for each Y. Where a value is not finite, there is a hole.
	Loss   [][]float64
	Levels int     // as in Contour
	Paths  []Path  // in the plane
	Center []Point // the model, or none; marked by a star
	XLabel string  // "": first direction
	YLabel string  // "": second direction
	Equal  bool    // as in Contour
}

func (c Landscape) check() error {
	for _, a := range []struct {
		name string
		v    []float64
	}{{"X", c.X}, {"Y", c.Y}} {
		n := len(a.v)
		if n < 4 {
			return fmt.Errorf("figure: Landscape.%s has %d values, want 4 at least", a.name, n)
		}
		for i := 1; i < n; i++ {
			even := a.v[0] + float64((a.v[n-1]-a.v[0])*float64(i)/float64(n-1))
			if !(a.v[i] > a.v[i-1]) || !(math.Abs(a.v[i]-even) <= 1e-6*(a.v[n-1]-a.v[0])) {
				return fmt.Errorf("figure: Landscape.%s[%d] = %v, want evenly spaced and rising numbers", a.name, i, a.v[i])
			}
		}
	}
	if len(c.Loss) != len(c.Y) {
		return fmt.Errorf("figure: Landscape.Loss has %d rows, want %d as Y", len(c.Loss), len(c.Y))
	}
	for j, row := range c.Loss {
		if len(row) != len(c.X) {
			return fmt.Errorf("figure: Landscape.Loss[%d] has %d values, want %d as X", j, len(row), len(c.X))
		}
	}
	return nil
}

// Figure draws the landscape from above, 960×680 units by default.
func (c Landscape) Figure() (*Figure, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.XLabel == "" {
		c.XLabel = "first direction"
	}
	if c.YLabel == "" {
		c.YLabel = "second direction"
	}
	return Contour{
		Style: c.Style, Func: c.between(), Domain: c.domain(), Levels: c.Levels, Paths: c.Paths, Minima: c.Center,
		XLabel: c.XLabel, YLabel: c.YLabel, Equal: c.Equal, value: "loss", star: "the model",
	}.Figure()
}

// Surface draws it as a surface, 960×680 units by default. The axes are called first
// and second.
func (c Landscape) Surface() (*Figure, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	return Surface{
		Style: c.Style, Func: c.between(), Domain: c.domain(), Paths: c.Paths, Minima: c.Center,
		XLabel: "first", YLabel: "second", value: "loss", star: "the model",
	}.Figure()
}

func (c Landscape) domain() Domain {
	return Domain{c.X[0], c.X[len(c.X)-1], c.Y[0], c.Y[len(c.Y)-1]}
}

// between interpolates by cubic convolution (Keys, "Cubic convolution interpolation
// for digital image processing", IEEE Trans. ASSP 29, 1981), on a scale that is
// logarithmic in the height above the minimum as that of the colours is, so that a
// cliff makes no waves at its foot. No value leaves the range of its sixteen
// neighbours; a cell with a corner that is not finite is a hole.
func (c Landscape) between() func(x, y float64) float64 {
	var all []float64
	for _, row := range c.Loss {
		for _, v := range row {
			if finite(v) {
				all = append(all, v)
			}
		}
	}
	if len(all) == 0 {
		return func(float64, float64) float64 { return math.NaN() }
	}
	slices.Sort(all)
	lo, hi := all[0], all[len(all)-1]
	above := func(v float64) float64 { return float64(v/4) - float64(lo/4) } // never overflows
	delta := max(above(all[len(all)/50]), 1e-9*above(hi), math.SmallestNonzeroFloat64)
	g := grid{nx: len(c.X), ny: len(c.Y), t: make([][]float64, len(c.Y))}
	for j, row := range c.Loss {
		g.t[j] = make([]float64, len(row))
		for i, v := range row {
			if g.t[j][i] = math.NaN(); finite(v) {
				g.t[j][i] = portable.Log(1 + above(v)/delta)
			}
		}
	}
	d := c.domain()
	return func(x, y float64) float64 {
		t := g.at((x-d.XMin)/(d.XMax-d.XMin)*float64(g.nx-1), (y-d.YMin)/(d.YMax-d.YMin)*float64(g.ny-1))
		if lo == hi {
			return lo + float64(0*t) // NaN in a hole
		}
		return min(lo+float64(4*float64(delta*(portable.Exp(t)-1))), hi)
	}
}

// A grid is interpolated between its points.
type grid struct {
	nx, ny int
	t      [][]float64 // NaN: not known
}

// at returns the value at a place in units of the grid, NaN outside it and in holes.
func (g *grid) at(x, y float64) float64 {
	if !(x >= 0 && y >= 0 && x <= float64(g.nx-1) && y <= float64(g.ny-1)) {
		return math.NaN()
	}
	i, j := min(int(x), g.nx-2), min(int(y), g.ny-2)
	for _, v := range [4]float64{g.t[j][i], g.t[j][i+1], g.t[j+1][i], g.t[j+1][i+1]} {
		if math.IsNaN(v) {
			return v
		}
	}
	lo, hi := math.Inf(1), math.Inf(-1)
	var column [4]float64
	for k := range column {
		var row [4]float64
		for m := range row {
			row[m] = g.value(i-1+m, j-1+k, i, j)
			if inside := i-1+m >= 0 && i-1+m < g.nx && j-1+k >= 0 && j-1+k < g.ny; inside {
				lo, hi = min(lo, row[m]), max(hi, row[m])
			}
		}
		column[k] = cubic(row, x-float64(i))
	}
	return min(max(cubic(column, y-float64(j)), lo), hi)
}

// value returns the value of a point near the cell at i, j. Beyond the edge it goes
// on as Keys has it, and across a hole as it is at the cell.
func (g *grid) value(p, q, i, j int) float64 {
	switch {
	case p < 0:
		return beyond(g.value(0, q, i, j), g.value(1, q, i, j), g.value(2, q, i, j))
	case p >= g.nx:
		return beyond(g.value(g.nx-1, q, i, j), g.value(g.nx-2, q, i, j), g.value(g.nx-3, q, i, j))
	case q < 0:
		return beyond(g.value(p, 0, i, j), g.value(p, 1, i, j), g.value(p, 2, i, j))
	case q >= g.ny:
		return beyond(g.value(p, g.ny-1, i, j), g.value(p, g.ny-2, i, j), g.value(p, g.ny-3, i, j))
	}
	if v := g.t[q][p]; !math.IsNaN(v) {
		return v
	}
	return g.t[min(max(q, j), j+1)][min(max(p, i), i+1)]
}

// beyond returns the value that follows three equally spaced ones of a parabola.
func beyond(a, b, c float64) float64 { return float64(3*(a-b)) + c }

// cubic interpolates between the second and the third of four values.
func cubic(v [4]float64, t float64) float64 {
	a := v[2] - v[0]
	b := float64(2*v[0]) - float64(5*v[1]) + float64(4*v[2]) - v[3]
	c := float64(3*(v[1]-v[2])) + v[3] - v[0]
	return v[1] + float64(0.5*t*(a+float64(t*(b+float64(t*c)))))
}
