package train_test

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/train"
)

// function makes a model of a problem by its spec.
func function(t testing.TB, spec string, start ...float64) *train.FunctionModel {
	t.Helper()
	p, err := problem.ResolveProblem(spec)
	if err != nil {
		t.Fatal(err)
	}
	m, err := train.Function(p, start)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// rule parses a rule.
func rule(t testing.TB, spec string) optim.Rule {
	t.Helper()
	r, err := optim.Parse(spec)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// minimize runs a rule over a function.
func minimize(t testing.TB, m train.Model[float64], spec string, lr float64, steps int64, change func(*train.Options), sinks ...train.Sink) *train.Result {
	t.Helper()
	o := train.Defaults(rule(t, spec))
	o.LR, o.Steps = lr, steps
	if change != nil {
		change(&o)
	}
	res, err := train.Run(context.Background(), m, nil, o, sinks...)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func TestConvergence(t *testing.T) {
	for _, c := range []struct {
		function string
		start    []float64
		rule     string
		lr       float64
		steps    int64
		loss     float64
	}{
		{"rosenbrock", []float64{-1.2, 1}, "adam", 0.1, 1500, 1e-6},
		{"rosenbrock", []float64{-1.2, 1}, "momentum", 0.001, 2000, 1e-6},
		{"rosenbrock", []float64{-1.2, 1}, "sgd:momentum=0.9", 0.001, 2000, 1e-6},
		{"rosenbrock", []float64{-1.2, 1}, "nesterov", 0.001, 2000, 1e-6},
		{"quadratic:n=20,kappa=100", nil, "sgd:momentum=0.9", 0.01, 2000, 1e-12},
		{"beale", nil, "adam", 0.05, 2000, 1e-9},
	} {
		t.Run(c.function+"/"+c.rule, func(t *testing.T) {
			m := function(t, c.function, c.start...)
			res := minimize(t, m, c.rule, c.lr, c.steps, nil)
			if !(res.FinalLoss <= c.loss) {
				t.Errorf("loss %g after %d steps, want at most %g: %s", res.FinalLoss, res.Steps, c.loss, res.Verdict)
			}
			if res.Steps != c.steps || res.Reason != train.ReasonSteps || res.Oscillating != nil {
				t.Errorf("%d steps, ended by %v, oscillating %v", res.Steps, res.Reason, res.Oscillating)
			}
			if got := m.At(res.Point); got != res.FinalLoss {
				t.Errorf("final loss %g, but %g at %v", res.FinalLoss, got, res.Point)
			}
			if res.BestLoss > res.FinalLoss || res.BestStep > res.Steps {
				t.Errorf("best loss %g at step %d, final %g", res.BestLoss, res.BestStep, res.FinalLoss)
			}
		})
	}
}

// A start on the ridge of a saddle is left by momentum when the gradient is
// noisy, and never without noise.
func TestSaddle(t *testing.T) {
	p, err := problem.ResolveProblem("saddle")
	if err != nil {
		t.Fatal(err)
	}
	run := func(sigma float64) *train.Result {
		noisy, err := problem.Noisy(p, sigma, 7)
		if err != nil {
			t.Fatal(err)
		}
		m, err := train.Function(noisy, []float64{1, 0})
		if err != nil {
			t.Fatal(err)
		}
		return minimize(t, m, "momentum", 0.01, 200, nil)
	}
	if res := run(0); math.Abs(res.FinalLoss) > 1e-3 || res.Point[1] != 0 {
		t.Errorf("without noise: loss %g at %v, want the saddle point", res.FinalLoss, res.Point)
	}
	if res := run(1e-3); !(res.FinalLoss < -1) {
		t.Errorf("with noise: loss %g at %v, want the saddle left behind", res.FinalLoss, res.Point)
	}
}

// Nesterov's look-ahead traces the points that the reparametrised forms show
// through their view, and the loop reports those points.
func TestNesterovFormsAgree(t *testing.T) {
	path := func(spec string) *train.History {
		h := &train.History{}
		minimize(t, function(t, "rosenbrock"), spec, 0.0005, 500, func(o *train.Options) { o.Points = true }, h)
		return h
	}
	want := path("nesterov:beta=0.9")
	if len(want.Path) != 501 || want.Path[0][0] != -1.2 {
		t.Fatalf("path of %d points from %v", len(want.Path), want.Path[0])
	}
	for _, spec := range []string{"sgd:momentum=0.9,nesterov", "momentum:beta=0.9,nesterov"} {
		got := path(spec)
		for i := range want.Path {
			for j := range 2 {
				if d := math.Abs(got.Path[i][j] - want.Path[i][j]); !(d <= 1e-12) {
					t.Fatalf("%s: point %d is %v, want %v: off by %g", spec, i, got.Path[i], want.Path[i], d)
				}
			}
			if d := math.Abs(got.Values[i] - want.Values[i]); !(d <= 1e-11) {
				t.Fatalf("%s: value %d is %v, want %v", spec, i, got.Values[i], want.Values[i])
			}
		}
		if d := math.Abs(got.Result.FinalLoss - want.Result.FinalLoss); !(d <= 1e-12) {
			t.Errorf("%s: final loss %v, want %v", spec, got.Result.FinalLoss, want.Result.FinalLoss)
		}
	}
}

// Gradients are taken at the probe, everything else at the parameters.
func TestProbe(t *testing.T) {
	m := function(t, "parabola", 2, 1)
	x := m.Params()[0].Data
	var seen []float64
	res := minimize(t, m, "nesterov:beta=0.5", 0.1, 3, nil, train.SinkFunc(func(e train.Event) {
		if _, ok := e.(*train.Step); ok {
			seen = append(seen, x[0])
		}
	}))
	theta, v := 2.0, 0.0
	for i := range 3 {
		v = 0.5*v - 0.1*2*(theta+0.5*v)
		theta += v
		if math.Abs(seen[i]-theta) > 1e-15 {
			t.Errorf("after step %d the parameter is %v, want %v", i+1, seen[i], theta)
		}
	}
	if res.Point[0] != seen[2] {
		t.Errorf("ended at %v, want %v", res.Point[0], seen[2])
	}
}

func TestFunctionErrors(t *testing.T) {
	p, err := problem.ResolveProblem("rosenbrock")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		start []float64
		want  string
	}{
		{[]float64{1}, "start of 1 coordinates for rosenbrock, want 2"},
		{[]float64{1, math.NaN()}, "coordinate 2 is NaN"},
		{[]float64{math.Inf(-1), 0}, "coordinate 1 is -Inf"},
	} {
		if _, err := train.Function(p, c.start); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("start %v: error %v, want %q", c.start, err, c.want)
		}
	}
	m, err := train.Function(p, nil)
	if err != nil || !slices.Equal(m.Point(), []float64{-1.2, 1}) {
		t.Errorf("usual start %v, %v", m.Point(), err)
	}
}

func BenchmarkRosenbrock(b *testing.B) {
	m := function(b, "rosenbrock")
	x := m.Params()[0].Data
	b.ReportAllocs()
	for b.Loop() {
		copy(x, []float64{-1.2, 1})
		if res := minimize(b, m, "adam", 0.1, 2000, nil); math.IsNaN(res.FinalLoss) {
			b.Fatal(res.Verdict)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/2000, "ns/step")
}
