package problem

import (
	"math"
	"slices"
	"testing"

	"github.com/descent-go/descent/internal/rng"
	"gonum.org/v1/gonum/mat"
)

// problems returns everything in the registries, and more, by name.
func problems(t testing.TB) map[string]HessianProblem {
	all := map[string]HessianProblem{}
	for _, f := range Functions() {
		all[f.Name] = f.Problem()
	}
	specs := []string{
		"rosenbrock:a=1.5,b=10", "bowl:kappa=3", "rastrigin:a=2", "ackley:a=5,b=0.5,c=3", "double-well:tilt=-0.5",
		"exp(-x^2)*tanh(x*y) + log(4 + y^2)^1.5", "x^4 - x", "3",
		"quadratic:n=7,kappa=50,center=0.5", "quadratic:n=9,kappa=100,rotate=true,seed=3", "quadratic:n=1,kappa=1,rotate=1",
		"rosenbrock-n:n=2,b=5", "rosenbrock-n:n=11", "rastrigin-n:n=6", "rastrigin-n:n=1,a=0",
	}
	for _, f := range Families() {
		specs = append(specs, f.Name)
	}
	for _, spec := range specs {
		p, err := ResolveProblem(spec)
		if err != nil {
			t.Fatal(err)
		}
		all[spec] = p.(HessianProblem)
	}
	return all
}

// difference returns the derivative of f at 0 by central differences,
// extrapolated from two steps, and an estimate of its error.
func difference(f func(h float64) float64) (d, err float64) {
	quotient := func(h float64) float64 { return (f(h) - f(-h)) / (2 * h) }
	const h = 1e-3
	coarse, fine := quotient(h), quotient(h/2)
	return fine + (fine-coarse)/3, math.Abs(fine-coarse)/3 + 1e-13*max(math.Abs(f(h)), 1)/h
}

// TestDerivatives checks every gradient and every Hessian against finite
// differences, of the value and of the gradient, at random points.
func TestDerivatives(t *testing.T) {
	for name, p := range problems(t) {
		t.Run(name, func(t *testing.T) {
			n := p.Dim()
			r := rng.New(1, "points")
			x, g, shifted, scratch := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
			for range 20 {
				for i := range x {
					x[i] = 4*r.Float64() - 2
				}
				f := p.Gradient(x, g)
				if v := p.Value(x); math.Abs(v-f) > 1e-14*math.Abs(f) {
					t.Fatalf("at %v the value is %v alone and %v with the gradient", x, v, f)
				}
				var h mat.SymDense
				p.Hessian(x, &h)
				at := func(i int, d float64) []float64 {
					copy(shifted, x)
					shifted[i] += d
					return shifted
				}
				for i := range n {
					want, uncertain := difference(func(d float64) float64 { return p.Value(at(i, d)) })
					if !(math.Abs(g[i]-want) <= 5*uncertain+1e-8*(1+math.Abs(want))) {
						t.Fatalf("g[%d] = %v at %v, differences give %v ± %v", i, g[i], x, want, uncertain)
					}
				}
				for j := range n {
					gradients := map[float64][]float64{}
					for i := range n {
						want, uncertain := difference(func(d float64) float64 {
							if gradients[d] == nil {
								p.Gradient(at(j, d), scratch)
								gradients[d] = slices.Clone(scratch)
							}
							return gradients[d][i]
						})
						if got := h.At(i, j); !(math.Abs(got-want) <= 5*uncertain+1e-8*(1+math.Abs(want))) {
							t.Fatalf("h[%d,%d] = %v at %v, differences give %v ± %v", i, j, got, x, want, uncertain)
						}
					}
				}
			}
		})
	}
}

func TestLengthsAreChecked(t *testing.T) {
	for name, p := range problems(t) {
		right, wrong := make([]float64, p.Dim()), make([]float64, p.Dim()+1)
		for what, f := range map[string]func(){
			"Start":      func() { p.Start(wrong) },
			"Value":      func() { p.Value(wrong) },
			"Gradient x": func() { p.Gradient(wrong, right) },
			"Gradient g": func() { p.Gradient(right, wrong) },
			"Hessian x":  func() { p.Hessian(wrong, &mat.SymDense{}) },
			"Hessian h":  func() { p.Hessian(right, mat.NewSymDense(p.Dim()+1, nil)) },
		} {
			if !panics(f) {
				t.Errorf("%s: %s accepts a wrong length", name, what)
			}
		}
		p.Hessian(right, mat.NewSymDense(p.Dim(), nil))
	}
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}

