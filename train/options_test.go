package train_test

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/schedule"
	"github.com/descent-go/descent/train"
)

func TestOptionErrors(t *testing.T) {
	nan := math.NaN()
	adam := rule(t, "adam")
	for _, c := range []struct {
		change func(*train.Options)
		want   string
	}{
		{func(o *train.Options) { o.LR = -1 }, "train: Options.LR = -1, want [0, +Inf)"},
		{func(o *train.Options) { o.LR = nan }, "Options.LR = NaN"},
		{func(o *train.Options) { o.ClipNorm = math.Inf(1) }, "Options.ClipNorm = +Inf"},
		{func(o *train.Options) { o.ClipValue = -2 }, "Options.ClipValue = -2"},
		{func(o *train.Options) { o.Steps = -1 }, "Options.Steps = -1"},
		{func(o *train.Options) { o.Patience = -1 }, "Options.Patience = -1"},
		{func(o *train.Options) { o.TimeBudget = -time.Second }, "Options.TimeBudget = -1e+09"},
		{func(o *train.Options) { o.TimeBudget = time.Second }, "needs a Clock"},
		{func(o *train.Options) { o.TargetLoss = &nan }, "Options.TargetLoss = NaN"},
		{func(o *train.Options) { o.Rule = nil }, "neither Rule nor Groups"},
		{func(o *train.Options) { o.Groups = []optim.Group{optim.All(adam)} }, "both Rule and Groups"},
		{func(o *train.Options) {
			o.Rule, o.Groups = nil, []optim.Group{optim.All(adam)}
			o.Hyper = map[string]optim.Curve{"beta1": schedule.Constant{Factor: 1}}
		}, "Options.Hyper is for Rule"},
		{func(o *train.Options) { o.Hyper = map[string]optim.Curve{"rho": schedule.Constant{Factor: 1}} }, `no hyper-parameter "rho"`},
		{func(o *train.Options) { o.Rule = optim.Adam{Beta1: 1.2} }, "Adam.Beta1 = 1.2, want [0, 1)"},
		{func(o *train.Options) { o.EMA = 1 }, "Options.EMA = 1, want (0, 1)"},
		{func(o *train.Options) { o.EMA, o.SWA = 0.5, true }, "both EMA and SWA"},
		{func(o *train.Options) { o.Steps = 0 }, "neither Epochs nor Steps"},
		{func(o *train.Options) { o.Epochs = 3 }, "Options.Epochs = 3 without a source"},
		{func(o *train.Options) { o.Accumulate = 3 }, "Options.Accumulate = 3 without a source"},
		{func(o *train.Options) { o.Schedule = schedule.Exponential{Gamma: -1} }, "Gamma = -1"},
		{func(o *train.Options) { o.Plateau = &schedule.Plateau{} }, "Plateau"},
		{func(o *train.Options) {
			o.Plateau = schedule.NewPlateau()
			o.Plateau.Mode = "max"
		}, `Options.Plateau.Mode = "max", want "min"`},
		{func(o *train.Options) { o.NonFinite = 9 }, "OnNonFinite"},
		{func(o *train.Options) { o.Test = &data.Set{} }, "the model *train.FunctionModel has no Evaluate"},
	} {
		o := train.Defaults(adam)
		o.Steps = 10
		c.change(&o)
		m := function(t, "parabola", 3, 4)
		res, err := train.Run(context.Background(), m, nil, o)
		if err == nil || res != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
		if x := m.Point(); x[0] != 3 || x[1] != 4 {
			t.Errorf("%q: the model was changed to %v", c.want, x)
		}
	}
}

func TestEvaluationErrors(t *testing.T) {
	s := spirals(t, 50)
	for _, c := range []struct {
		change func(*train.Options)
		want   string
	}{
		{func(o *train.Options) { o.Validation = s.Head(0) }, "the validation set is empty"},
		{func(o *train.Options) { o.Test = &data.Set{Dim: 1, X: []float32{1}, Label: []int32{0}} }, "test set: nn: batch has 1 features, want 2"},
		{func(o *train.Options) { o.Epochs = 0 }, "neither Epochs nor Steps"},
	} {
		o := options(t, "adam", 0.1, 2)
		c.change(&o)
		_, err := train.Run(context.Background(), network(t, "softmax", s, 0), batches(t, s, 10, 0), o)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

// Groups have rules of their own, and a frozen one is left alone.
func TestGroups(t *testing.T) {
	s := spirals(t, 100)
	net := network(t, "mlp:8", s, 1)
	before := append([]float32(nil), net.Params()[0].Data...)
	o := train.Options{LR: 0.1, Epochs: 2, Groups: []optim.Group{
		optim.Freeze(optim.Named("dense1.weight")),
		optim.Where(optim.Rank(1), rule(t, "sgd:momentum=0.9")),
		optim.All(rule(t, "adamw:decay=0.1")),
	}}
	res := learn(t, net, batches(t, s, 10, 0), o)
	if res.Optimizer != "sgd:momentum=0.9 + adamw:decay=0.1" {
		t.Errorf("optimizer %q", res.Optimizer)
	}
	for i, v := range net.Params()[0].Data {
		if v != before[i] {
			t.Fatalf("frozen weight %d went from %v to %v", i, before[i], v)
		}
	}
}

func TestPlannedSteps(t *testing.T) {
	s := spirals(t, 100)
	b := batches(t, s, 10, 0)
	for _, c := range []struct {
		source     data.Source
		epochs     int
		steps      int64
		accumulate int
		want       int64
	}{
		{b, 3, 0, 0, 30}, {b, 3, 20, 0, 20}, {b, 3, 50, 1, 30}, {b, 3, 0, 4, 9}, {b, 0, 7, 2, 7}, {nil, 0, 7, 0, 7},
	} {
		o := train.Options{Epochs: c.epochs, Steps: c.steps, Accumulate: c.accumulate}
		if got := train.PlannedSteps(c.source, o); got != c.want {
			t.Errorf("%+v: %d steps planned", c, got)
		}
	}
}

func TestDefaults(t *testing.T) {
	if o := train.Defaults(rule(t, "adamw")); o.LR != 0.001 || o.NonFinite != optim.FailNonFinite || o.BlowUp != 1e6 || !o.Watch {
		t.Errorf("%+v", o)
	}
	if o := train.Defaults(nil); o.Rule != nil || o.LR != 0 {
		t.Errorf("%+v", o)
	}
}
