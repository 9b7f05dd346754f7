package figure

import (
	"fmt"
	"image/color"
	"math"
	"testing"

	"golang.org/x/image/font/sfnt"
	"pgregory.net/rapid"
)

func area(rings [][]Point) float64 {
	a := 0.0
	for _, r := range rings {
		for i, p := range r {
			q := r[(i+1)%len(r)]
			a += (p.X*q.Y - q.X*p.Y) / 2
		}
	}
	return a
}

func TestRegionOfADisc(t *testing.T) {
	const n = 101
	cone, ring := make([]float64, n*n), make([]float64, n*n)
	for j := range n {
		for i := range n {
			d := math.Hypot(float64(i)-50, float64(j)-50)
			cone[j*n+i], ring[j*n+i] = -d, -math.Abs(d-30)
		}
	}
	if got, want := area(region(cone, n, n, -40)), math.Pi*1600; math.Abs(got/want-1) > 0.002 {
		t.Errorf("area of a disc = %v, want %v", got, want)
	}
	rings := region(ring, n, n, -10)
	if got, want := area(rings), math.Pi*(1600-400); len(rings) != 2 || math.Abs(got/want-1) > 0.002 {
		t.Errorf("%d rings of area %v, want a disc with a hole of area %v", len(rings), got, want)
	}
	if got := area(region(cone, n, n, -1000)); got != 100*100 {
		t.Errorf("area of everything = %v", got)
	}
	if got := region(cone, n, n, 1); got != nil {
		t.Errorf("region above the top = %v", got)
	}
}

func TestRegionsAreNested(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nx, ny := rapid.IntRange(2, 12).Draw(t, "nx"), rapid.IntRange(2, 12).Draw(t, "ny")
		v := rapid.SliceOfN(rapid.Float64Range(0, 1), nx*ny, nx*ny).Draw(t, "v")
		all := float64((nx - 1) * (ny - 1))
		last := all
		for _, level := range []float64{-0.1, 0.1, 0.3, 0.5, 0.7, 0.9, 1.1} {
			a := area(region(v, nx, ny, level))
			if a < -1e-9 || a > last+1e-9 {
				t.Fatalf("area at level %v is %v, want 0 to %v", level, a, last)
			}
			if level < 0 && math.Abs(a-all) > 1e-9 {
				t.Fatalf("area below all values = %v, want %v", a, all)
			}
			// Joining at saddles depends on the level: allow what one cell can differ.
			last = a + float64(nx*ny)
		}
	})
}

func TestClipKeepsInside(t *testing.T) {
	r := rect{0, 0, 10, 5}
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.OneOf(rapid.Float64Range(-20, 20), rapid.Float64())
		var pts []Point
		for range rapid.IntRange(0, 12).Draw(t, "n") {
			pts = append(pts, Point{c.Draw(t, "x"), c.Draw(t, "y")})
		}
		pieces, left := clipLine(pts, r)
		inside := 0
		for _, p := range pts {
			if r.contains(p) {
				inside++
			}
		}
		if left != (inside < len(pts)) {
			t.Fatalf("left = %v with %d of %d points inside", left, inside, len(pts))
		}
		kept := map[Point]bool{}
		for _, piece := range pieces {
			for _, p := range piece {
				if !r.contains(p) {
					t.Fatalf("%v lies outside", p)
				}
				kept[p] = true
			}
		}
		for _, p := range pts {
			if r.contains(p) && !kept[p] {
				t.Fatalf("%v was lost", p)
			}
		}
	})
}

func TestSimplifyStaysNear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var pts []Point
		for range rapid.IntRange(2, 40).Draw(t, "n") {
			pts = append(pts, Point{rapid.Float64Range(0, 10).Draw(t, "x"), rapid.Float64Range(0, 10).Draw(t, "y")})
		}
		got := simplify(pts, 0.5)
		for _, p := range pts {
			best := math.Inf(1)
			for i := 1; i < len(got); i++ {
				best = min(best, distance(p, got[i-1], got[i]))
			}
			if best > 0.5+1e-9 {
				t.Fatalf("%v is %v away from the simplified line", p, best)
			}
		}
	})
}

