package figure

import (
	"bytes"
	"image"
	"image/png"
	"math"
	"strings"
	"testing"
)

func pngOf(t testing.TB, m maker) image.Image {
	t.Helper()
	f, err := m.Figure()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.WritePNG(&b); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// near reports whether a pixel within r of (x, y) has about the colour of the
// k-th series.
func near(img image.Image, p *palette, k, x, y, r int) bool {
	c := p.look(k).color
	apart := func(a uint32, b uint8) int { return max(int(a>>8)-int(b), int(b)-int(a>>8)) }
	for dy := -r; dy <= r; dy++ {
		for dx := -r; dx <= r; dx++ {
			cr, cg, cb, _ := img.At(x+dx, y+dy).RGBA()
			if apart(cr, c.R)+apart(cg, c.G)+apart(cb, c.B) < 24 {
				return true
			}
		}
	}
	return false
}

func TestContourStructure(t *testing.T) {
	c := Contour{Func: rosenbrock, Domain: plane, Minima: []Point{{1, 1}}, Paths: []Path{descend(0.001, 100), descend(0.002, 100), descend(0.0005, 50)}}
	doc := parse(t, svgOf(t, c))
	if n := doc.groups["path"]; n != 3 {
		t.Errorf("%d paths, want 3", n)
	}
	if n := doc.groups["legend-entry"]; n != 5 { // three paths, start, minimum
		t.Errorf("%d entries in the legend, want 5", n)
	}
	if n := len(doc.paths["bands"]); n != 22 {
		t.Errorf("%d bands, want 22", n)
	}
	if n := len(doc.paths["minima"]); n != 1 {
		t.Errorf("%d minima, want 1", n)
	}
	for i, want := range []string{"sgd 0.001", "sgd 0.002", "sgd 0.0005"} {
		if got := doc.titles["path"][i]; got != want {
			t.Errorf("path %d is called %q, want %q", i, got, want)
		}
	}
	c.Levels = 7
	if n := len(parse(t, svgOf(t, c)).paths["bands"]); n != 7 {
		t.Errorf("%d bands, want 7", n)
	}
}

func TestPathIsWhereItBelongs(t *testing.T) {
	for _, theme := range []Theme{Light, Dark} {
		c := Contour{
			Style: Style{Theme: theme, Scale: 1}, Func: rosenbrock, Domain: plane,
			Paths: []Path{{Name: "vertical", X: []float64{-1, -1}, Y: []float64{-0.5, 2.5}}},
		}
		m, err := c.lay()
		if err != nil {
			t.Fatal(err)
		}
		img := pngOf(t, c)
		for _, y := range []float64{-0.4, 0, 1, 2, 2.4} {
			if !near(img, m.p, 0, int(m.px(-1)), int(m.py(y)), 2) {
				t.Errorf("%v: no pixel of the path at (-1, %v)", theme, y)
			}
			if near(img, m.p, 0, int(m.px(1.2)), int(m.py(y)), 2) {
				t.Errorf("%v: a pixel of the path at (1.2, %v), where it does not go", theme, y)
			}
		}
	}
}

func TestPathOutsideTheFrameIsClipped(t *testing.T) {
	c := Contour{Func: rosenbrock, Domain: plane, Paths: []Path{
		{Name: "far", X: []float64{0, 1e300, -1e308, 0, 50}, Y: []float64{0, 1e308, -1e300, 1, 50}},
		{Name: "inside", X: []float64{0, 1}, Y: []float64{0, 1}},
	}}
	m, err := c.lay()
	if err != nil {
		t.Fatal(err)
	}
	doc := parse(t, svgOf(t, c))
	for _, d := range doc.paths["path"] {
		vs := coordinates(t, d)
		for i := 0; i < len(vs); i += 2 {
			if p := (Point{vs[i], vs[i+1]}); math.Abs(p.X-m.frame.clamp(p).X) > 0.01 || math.Abs(p.Y-m.frame.clamp(p).Y) > 0.01 {
				t.Fatalf("point %v of a path lies outside the frame %v", p, m.frame)
			}
		}
	}
	if n := strings.Count(strings.Join(doc.texts, "\n"), "leaves the frame"); n != 1 {
		t.Errorf("the legend says %d times that a path leaves the frame, want once", n)
	}
}

func TestDivergedPathIsCutAndSaysSo(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1)} {
		p := Path{Name: "adam", X: []float64{0, 0.5, bad, 0.2}, Y: []float64{0, 0.5, 1, 0.2}, Step: []int64{0, 100, 12000, 12100}, Ends: true}
		for _, m := range []maker{
			Contour{Func: rosenbrock, Domain: plane, Paths: []Path{p}},
			Surface{Func: rosenbrock, Domain: plane, Paths: []Path{p}},
		} {
			doc := parse(t, svgOf(t, m))
			if !doc.says("diverged at step 12,000") {
				t.Errorf("%T: the legend does not say where the path diverged: %q", m, doc.texts)
			}
		}
	}
}

