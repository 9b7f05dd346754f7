package train_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/train"
)

// On x² + y² from (3, 4), whose gradient is 2x and whose loss is 25, gradient
// descent at rate 1/4 halves the point in every step.
func halving(t *testing.T, change func(*train.Options), sinks ...train.Sink) (*train.Result, []float64) {
	t.Helper()
	m := function(t, "parabola", 3, 4)
	res := minimize(t, m, "sgd", 0.25, 1000, change, sinks...)
	return res, m.Point()
}

func TestStop(t *testing.T) {
	target := 25.0 / 64
	for _, c := range []struct {
		name   string
		change func(*train.Options)
		reason train.Reason
		steps  int64
	}{
		{"steps", func(o *train.Options) { o.Steps = 17 }, train.ReasonSteps, 17},
		{"target", func(o *train.Options) { o.TargetLoss = &target }, train.ReasonTarget, 3},
		// Norms of the gradient: 10, 5, 2.5; it ends before the third update.
		{"gradient", func(o *train.Options) { o.MinGrad = 2.5 }, train.ReasonSmallGradient, 2},
		// Norms of the update: 2.5, 1.25, 0.625.
		{"update", func(o *train.Options) { o.MinUpdate = 0.625 }, train.ReasonSmallUpdate, 3},
		// Improvements: 18.75, 4.6875, 1.17, 0.29 (step 4), 0.073 …: the fourth
		// and those after it count as none.
		{"patience", func(o *train.Options) { o.Patience, o.MinDelta = 2, 1 }, train.ReasonNoImprovement, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			res, x := halving(t, c.change)
			if res.Reason != c.reason || res.Steps != c.steps {
				t.Errorf("ended by %v after %d steps, want %v after %d: %s", res.Reason, res.Steps, c.reason, c.steps, res.Verdict)
			}
			if want := 3 * math.Ldexp(1, -int(c.steps)); x[0] != want || res.Point[0] != want {
				t.Errorf("x = %v, reported %v, want %v", x[0], res.Point[0], want)
			}
			if want := 25 * math.Ldexp(1, -2*int(c.steps)); res.FinalLoss != want {
				t.Errorf("final loss %v, want %v", res.FinalLoss, want)
			}
		})
	}
}

// clock advances by a second at every reading.
func clock() func() time.Time {
	now := time.Unix(0, 0)
	return func() time.Time {
		now = now.Add(time.Second)
		return now
	}
}

func TestTimeBudget(t *testing.T) {
	res, _ := halving(t, func(o *train.Options) { o.Clock, o.TimeBudget = clock(), 10*time.Second })
	// Read once at the start, then before every step: 1 s, …, 9 s, and 10 s is over.
	if res.Reason != train.ReasonTime || res.Steps != 9 || res.Seconds != 11 {
		t.Errorf("ended by %v after %d steps and %v s, want time after 9 and 11 s", res.Reason, res.Steps, res.Seconds)
	}
	if res, _ := halving(t, func(o *train.Options) { o.Clock = clock() }); res.Seconds != 1 || res.Steps != 1000 {
		t.Errorf("without a budget the clock is read twice: %v s after %d steps", res.Seconds, res.Steps)
	}
}

func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	h := &train.History{}
	stop := train.SinkFunc(func(e train.Event) {
		if s, ok := e.(*train.Step); ok && s.Step == 5 {
			cancel()
		}
	})
	m := function(t, "parabola", 3, 4)
	o := train.Defaults(rule(t, "sgd"))
	o.LR, o.Steps = 0.25, 1000
	res, err := train.Run(ctx, m, nil, o, stop, h)
	if err != nil {
		t.Fatal(err)
	}
	if res.Reason != train.ReasonInterrupted || res.Steps != 5 || res.Point[0] != 3.0/32 || res.FinalLoss != 25.0/1024 {
		t.Errorf("%v after %d steps at %v with %v", res.Reason, res.Steps, res.Point, res.FinalLoss)
	}
	if len(h.Steps) != 5 || h.Result != res {
		t.Errorf("the history has %d steps and result %v", len(h.Steps), h.Result)
	}
	// Before the first step there is nothing but the start.
	if res, err = train.Run(ctx, function(t, "parabola", 3, 4), nil, o); err != nil || res.Steps != 0 || res.FinalLoss != 25 {
		t.Errorf("interrupted at once: %+v, %v", res, err)
	}
}

// broken fails at a given call.
type broken struct {
	train.Model[float64]
	calls int
}

var errBroken = errors.New("broken")

func (m *broken) Loss(b *data.Batch) (float64, error) {
	if m.calls--; m.calls < 0 {
		return 0, errBroken
	}
	return m.Model.Loss(b)
}

func TestFailureKeepsResult(t *testing.T) {
	o := train.Defaults(rule(t, "sgd"))
	o.LR, o.Steps = 0.25, 10
	var last train.Event
	res, err := train.Run(context.Background(), &broken{function(t, "parabola", 3, 4), 4}, nil, o,
		train.SinkFunc(func(e train.Event) { last = e }))
	if !errors.Is(err, errBroken) {
		t.Fatalf("error %v, want %v", err, errBroken)
	}
	if res.Reason != train.ReasonFailed || res.Steps != 4 {
		t.Errorf("%v after %d steps, want failed after 4", res.Reason, res.Steps)
	}
	if f, ok := last.(*train.Finished); !ok || f.Result != res {
		t.Errorf("the last event is %T", last)
	}
}

// The best parameters come back, with the loss that they had.
func TestKeepBest(t *testing.T) {
	// Rate 1.1/… overshoots more each time: the start is the best point.
	change := func(o *train.Options) { o.LR, o.Steps, o.KeepBest = 1.05, 10, true }
	res, x := halving(t, change)
	if !res.Restored || x[0] != 3 || res.Point[0] != 3 || res.FinalLoss != 25 || res.BestLoss != 25 || res.BestStep != 0 {
		t.Errorf("x = %v, %+v", x, res)
	}
	// A run that falls to its last step ends at its last point.
	res, x = halving(t, func(o *train.Options) { o.Steps, o.KeepBest = 3, true })
	if res.Restored || x[0] != 3.0/8 || res.BestStep != 3 || res.BestLoss != 25.0/64 {
		t.Errorf("x = %v, %+v", x, res)
	}
}

func TestReasonText(t *testing.T) {
	for r := train.ReasonFailed; r <= train.ReasonTime; r++ {
		text, err := r.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var back train.Reason
		if err := back.UnmarshalText(text); err != nil || back != r {
			t.Errorf("%v read back as %v, %v", r, back, err)
		}
	}
	var r train.Reason
	if err := r.UnmarshalText([]byte("boredom")); err == nil {
		t.Error("an unknown reason is read")
	}
	if s := train.Reason(99).String(); s != "Reason(99)" {
		t.Errorf("String() = %q", s)
	}
}

var _ train.Model[float64] = (*broken)(nil)
var _ optim.Curve = counted{}

// counted is a schedule whose value tells the step: 1/(1 + step).
type counted struct{}

func (counted) At(step int64) float64 { return 1 / float64(1+step) }