func TestTicks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		log := rapid.Bool().Draw(t, "log")
		values := rapid.Float64()
		if log {
			values = rapid.Float64Range(math.SmallestNonzeroFloat64, math.MaxFloat64)
		}
		a, b := values.Draw(t, "a"), values.Draw(t, "b")
		ax := fitAxis(min(a, b), max(a, b), 0.04, log)
		if !(ax.lo < ax.hi) {
			t.Fatalf("axis %v", ax)
		}
		for _, v := range []float64{a, b} {
			if u := ax.unit(v); !(u >= -1e-9 && u <= 1+1e-9) {
				t.Fatalf("%v lies at %v of %v", v, u, ax)
			}
		}
		n := rapid.IntRange(2, 12).Draw(t, "n")
		major, minor := ax.ticks(n)
		if len(major) == 0 || len(major) > 4*n+4 {
			t.Fatalf("%d ticks on %v, asked for %d", len(major), ax, n)
		}
		seen := map[string]bool{}
		for i, tk := range major {
			if u := ax.unit(tk.value); !(u >= -1e-6 && u <= 1+1e-6) {
				t.Fatalf("tick %v lies at %v of %v", tk, u, ax)
			}
			if i > 0 && tk.value <= major[i-1].value {
				t.Fatalf("ticks out of order: %v", major)
			}
			if tk.text == "" {
				t.Fatalf("tick without text: %v", tk)
			}
			seen[tk.text] = true
		}
		if span := (ax.hi - ax.lo) / max(math.Abs(ax.lo), math.Abs(ax.hi)); len(seen) < len(major) && span > 1e-4 {
			t.Fatalf("equal labels: %v", major)
		}
		for _, v := range minor {
			if u := ax.unit(v); !(u >= -1e-6 && u <= 1+1e-6) {
				t.Fatalf("minor tick %v lies at %v of %v", v, u, ax)
			}
		}
	})
}

func TestTickLabels(t *testing.T) {
	for _, c := range []struct {
		a    axis
		n    int
		want string
	}{
		{axis{lo: -1, hi: 3}, 4, "[−1 0 1 2 3]"},
		{axis{lo: 3, hi: 3 + 1e-15}, 4, "[3]"},
		{axis{lo: -0.5, hi: 1.5, names: []string{"adam", "sgd"}}, 4, "[adam sgd]"},
		{axis{lo: 0, hi: 1}, 5, "[0.0 0.2 0.4 0.6 0.8 1.0]"},
		{axis{lo: 0, hi: 100000}, 5, "[0 20,000 40,000 60,000 80,000 100,000]"},
		{axis{lo: 0, hi: 5e6}, 5, "[0 1M 2M 3M 4M 5M]"},
		{axis{lo: 0, hi: 2e-7}, 2, "[0 10⁻⁷ 2×10⁻⁷]"},
		{axis{lo: 1, hi: 4, whole: true}, 9, "[1 2 3 4]"},
		{axis{lo: 0.01, hi: 100, log: true}, 6, "[0.01 0.1 1 10 100]"},
		{axis{lo: 1e-9, hi: 1, log: true}, 4, "[10⁻⁹ 10⁻⁶ 10⁻³ 10⁰]"},
		{axis{lo: 0.15, hi: 0.9, log: true}, 4, "[0.2 0.5]"},
	} {
		ts, _ := c.a.ticks(c.n)
		var texts []string
		for _, tk := range ts {
			texts = append(texts, tk.text)
		}
		if c.a.lo == 0.15 { // too few of 1, 2, 5: linear ones instead
			if len(texts) < 3 {
				t.Errorf("%v: %v, want three ticks or more", c.a, texts)
			}
			continue
		}
		if got := fmt.Sprint(texts); got != c.want {
			t.Errorf("%v: %v, want %v", c.a, got, c.want)
		}
	}
}

