package lab

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/lab/internal/stats"
	"github.com/descent-go/descent/optim"
)

// CompareOptions say what to compare and how thoroughly. [DefaultCompare] returns
// the usual ones.
type CompareOptions struct {
	Tasks      []*Task
	Contenders []Contender
	// Schedule is that of the learning rate, for all contenders; "" leaves it to the
	// tasks: a constant as a rule.
	Schedule string
	// Steps is the budget of every trial, in gradient evaluations; 0 leaves it to the
	// tasks.
	Steps int64
	// Trials is how many learning rates are tried for each contender and task;
	// Decades how wide a grid around the usual rate that begins with.
	Trials  int
	Decades float64
	// The best Finalists of them are tried again on FinalistSeeds other seeds; when
	// each diverges on one of them, the next best follow.
	Finalists, FinalistSeeds int
	// Seeds is the number of fresh seeds that the best rate runs on.
	Seeds int
	// Target is the objective whose reaching is timed. Nil: the lowest that three
	// contenders of four end with in three runs of four.
	Target *float64
	// Confidence, in (0, 1), is that of the intervals of a task together.
	Confidence float64
	// Seed is where all seeds come from.
	Seed uint64

	Parallel int         // trials at a time; 0 is 1
	Journal  *Journal    // nil: nothing is kept
	Sink     func(Event) // is called for one event at a time; nil: nobody listens
}

// DefaultCompare returns the options of the usual protocol: 15 rates over four
// decades, the best 3 of them again on 3 seeds, the winner on 10.
func DefaultCompare() CompareOptions {
	return CompareOptions{
		Trials: 15, Decades: 4, Finalists: 3, FinalistSeeds: 3, Seeds: 10, Confidence: stats.DefaultJudge().Confidence, Parallel: 1,
	}
}

// A Contender is one of those that are compared.
type Contender struct {
	Name      string // in reports; each its own
	Optimizer string // rule with options, without the rate
	// Usual is the rate around which tuning begins, and that of the untuned run.
	Usual float64
	// Settings are others in which it differs, such as its own schedule.
	Settings Settings
}

// ParseContender reads a rule with its options, lr among them, such as
// sgd:momentum=0.9,lr=0.1: that is its usual rate, else the rule's default.
func ParseContender(spec string) (Contender, error) {
	r, err := experiment.ParseRule(spec)
	if err != nil {
		return Contender{}, err
	}
	return Contender{Name: r.Spec, Optimizer: r.Spec, Usual: r.Or(nil)}, nil
}

// Classic returns the rules of the classic family, in the order of their papers.
func Classic() []Contender {
	var all []Contender
	for _, name := range []string{"sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta", "adam", "radam"} {
		if info, err := optim.Lookup(name); err == nil { // they are all there, by the tests
			all = append(all, Contender{Name: name, Optimizer: name, Usual: info.Rate})
		}
	}
	return all
}

func (o *CompareOptions) check() error {
	for _, f := range []struct {
		name         string
		value, least int
	}{
		{"Trials", o.Trials, 1}, {"Finalists", o.Finalists, 1}, {"FinalistSeeds", o.FinalistSeeds, 0}, {"Seeds", o.Seeds, 1},
		{"Parallel", o.Parallel, 0}, {"tasks: their number", len(o.Tasks), 1}, {"contenders: their number", len(o.Contenders), 1},
	} {
		if f.value < f.least {
			return fmt.Errorf("lab: CompareOptions.%s = %d, want at least %d", f.name, f.value, f.least)
		}
	}
	switch {
	case o.Seeds > mostSeeds || o.FinalistSeeds > mostSeeds:
		return fmt.Errorf("lab: CompareOptions.Seeds = %d, FinalistSeeds = %d, want at most %d", o.Seeds, o.FinalistSeeds, mostSeeds)
	case !(o.Decades >= 0.1) || o.Decades > 20:
		return fmt.Errorf("lab: CompareOptions.Decades = %v, want [0.1, 20]", o.Decades)
	case float64(o.Trials) > 100*o.Decades:
		return fmt.Errorf("lab: CompareOptions.Trials = %d, want at most 100 for each of %g decades", o.Trials, o.Decades)
	case !(o.Confidence > 0 && o.Confidence < 1):
		return fmt.Errorf("lab: CompareOptions.Confidence = %v, want (0, 1)", o.Confidence)
	case o.Steps < 0:
		return fmt.Errorf("lab: CompareOptions.Steps = %d, want at least 0", o.Steps)
	case o.Target != nil && (math.IsNaN(*o.Target) || math.IsInf(*o.Target, 0)):
		return fmt.Errorf("lab: CompareOptions.Target = %v, want a finite number", *o.Target)
	}
	names := map[string]bool{}
	for _, c := range o.Contenders {
		switch {
		case names[c.Name]:
			return fmt.Errorf("lab: two contenders are called %q", c.Name)
		case !(c.Usual > 0) || math.IsInf(c.Usual, 1):
			return fmt.Errorf("lab: the rate of contender %q is %v, want a finite number above 0 to tune around", c.Name, c.Usual)
		}
		names[c.Name] = true
	}
	names = map[string]bool{}
	for _, t := range o.Tasks {
		if names[t.name] {
			return fmt.Errorf("lab: two tasks are called %q", t.name)
		}
		names[t.name] = true
	}
	return nil
}

