package train_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/checkpoint"
	"github.com/descent-go/descent/internal/durable/faulty"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/schedule"
	"github.com/descent-go/descent/train"
	"pgregory.net/rapid"
)

// Whatever the options, and wherever and how often a run is interrupted, it ends
// with the same bits.
func TestResumeProperty(t *testing.T) {
	specs := []string{"softmax", "mlp:5,act=tanh", normed, "dense:4,dropout:0.5", "dense:6,bn"}
	functions := []string{"rosenbrock", "himmelblau", "quadratic:n=5,kappa=20"}
	rapid.Check(t, func(r *rapid.T) {
		change := drawOptions(r)
		rule := rapid.SampledFrom(optim.Rules()).Draw(r, "rule").Name
		s := subject{name: rule}
		if rapid.IntRange(0, 2).Draw(r, "kind") == 0 {
			f := rapid.SampledFrom(functions).Draw(r, "function")
			sigma := rapid.SampledFrom([]float64{0, 0, 0.1}).Draw(r, "noise")
			steps := rapid.Int64Range(1, 150).Draw(r, "steps")
			s.make = func(t testing.TB) trial {
				return functionTrial(t, f, sigma, rule, 0.01, func(o *train.Options) {
					o.Validation = nil
					change(o)
					o.Train, o.Validation, o.Epochs, o.Accumulate, o.Steps = nil, nil, 0, 0, steps
				})
			}
		} else {
			spec := rapid.SampledFrom(specs).Draw(r, "network")
			points, size := rapid.IntRange(6, 40).Draw(r, "points"), rapid.IntRange(0, 12).Draw(r, "batch size")
			drop := rapid.Bool().Draw(r, "drop short")
			epochs := rapid.IntRange(1, 5).Draw(r, "epochs")
			if drop && size > points { // no batch at all
				size = points
			}
			s.make = func(t testing.TB) trial {
				set := spirals(t, points+12)
				net := network(t, spec, set, 8)
				source := batches(t, set.Head(points), size, 3)
				if drop {
					source.DropShort()
				}
				o := train.Defaults(parsed(t, rule))
				o.Validation = set.Tail(12)
				change(&o)
				o.Epochs = epochs
				return netTrial(t, net, net, source, o)
			}
		}
		whole := s.whole(t)
		disk := faulty.New()
		for _, steps := range append(rapid.SliceOfN(rapid.IntRange(1, 30), 1, 4).Draw(r, "parts"), 0) {
			c := resumable(t, disk)
			c.Every = rapid.SampledFrom([]int64{0, 0, 1, 4}).Draw(r, "every")
			got, _, err := s.part(t, c, steps)
			if err != nil {
				r.Fatal(err)
			}
			if steps == 0 && got != whole {
				r.Fatalf("resumed:\n%swant\n%s", got, whole)
			}
		}
	})
}

// drawOptions draws what a run may do. The function it returns gives every run
// objects of its own.
func drawOptions(r *rapid.T) func(*train.Options) {
	lr := rapid.SampledFrom([]float64{1e-3, 0.01, 0.1, 3}).Draw(r, "rate")
	schedules := append(schedule.All(), schedule.Info{})
	along := rapid.SampledFrom(schedules).Draw(r, "schedule").Example
	cycle, plateau := rapid.Bool().Draw(r, "cycle momentum"), rapid.Bool().Draw(r, "plateau")
	accumulate := rapid.IntRange(0, 4).Draw(r, "accumulate")
	clip := rapid.SampledFrom([]float64{0, 0, 0.1}).Draw(r, "clip")
	policy := optim.NonFinite(rapid.IntRange(0, 3).Draw(r, "policy"))
	average := rapid.IntRange(0, 2).Draw(r, "average")
	from := rapid.Int64Range(0, 9).Draw(r, "average from")
	best, patience := rapid.Bool().Draw(r, "keep best"), rapid.IntRange(0, 4).Draw(r, "patience")
	every := rapid.Int64Range(0, 6).Draw(r, "evaluate every")
	validate, curve := rapid.Bool().Draw(r, "validation"), rapid.Bool().Draw(r, "train")
	watch, measure, points := rapid.Bool().Draw(r, "watch"), rapid.Bool().Draw(r, "measure"), rapid.Bool().Draw(r, "points")
	small := rapid.SampledFrom([]float64{0, 0, 1e-3, 0.1}).Draw(r, "small")
	target := rapid.SampledFrom([]float64{-1, -1, 0.6, 2}).Draw(r, "target")
	return func(o *train.Options) {
		o.LR, o.Schedule, o.CycleMomentum, o.Accumulate = lr, along, cycle, accumulate
		o.ClipNorm, o.NonFinite, o.AverageFrom = clip, policy, from
		o.KeepBest, o.Patience, o.EvalEvery = best, patience, every
		o.Watch, o.Measure, o.Points, o.MinGrad, o.MinUpdate = watch, measure, points, small, small/10
		switch average {
		case 1:
			o.EMA = 0.8
		case 2:
			o.SWA = true
		}
		if plateau {
			o.Plateau = eager()
		}
		if curve {
			o.Train = o.Validation
		}
		if !validate {
			o.Validation = nil
		}
		if target > 0 {
			o.TargetLoss = &target
		}
	}
}

