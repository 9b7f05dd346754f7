package figure

import (
	"math"
	"strings"
	"testing"
)

// gridOf samples a function as a Landscape has it.
func gridOf(f func(x, y float64) float64, n int) Landscape {
	c := Landscape{X: spread(-2, 2, n), Y: spread(-1, 3, n)}
	for _, y := range c.Y {
		var row []float64
		for _, x := range c.X {
			row = append(row, f(x, y))
		}
		c.Loss = append(c.Loss, row)
	}
	return c
}

// Between the points of the grid the loss is that of a smooth function, and at them
// it is exact; it has the least and the highest values of the grid.
func TestLandscapeInterpolates(t *testing.T) {
	bowl := func(x, y float64) float64 { return 0.3 + x*x + 2*y*y - x*y }
	for name, f := range map[string]func(x, y float64) float64{
		"bowl": bowl, "rosenbrock": rosenbrock, "plane": func(x, y float64) float64 { return x - 2*y },
		"constant": func(x, y float64) float64 { return -4 },
	} {
		c := gridOf(f, 41)
		at := c.between()
		lo, hi := math.Inf(1), math.Inf(-1)
		for j, y := range c.Y {
			for i, x := range c.X {
				v := c.Loss[j][i]
				lo, hi = min(lo, v), max(hi, v)
				if got := at(x, y); math.Abs(got-v) > 1e-9*(1+math.Abs(v)) {
					t.Fatalf("%s: %v at %v, %v, want %v", name, got, x, y, v)
				}
			}
		}
		for k := range 2000 {
			x, y := -2+4*math.Mod(float64(k)*0.6180339887, 1), -1+4*math.Mod(float64(k)*0.7548776662, 1)
			got, want := at(x, y), f(x, y)
			if got < lo || got > hi {
				t.Fatalf("%s: %v at %v, %v, beyond %v to %v", name, got, x, y, lo, hi)
			}
			if math.Abs(got-want) > 0.02*(want-lo)+0.004*(hi-lo) {
				t.Fatalf("%s: %v at %v, %v, want about %v", name, got, x, y, want)
			}
		}
		if !math.IsNaN(at(-2.01, 0)) || !math.IsNaN(at(0, 3.01)) {
			t.Errorf("%s: a loss outside the grid", name)
		}
	}
}

// A value that is not finite makes a hole of the cells round it, and no more.
func TestLandscapeHoles(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		c := gridOf(rosenbrock, 41)
		c.Loss[20][10] = bad
		at := c.between()
		x, y, step := c.X[10], c.Y[20], c.X[1]-c.X[0]
		for _, d := range []Point{{0.4, 0.3}, {-0.9, 0.5}, {0, 0}} {
			if v := at(x+d.X*step, y+d.Y*step); !math.IsNaN(v) {
				t.Errorf("%v in the hole", v)
			}
		}
		for _, d := range []Point{{1.1, 0}, {0, -1.1}, {1.5, 1.5}} {
			px, py := x+d.X*step, y+d.Y*step
			if v, want := at(px, py), rosenbrock(px, py); math.Abs(v-want) > 0.05*want+1 {
				t.Errorf("%v beside the hole, want about %v", v, want)
			}
		}
		c.Paths, c.Center = []Path{descend(0.001, 100)}, []Point{{}}
		if doc := parse(t, svgOf(t, c)); !doc.says("undefined") {
			t.Error("the legend does not explain the hole")
		}
	}
	c := gridOf(func(x, y float64) float64 { return math.NaN() }, 5)
	if _, err := c.Figure(); err == nil || !strings.Contains(err.Error(), "not finite anywhere") {
		t.Errorf("nothing finite: %v", err)
	}
}

func TestLandscapeStructure(t *testing.T) {
	for _, theme := range []Theme{Light, Dark} {
		c := gridOf(rosenbrock, 25)
		c.Theme, c.Center = theme, []Point{{1, 1}}
		c.Paths = []Path{descend(0.001, 100), descend(0.002, 100)}
		above, err := c.Figure()
		if err != nil {
			t.Fatal(err)
		}
		surface, err := c.Surface()
		if err != nil {
			t.Fatal(err)
		}
		for name, f := range map[string]*Figure{"first direction": above, "first": surface} {
			var b strings.Builder
			if err := f.WriteSVG(&b); err != nil {
				t.Fatal(err)
			}
			doc := parse(t, []byte(b.String()))
			if !doc.says("loss") || !doc.says("the model") || !doc.says(name) || doc.says("minimum") {
				t.Errorf("%s: texts %q", name, doc.texts)
			}
			if doc.groups["path"] != 2 || doc.groups["legend-entry"] != 4 {
				t.Errorf("%s: %d paths, %d entries in the legend", name, doc.groups["path"], doc.groups["legend-entry"])
			}
		}
	}
}

func TestLandscapeErrors(t *testing.T) {
	for want, change := range map[string]func(c *Landscape){
		"Landscape.X has 3 values, want 4 at least":      func(c *Landscape) { c.X = c.X[:3] },
		"Landscape.Y[2] = 9, want evenly spaced":         func(c *Landscape) { c.Y[2] = 9 },
		"Landscape.X[1] = NaN":                           func(c *Landscape) { c.X[1] = math.NaN() },
		"Landscape.Loss has 4 rows, want 5 as Y":         func(c *Landscape) { c.Loss = c.Loss[:4] },
		"Landscape.Loss[3] has 2 values, want 5 as X":    func(c *Landscape) { c.Loss[3] = c.Loss[3][:2] },
		"Levels = 1, want 0 or 2 to 200":                 func(c *Landscape) { c.Levels = 1 },
		"Paths[0] (\"a\") has 1 values of X and 0 of Y":  func(c *Landscape) { c.Paths = []Path{{Name: "a", X: []float64{1}}} },
		"figure: Style.Width = 10, want 0 or 240 to 819": func(c *Landscape) { c.Width = 10 },
	} {
		c := gridOf(rosenbrock, 5)
		change(&c)
		if _, err := c.Figure(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		if _, err := c.Surface(); (err == nil) != (want == "Levels = 1, want 0 or 2 to 200") {
			t.Errorf("surface: %v, want %q", err, want)
		}
	}
}