// Every comparison has a thousand seeds to itself, from a thousand times Seed on:
// one to tune on, those to re-rank on, and from the middle on the fresh ones.
const (
	seedsOfOne = 1000
	freshFrom  = 500
	mostSeeds  = 499
)

func (o *CompareOptions) tuningSeed() uint64 { return seedsOfOne * o.Seed }

func (o *CompareOptions) finalistSeeds() []uint64 {
	return consecutive(o.tuningSeed()+1, o.FinalistSeeds)
}

func (o *CompareOptions) freshSeeds() []uint64 { return consecutive(o.tuningSeed()+freshFrom, o.Seeds) }

func consecutive(first uint64, n int) []uint64 {
	seeds := make([]uint64, n)
	for i := range seeds {
		seeds[i] = first + uint64(i)
	}
	return seeds
}

// Trainings is how many trainings a contender takes on a task, as far as it is known
// before: selection takes more where rates diverge, and a contender whose usual rate
// is chosen takes fewer.
func (o *CompareOptions) Trainings() int {
	return o.Trials + min(o.Finalists, o.Trials)*o.FinalistSeeds + 2*o.Seeds
}

// planned is that of the whole comparison.
func (o *CompareOptions) planned() int { return o.Trainings() * len(o.Contenders) * len(o.Tasks) }

// Compare compares contenders on tasks.
//
// For each task every contender gets the same initial parameters, order of batches,
// schedule and budget for the same seed. Its learning rate is tuned in a number of
// trials that is the same for all, on one seed; other hyper-parameters stay as
// they are. The best rates run again on other seeds, where the one with the fewest
// divergences and the lowest median of the objective is chosen; that one runs on
// fresh seeds, and so does the usual rate. Only these last runs look at test data,
// at their end.
//
// The result does not depend on Parallel, but for times. When the context ends its
// error is returned; with the same journal the work goes on from there.
func Compare(ctx context.Context, o CompareOptions) (*Comparison, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.Sink != nil {
		o.Sink(o.started())
	}
	c := &Comparison{Protocol: o.protocol()}
	for _, t := range o.Tasks {
		r, err := newRace(&o, t)
		if err == nil {
			err = r.run(ctx)
		}
		if err != nil {
			return nil, err
		}
		weighed, err := r.weigh()
		if err != nil {
			return nil, fmt.Errorf("lab: %s: %w", t.name, err)
		}
		if o.Sink != nil {
			o.Sink(weighed.told())
		}
		c.Tasks = append(c.Tasks, weighed)
		c.Trials += r.trials
		c.Seconds += r.seconds
	}
	c.profile()
	c.summarize()
	return c, nil
}

// A race is the comparison on one task.
type race struct {
	o       *CompareOptions
	task    *Task
	budget  int64
	lanes   []*lane
	trials  int
	seconds float64
}

// A lane is a contender on a task.
type lane struct {
	Contender
	search  search
	tuning  []Outcome
	ranking []Outcome
	rate    float64 // the chosen one
	fresh   []Outcome
	untuned []Outcome
}

func newRace(o *CompareOptions, t *Task) (*race, error) {
	r := &race{o: o, task: t, budget: o.Steps}
	if r.budget == 0 {
		r.budget = t.steps
	}
	if r.budget < 1 {
		return nil, fmt.Errorf("lab: %s: a budget of %d gradient evaluations, want at least 1", t.name, r.budget)
	}
	for _, c := range o.Contenders {
		r.lanes = append(r.lanes, &lane{
			Contender: c, search: search{usual: c.Usual, trials: o.Trials, decades: o.Decades},
		})
	}
	return r, nil
}

// trial is one of a contender.
func (r *race) trial(l *lane, rate float64, seed uint64) Trial {
	s := Settings{"optimizer": l.Optimizer, "lr": formatRate(rate)}
	if r.o.Schedule != "" {
		s["schedule"] = r.o.Schedule
	}
	maps.Copy(s, l.Settings)
	return Trial{Settings: s, Seed: seed, Steps: r.budget}
}

// formatRate writes a rate so that it reads back the same.
func formatRate(rate float64) string { return strconv.FormatFloat(rate, 'g', -1, 64) }

func (r *race) run(ctx context.Context) error {
	for {
		counts, err := r.tune(ctx)
		if err != nil {
			return err
		}
		if counts == 0 {
			break
		}
	}
	if err := r.rank(ctx); err != nil {
		return err
	}
	return r.finish(ctx)
}

