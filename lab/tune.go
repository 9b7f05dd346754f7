package lab

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/descent-go/descent/experiment"
)

// The pruners: none; ASHA, asynchronous successive halving; Hyperband.
const (
	NoPruner  = "none"
	ASHA      = "asha"
	Hyperband = "hyperband"
)

// Pruners lists them.
func Pruners() []string { return []string{NoPruner, ASHA, Hyperband} }

// TuneOptions say where to search and how thoroughly. [DefaultTune] returns the usual
// ones.
type TuneOptions struct {
	Space *Space
	// Sampler says where to look next: random, sobol, halton or tpe.
	Sampler string
	// Pruner says which tries go on: one of Pruners.
	Pruner string
	// Eta is the share of them, 1/Eta, that successive halving lets go on, and Rungs how
	// often tries are looked at, at most: after shares of the budget that are Eta times
	// as large each, up to the whole.
	Eta, Rungs int
	// Trials is the number of tries, Budget what they take together, in gradient
	// evaluations for each seed; 0 sets no limit. One of them is needed.
	Trials int
	Budget int64
	// Steps is the budget of a whole training in gradient evaluations; 0 is the task's
	// own. With Passes it is that at the task's own size of batches, and a try with
	// larger ones takes fewer steps, for the same number of examples.
	Steps  int64
	Passes bool
	// SearchSeeds is the number of seeds of a try, whose median counts.
	SearchSeeds int
	// The best Finalists tries run again, whole, on FinalistSeeds other seeds; when each
	// diverges on one of them, the next best follow. The one with the fewest divergences and the lowest median runs on Seeds fresh ones.
	Finalists, FinalistSeeds int
	Seeds                    int
	// Workers is how many tries are under way before the next one is decided upon. It
	// is a part of the search: see Parallel.
	Workers int
	// Confidence, in (0, 1), is that of the interval of the difference.
	Confidence float64
	// Seed is where all seeds come from, and that of the sampler.
	Seed uint64

	// Parallel is how many trainings run at a time, at most Workers times SearchSeeds
	// where the search depends on their results. What comes of it is the same for
	// any number. 0 is 1.
	Parallel int
	Journal  *Journal    // nil: nothing is kept
	Sink     func(Event) // is called for one event at a time; nil: nobody listens
}

// DefaultTune returns the options of the usual search of a space: 30 tries by TPE,
// all of them whole.
func DefaultTune() TuneOptions {
	return TuneOptions{
		Sampler: "tpe", Pruner: NoPruner, Eta: 3, Rungs: 4, Trials: 30, SearchSeeds: 1,
		Finalists: 3, FinalistSeeds: 3, Seeds: 10, Workers: 4, Confidence: DefaultCompare().Confidence, Parallel: 1,
	}
}

// mostTries and mostSearchSeeds are the limits of a search.
const (
	mostTries       = 100_000
	mostSearchSeeds = 250 // of seedsOfOne: then come those of finalists
)

func (o *TuneOptions) check() error {
	for _, f := range []struct {
		name        string
		value       int
		least, most int
	}{
		{"Eta", o.Eta, 2, 100}, {"Rungs", o.Rungs, 1, 12}, {"Trials", o.Trials, 0, mostTries}, {"SearchSeeds", o.SearchSeeds, 1, mostSearchSeeds},
		{"Finalists", o.Finalists, 1, mostTries}, {"FinalistSeeds", o.FinalistSeeds, 1, mostSearchSeeds}, {"Seeds", o.Seeds, 1, mostSeeds},
		{"Workers", o.Workers, 1, 1 << 16}, {"Parallel", o.Parallel, 0, math.MaxInt},
	} {
		if f.value < f.least || f.value > f.most {
			return fmt.Errorf("lab: TuneOptions.%s = %d, want [%d, %d]", f.name, f.value, f.least, f.most)
		}
	}
	switch {
	case o.Space == nil:
		return errors.New("lab: TuneOptions.Space is nil, want a space to search")
	case !slices.Contains(Pruners(), o.Pruner):
		return fmt.Errorf("lab: TuneOptions.Pruner = %q, want one of %s", o.Pruner, list(Pruners(), "or"))
	case o.Budget < 0:
		return fmt.Errorf("lab: TuneOptions.Budget = %d, want at least 0", o.Budget)
	case o.Budget == 0 && o.Trials == 0:
		return errors.New("lab: TuneOptions.Trials and Budget are 0, want a limit")
	case o.Steps < 0:
		return fmt.Errorf("lab: TuneOptions.Steps = %d, want at least 0", o.Steps)
	case !(o.Confidence > 0 && o.Confidence < 1):
		return fmt.Errorf("lab: TuneOptions.Confidence = %v, want (0, 1)", o.Confidence)
	}
	return nil
}

// workers is how many tries may be at work: where nothing depends on results, as many
// as there are threads.
func (o *TuneOptions) workers() int {
	if o.Pruner != ASHA && o.Sampler != "tpe" {
		return max(o.Workers, o.Parallel)
	}
	return o.Workers
}