func TestNothingAllocates(t *testing.T) {
	for name, p := range problems(t) {
		x, g := make([]float64, p.Dim()), make([]float64, p.Dim())
		p.Start(x)
		if n := testing.AllocsPerRun(100, func() { p.Gradient(x, g) }); n != 0 {
			t.Errorf("%s: Gradient allocates %v times", name, n)
		}
		// A pool may be emptied at any time; on average it is not.
		if n := testing.AllocsPerRun(100, func() { p.Value(x) }); n != 0 {
			t.Errorf("%s: Value allocates %v times", name, n)
		}
	}
	for _, f := range Functions() {
		if n := testing.AllocsPerRun(100, func() {
			f.Value(0.3, 0.4)
			f.Gradient(0.3, 0.4)
			f.ValueGrad(0.3, 0.4)
			f.Hessian(0.3, 0.4)
		}); n != 0 {
			t.Errorf("%s: %v allocations", f.Name, n)
		}
	}
}

func TestNoise(t *testing.T) {
	base, err := ResolveProblem("quadratic:n=3,kappa=2")
	if err != nil {
		t.Fatal(err)
	}
	const sigma, n = 0.5, 20000
	one, _ := Noisy(base, sigma, 7)
	two, _ := Noisy(base, sigma, 7)
	other, _ := Noisy(base, sigma, 8)
	x := []float64{1, 2, 3}
	exact, g, h := make([]float64, 3), make([]float64, 3), make([]float64, 3)
	want := base.Gradient(x, exact)
	var sum, squares float64
	differs := false
	for range n {
		if got := one.Gradient(x, g); got != want {
			t.Fatalf("the value is %v, want %v without noise", got, want)
		}
		two.Gradient(x, h)
		for i := range g {
			if g[i] != h[i] {
				t.Fatal("the same seed gives different noise")
			}
			e := (g[i] - exact[i]) / sigma
			sum += e
			squares += e * e
		}
		other.Gradient(x, h)
		differs = differs || g[0] != h[0]
	}
	if !differs {
		t.Error("different seeds give the same noise")
	}
	if mean := sum / (3 * n); math.Abs(mean) > 4/math.Sqrt(3*n) {
		t.Errorf("the noise has mean %v, want 0", mean)
	}
	if variance := squares / (3 * n); math.Abs(variance-1) > 0.03 {
		t.Errorf("the noise has variance %v, want 1", variance)
	}
	if v := one.Value(x); v != want {
		t.Errorf("Value = %v, want %v", v, want)
	}
	zero, _ := Noisy(base, 0, 1)
	zero.Gradient(x, g)
	if g[0] != exact[0] || zero.Unwrap() != base {
		t.Error("noise of deviation 0 changes the problem")
	}
	for _, sigma := range []float64{-1, math.NaN(), math.Inf(1)} {
		if p, err := Noisy(base, sigma, 1); err == nil || p != nil {
			t.Errorf("sigma = %v: no error", sigma)
		}
	}
}

// A stream of noise that is continued elsewhere is the same.
func TestNoiseState(t *testing.T) {
	base, err := ResolveProblem("quadratic:n=3,kappa=2")
	if err != nil {
		t.Fatal(err)
	}
	one, _ := Noisy(base, 0.5, 7)
	x, g, h := []float64{1, 2, 3}, make([]float64, 3), make([]float64, 3)
	for range 5 { // of 3 numbers each, so that one of a pair is left over
		one.Gradient(x, g)
	}
	state, err := one.State()
	if err != nil {
		t.Fatal(err)
	}
	two, _ := Noisy(base, 0.5, 8)
	if err := two.SetState(state[1:]); err == nil {
		t.Error("part of a state is taken for one")
	}
	if err := two.SetState(state); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		one.Gradient(x, g)
		two.Gradient(x, h)
		if !slices.Equal(g, h) {
			t.Fatalf("continued, the noise is %v, want %v", h, g)
		}
	}
	if one.Sigma() != 0.5 {
		t.Errorf("Sigma = %v, want 0.5", one.Sigma())
	}
}