func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 3: "3", -2: "−2", 12345: "12,345", 0.25: "0.25", 1.0 / 3: "0.3333",
		1e-7: "10⁻⁷", 2.5e-9: "2.5×10⁻⁹", 1e300: "10³⁰⁰", -1.5e10: "−1.5×10¹⁰", 9999.5: "10,000", 12345.6: "12,346", 1234.5: "1234",
	} {
		if got := number(v); got != want {
			t.Errorf("number(%v) = %q, want %q", v, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		if s := number(rapid.Float64().Draw(t, "v")); s == "" || s[len(s)-1] == '.' || containsAny(s, "eE-+") {
			t.Fatalf("number reads %q", s)
		}
	})
}

func containsAny(s, chars string) bool {
	for _, r := range s {
		for _, c := range chars {
			if r == c {
				return true
			}
		}
	}
	return false
}

func TestFontHasEveryCharacterWeWrite(t *testing.T) {
	var buf sfnt.Buffer
	for _, f := range []*sfnt.Font{regular(), bold()} {
		for _, r := range plainDigits + "−×≤+…–—αβεηθλμνρσκ²³·()%,.'’" {
			if g, err := f.GlyphIndex(&buf, r); err != nil || g == 0 {
				t.Errorf("no glyph for %q", r)
			}
		}
	}
	if a, b := textWidth("10⁻³", 10, false), textWidth("10", 10, false); !(a > b+5 && a < b+10) {
		t.Errorf("width of 10⁻³ is %v, of 10 %v", a, b)
	}
}

func TestShorten(t *testing.T) {
	long := "a name that is far too long for its place"
	for _, width := range []float64{30, 60, 120} {
		got := shorten(long, 13, false, width)
		if w := textWidth(got, 13, false); w > width {
			t.Errorf("%q is %v wide, want at most %v", got, w, width)
		}
	}
	if got := shorten("short\nname", 13, false, 200); got != "short name" {
		t.Errorf("shorten = %q", got)
	}
}

// luminance is that of WCAG 2.1.
func luminance(c color.NRGBA) float64 {
	lin := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(c.R) + 0.7152*lin(c.G) + 0.0722*lin(c.B)
}

func contrast(a, b color.NRGBA) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestColoursCanBeSeen(t *testing.T) {
	for _, theme := range []Theme{Light, Dark} {
		p := theme.palette()
		for _, c := range []color.NRGBA{p.ink, p.muted} {
			if k := contrast(c, p.paper); k < 4.5 {
				t.Errorf("%v: contrast of text %v is %.2f, want 4.5", theme, c, k)
			}
		}
		for i, c := range p.series {
			if k := contrast(c, p.plot); k < 2.1 {
				t.Errorf("%v: contrast of series %d is %.2f, want 2.1", theme, i, k)
			}
		}
		for _, r := range []ramp{p.soft, p.strong} {
			for k := 1; k <= 100; k++ {
				if luminance(r.at(float64(k)/100)) < luminance(r.at(float64(k-1)/100)) {
					t.Errorf("%v: a ramp darkens at %d %%", theme, k)
				}
			}
		}
		seen := map[string]bool{}
		for i := range 40 {
			l := p.look(i)
			seen[fmt.Sprint(l.color, l.dash, l.mark)] = true
		}
		if len(seen) != 40 {
			t.Errorf("%v: %d different looks of 40", theme, len(seen))
		}
	}
}

func TestOklchOfGreysAndWhite(t *testing.T) {
	if got := oklch(1, 0, 0); got != (color.NRGBA{255, 255, 255, 255}) {
		t.Errorf("white = %v", got)
	}
	if got := oklch(0, 0, 0); got != (color.NRGBA{0, 0, 0, 255}) {
		t.Errorf("black = %v", got)
	}
	// sRGB red is L 0.62796, C 0.25768, h 29.234 in Oklch.
	if got := oklch(0.62796, 0.25768, 29.234); got.R < 254 || got.G > 2 || got.B > 2 {
		t.Errorf("red = %v", got)
	}
}