func (o *TuneOptions) searchSeeds() []uint64 { return consecutive(seedsOfOne*o.Seed, o.SearchSeeds) }

func (o *TuneOptions) finalistSeeds() []uint64 {
	return consecutive(seedsOfOne*o.Seed+mostSearchSeeds, o.FinalistSeeds)
}

func (o *TuneOptions) freshSeeds() []uint64 {
	return consecutive(seedsOfOne*o.Seed+freshFrom, o.Seeds)
}

// whole is the budget of a training.
func (o *TuneOptions) whole(t *Task) int64 {
	if o.Steps > 0 {
		return o.Steps
	}
	return t.steps
}

// budgetOf is that of a training with settings.
func (o *TuneOptions) budgetOf(t *Task, s Settings) int64 {
	steps := o.whole(t)
	own := int64(t.prepared.First().Experiment.Batch)
	batch, err := strconv.ParseInt(s["batch"], 10, 64)
	if !o.Passes || err != nil || batch < 1 || own < 1 {
		return steps
	}
	return max((steps*own+batch/2)/batch, 1)
}

// Tune searches a space for the settings that suit a task.
//
// The search tries places of the space, on as many seeds each as asked for; a pruner
// may end those early that do badly. The best of them run again on seeds that the
// search has not seen, which choose one; that one runs on fresh seeds, and so does
// the task as it is. Only these last runs look at test data, at their end, and only
// they are the result: the score of a search is the luckiest of many.
//
// The result does not depend on Parallel, but for times. When the context ends its
// error is returned; with the same journal the work goes on from there.
func Tune(ctx context.Context, t *Task, o TuneOptions) (*Tuning, error) {
	s, err := newTuner(t, &o)
	if err != nil {
		return nil, err
	}
	return s.run(ctx)
}

func newTuner(t *Task, o *TuneOptions) (*tuner, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	s := &tuner{
		o: o, task: t, whole: o.whole(t), space: t.Space(o.Space), seeds: o.searchSeeds(),
		ladder: ladder{o.Eta, 1}, limit: math.MaxInt64, room: parkedBytes, slots: make(chan struct{}, max(o.Parallel, 1)),
	}
	if s.whole < 1 {
		return nil, fmt.Errorf("lab: %s: a budget of %d gradient evaluations, want at least 1", t.name, s.whole)
	}
	var err error
	if s.sampler, err = NewSampler(o.Sampler, s.space, o.Seed); err != nil {
		return nil, err
	}
	if o.Pruner != NoPruner {
		s.ladder = newLadder(o.Eta, o.Rungs, s.whole)
	}
	if o.Budget > 0 {
		s.limit = int64(float64(o.Budget) / float64(s.whole) * float64(s.ladder.whole()))
	}
	if s.limit < s.ladder.whole() {
		return nil, fmt.Errorf("lab: TuneOptions.Budget = %d, want at least %d: a whole training", o.Budget, s.whole)
	}
	s.planned = s.plan()
	return s, nil
}

// run searches, chooses and judges.
func (s *tuner) run(ctx context.Context) (*Tuning, error) {
	o := s.o
	if o.Sink != nil {
		o.Sink(s.started())
	}
	if err := s.search(ctx); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	r := s.result()
	s.importance(r)
	if err := s.choose(ctx, r); err != nil {
		return nil, err
	}
	return r, s.judge(ctx, r)
}

// Space returns a space whose dimensions vary parts of the task's own settings, its
// rate among them, unless it has a base already.
func (t *Task) Space(s *Space) *Space {
	own := *s
	if own.Base == nil {
		e := t.prepared.First().Experiment
		own.Base = Settings{"optimizer": experiment.WithOption(e.Optimizer, "lr", formatRate(*e.LR)), "schedule": e.Schedule, "model": e.Model}
	}
	return &own
}

// plan is how many jobs there will be, about.
func (s *tuner) plan() int {
	tries := float64(s.o.Trials)
	jobs, cost, share := 0.0, 0.0, 1.0
	for k := range s.ladder.rungs {
		jobs += share
		cost += float64(share * float64(s.ladder.step(k-1, k)))
		share /= float64(s.ladder.eta)
	}
	if affordable := math.Ceil(float64(s.limit) / cost); tries == 0 || affordable < tries {
		tries = affordable
	}
	return int(math.Ceil(tries * jobs))
}

// pool runs whole trainings of a stage; of has the numbers of their tries, 0 for
// the task as it is.
func (s *tuner) pool(ctx context.Context, stage string, trials []Trial, of func(i int) int) ([]Outcome, error) {
	if s.o.Sink != nil {
		s.o.Sink(&StageStarted{Task: s.task.name, Stage: stage, Total: len(trials)})
	}
	p := Pool{Parallel: s.o.Parallel, Stage: stage, Journal: s.o.Journal, Sink: s.o.Sink}
	p.label = func(i int, e *TrialDone) { e.Try, e.Rung = of(i), s.ladder.rungs }
	outcomes, err := p.Run(ctx, s.task, trials)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	for i := range outcomes {
		s.trainings++
		s.seconds += outcomes[i].Seconds
	}
	return outcomes, nil
}
