package train_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/train"
	"pgregory.net/rapid"
)

// Whatever the rule, the rate and the function: events come in order, the
// result is what they told, and the best point is kept.
func TestInvariants(t *testing.T) {
	var rules []string
	for _, info := range optim.Rules() {
		rules = append(rules, info.Name)
	}
	rules = append(rules, "sgd:momentum=0.9,nesterov", "momentum:nesterov", "sgd:maximize")
	functions := []string{"rosenbrock", "himmelblau", "saddle", "ackley", "log(x^2 + y^2)", "1/(x - y)", "quadratic:n=7,kappa=30", "double-well"}
	rapid.Check(t, func(t *rapid.T) {
		p, err := problem.ResolveProblem(rapid.SampledFrom(functions).Draw(t, "function"))
		if err != nil {
			t.Fatal(err)
		}
		m, err := train.Function(p, nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := optim.Parse(rapid.SampledFrom(rules).Draw(t, "rule"))
		if err != nil {
			t.Fatal(err)
		}
		o := train.Defaults(r)
		o.LR = rapid.SampledFrom([]float64{0, 1e-4, 0.01, 0.3, 2, 1e3, 1e200}).Draw(t, "rate")
		o.Steps = rapid.Int64Range(1, 150).Draw(t, "steps")
		o.KeepBest, o.Points = rapid.Bool().Draw(t, "keep"), true
		o.NonFinite = optim.NonFinite(rapid.IntRange(0, 3).Draw(t, "policy"))
		o.Patience = rapid.IntRange(0, 20).Draw(t, "patience")
		if rapid.Bool().Draw(t, "diagnose") {
			o.Diagnose = &allDiagnostics
		}
		o.MinUpdate = rapid.SampledFrom([]float64{0, 1e-3}).Draw(t, "update")
		h := &train.History{}
		var kinds []byte
		steps := int64(0)
		order := train.SinkFunc(func(e train.Event) {
			switch e := e.(type) {
			case *train.Started:
				kinds = append(kinds, 's')
			case *train.Step:
				if !e.Skipped {
					steps++
				}
				if e.Step != steps {
					t.Fatalf("step %d after %d updates", e.Step, steps)
				}
			case *train.Diverged:
				kinds = append(kinds, 'd')
			case *train.Finished:
				kinds = append(kinds, 'f')
			}
		})
		res, err := train.Run(context.Background(), m, nil, o, h, order)
		if err != nil {
			t.Fatal(err)
		}
		want := "sf"
		if res.Diverged != nil {
			want = "sdf"
		}
		if string(kinds) != want || (res.Reason == train.ReasonDiverged) != (res.Diverged != nil) {
			t.Fatalf("events %s, %v, %+v", kinds, res.Reason, res.Diverged)
		}
		if res.Steps != steps || res.Steps+res.Skipped > o.Steps || res.Verdict == "" || h.Result != res {
			t.Fatalf("%d updates, %+v", steps, res)
		}
		for i, loss := range h.Losses {
			if loss < res.BestLoss {
				t.Fatalf("loss %v of step %d is below the best, %v", loss, i, res.BestLoss)
			}
		}
		if res.Point != nil && res.Diverged == nil && m.At(res.Point) != res.FinalLoss {
			t.Fatalf("final loss %v, but %v at %v", res.FinalLoss, m.At(res.Point), res.Point)
		}
		if o.KeepBest && res.Diverged == nil && res.FinalLoss != res.BestLoss {
			t.Fatalf("final loss %v, best %v", res.FinalLoss, res.BestLoss)
		}
		if res.Restored && (!o.KeepBest || m.At(m.Point()) != res.BestLoss) {
			t.Fatalf("restored to %v, best %v", m.At(m.Point()), res.BestLoss)
		}
		if _, err := json.Marshal(res); err != nil {
			t.Fatal(err)
		}
		if _, err := json.Marshal(h); err != nil {
			t.Fatal(err)
		}
	})
}