func TestPathsOfAnyShape(t *testing.T) {
	nan := math.NaN()
	for name, p := range map[string]Path{
		"empty":        {},
		"one point":    {X: []float64{0}, Y: []float64{0}},
		"NaN at once":  {X: []float64{nan, 1}, Y: []float64{0, 1}, Ends: true},
		"standing":     {X: make([]float64, 1000), Y: make([]float64, 1000), Every: 10, Ends: true},
		"all outside":  {X: []float64{9, 10}, Y: []float64{9, 10}, Ends: true},
		"outside, NaN": {X: []float64{0, 9, nan}, Y: []float64{0, 9, 1}},
		"odd name":     {Name: "<b>&\"\x00\xff\n", X: []float64{0, 1}, Y: []float64{0, 1}},
	} {
		c := Contour{Func: rosenbrock, Domain: plane, Paths: []Path{p}}
		doc := parse(t, svgOf(t, c))
		if doc.groups["path"] != 1 || doc.groups["legend-entry"] < 1 {
			t.Errorf("%s: %d paths, %d entries, want one", name, doc.groups["path"], doc.groups["legend-entry"])
		}
		parse(t, svgOf(t, Surface{Func: rosenbrock, Domain: plane, Paths: []Path{p}}))
	}
}

func TestFunctionsOfAnyRange(t *testing.T) {
	for name, c := range map[string]struct {
		f     func(x, y float64) float64
		undef bool
	}{
		"constant": {func(x, y float64) float64 { return 3 }, false},
		"zero":     {func(x, y float64) float64 { return 0 }, false},
		"negative": {func(x, y float64) float64 { return -1e6 - x*x }, false},
		"saddle":   {func(x, y float64) float64 { return x*x - y*y }, false},
		"huge":     {func(x, y float64) float64 { return 1e307 * (x + y) }, false},
		"whole":    {func(x, y float64) float64 { return math.Copysign(math.MaxFloat64, x) }, false},
		"tiny":     {func(x, y float64) float64 { return 1e-310 * x * x }, false},
		"steep":    {func(x, y float64) float64 { return math.Exp(300 * x) }, false},
		"half NaN": {func(x, y float64) float64 { return math.Log(x) }, true},
		"pole":     {func(x, y float64) float64 { return 1 / (x * x) }, false},
		"some −Inf": {func(x, y float64) float64 {
			if y > 1 {
				return math.Inf(-1)
			}
			return x
		}, true},
		"spotted": {func(x, y float64) float64 {
			if math.Mod(math.Floor(8*x)+math.Floor(8*y), 2) == 0 {
				return math.Inf(1)
			}
			return x
		}, true},
	} {
		doc := parse(t, svgOf(t, Contour{Func: c.f, Domain: plane}))
		if got := doc.groups["undefined"] == 1 && doc.says("undefined"); got != c.undef {
			t.Errorf("%s: marked as undefined somewhere: %v, want %v", name, got, c.undef)
		}
		parse(t, svgOf(t, Surface{Func: c.f, Domain: plane}))
	}
}

func TestEqualAspect(t *testing.T) {
	for _, d := range []Domain{{-10, 10, -2, 2}, {0, 1, 0, 1}, {0, 2, 0, 5}, {0, 5, 0, 0.3}, {0, 1, 0, 8}} {
		for _, st := range []Style{{}, {Width: 900, Height: 500}} {
			m, err := Contour{Style: st, Func: rosenbrock, Domain: d, Equal: true}.lay()
			if err != nil {
				t.Fatal(err)
			}
			x, y := m.frame.w()/(d.XMax-d.XMin), m.frame.h()/(d.YMax-d.YMin)
			if math.Abs(x/y-1) > 1e-9 {
				t.Errorf("%v in %v: a unit of x is %v long, one of y %v", d, st, x, y)
			}
			if m.frame.x1 > m.s.w || m.frame.y1 > m.s.h {
				t.Errorf("%v in %v: frame %v outside the picture", d, st, m.frame)
			}
		}
	}
}

func TestLongPathsAreThinned(t *testing.T) {
	n := 1_000_000
	p := Path{X: make([]float64, n), Y: make([]float64, n), Every: 1000}
	for i := range n { // a slow spiral, then a long oscillation between two points
		a := float64(i) / 3000
		p.X[i], p.Y[i] = math.Cos(a), 1+math.Sin(a)
		if i > n/2 {
			p.X[i], p.Y[i] = float64(i%2), 1
		}
	}
	svg := svgOf(t, Contour{Func: rosenbrock, Domain: plane, Paths: []Path{p}})
	if len(svg) > 1_500_000 {
		t.Errorf("the SVG takes %d bytes", len(svg))
	}
	parse(t, svg)
}

func TestHiddenPartOfAPathIsFaint(t *testing.T) {
	ridge := func(x, y float64) float64 { return math.Exp(-20 * y * y) }
	p := Path{X: []float64{0, 0}, Y: []float64{-1, 1}}
	c := Surface{Func: ridge, Domain: Domain{-1, 1, -1, 1}, Paths: []Path{p}, Azimuth: -90, Elevation: 15}
	// Seen from the front up the ridge, hidden behind it: a faint line of its own.
	if got := parse(t, svgOf(t, c)).paths["path"]; len(got) != 2 {
		t.Errorf("%d lines, want a hidden and a seen one", len(got))
	}
	c.Elevation = 85
	if got := parse(t, svgOf(t, c)).paths["path"]; len(got) != 1 {
		t.Errorf("%d lines from above, want only a seen one", len(got))
	}
}
