package problem

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

func TestClassify(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		spec      string
		x         []float64
		kind      Kind
		condition float64 // 0: not checked
	}{
		{"rosenbrock", []float64{1, 1}, LocalMinimum, 2508.0096},
		{"rosenbrock", []float64{1, 1 + 1e-9}, LocalMinimum, 0},
		{"rosenbrock", []float64{1.01, 1.02}, NotStationary, 0},
		{"rosenbrock", []float64{-1.2, 1}, NotStationary, 0},
		{"rosenbrock", []float64{15.7251, 247.282}, NotStationary, 0}, // on the valley's floor, far from its end
		{"parabola", []float64{0, 0}, LocalMinimum, 1},
		{"-x^2 - 3*y^2", []float64{0, 0}, LocalMaximum, 3},
		{"bowl:kappa=1e9", []float64{0, 0}, LocalMinimum, 1e9},
		{"saddle", []float64{0, 0}, SaddlePoint, 1},
		{"saddle", []float64{0, 1}, NotStationary, 0},
		{"monkey-saddle", []float64{0, 0}, Undetermined, inf},
		{"monkey-saddle", []float64{1e-9, 0}, SaddlePoint, 1},
		{"himmelblau", []float64{-0.270845, -0.923039}, LocalMaximum, 0},
		{"himmelblau", []float64{0.086678, 2.884255}, SaddlePoint, 0},
		{"double-well", []float64{0.07542915856974831, 0}, SaddlePoint, 0},
		{"ackley", []float64{0, 0}, LocalMinimum, 0},
		{"sqrt(x^2 + y^2) + 10*x", []float64{0, 0}, NotStationary, 0},
		{"x^4 + y^2", []float64{0, 0}, Undetermined, inf},
		{"x*y", []float64{0, 0}, SaddlePoint, 1},
		{"(x + y)^2", []float64{1, -1}, Undetermined, inf},
		{"1e-30*(x^2 + y^2)", []float64{1e-9, 0}, LocalMinimum, 1},
		{"1e-30*(x^2 + y^2)", []float64{1, 0}, NotStationary, 1},
		{"1e200*(x^2 + 2*y^2)", []float64{0, 0}, LocalMinimum, 2},
		{"(x - 1e6)^2 + y^2", []float64{1e6 + 0.1, 0}, LocalMinimum, 1},
		{"x + y", []float64{0, 0}, NotStationary, 0},
		{"log(x)", []float64{-1, 0}, NotStationary, 0},
		// A variable that does not occur is left out.
		{"x^2 - x", []float64{0.5, 7}, LocalMinimum, 1},
		{"-y^2", []float64{7, 0}, LocalMaximum, 1},
		{"x^3", []float64{0, 0}, Undetermined, inf},
		{"3", []float64{1, 1}, Undetermined, 0},
		{"quadratic:n=50,kappa=1e6,rotate=true", make([]float64, 50), LocalMinimum, 1e6},
		{"quadratic:n=5000,kappa=10", make([]float64, 5000), LocalMinimum, 10},
		{"rosenbrock-n:n=4", []float64{1, 1, 1, 1}, LocalMinimum, 0},
		// Kok and Sandrock, table 2.
		{"rosenbrock-n:n=4", []float64{-0.775659226, 0.613093374, 0.382062841, 0.145972009}, LocalMinimum, 0},
		{"rosenbrock-n:n=3", []float64{0, 0, 0}, NotStationary, 0},
		{"rastrigin-n:n=3", []float64{0, 0, 0}, LocalMinimum, 1},
	} {
		p, err := ResolveProblem(c.spec)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range []Problem{p, noisy(t, p)} {
			v, err := Classify(p, c.x)
			if err != nil {
				t.Error(err)
				continue
			}
			if v.Kind != c.kind || v.Reason == "" {
				t.Errorf("%s at %.3v: %v, want %v (%+v)", c.spec, c.x, v.Kind, c.kind, v)
			}
			if c.condition != 0 && !(v.Condition == c.condition || math.Abs(v.Condition/c.condition-1) < 1e-6) {
				t.Errorf("%s at %.3v: condition number %v, want %v", c.spec, c.x, v.Condition, c.condition)
			}
		}
	}
}

