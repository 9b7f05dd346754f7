package figure

import (
	"math"
	"testing"
)

func TestRelief(t *testing.T) {
	f := func(x, y float64) float64 { return 1e4*x*x + y*y - 5 }
	d := Domain{-1, 2, -3, 4}
	r, err := NewRelief(f, d, 40, []Point{{0, 0}})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Values) != 1600 || r.Values[0] != f(-1, -3) || r.Values[39] != f(2, -3) || r.Values[1599] != f(2, 4) {
		t.Errorf("corners %v, %v, %v", r.Values[0], r.Values[39], r.Values[1599])
	}
	if len(r.X) != 40 || r.X[0] != -1 || r.X[39] != 2 || r.Y[0] != -3 || r.Y[39] != 4 || r.Values[40*7+5] != f(r.X[5], r.Y[7]) {
		t.Errorf("columns at %v, rows at %v", r.X, r.Y)
	}
	if r.Min != -5 || r.Max != f(2, 4) || r.Undefined != 0 || r.Title != "f + 5" {
		t.Errorf("from %v to %v, %d undefined, title %q", r.Min, r.Max, r.Undefined, r.Title)
	}
	for i, h := range r.Heights {
		if !(h >= 0 && h <= 1) || !(r.Lifts[i] >= 0 && r.Lifts[i] <= h) {
			t.Fatalf("height %v of %v", h, r.Values[i])
		}
	}
	for i, m := range r.Marks {
		if m.Text == "" || i > 0 && !(m.Height > r.Marks[i-1].Height) {
			t.Errorf("mark %d is %+v", i, m)
		}
	}
	holes, err := NewRelief(func(x, _ float64) float64 { return math.Sqrt(x) }, d, 10, nil)
	if err != nil {
		t.Fatal(err)
	}
	if holes.Undefined != 30 || !math.IsNaN(holes.Values[0]) || math.IsNaN(holes.Heights[0]) {
		t.Errorf("%d undefined, value %v, height %v", holes.Undefined, holes.Values[0], holes.Heights[0])
	}
}

func TestReliefErrors(t *testing.T) {
	nowhere := func(float64, float64) float64 { return math.NaN() }
	for _, c := range []struct {
		f func(x, y float64) float64
		d Domain
		n int
	}{{nowhere, Domain{0, 1, 0, 1}, 4}, {math.Hypot, Domain{1, 1, 0, 1}, 4}, {math.Hypot, Domain{0, 1, 0, 1}, 1}} {
		if _, err := NewRelief(c.f, c.d, c.n, nil); err == nil {
			t.Errorf("%v, %d: no error", c.d, c.n)
		}
	}
}

// Lightness changes in one direction along a ramp, so that it reads without hue.
func TestColours(t *testing.T) {
	for _, theme := range []Theme{Light, Dark} {
		for _, strong := range []bool{false, true} {
			all := theme.Colours(Bands, strong)
			last, up := 0.0, 0
			for i, c := range all {
				light := 0.2126*float64(c.R) + 0.7152*float64(c.G) + 0.0722*float64(c.B)
				if i > 0 && light > last {
					up++
				}
				last = light
			}
			if up != 0 && up != Bands-1 {
				t.Errorf("%v, strong %v: lighter in %d of %d steps", theme, strong, up, Bands-1)
			}
		}
	}
}
