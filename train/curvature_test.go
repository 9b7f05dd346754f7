package train

import (
	"math"
	"testing"

	"github.com/descent-go/descent/problem"
	"pgregory.net/rapid"
)

func same(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

func near(got, want, relative float64) bool {
	return math.Abs(got-want) <= relative*math.Max(1, math.Abs(want))
}

func TestStepAlpha(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		name                         string
		loss0, loss1, slope0, slope1 float64
		want                         float64
	}{
		{"to the minimum", 1, 0, -2, 0, 0},
		{"halfway", 4, 1, -4, -2, -0.5},
		{"to the other side", 1, 1, -4, 4, 1},
		{"three times as far", 1, 3, -4, 8, 2},
		{"uphill", 1, 4, 2, 4, -2},
		{"from the minimum", 0, 1, 0, 2, inf},
		{"no update", 3, 3, 0, 0, -1},
		{"straight", 3, 1, -2, -2, -1},
		{"bending down", 3, 0, -2, -4, -1},
		{"infinite loss", 3, inf, -2, 4, nan},
		{"NaN slope", 3, 2, nan, 4, nan},
	} {
		if got := stepAlpha(c.loss0, c.loss1, c.slope0, c.slope1, 0x1p-51); !same(got, c.want) && !near(got, c.want, 1e-14) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	// Losses far above the slopes say nothing: 1e-9 of them is rounding.
	if got := stepAlpha(1, 1+3e-9, -2e-10, 1e-10, 0x1p-22); !near(got, 0.5, 1e-5) {
		t.Errorf("with rounded losses: %v, want 0.5", got)
	}
}

// The closed form is the minimum of the quadratic that fits best.
func TestStepAlphaFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.Float64Range(-10, 10)
		f0, f1, s0, s1 := number.Draw(t, "f0"), number.Draw(t, "f1"), number.Draw(t, "s0"), number.Draw(t, "s1")
		// The normal equations of f(0) = w₀, f(1) = w₀+w₁+w₂, f′(0) = w₁, f′(1) = w₁+2w₂.
		a := [3][4]float64{
			{2, 1, 1, f0 + f1},
			{1, 3, 3, f1 + s0 + s1},
			{1, 3, 5, f1 + 2*s1},
		}
		for i := range a {
			for j := i + 1; j < 3; j++ {
				k := a[j][i] / a[i][i]
				for c := range a[j] {
					a[j][c] -= k * a[i][c]
				}
			}
		}
		w2 := a[2][3] / a[2][2]
		w1 := (a[1][3] - a[1][2]*w2) / a[1][1]
		if math.Abs(w2) < 1e-3 || math.Abs(w1) < 1e-3 {
			return
		}
		want := -1.0
		if w2 > 0 {
			want = -2*w2/w1 - 1
		}
		if got := stepAlpha(f0, f1, s0, s1, 0); !near(got, want, 1e-8) {
			t.Fatalf("α = %v, want %v", got, want)
		}
	})
}

// A rotated quadratic as a Hessian.
type spun struct {
	q        *problem.Quadratic
	products int
}