// tune does the next trials of tuning of all contenders, and returns their number.
func (r *race) tune(ctx context.Context) (int, error) {
	var trials []Trial
	var of []*lane
	for _, l := range r.lanes {
		for _, rate := range l.search.next() {
			trials, of = append(trials, r.trial(l, rate, r.o.tuningSeed())), append(of, l)
		}
	}
	outcomes, err := r.pool(ctx, "tuning", trials, of)
	if err != nil {
		return 0, err
	}
	losses := map[*lane][]float64{}
	for i, l := range of {
		l.tuning = append(l.tuning, outcomes[i])
		losses[l] = append(losses[l], float64(outcomes[i].Final))
	}
	for _, l := range r.lanes {
		l.search.take(losses[l])
	}
	return len(trials), nil
}

// rank runs the best rates on other seeds, and the next best after them while all
// of a contender have diverged on some seed. Then it chooses one.
func (r *race) rank(ctx context.Context) error {
	seeds := r.o.finalistSeeds()
	for len(seeds) > 0 {
		var trials []Trial
		var of []*lane
		for _, l := range r.lanes {
			for _, rate := range l.finalists(r.o.Finalists, len(seeds)) {
				for _, seed := range seeds {
					trials, of = append(trials, r.trial(l, rate, seed)), append(of, l)
				}
			}
		}
		if len(trials) == 0 {
			break
		}
		outcomes, err := r.pool(ctx, "selection", trials, of)
		if err != nil {
			return err
		}
		for i, l := range of {
			l.ranking = append(l.ranking, outcomes[i])
		}
	}
	for _, l := range r.lanes {
		l.choose(len(seeds))
		if r.o.Sink != nil {
			r.o.Sink(&RateChosen{Task: r.task.name, Contender: l.Name, Rate: l.rate, Usual: l.Usual})
		}
	}
	return nil
}

// finalists returns the next rates to run on other seeds, up to n; none when one has
// survived them all.
func (l *lane) finalists(n, seeds int) []float64 {
	for runs := range slices.Chunk(l.ranking, seeds) {
		if countDiverged(runs) == 0 {
			return nil
		}
	}
	rates := l.search.ranked()[len(l.ranking)/seeds:]
	return rates[:min(n, len(rates))]
}

// choose takes the rate with the fewest divergences and the lowest median; the
// better one in tuning among equals.
func (l *lane) choose(seeds int) {
	rates := l.search.ranked()
	l.rate = rates[0]
	if seeds == 0 {
		return
	}
	fewest, lowest := math.MaxInt, math.Inf(1)
	i := 0
	for runs := range slices.Chunk(l.ranking, seeds) {
		diverged, median := countDiverged(runs), float64(summarize(objectives(runs)).Median)
		if diverged < fewest || diverged == fewest && median < lowest {
			l.rate, fewest, lowest = rates[i], diverged, median
		}
		i++
	}
}

// finish runs the chosen and the usual rates on fresh seeds.
func (r *race) finish(ctx context.Context) error {
	seeds := r.o.freshSeeds()
	tested := func(stage string, rate func(*lane) float64, curve bool, needed func(*lane) bool) ([]Outcome, error) {
		var trials []Trial
		var of []*lane
		for _, l := range r.lanes {
			for _, seed := range seeds {
				if needed(l) {
					t := r.trial(l, rate(l), seed)
					t.Test, t.Curve = true, curve
					trials, of = append(trials, t), append(of, l)
				}
			}
		}
		return r.pool(ctx, stage, trials, of)
	}
	all := func(*lane) bool { return true }
	fresh, err := tested("final", func(l *lane) float64 { return l.rate }, true, all)
	if err != nil {
		return err
	}
	other := func(l *lane) bool { return l.rate != l.Usual }
	usual, err := tested("untuned", func(l *lane) float64 { return l.Usual }, false, other)
	if err != nil {
		return err
	}
	for _, l := range r.lanes {
		l.fresh, fresh = fresh[:len(seeds)], fresh[len(seeds):]
		if l.untuned = l.fresh; other(l) {
			l.untuned, usual = usual[:len(seeds)], usual[len(seeds):]
		}
	}
	return nil
}

// pool runs trials of a stage, each of a lane.
func (r *race) pool(ctx context.Context, stage string, trials []Trial, of []*lane) ([]Outcome, error) {
	if r.o.Sink != nil && len(trials) > 0 {
		r.o.Sink(&StageStarted{Task: r.task.name, Stage: stage, Total: len(trials)})
	}
	p := Pool{Parallel: r.o.Parallel, Stage: stage, Journal: r.o.Journal, Sink: r.o.Sink}
	p.label = func(i int, e *TrialDone) { e.Contender, e.Rate = of[i].Name, rateOf(trials[i]) }
	outcomes, err := p.Run(ctx, r.task, trials)
	if err != nil {
		if ctx.Err() == nil {
			return nil, err
		}
		return nil, errors.Join(ctx.Err())
	}
	for i := range outcomes {
		r.trials++
		r.seconds += outcomes[i].Seconds
	}
	return outcomes, nil
}