// Everything that can fail on a disk fails in turn, in all ways, and then the
// machine crashes. Whatever is left, the run goes on from it and ends with the
// same bits, and nothing that was reported as written is lost.
func TestResumeAfterFaults(t *testing.T) {
	t.Parallel()
	s := subject{"function", func(t testing.TB) trial {
		return functionTrial(t, "rosenbrock", 0.1, "adam", 0.05, func(o *train.Options) { o.Steps, o.KeepBest, o.EMA = 6, true, 0.9 })
	}}
	whole := s.whole(t)
	var reported int64
	checked := 0
	try := func(disk *faulty.FS) error {
		reported = 0
		c := resumable(t, disk)
		c.Every = 3
		bits, _, err := s.part(t, c, 0, patience(disk, 3), train.SinkFunc(func(e train.Event) {
			if e, ok := e.(*train.Checkpointed); ok && e.Error == "" {
				reported = e.Step
			}
		}))
		if bits != whole && (bits != "" || err == nil) { // it may not even begin
			t.Errorf("a failing disk changes the result:\n%swant\n%s", bits, whole)
		}
		return err
	}
	operations := faulty.Every(faulty.New, try, func(tr faulty.Trial) {
		checked++
		left, rejected, err := resumable(t, tr.After).Store.Newest()
		if err != nil || len(rejected) > 0 {
			t.Fatalf("%s: %v, rejected %v", tr.What, err, rejected)
		}
		var at checkpoint.Info
		if left != nil {
			at = left.Info
		}
		if at.Step < reported || tr.Err == nil && at.Step != 6 {
			t.Errorf("%s: the newest checkpoint is of step %d, %d was reported as written, error %v", tr.What, at.Step, reported, tr.Err)
		}
		bits, _, err := s.part(t, resumable(t, tr.After), 0)
		if err != nil || bits != whole {
			t.Errorf("%s: from step %d: %v:\n%swant\n%s", tr.What, at.Step, err, bits, whole)
		}
	})
	if operations < 50 || checked < 5*operations {
		t.Errorf("%d operations, %d trials", operations, checked)
	}
}

// A history that is continued is the same, whatever was recorded.
func TestHistoryState(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		h := &train.History{Every: rapid.Int64Range(0, 3).Draw(r, "every"), Limit: rapid.IntRange(0, 9).Draw(r, "limit")}
		points := rapid.Bool().Draw(r, "points")
		number := rapid.Float64Range(-1e300, 1e300)
		events := func(from int64, n int) (all []train.Event) {
			for i := range n {
				e := &train.Step{Step: from + int64(i), Epoch: i / 3, Loss: number.Draw(r, "loss"), Rate: 0.1, UpdateNorm: number.Draw(r, "norm") * 1e300}
				if points {
					e.Point, e.Value = []float64{number.Draw(r, "x"), 2}, number.Draw(r, "value")
				}
				all = append(all, e)
				switch rapid.IntRange(0, 5).Draw(r, "more") {
				case 0:
					all = append(all, &train.EpochEnd{Epoch: i, Loss: e.Loss})
				case 1:
					all = append(all, &train.Evaluation{Step: e.Step, Set: "train", Loss: e.Loss, Accuracy: 0.5})
				case 2:
					all = append(all, &train.Oscillating{Step: e.Step, Period: 2})
				}
			}
			return all
		}
		start := &train.Started{Optimizer: "sgd", Rate: 0.1}
		if points {
			start.Point, start.Value = []float64{1, 2}, 3
		}
		n := rapid.IntRange(0, 30).Draw(r, "steps")
		for _, e := range append([]train.Event{start}, events(1, n)...) {
			h.Event(e)
		}
		state, err := h.State()
		if err != nil {
			r.Fatal(err)
		}
		again := &train.History{Every: h.Every, Limit: h.Limit}
		if err := again.SetState(slices.Clone(state)); err != nil {
			r.Fatal(err)
		}
		more := append(events(int64(n)+1, rapid.IntRange(0, 20).Draw(r, "more steps")), &train.Finished{})
		for _, e := range more {
			h.Event(e)
		}
		for _, e := range append([]train.Event{&train.Resumed{Started: train.Started{Optimizer: "sgd", Rate: 0.1}}}, more...) {
			again.Event(e)
		}
		if got, want := resultBits(t, &train.Result{}, again), resultBits(t, &train.Result{}, h); got != want {
			r.Fatalf("%s, want %s", got, want)
		}
		if err := again.SetState(nil); err != nil || again.Steps != nil || again.Started.Optimizer != "" || again.Limit != h.Limit {
			r.Fatalf("after nil: %v, %+v", err, again)
		}
	})
}

func FuzzHistoryState(f *testing.F) {
	h := &train.History{Every: 2}
	h.Event(&train.Started{Optimizer: "sgd", Point: []float64{1, 2}, Value: 3})
	for step := range int64(5) {
		h.Event(&train.Step{Step: step + 1, Loss: 1, Point: []float64{1, 2}, Value: 4})
	}
	state, err := h.State()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(state)
	f.Add([]byte(strings.Replace(string(state), `"path"`, `"pith"`, 1)))
	f.Fuzz(func(t *testing.T, b []byte) {
		h := &train.History{Every: 3, Limit: 7}
		if err := h.SetState(slices.Clip(append([]byte{}, b...))); err != nil {
			if h.Every != 3 || h.Steps != nil {
				t.Fatalf("a refused state changed the history to %+v", h)
			}
			return
		}
		h.Event(&train.Step{Step: 1 << 40, Loss: 1})
		h.Event(&train.Finished{})
		again, err := h.State()
		if err != nil {
			t.Fatal(err)
		}
		if err := new(train.History).SetState(again); err != nil {
			t.Fatalf("%v from %.200q", err, again)
		}
	})
}