func spin(t testing.TB, spectrum ...float64) *spun {
	t.Helper()
	q, err := problem.NewQuadratic(problem.QuadraticOptions{Spectrum: spectrum, Rotate: len(spectrum) > 1, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	return &spun{q: q}
}

func (s *spun) times(dst, v []float64) error {
	s.products++
	s.q.Gradient(v, dst)
	return nil
}

func (s *spun) confine([]float64) {}

func TestPower(t *testing.T) {
	spread := make([]float64, 100)
	for i := range spread {
		spread[i] = -50 + float64(i*i)/100
	}
	for _, c := range []struct {
		name     string
		spectrum []float64
		want     float64
	}{
		{"positive", []float64{1, 2, 5, 20}, 20},
		{"a larger negative one", []float64{-100, 1, 2, 20}, 20},
		{"all negative", []float64{-100, -20, -3}, -3},
		{"a tie with the other sign", []float64{2, -2}, 2},
		{"twice the same", []float64{7, 7, 1, -7}, 7},
		{"all the same", []float64{3, 3, 3}, 3},
		{"nothing", []float64{0, 0}, 0},
		{"one", []float64{4}, 4},
		{"one, negative", []float64{-4}, -4},
		{"tiny", []float64{1e-150, 3e-150, -1e-150}, 3e-150},
		{"huge", []float64{1e140, 3e140, -1e140}, 3e140},
		{"many", spread, spread[99]},
	} {
		h := spin(t, c.spectrum...)
		p := newPower[float64](len(c.spectrum), 1)
		got, err := p.largest(h, 1000, 1e-8)
		if err != nil || math.Abs(got-c.want) > 1e-9*math.Abs(c.want) {
			t.Errorf("%s: %v, %v, want %v", c.name, got, err, c.want)
		}
		if got > c.want+1e-12*math.Abs(c.want) {
			t.Errorf("%s: %v is above the largest eigenvalue", c.name, got)
		}
		if h.products == 1000 {
			t.Errorf("%s: did not converge", c.name)
		}
		// From the eigenvector it takes one product, and one to look elsewhere.
		h.products = 0
		if _, err := p.largest(h, 400, 1e-6); err != nil || h.products > 3 {
			t.Errorf("%s: again with %d products, %v", c.name, h.products, err)
		}
	}
}

// Few products each time are enough: each diagnosis goes on where the last ended.
func TestPowerGoesOn(t *testing.T) {
	h := spin(t, 1, 3, 9, 10, -30)
	p := newPower[float64](5, 1)
	last := math.Inf(-1)
	for range 60 {
		got, err := p.largest(h, 4, 1e-12)
		if err != nil || got < last-1e-12 {
			t.Fatalf("%v after %v, %v", got, last, err)
		}
		last = got
	}
	if !near(last, 10, 1e-9) {
		t.Errorf("%v, want 10", last)
	}
}

// An eigenvalue that grows past the one that was largest is found, though the
// two vectors are at right angles.
func TestPowerOvertaken(t *testing.T) {
	p := newPower[float64](2, 1)
	for _, c := range []struct{ a, b float64 }{{5, 1}, {5, 8}, {5, -8}, {-1, -8}, {-9, -8}} {
		h := &spun{}
		h.q, _ = problem.NewQuadratic(problem.QuadraticOptions{Spectrum: []float64{c.a, c.b}})
		if got, err := p.largest(h, 10, 1e-6); err != nil || !near(got, math.Max(c.a, c.b), 1e-9) {
			t.Errorf("%v and %v: %v, %v", c.a, c.b, got, err)
		}
	}
}

func TestSums(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		x, y         []float64
		norm, cosine float64
	}{
		{[]float64{3, 4}, []float64{3, 4}, 5, 1},
		{[]float64{3e200, 4e200}, []float64{-4e200, 3e200}, 5e200, 0},
		{[]float64{3e-200, 4e-200, 0, 0, 0}, []float64{-3e250, -4e250, 0, 0, 0}, 5e-200, -1},
		{[]float64{0x3p-1074, 0x4p-1074}, []float64{3, 4}, 0x5p-1074, 1},
		{[]float64{0, 0}, []float64{3, 4}, 0, nan},
		{[]float64{inf, 0}, []float64{3, 4}, inf, nan},
		{[]float64{nan, 0}, []float64{3, 4}, nan, nan},
	} {
		if got := norm(c.x); !same(got, c.norm) && !near(got/c.norm, 1, 1e-15) {
			t.Errorf("norm of %v is %v, want %v", c.x, got, c.norm)
		}
		if got := distance(make([]float64, len(c.x)), c.x); !same(got, c.norm) && !near(got/c.norm, 1, 1e-15) {
			t.Errorf("distance of %v is %v, want %v", c.x, got, c.norm)
		}
		if got := cosine(c.x, c.y); !same(got, c.cosine) && !near(got, c.cosine, 1e-15) {
			t.Errorf("cosine of %v and %v is %v, want %v", c.x, c.y, got, c.cosine)
		}
	}
}
