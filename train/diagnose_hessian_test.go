package train_test

import (
	"math"
	"slices"
	"testing"

	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/train"
)

// Between divisors the Hessian is D^(-1/2)·(H + L2)·D^(-1/2).
func TestDiagnoseDivisors(t *testing.T) {
	f, err := problem.Resolve("rosenbrock")
	if err != nil {
		t.Fatal(err)
	}
	xx, xy, yy := f.Hessian(-1.2, 1)
	for _, c := range []struct{ x, y, l2 float64 }{{1, 1, 0}, {4, 1e-4, 0}, {1e6, 3, 50}, {1, 1, 9}, {0, 2, 0}, {1e-12, 1e-3, 0}} {
		a, b, d := (xx+c.l2)/c.x, xy/math.Sqrt(c.x*c.y), (yy+c.l2)/c.y
		if c.x == 0 { // out of it
			a, b = 0, 0
		}
		want := (a+d)/2 + math.Hypot((a-d)/2, b)
		o := train.Diagnostics{Sharpness: true, Tolerance: 1e-9, Iterations: 50, Divisors: map[string][]float64{"x": {c.x, c.y}}, L2: c.l2}
		var got diagnoses
		minimize(t, function(t, "rosenbrock", -1.2, 1), "sgd", 0, 1, func(r *train.Options) { r.Diagnose = &o }, &got)
		if !close(got[0].Sharpness, want, 1e-6) {
			t.Errorf("%+v: sharpness %v, want %v", c, got[0].Sharpness, want)
		}
	}
	// Of a network, whose parameters are many, the divisors are found by name; those
	// that are not named are divided by 1.
	s := spirals(t, 60)
	net := network(t, "mlp:5", s, 4)
	measure := func(divisors map[string][]float64) train.Real {
		t.Helper()
		o := options(t, "sgd", 0, 1)
		o.Diagnose = &train.Diagnostics{Sharpness: true, Tolerance: 1e-4, Iterations: 60, Divisors: divisors}
		var got diagnoses
		learn(t, net, batches(t, s, 60, 1), o, &got)
		return got[0].Sharpness
	}
	all, some, one := map[string][]float64{}, map[string][]float64{}, map[string][]float64{}
	for i, p := range net.Params() {
		all[p.Name], one[p.Name] = slices.Repeat([]float64{0.25}, len(p.Data)), make([]float64, len(p.Data))
		if i == 0 {
			some[p.Name] = slices.Repeat([]float64{1}, len(p.Data))
		}
	}
	plain := measure(nil)
	if got := measure(all); !close(got, 4*float64(plain), 2e-3) {
		t.Errorf("divided by 1/4: %v, want four times %v", got, plain)
	}
	if got := measure(some); !close(got, float64(plain), 2e-3) {
		t.Errorf("divided by 1: %v, want %v", got, plain)
	}
	if got := measure(one); !math.IsNaN(float64(got)) {
		t.Errorf("a Hessian that nothing belongs to: %v", got)
	}
}
