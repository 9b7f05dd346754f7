package problem

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func TestLogSpectrum(t *testing.T) {
	l, err := LogSpectrum(4, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{1, 10, 100, 1000} {
		if math.Abs(l[i]/want-1) > 1e-14 {
			t.Errorf("l[%d] = %v, want %v", i, l[i], want)
		}
	}
	if l, err := LogSpectrum(1, 1); err != nil || len(l) != 1 || l[0] != 1 {
		t.Errorf("LogSpectrum(1, 1) = %v, %v", l, err)
	}
	for _, c := range []struct {
		n     int
		kappa float64
	}{{0, 1}, {3, 0.5}, {3, math.NaN()}, {3, math.Inf(1)}, {1, 2}} {
		if l, err := LogSpectrum(c.n, c.kappa); err == nil || l != nil {
			t.Errorf("LogSpectrum(%d, %v) = %v, want an error", c.n, c.kappa, l)
		}
	}
}

// TestRotation checks that a rotated quadratic has the spectrum asked for, and
// eigenvectors that are not the axes.
func TestRotation(t *testing.T) {
	spectrum := []float64{-2, 0, 0.5, 1, 30, 7}
	center := []float64{1, 2, 3, 4, 5, 6}
	for seed := range uint64(5) {
		q, err := NewQuadratic(QuadraticOptions{Spectrum: spectrum, Rotate: true, Seed: seed, Center: center})
		if err != nil {
			t.Fatal(err)
		}
		var h mat.SymDense
		q.Hessian(center, &h)
		var eigen mat.EigenSym
		if !eigen.Factorize(&h, false) {
			t.Fatal("no eigenvalues")
		}
		for i, want := range []float64{-2, 0, 0.5, 1, 7, 30} {
			if got := eigen.Values(nil)[i]; math.Abs(got-want) > 1e-13*30 {
				t.Errorf("seed %d: eigenvalue %v, want %v", seed, got, want)
			}
		}
		off := 0.0
		for i := range 6 {
			for j := range i {
				off += math.Abs(h.At(i, j))
			}
		}
		if off < 1 {
			t.Errorf("seed %d: the axes are not rotated", seed)
		}
		g := make([]float64, 6)
		if f := q.Gradient(center, g); f != 0 || norm(g) != 0 {
			t.Errorf("seed %d: value %v and gradient %v at the center", seed, f, g)
		}
		start, back := make([]float64, 6), make([]float64, 6)
		q.Start(start)
		q.Center(back)
		if start[0] != 2 || start[5] != 7 || back[5] != 6 {
			t.Errorf("start %v, center %v", start, back)
		}
	}
}

// TestHaar checks the first and second moments of a random rotation's elements:
// 0 and 1/n.
func TestHaar(t *testing.T) {
	const n, trials = 4, 4000
	var h mat.SymDense
	var sum, square float64
	for seed := range uint64(trials) {
		// The Hessian of the spectrum (1, 0, 0, 0) is the projection on one
		// random direction q: its diagonal holds the squares of q.
		q, err := NewQuadratic(QuadraticOptions{Spectrum: []float64{1, 0, 0, 0}, Rotate: true, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		q.Hessian(make([]float64, n), &h)
		sum += h.At(2, 2)
		square += h.At(0, 3)
	}
	if mean := sum / trials; math.Abs(mean-1.0/n) > 0.02 {
		t.Errorf("the mean square of an element is %v, want %v", mean, 1.0/n)
	}
	if mean := square / trials; math.Abs(mean) > 0.02 {
		t.Errorf("the mean product of two elements is %v, want 0", mean)
	}
}

func TestConstructorErrors(t *testing.T) {
	for _, c := range []struct {
		o    QuadraticOptions
		want string
	}{
		{QuadraticOptions{}, "Spectrum is empty"},
		{QuadraticOptions{Spectrum: []float64{1, math.NaN()}}, "Spectrum[1] = NaN"},
		{QuadraticOptions{Spectrum: []float64{1}, Center: []float64{1, 2}}, "Center has 2 coordinates, want 1"},
		{QuadraticOptions{Spectrum: []float64{1}, Center: []float64{math.Inf(1)}}, "Center[0] = +Inf"},
		{QuadraticOptions{Spectrum: make([]float64, MaxRotated+1), Rotate: true}, "4097 variables with Rotate"},
	} {
		if q, err := NewQuadratic(c.o); q != nil || err == nil || !strings.HasPrefix(err.Error(), "problem: Quadratic: "+c.want) {
			t.Errorf("NewQuadratic: %v, want %s", err, c.want)
		}
	}
	for _, f := range []func() (Problem, error){
		func() (Problem, error) { return result(NewRosenbrockN(1, 100)) },
		func() (Problem, error) { return result(NewRosenbrockN(2, 0)) },
		func() (Problem, error) { return result(NewRosenbrockN(2, math.NaN())) },
		func() (Problem, error) { return result(NewRastriginN(0, 10)) },
		func() (Problem, error) { return result(NewRastriginN(2, -1)) },
		func() (Problem, error) { return result(NewRastriginN(2, math.Inf(1))) },
	} {
		if p, err := f(); err == nil || p != nil {
			t.Errorf("%v is accepted", p)
		}
	}
}

// TestFamiliesMatchThePlane compares the n-dimensional forms for n = 2 with the
// functions of the table.
func TestFamiliesMatchThePlane(t *testing.T) {
	for family, function := range map[string]string{
		"rosenbrock-n:n=2,b=7":  "rosenbrock:b=7",
		"rastrigin-n:n=2":       "rastrigin",
		"quadratic:n=2,kappa=9": "bowl:kappa=9",
	} {
		p, err := ResolveProblem(family)
		if err != nil {
			t.Fatal(err)
		}
		f, err := Resolve(function)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range [][]float64{{-1.2, 1}, {0.3, 2.4}, {0, 0}} {
			if a, b := p.Value(x), f.Value(x[0], x[1]); math.Abs(a-b) > 1e-12*(1+math.Abs(a)) {
				t.Errorf("%s = %v, %s = %v at %v", family, a, function, b, x)
			}
		}
	}
}

func ExampleNewQuadratic() {
	spectrum, err := LogSpectrum(100, 1000)
	if err != nil {
		fmt.Println(err)
		return
	}
	q, err := NewQuadratic(QuadraticOptions{Spectrum: spectrum, Rotate: true, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	x := make([]float64, q.Dim())
	v, err := Classify(q, x)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%v, condition number %.0f\n", v.Kind, v.Condition)
	// Output: minimum, condition number 1000
}

func BenchmarkQuadratic(b *testing.B) {
	for _, spec := range []string{"quadratic:n=100", "quadratic:n=100,rotate=true", "rosenbrock-n:n=100", "rastrigin-n:n=100"} {
		p, err := ResolveProblem(spec)
		if err != nil {
			b.Fatal(err)
		}
		x, g := make([]float64, 100), make([]float64, 100)
		p.Start(x)
		b.Run(spec, func(b *testing.B) {
			for b.Loop() {
				p.Gradient(x, g)
			}
		})
	}
}
