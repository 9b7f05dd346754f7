package train_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/internal/durable/faulty"
	"github.com/descent-go/descent/train"
)

// ends are runs that end for every reason that leaves a checkpoint, with what
// makes them end later.
func ends() []struct {
	subject
	reason train.Reason
	later  func(*train.Options)
} {
	at := func(loss float64) *float64 { return &loss }
	function := func(sigma float64, change func(*train.Options)) subject {
		return subject{"function", func(t testing.TB) trial { return functionTrial(t, "rosenbrock", sigma, "adam", 0.05, change) }}
	}
	net := func(change func(*train.Options)) subject {
		return subject{"network", func(t testing.TB) trial { return networkTrial(t, normed, "adam", change) }}
	}
	type end = struct {
		subject
		reason train.Reason
		later  func(*train.Options)
	}
	return []end{
		{function(0, nil), train.ReasonSteps, func(o *train.Options) { o.Steps = 61 }},
		{function(0, func(o *train.Options) { o.TargetLoss = at(5) }), train.ReasonTarget, func(o *train.Options) { o.TargetLoss = at(4.25) }},
		{function(0.5, func(o *train.Options) { o.TargetLoss = at(5) }), train.ReasonTarget, func(o *train.Options) { o.TargetLoss = nil }},
		{function(0, func(o *train.Options) { o.MinGrad, o.Steps = 15, 400 }), train.ReasonSmallGradient, func(o *train.Options) { o.MinGrad = 1 }},
		{function(0, func(o *train.Options) { o.MinUpdate, o.Steps = 0.03, 400 }), train.ReasonSmallUpdate, func(o *train.Options) { o.MinUpdate = 0.001 }},
		{function(0, func(o *train.Options) { o.Patience, o.MinDelta, o.Steps = 3, 0.5, 400 }), train.ReasonNoImprovement, func(o *train.Options) { o.Patience = 5 }},
		{subject{"look-ahead", func(t testing.TB) trial {
			return functionTrial(t, "rosenbrock", 0, "nesterov", 1e-3, func(o *train.Options) { o.TargetLoss = at(5) })
		}}, train.ReasonTarget, func(o *train.Options) { o.TargetLoss = at(4.2) }},
		// At the end of an epoch, which is still to be reported.
		{net(func(o *train.Options) { o.Schedule, o.MinUpdate = dip(8), 1e-12 }), train.ReasonSmallUpdate, func(o *train.Options) { o.MinUpdate = 0 }},
		{net(nil), train.ReasonEpochs, func(o *train.Options) { o.Epochs = 6 }},
		{net(func(o *train.Options) { o.Steps = 22 }), train.ReasonSteps, func(o *train.Options) { o.Steps = 0 }},
		{net(func(o *train.Options) { o.TargetLoss = at(0.7) }), train.ReasonTarget, func(o *train.Options) { o.TargetLoss = nil }},
		{net(func(o *train.Options) { o.Patience, o.LR, o.Epochs, o.KeepBest = 2, 0.5, 40, true }), train.ReasonNoImprovement, func(o *train.Options) { o.Patience, o.Epochs = 0, 45 }},
	}
}

// A dip is a schedule with a rate of nothing at a step.
type dip int64

func (d dip) At(step int64) float64 {
	if step == int64(d) {
		return 0
	}
	return 1
}

// A run that had ended ends again at once, with the same result; with limits
// that let it go on, it becomes the run that had them from the beginning.
func TestResumeEnded(t *testing.T) {
	for _, c := range ends() {
		whole := c.whole(t)
		disk := faulty.New()
		first, _, err := c.part(t, resumable(t, disk), 0)
		if err != nil || first != whole || !strings.Contains(first, `"reason":"`+c.reason.String()+`"`) {
			t.Errorf("%s until %v: %v:\n%swant\n%s", c.name, c.reason, err, first, whole)
			continue
		}
		for range 2 {
			again, from, err := c.part(t, resumable(t, disk), 0)
			if err != nil || from == "" || again != first {
				t.Errorf("%s until %v, again, from %q: %v:\n%swant\n%s", c.name, c.reason, from, err, again, first)
			}
		}
		if list, err := resumable(t, disk).Store.List(); err != nil || len(list) != 1 {
			t.Errorf("%s until %v: a run that ends at once leaves %d checkpoints, %v", c.name, c.reason, len(list), err)
		}
		longer := subject{c.name, func(t testing.TB) trial {
			tr := c.make(t)
			c.later(&tr.options)
			return tr
		}}
		want := longer.whole(t)
		got, from, err := longer.part(t, resumable(t, disk), 0)
		if err != nil || from == "" || got != want || got == whole {
			t.Errorf("%s until %v, longer, from %q: %v:\n%swant\n%s", c.name, c.reason, from, err, got, want)
		}
	}
}

// The time of a run is that of all its parts.
func TestResumeTime(t *testing.T) {
	disk := faulty.New()
	run := func(steps int64, budget time.Duration) *train.Result {
		t.Helper()
		tr := functionTrial(t, "rosenbrock", 0, "adam", 0.05, nil)
		o := tr.options
		o.Steps, o.TimeBudget, o.Clock, o.Checkpoints = steps, budget, clock(), resumable(t, disk)
		res, err := tr.run(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	first := run(5, time.Hour)
	second := run(5, time.Hour) // no more than five readings of the clock
	if first.Seconds < 6 || second.Seconds < 6 {
		t.Errorf("%v s, and %v with the part that followed", first.Seconds, second.Seconds)
	}
	third := run(1000, time.Minute)
	if third.Reason != train.ReasonTime || third.Seconds < 60 || third.Seconds > 70 {
		t.Errorf("%v after %v s, want the time budget after 60", third.Reason, third.Seconds)
	}
	if again := run(1000, time.Minute); again.Reason != train.ReasonTime || again.Steps != third.Steps {
		t.Errorf("%v after %d steps, want the same end after %d", again.Reason, again.Steps, third.Steps)
	}
}

// A source that ends, and can be positioned, ends a run that goes on from there.
func TestResumeExhausted(t *testing.T) {
	disk := faulty.New()
	s := subject{"one epoch", func(t testing.TB) trial {
		set := spirals(t, 40)
		net := network(t, "mlp:5", set, 3)
		o := options(t, "adam", 0.01, 0)
		source := &single{batches(t, set, 7, 4)}
		tr := netTrial(t, net, net, source.Batches, o)
		tr.run = func(ctx context.Context, o train.Options, sinks ...train.Sink) (*train.Result, error) {
			return train.Run(ctx, net, source, o, sinks...)
		}
		return tr
	}}
	whole := s.whole(t)
	if !strings.Contains(whole, `"epochs":1,"examples":40,"reason":"data exhausted"`) {
		t.Fatal(whole)
	}
	for _, steps := range []int{3, 3, 0, 0} {
		bits, _, err := s.part(t, resumable(t, disk), steps)
		if err != nil || steps == 0 && bits != whole {
			t.Errorf("%v:\n%swant\n%s", err, bits, whole)
		}
	}
}

// single serves one epoch and then nothing.
type single struct{ *data.Batches }

func (s *single) PerEpoch() {}

func (s *single) Next(b *data.Batch) bool {
	epoch, _ := s.Position()
	return epoch == 0 && s.Batches.Next(b)
}
