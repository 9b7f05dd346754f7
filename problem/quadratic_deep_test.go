package problem

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// deep returns a small problem of the kind.
func deep(t testing.TB, o QuadraticDeepOptions) *QuadraticDeep {
	t.Helper()
	q, err := NewQuadraticDeep(o)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// The gradients of an epoch's batches average to that of the mean of the
// training points that they hold: all of them when the batches divide them.
func TestBatchesCoverTheTrainingPoints(t *testing.T) {
	q := deep(t, QuadraticDeepOptions{N: 6, Batch: 50, Seed: 3})
	b := q.Batches(1)
	if b.PerEpoch() != 20 {
		t.Fatalf("%d steps an epoch, want 20", b.PerEpoch())
	}
	x, g, mean := make([]float64, 6), make([]float64, 6), make([]float64, 6)
	q.Start(x)
	for epoch := range 2 {
		clear(mean)
		for range 20 {
			if f := b.Gradient(x, g); f != q.Value(x) && math.Abs(f-q.Value(x)) > 1e-13*f {
				t.Errorf("the value of a batch is %v, want that of the test points, %v", f, q.Value(x))
			}
			for i := range g {
				mean[i] += g[i] / 20
			}
		}
		want := make([]float64, 6)
		for i := range len(q.train) / 6 {
			d := make([]float64, 6)
			for k := range d {
				d[k] = (x[k] - q.train[i*6+k]) / 1000
			}
			q.times(d, g)
			add(want, g)
		}
		for i := range want {
			if math.Abs(mean[i]-want[i]) > 1e-12 {
				t.Errorf("epoch %d: mean gradient %v, want %v", epoch, mean, want)
				break
			}
		}
	}
}

// A value computed point by point is that of the closed form.
func TestQuadraticDeepByItsDefinition(t *testing.T) {
	h := mat.NewSymDense(2, []float64{2, 1, 1, 3})
	test := [][]float64{{1, 2}, {-1, 0.5}, {0, 3}}
	q, err := QuadraticDeepOf(h, [][]float64{{1, 0}, {0, 1}}, test, 1)
	if err != nil {
		t.Fatal(err)
	}
	x, want := []float64{0.3, -0.7}, 0.0
	for _, p := range test {
		a, b := x[0]-p[0], x[1]-p[1]
		want += (2*a*a + 2*a*b + 3*b*b) / 2 / 3
	}
	if f := q.Value(x); math.Abs(f-want) > 1e-13 {
		t.Errorf("value %v, want %v", f, want)
	}
	// The two batches are the two points, in either order.
	b, g := q.Batches(0), make([]float64, 2)
	var got [][]float64
	for range 2 {
		b.Gradient(x, g)
		got = append(got, slices.Clone(g))
	}
	slices.SortFunc(got, slices.Compare)
	for i, want := range [][]float64{{2*-0.7 + -0.7, -0.7 + 3*-0.7}, {2*0.3 + -1.7, 0.3 + 3*-1.7}} {
		if math.Abs(got[i][0]-want[0]) > 1e-14 || math.Abs(got[i][1]-want[1]) > 1e-14 {
			t.Errorf("gradient %d is %v, want %v", i, got[i], want)
		}
	}
}

func TestBatchesGoOn(t *testing.T) {
	q := deep(t, QuadraticDeepOptions{N: 5, Batch: 300})
	noisy := func(seed uint64) Stochastic {
		p, err := Noisy(q.Sample(seed), 0.1, seed)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for name, make2 := range map[string]func(seed uint64) Stochastic{"batches": q.Sample, "with noise": noisy} {
		one, other := make2(1), make2(2)
		x, a, b := make([]float64, 5), make([]float64, 5), make([]float64, 5)
		for range 4 {
			one.Gradient(x, a)
		}
		if other.Gradient(x, b); slices.Equal(a, b) {
			t.Errorf("%s: two seeds have the same gradient", name)
		}
		state, err := one.State()
		if err != nil {
			t.Fatal(err)
		}
		for cut := range state {
			if other.SetState(state[:cut]) == nil {
				t.Errorf("%s: %d of %d bytes are a state", name, cut, len(state))
			}
		}
		if late := append(state[:len(state)-4:len(state)-4], 3, 0, 0, 0); other.SetState(late) == nil {
			t.Errorf("%s: batch 3 of 3 is a state", name)
		}
		if err := other.SetState(state); err != nil {
			t.Fatal(err)
		}
		for range 7 {
			if one.Gradient(x, a) != other.Gradient(x, b) || !slices.Equal(a, b) {
				t.Fatalf("%s: %v and %v after SetState", name, a, b)
			}
		}
		if Exact(one) != Problem(q) {
			t.Errorf("%s: Exact returns %T", name, Exact(one))
		}
	}
	if got := noisy(1).Noise(); got != "batches of 300 + 0.1" {
		t.Errorf("the noise is %q", got)
	}
	bowl, err := ResolveProblem("bowl")
	if err != nil {
		t.Fatal(err)
	}
	if Sampled(bowl, 1) != bowl || Exact(bowl) != bowl {
		t.Error("a function without random gradient changes")
	}
}

func TestQuadraticDeepRefuses(t *testing.T) {
	h, one := mat.NewSymDense(1, []float64{1}), [][]float64{{1}}
	for want, err := range map[string]error{
		"QuadraticDeep: N = 0, want 1 to 1000":         second(NewQuadraticDeep(QuadraticDeepOptions{Batch: 1})),
		"QuadraticDeep: N = 1001, want 1 to 1000":      second(NewQuadraticDeep(QuadraticDeepOptions{N: 1001, Batch: 1})),
		"batch = 0, want 1 to 1000":                    second(NewQuadraticDeep(QuadraticDeepOptions{N: 2})),
		"batch = 1001, want 1 to 1000":                 second(NewQuadraticDeep(QuadraticDeepOptions{N: 2, Batch: 1001})),
		"no train points":                              second(QuadraticDeepOf(h, nil, one, 1)),
		"no test points":                               second(QuadraticDeepOf(h, one, nil, 1)),
		"test[0] has 2 coordinates, want 1":            second(QuadraticDeepOf(h, one, [][]float64{{1, 2}}, 1)),
		"train[0][0] = NaN, want a finite number":      second(QuadraticDeepOf(h, [][]float64{{math.NaN()}}, one, 1)),
		"hessian[0,0] = +Inf, want a finite number":    second(QuadraticDeepOf(mat.NewSymDense(1, []float64{math.Inf(1)}), one, one, 1)),
		`quadratic_deep: batch = "x", want a whole`:    second(ResolveProblem("quadratic_deep:batch=x")),
		`quadratic_deep has no parameter "kappa" (it `: second(ResolveProblem("quadratic_deep:kappa=2")),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func BenchmarkQuadraticDeep(b *testing.B) {
	p := deep(b, QuadraticDeepOptions{N: 100, Batch: 128}).Batches(1)
	x, g := make([]float64, 100), make([]float64, 100)
	for b.Loop() {
		p.Gradient(x, g)
	}
}
