package train_test

import (
	"context"
	"math"
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
		{"rosenbrock", []float64{-1.2, 1}, "nesterov", 0.001, 2000, 1e-5},
		{"quadratic:n=20,kappa=100", nil, "sgd:momentum=0.9", 0.01, 2000, 1e-12},
		{"beale", nil, "adam", 0.05, 2000, 1e-9},
	} {
		t.Run(c.function+"/"+c.rule, func(t *testing.T) {
			m := function(t, c.function, c.start...)
			res := minimize(t, m, c.rule, c.lr, c.steps, nil)
			if !(res.FinalLoss <= c.loss) {
				t.Errorf("loss %g after %d steps, want at most %g: %s", res.FinalLoss, res.Steps, c.loss, res.Verdict)
			}
			if res.Steps != c.steps || res.Reason != train.ReasonSteps {
				t.Errorf("%d steps, ended by %v", res.Steps, res.Reason)
			}
			if got := m.At(res.Point); got != res.FinalLoss {
				t.Errorf("final loss %g, but %g at %v", res.FinalLoss, got, res.Point)
			}
			t.Log(res.Verdict)
		})
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
