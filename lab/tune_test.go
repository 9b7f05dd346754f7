package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/internal/durable"
	"github.com/descent-go/descent/nn"
	"github.com/descent-go/descent/train"
)

func space(tb testing.TB, specs ...string) *Space {
	tb.Helper()
	s, err := ParseSpace(specs)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// smallTune are options of a search that takes no time.
func smallTune(tb testing.TB, specs ...string) TuneOptions {
	o := DefaultTune()
	o.Space = space(tb, specs...)
	o.Trials, o.Seeds, o.Finalists, o.FinalistSeeds = 12, 7, 2, 2
	return o
}

func tune(tb testing.TB, k *Task, o TuneOptions) *Tuning {
	tb.Helper()
	r, err := Tune(context.Background(), k, o)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// timelessTuning is a result without what depends on the clock.
func timelessTuning(tb testing.TB, r *Tuning) string {
	tb.Helper()
	r.Seconds = 0
	for _, runs := range [][]Outcome{r.Tuned.Runs, r.Untuned.Runs} {
		for i := range runs {
			runs[i].Seconds = 0
		}
	}
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

func sameTuning(t *testing.T, what string, got, want *Tuning) {
	t.Helper()
	a, b := timelessTuning(t, got), timelessTuning(t, want)
	if a == b {
		return
	}
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			t.Errorf("%s: line %d is %s, want %s", what, i, x[i], y[i])
			return
		}
	}
	t.Errorf("%s: %d lines, want %d", what, len(x), len(y))
}

// What comes of a search does not depend on how many trainings run at a time, nor on
// how many of them there is room for.
func TestTuneParallel(t *testing.T) {
	for _, c := range []struct {
		text    string
		space   []string
		pruner  string
		sampler string
		seeds   int
	}{
		{"function: rosenbrock\nsteps: 90", []string{"lr=1e-5..10 log", "optimizer={sgd,adam}", "optimizer.beta1=0.5..0.99 if optimizer=adam"}, ASHA, "tpe", 1},
		{"function: rosenbrock-n\nsteps: 90\nnoise: 0.3\noptimizer: sgd", []string{"lr=1e-5..10 log", "optimizer.momentum=0..0.99"}, Hyperband, "tpe", 3},
		{"function: beale\nsteps: 90\noptimizer: sgd", []string{"lr=1e-5..10 log"}, NoPruner, "random", 2},
		{"data: digits:n=300\nmodel: mlp:6\nsteps: 90\nepochs: 0", []string{"lr=1e-4..10 log", "batch={8,32}", "ema=0.5..0.9"}, ASHA, "sobol", 2},
		{"data: digits:n=300\nmodel: mlp:6\nepochs: 6\nplateau: factor=0.5", []string{"lr=1e-4..10 log"}, Hyperband, "halton", 1},
		{"data: spirals:n=200\nmodel: mlp:8\nepochs: 10\nval: 0", []string{"lr=1e-4..10 log", "width=2..20 int log"}, ASHA, "tpe", 1},
	} {
		name := fmt.Sprintf("%s, %s, %s", strings.ReplaceAll(c.text, "\n", " "), c.pruner, c.sampler)
		k := task(t, c.text)
		o := smallTune(t, c.space...)
		o.Pruner, o.Sampler, o.SearchSeeds, o.Trials = c.pruner, c.sampler, c.seeds, 24
		want := tune(t, k, o)
		if c.pruner != NoPruner {
			if i := slices.IndexFunc(want.Tries, func(t *Try) bool { return t.Pruned }); i < 0 || len(want.Shares) < 3 {
				t.Errorf("%s: no try was pruned, with %d looks", name, len(want.Shares))
			}
		}
		seen := map[string]bool{}
		for _, try := range want.Tries {
			if key := fmt.Sprint(try.U); seen[key] {
				t.Errorf("%s: try %d is where another one was", name, try.Number)
			} else {
				seen[key] = true
			}
		}
		for _, n := range []int{2, 4} {
			o.Parallel = n
			sameTuning(t, fmt.Sprintf("%s: %d at a time", name, n), tune(t, k, o), want)
		}
		s, err := newTuner(k, &o)
		if err != nil {
			t.Fatal(err)
		}
		s.room = 0
		got, err := s.run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		sameTuning(t, name+": without room to rest", got, want)
	}
}

// A training that rests on the way ends as one that does not, and is looked at where
// it should be.
func TestTrainingRests(t *testing.T) {
	for _, text := range []string{
		"function: rosenbrock\nsteps: 100\noptimizer: nesterov",
		"function: rosenbrock-n\nsteps: 100\nnoise: 0.3",
		"data: digits:n=300\nmodel: mlp:6\nsteps: 100\nepochs: 0\nema: 0.9",
		"data: digits:n=300\nmodel: mlp:6\nsteps: 100\nepochs: 0\nschedule: onecycle\naccumulate: 2",
	} {
		k := task(t, text)
		tr := Trial{Settings: Settings{"lr": "3e-4"}, Seed: 3, Steps: 100}
		p := Pool{}
		whole, err := p.Run(context.Background(), k, []Trial{tr})
		if err != nil {
			t.Fatal(err)
		}
		g, err := k.begin(context.Background(), tr, ladder{3, 4})
		if err != nil {
			t.Fatal(err)
		}
		last := train.Real(math.NaN())
		for rung := range 4 {
			o, err := g.advance(context.Background(), rung)
			if err != nil {
				t.Fatal(err)
			}
			if at := g.ladder.until(rung, g.steps); rung < 3 && o.Steps != at || rung == 3 && o.Steps != whole[0].Steps {
				t.Errorf("%s: rung %d is looked at after %d steps, want %d", text, rung, o.Steps, at)
			}
			if o.Final == last {
				t.Errorf("%s: rung %d has the loss of the one before, %v", text, rung, o.Final)
			}
			last = o.Final
		}
		if last != whole[0].Final {
			t.Errorf("%s: ends with %v, want %v", text, last, whole[0].Final)
		}
		g.close()
	}
}

// A search that was interrupted anywhere goes on, and ends as if it had not been.
func TestTuneInterrupted(t *testing.T) {
	for _, pruner := range Pruners() {
		k := task(t, "data: digits:n=200\nmodel: mlp:4\nsteps: 60\nepochs: 0")
		o := smallTune(t, "lr=1e-4..10 log", "batch={8,32}")
		o.Pruner, o.SearchSeeds = pruner, 2
		want := tune(t, k, o)
		path := filepath.Join(t.TempDir(), "tune.trials")
		fresh, interrupts := 0, 0
		for {
			j, err := OpenJournal(durable.OS, path)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(context.Background())
			o.Journal, o.Parallel = j, 1+interrupts%3
			n := 0
			o.Sink = func(e Event) {
				if e, ok := e.(*TrialDone); ok && !e.Known {
					if fresh, n = fresh+1, n+1; n == 9 {
						cancel()
					}
				}
			}
			got, err := Tune(ctx, k, o)
			cancel()
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			if err == nil {
				sameTuning(t, pruner, got, want)
				break
			}
			if interrupts++; !errors.Is(err, context.Canceled) || interrupts > 100 {
				t.Fatalf("%s: %v", pruner, err)
			}
		}
		if interrupts < 3 || fresh != want.Trainings {
			t.Errorf("%s: %d interrupts, %d parts of trainings in all, want %d", pruner, interrupts, fresh, want.Trainings)
		}
	}
}

// Tries that diverge are the worst, and never chosen; where all do, there is nothing
// to choose.
func TestTuneDiverged(t *testing.T) {
	for _, pruner := range Pruners() {
		k := task(t, "function: rosenbrock\nsteps: 60\noptimizer: sgd\nlr: 1e-4")
		o := smallTune(t, "lr=1e-5..1e9 log")
		o.Pruner, o.Trials = pruner, 20
		r := tune(t, k, o)
		lost := 0
		for _, try := range r.Tries {
			if math.IsInf(try.Loss(), 1) {
				lost++
				if try.Number == r.Best || slices.ContainsFunc(r.Finalists, func(f Finalist) bool { return f.Number == try.Number }) {
					t.Errorf("%s: try %d diverged and is a finalist", pruner, try.Number)
				}
				if last := try.Rungs[len(try.Rungs)-1]; len(try.Rungs) > 1 && math.IsInf(float64(try.Rungs[0].Loss), 1) {
					t.Errorf("%s: try %d went on to %v after it had diverged", pruner, try.Number, last.Share)
				}
			}
		}
		if lost < 3 || r.Best == 0 || r.Tuned.Diverged > 0 {
			t.Errorf("%s: %d tries diverged, try %d was chosen, %d of its seeds diverge", pruner, lost, r.Best, r.Tuned.Diverged)
		}
		o.Space = space(t, "lr=1e7..1e9 log")
		r = tune(t, k, o)
		if r.Best != 0 || r.BestExperiment != "" || !strings.Contains(r.Summary, "diverged") || len(r.Finalists) > 0 {
			t.Errorf("%s: nothing converges, and try %d was chosen: %s", pruner, r.Best, r.Summary)
		}
	}
}

// A budget is kept, and used.
func TestTuneBudget(t *testing.T) {
	k := task(t, "function: beale\nsteps: 270\noptimizer: sgd")
	for _, pruner := range Pruners() {
		o := smallTune(t, "lr=1e-5..10 log")
		o.Pruner, o.Trials, o.Budget, o.Sampler = pruner, 0, 2700, "sobol"
		r := tune(t, k, o)
		if r.Spent > 10 || r.Spent < 9 {
			t.Errorf("%s: %v trainings, want 10 at most and 9 at least", pruner, r.Spent)
		}
		if n := len(r.Tries); pruner == NoPruner && n != 10 || pruner != NoPruner && n < 25 {
			t.Errorf("%s: %d tries", pruner, n)
		}
		steps := 0.0
		for _, try := range r.Tries {
			steps += float64(try.Rungs[len(try.Rungs)-1].Steps)
			if c := try.Rungs[len(try.Rungs)-1]; !try.Pruned && try.Diverged == 0 && c.Steps != 270 {
				t.Errorf("%s: try %d ends after %d steps", pruner, try.Number, c.Steps)
			}
		}
		if steps > 2700 {
			t.Errorf("%s: %v steps", pruner, steps)
		}
	}
}

// With Passes larger batches take fewer steps.
func TestTunePasses(t *testing.T) {
	k := task(t, "data: digits:n=400\nmodel: softmax\nepochs: 2")
	o := smallTune(t, "batch={8,32,64}")
	for batch, want := range map[string]int64{"8": 4 * k.Steps(), "32": k.Steps(), "64": (k.Steps() + 1) / 2, "": k.Steps()} {
		s := Settings{}
		if batch != "" {
			s["batch"] = batch
		}
		o.Passes = true
		if got := o.budgetOf(k, s); got != want {
			t.Errorf("batches of %s: %d steps, want %d", batch, got, want)
		}
		o.Passes = false
		if got := o.budgetOf(k, s); got != k.Steps() {
			t.Errorf("batches of %s by steps: %d steps, want %d", batch, got, k.Steps())
		}
	}
}

// The result is that of fresh seeds, which no other stage has seen, and says where the
// space ends too early.
func TestTuneResult(t *testing.T) {
	k := task(t, "function: rosenbrock\nsteps: 200\noptimizer: sgd\nlr: 1e-6")
	o := smallTune(t, "lr=1e-6..1e-4 log")
	o.Seed, o.SearchSeeds, o.Trials = 3, 2, 15
	r := tune(t, k, o)
	seen := map[uint64]bool{}
	for _, seeds := range [][]uint64{r.SearchSeeds, r.FinalistSeeds, r.FreshSeeds} {
		for _, s := range seeds {
			if seen[s] {
				t.Errorf("seed %d has two uses", s)
			}
			seen[s] = true
		}
	}
	if len(seen) != 2+2+7 || len(r.Tuned.Runs) != 7 || r.Tuned.Runs[0].Seed != r.FreshSeeds[0] {
		t.Errorf("%d seeds, %d runs", len(seen), len(r.Tuned.Runs))
	}
	if len(r.Edges) != 1 || !r.Edges[0].High || r.Edges[0].Key != "lr" || r.Edges[0].Limit != 1e-4 {
		t.Errorf("edges %+v, want the upper one of lr", r.Edges)
	}
	if !r.Clear || !r.Improved || !(r.Difference.Low > 1) || !strings.Contains(r.Summary, "clearly better") {
		t.Errorf("%s: %+v", r.Summary, r.Difference)
	}
	e, err := experiment.Parse("best.yaml", []byte(r.BestExperiment))
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(*e.LR) != r.Tries[r.Best-1].Settings["lr"] || e.Steps != 200 || e.Function != "rosenbrock" {
		t.Errorf("the best experiment is\n%s", r.BestExperiment)
	}
	o.Space = space(t, "lr=1e-5..1e-1 log")
	if r := tune(t, k, o); len(r.Edges) != 0 {
		t.Errorf("edges %+v of a space that is wide enough", r.Edges)
	}
}

// A search on one seed finds rates at the edge of divergence. When all finalists
// diverge on other seeds, the next best are called, and the one that survives is
// chosen.
func TestTuneCallsTheNextBest(t *testing.T) {
	k := task(t, "function: rosenbrock\noptimizer: sgd\nlr: 1e-4\nsteps: 500")
	o := DefaultTune()
	o.Space = space(t, "lr=1e-6..1e-1 log", "optimizer.momentum=0..0.99")
	o.Pruner, o.Trials, o.Budget = ASHA, 0, 10_000
	r := tune(t, k, o)
	lost := 0
	for _, f := range r.Finalists {
		if f.Diverged > 0 {
			lost++
		}
	}
	if lost < o.Finalists || len(r.Finalists) <= o.Finalists || r.Finalists[0].Diverged > 0 || r.Best != r.Finalists[0].Number || r.Tuned.Diverged > 0 {
		t.Errorf("%d of %d finalists diverged; try %d was chosen, which diverges on %d fresh seeds", lost, len(r.Finalists), r.Best, r.Tuned.Diverged)
	}
	ranked := slices.SortedFunc(slices.Values(r.Tries), betterTry)
	for _, f := range r.Finalists {
		if i := slices.IndexFunc(ranked, func(t *Try) bool { return t.Number == f.Number }); i >= len(r.Finalists) {
			t.Errorf("finalist %d is the %d-th of the search, of %d finalists", f.Number, i+1, len(r.Finalists))
		}
	}
}

// A program's own model can be tuned too, one training at a time.
func TestTuneOwn(t *testing.T) {
	sets, err := data.Open("digits:n=200", data.Options{Holdout: 0.2})
	if err != nil {
		t.Fatal(err)
	}
	net, err := nn.ParseShape("mlp:5", sets.Train.Shape, len(sets.Train.Classes), nn.Classify)
	if err != nil {
		t.Fatal(err)
	}
	own, err := experiment.NewOwn[float32](net, sets)
	if err != nil {
		t.Fatal(err)
	}
	e := experiment.DefaultOf(own)
	e.Steps, e.Epochs = 60, new(int)
	k, err := NewTask(context.Background(), e, experiment.Inputs{})
	if err != nil {
		t.Fatal(err)
	}
	o := smallTune(t, "lr=1e-4..1 log")
	o.Pruner, o.SearchSeeds = ASHA, 2
	want := tune(t, k, o)
	o.Parallel = 3
	sameTuning(t, "own model", tune(t, k, o), want)
}

func TestTuneErrors(t *testing.T) {
	k := task(t, "function: rosenbrock\nsteps: 50")
	for _, c := range []struct {
		want   string
		change func(o *TuneOptions)
	}{
		{"Space is nil", func(o *TuneOptions) { o.Space = nil }},
		{`Pruner = "asta"`, func(o *TuneOptions) { o.Pruner = "asta" }},
		{"sobel", func(o *TuneOptions) { o.Sampler = "sobel" }},
		{"Eta = 1, want [2", func(o *TuneOptions) { o.Eta = 1 }},
		{"Rungs = 0", func(o *TuneOptions) { o.Rungs = 0 }},
		{"want a limit", func(o *TuneOptions) { o.Trials = 0 }},
		{"Budget = -1", func(o *TuneOptions) { o.Budget = -1 }},
		{"want at least 50: a whole training", func(o *TuneOptions) { o.Budget = 49 }},
		{"SearchSeeds = 0", func(o *TuneOptions) { o.SearchSeeds = 0 }},
		{"Finalists = 0", func(o *TuneOptions) { o.Finalists = 0 }},
		{"FinalistSeeds = 251", func(o *TuneOptions) { o.FinalistSeeds = 251 }},
		{"Seeds = 500", func(o *TuneOptions) { o.Seeds = 500 }},
		{"Workers = 0", func(o *TuneOptions) { o.Workers = 0 }},
		{"Parallel = -1", func(o *TuneOptions) { o.Parallel = -1 }},
		{"Steps = -1", func(o *TuneOptions) { o.Steps = -1 }},
		{"Confidence = 1", func(o *TuneOptions) { o.Confidence = 1 }},
	} {
		o := smallTune(t, "lr=1e-5..1 log")
		c.change(&o)
		if _, err := Tune(context.Background(), k, o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}