func noisy(t *testing.T, p Problem) Problem {
	n, err := Noisy(p, 10, 1)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// withoutHessian hides what a problem knows of its second derivatives.
type withoutHessian struct{ Problem }

// dense hides the known eigenvalues, so that they are computed.
type dense struct{ HessianProblem }

func TestClassifyGeneralProblems(t *testing.T) {
	p, err := ResolveProblem("quadratic:n=6,kappa=40,rotate=true,seed=2")
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float64, 6)
	v, err := Classify(withoutHessian{p}, x)
	if err != nil || v.Kind != Undetermined || v.Eigenvalues != nil || !math.IsNaN(v.Condition) {
		t.Errorf("without a Hessian: %+v, %v", v, err)
	}
	p.Start(x)
	if v, _ := Classify(withoutHessian{p}, x); v.Kind != NotStationary {
		t.Errorf("without a Hessian, at the start: %+v", v)
	}
	for _, scale := range []float64{1, 1e-130, 1e-290, 1e160, 1e290} {
		q, err := NewQuadratic(QuadraticOptions{
			Spectrum: []float64{-2 * scale, scale, 3 * scale, 40 * scale}, Rotate: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		known, err := Classify(q, make([]float64, 4))
		if err != nil || known.Kind != SaddlePoint {
			t.Fatalf("scale %v: %+v, %v", scale, known, err)
		}
		computed, err := Classify(dense{q}, make([]float64, 4))
		if err != nil || computed.Kind != SaddlePoint || len(computed.Eigenvalues) != 4 {
			t.Fatalf("scale %v: %+v, %v", scale, computed, err)
		}
		for i, l := range known.Eigenvalues {
			if math.Abs(computed.Eigenvalues[i]-l) > 1e-12*40*scale {
				t.Errorf("eigenvalue %d: %v, computed %v", i, l, computed.Eigenvalues[i])
			}
		}
	}
	// Blocks that differ by more than the squares of float64 can hold.
	d, err := NewQuadratic(QuadraticOptions{Spectrum: []float64{1e-140, 2e-140, 1, 2}})
	if err != nil {
		t.Fatal(err)
	}
	if v, err := Classify(dense{d}, make([]float64, 4)); err != nil || v.Kind != Undetermined {
		t.Errorf("blocks of different size: %+v, %v", v, err)
	}
	large, err := NewRosenbrockN(MaxDense+1, 100)
	if err != nil {
		t.Fatal(err)
	}
	ones := make([]float64, MaxDense+1)
	for i := range ones {
		ones[i] = 1
	}
	if v, _ := Classify(large, ones); v.Kind != Undetermined || v.Eigenvalues != nil {
		t.Errorf("beyond MaxDense: %v", v.Kind)
	}
}

func TestClassifyErrors(t *testing.T) {
	f, _ := Lookup("parabola")
	for want, x := range map[string][]float64{
		"problem: Classify: a point of 3 coordinates, want 2 for parabola": {1, 2, 3},
		"problem: Classify: x[1] = NaN, want a finite point":               {1, math.NaN()},
		"problem: Classify: x[0] = -Inf, want a finite point":              {math.Inf(-1), 1},
	} {
		if _, err := Classify(f.Problem(), x); err == nil || err.Error() != want {
			t.Errorf("Classify(%v): %v, want %s", x, err, want)
		}
	}
}

func TestKindText(t *testing.T) {
	var all []string
	for k := NotStationary; k <= Undetermined; k++ {
		text, err := k.MarshalText()
		if err != nil {
			t.Error(err)
		}
		all = append(all, string(text))
	}
	if got := strings.Join(all, ", "); got != "not stationary, minimum, maximum, saddle, undetermined" {
		t.Error(got)
	}
}

// TestEigen2 compares the closed form with gonum's.
func TestEigen2(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		element := rapid.Custom(func(t *rapid.T) float64 {
			return rapid.Float64Range(-1, 1).Draw(t, "m") * math.Pow(10, rapid.Float64Range(-8, 8).Draw(t, "e"))
		})
		a, b, c := element.Draw(t, "a"), element.Draw(t, "b"), element.Draw(t, "c")
		low, high := eigen2(a, b, c)
		var eigen mat.EigenSym
		if !eigen.Factorize(mat.NewSymDense(2, []float64{a, b, b, c}), true) {
			t.Fatalf("gonum finds no eigenvalues of (%v %v; %v)", a, b, c)
		}
		want := eigen.Values(nil)
		size := max(math.Abs(want[0]), math.Abs(want[1]))
		if math.Abs(low-want[0]) > 1e-14*size || math.Abs(high-want[1]) > 1e-14*size {
			t.Fatalf("eigenvalues of (%v %v; %v) are %v, %v, want %v", a, b, c, low, high, want)
		}
	})
	for _, c := range []struct{ a, b, c, low, high float64 }{
		{802, -400, 200, 0.39936076748763305, 1001.6006392325123},
		{1e16, 1e8, 1 + 1, 1, 1e16},
		{1e300, 1e300, 1e300, 0, 2e300},
		{0, 0, 0, 0, 0},
		{0, 1, 0, -1, 1},
		{math.Inf(1), 0, 3, 3, math.Inf(1)},
	} {
		low, high := eigen2(c.a, c.b, c.c)
		if math.Abs(low-c.low) > 1e-15*math.Abs(c.low) || high != c.high && math.Abs(high-c.high) > 1e-15*math.Abs(c.high) {
			t.Errorf("eigenvalues of (%v %v; %v) are %v, %v, want %v, %v", c.a, c.b, c.c, low, high, c.low, c.high)
		}
	}
	if low, high := eigen2(math.NaN(), 1, 1); !math.IsNaN(low) || !math.IsNaN(high) {
		t.Error("eigenvalues of NaN")
	}
}

func ExampleClassify() {
	f, err := Lookup("monkey-saddle")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, x := range [][]float64{{0, 0}, {1, 0}} {
		v, err := Classify(f.Problem(), x)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%v: %v (%s)\n", x, v.Kind, v.Reason)
	}
	// Output:
	// [0 0]: undetermined (2 of 2 eigenvalues are zero)
	// [1 0]: not stationary (the gradient's norm is 3, above 6e-06)
}
