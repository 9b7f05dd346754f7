package lab

import (
	"context"
	"fmt"
	"maps"
	"math"
	"strconv"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/train"
)

// FindOptions say how to look for a learning rate. The zero value is sensible.
type FindOptions struct {
	// Settings are those of the training, over the task's; a rate among them or in
	// its rule is left out.
	Settings Settings
	// Within, in (0, 1], is how much worse than the best a loss may be, as a share
	// of it, for its rate to be in the answer. 0 is 0.1.
	Within float64
	// Seeds is the number of runs that validate a rate, at least 3. 0 is 3.
	Seeds int
	// Steps is the length of these runs in gradient evaluations. 0 is the task's
	// own, at most 500, or less where the budget asks for it.
	Steps int64
	// Budget is the most gradient evaluations in all. 0 is what 30 rates take.
	Budget int64
	// Seed is the first of all seeds.
	Seed uint64

	Parallel int
	Journal  *Journal
	Sink     func(Event)
}

// A FoundRate is what the search for a learning rate came to.
type FoundRate struct {
	Task      string `json:"task"`
	Optimizer string `json:"optimizer"` // as optim.Spec writes it
	Steps     int64  `json:"steps"`     // gradient evaluations of a run that validates
	Seeds     int    `json:"seeds"`
	Budget    int64  `json:"budget"` // gradient evaluations that the search could take
	Spent     int64  `json:"spent"`  // that it took

	Ramp        Ramp         `json:"ramp"`
	Edge        Edge         `json:"edge"`
	Suggestions []Suggestion `json:"suggestions"`
	// Start is the median loss of the seeds before training.
	Start train.Real `json:"start_loss"`
	// Tried are the rates that were validated, in ascending order.
	Tried []TriedRate `json:"tried"`

	// Within is the share of the best loss by which those in the answer are worse
	// at most.
	Within float64 `json:"within"`
	// Answer is nil when there is none, and then No says why.
	Answer *RateAnswer `json:"answer"`
	No     *NoRate     `json:"no_answer,omitempty"`
}

// A RateAnswer is an interval of rates.
type RateAnswer struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	// Best is the validated rate with the lowest loss, and Loss its median.
	Best float64    `json:"best"`
	Loss train.Real `json:"loss"`
	// Limit is the highest median that counts as good: it is within the share of the
	// best that was asked for, or not told from it by the seeds.
	Limit train.Real `json:"limit"`
	// Settled is false when the budget ended before the ends of the interval were
	// known well: then it may be too narrow.
	Settled bool `json:"settled"`
}

// A NoRate says why there is no answer.
type NoRate struct {
	Reason NoReason `json:"reason"`
	Why    string   `json:"why"` // a sentence
}

// A NoReason is why no learning rate can be named.
type NoReason string

// The reasons.
const (
	NoFall     NoReason = "never falls"      // no rate lowers the loss
	NoSignal   NoReason = "too noisy"        // by what is more than chance
	NoStanding NoReason = "diverges at once" // every rate leads away
)

// A TriedRate is a rate with what short runs came to.
type TriedRate struct {
	Rate     float64      `json:"rate"`
	Losses   []train.Real `json:"losses"`   // of the seeds; +Inf when they diverged
	Median   train.Real   `json:"median"`   // of Losses
	Diverged int          `json:"diverged"` // runs that did, those that confirm included
	// Risky is true when the loss of a fresh seed did not fall at this rate, or a lower
	// one, though it fell on most: the rate is not in the answer.
	Risky bool `json:"risky,omitempty"`
	Good  bool `json:"good"` // in the answer
}

// A BudgetError says that a budget does not suffice.
type BudgetError struct {
	Budget, Least int64
	For           string // what it has to suffice for
}

func (e *BudgetError) Error() string {
	return fmt.Sprintf("lab: FindOptions.Budget = %d, want at least %d: %s", e.Budget, e.Least, e.For)
}

// confirming is the number of fresh seeds on which the best rate has to lower the
// loss. Where there is nothing but chance all of them do in 1 of 128 cases. Lower
// rates are asked too where most do: with chance alone, in every other case again.
// Budgets allow for asking so many times.
const (
	confirming = 7
	most       = 4
	times      = 3
)

const (
	usualRates  = 30
	mostSteps   = 500
	leastSteps  = 10
	leastRates  = 8 // that a budget has to allow for
	usualWithin = 0.1
)

// FindRate looks for learning rates that train the task well.
//
// A range test raises the rate from step to step until the loss leaves (L. N.
// Smith, Cyclical learning rates for training neural networks, WACV 2017,
// arXiv:1506.01186); it suggests rates by two criteria, the curvature at the start
// by a third. Suggestions are only where the search begins: short real runs, the
// same for all rates, on several seeds, say what rates are worth, and a rate counts
// by the median of its seeds. Between them and beyond them rates are tried until
// the best one and those about as good are known. Last, the best has to lower the
// loss on fresh seeds. A rate on which one of them diverges is out; where the loss
// falls on most of them but not on all, so are those above it, and the best of the
// others has to show the same.
//
// The result does not depend on Parallel. Every run has weights, data order and
// random streams of its own; a program's own model, which all of them share, is put
// back to where training begins. When the context ends, its cause is the error.
func FindRate(ctx context.Context, t *Task, o FindOptions) (found *FoundRate, err error) {
	f, err := newFinder(t, o)
	if err != nil {
		return nil, err
	}
	if t.prepared.Shared() {
		defer func() {
			if _, e := t.Session(nil, f.first.Experiment.Seed); err == nil {
				err = e
			}
		}()
	}
	f.say(f.started())
	if err := f.rangeTest(ctx); err != nil {
		return nil, err
	}
	f.say(&RangeTested{Task: t.name, Ramp: f.res.Ramp})
	if err := f.findEdge(ctx); err != nil {
		return nil, err
	}
	f.suggest()
	f.say(&RatesSuggested{Task: t.name, Edge: f.res.Edge, Suggestions: f.res.Suggestions})
	if err := f.search(ctx); err != nil {
		return nil, err
	}
	f.say(&RateAnswered{Task: t.name, Answer: f.res.Answer, No: f.res.No})
	return f.res, nil
}

// A finder is a search at work.
type finder struct {
	t     *Task
	o     FindOptions
	rule  experiment.Rule
	first *experiment.Session

	accumulate int64
	exact      bool // the objective is a function without noise
	low, high  float64
	ramp       int64     // steps of the range test
	still      []float64 // objectives before training, of the seeds that validate
	fresh      []float64 // of those that confirm
	tried      []TriedRate
	res        *FoundRate
}

func newFinder(t *Task, o FindOptions) (*finder, error) {
	f := &finder{t: t, o: o, first: t.prepared.First()}
	spec, given := o.Settings["optimizer"]
	if !given {
		spec = f.first.Rule.Spec
	}
	var err error
	if f.rule, err = experiment.ParseRule(spec); err != nil {
		return nil, fmt.Errorf("lab: FindOptions.Settings[\"optimizer\"] = %s: %w", spec, err)
	}
	switch o := &f.o; {
	case o.Within == 0:
		o.Within = usualWithin
	case !(o.Within > 0 && o.Within <= 1):
		return nil, fmt.Errorf("lab: FindOptions.Within = %v, want (0, 1]", o.Within)
	}
	if f.o.Seeds == 0 {
		f.o.Seeds = 3
	}
	switch {
	case f.o.Seeds < 3:
		return nil, fmt.Errorf("lab: FindOptions.Seeds = %d, want at least 3", o.Seeds)
	case o.Steps < 0:
		return nil, fmt.Errorf("lab: FindOptions.Steps = %d, want at least 0", o.Steps)
	case o.Budget < 0:
		return nil, fmt.Errorf("lab: FindOptions.Budget = %d, want at least 0", o.Budget)
	}
	f.accumulate = int64(max(f.first.Experiment.Accumulate, 1))
	if n, err := strconv.ParseInt(o.Settings["accumulate"], 10, 64); err == nil && n > 0 {
		f.accumulate = n
	}
	_, sampled := f.first.Function.(problem.Sampler)
	f.exact = f.first.Function != nil && f.first.Experiment.Noise == 0 && !sampled
	f.low, f.high = 1e-4*f.rule.Info().Rate, 1e5*f.rule.Info().Rate
	if err := f.plan(); err != nil {
		return nil, err
	}
	f.res = &FoundRate{
		Task: t.Name(), Optimizer: f.rule.Spec, Steps: f.o.Steps, Seeds: f.o.Seeds, Budget: f.o.Budget, Within: f.o.Within,
	}
	return f, nil
}

// plan divides the budget.
func (f *finder) plan() error {
	o := &f.o
	fixed := func() int64 { return (f.ramp+1)*f.accumulate + f.edgeCost() }
	f.ramp = 300
	asked := o.Steps
	if o.Steps == 0 {
		o.Steps = min(max(f.t.Steps(), leastSteps*f.accumulate), mostSteps*f.accumulate)
	}
	if o.Budget == 0 {
		o.Budget = fixed() + o.Steps*f.runs(usualRates)
		return nil
	}
	f.ramp = min(max(o.Budget/(20*f.accumulate), 60), 300)
	if asked == 0 {
		o.Steps = min(o.Steps, (o.Budget-fixed())/f.runs(usualRates/2))
	}
	least := leastSteps * f.accumulate
	if asked > 0 {
		least = asked
	} else if o.Steps < least {
		o.Steps = max(least, (o.Budget-fixed())/f.runs(leastRates))
	}
	if want := fixed() + max(o.Steps, least)*f.runs(leastRates); o.Budget < want {
		return &BudgetError{o.Budget, want, fmt.Sprintf("the range test, and %d rates on %d seeds for %d gradient evaluations each",
			leastRates, o.Seeds, max(o.Steps, least))}
	}
	return nil
}

// runs is how many runs so many rates take, with those that tell where they start
// and those that confirm the best.
func (f *finder) runs(rates int64) int64 {
	return (rates+1)*int64(f.o.Seeds) + (1+times)*confirming
}

// settings are those of a run with a rate.
func (f *finder) settings(rate float64) Settings {
	s := maps.Clone(f.o.Settings)
	if s == nil {
		s = Settings{}
	}
	s["optimizer"] = f.rule.Spec
	s["lr"] = strconv.FormatFloat(rate, 'g', -1, 64)
	return s
}

// train runs a session for so many steps, with the objective left out, and tells a
// sink.
func (f *finder) train(ctx context.Context, s Settings, steps int64, change func(*experiment.Session), sink train.Sink) error {
	if f.t.prepared.Shared() {
		f.t.turn.Lock()
		defer f.t.turn.Unlock()
	}
	s["steps"] = strconv.FormatInt(steps, 10)
	if f.first.Source != nil {
		s["epochs"] = "0"
	}
	s["schedule"], s["plateau"] = "", "" // their lengths are those of real runs
	session, err := f.t.Session(s, f.o.Seed)
	if err != nil {
		return fmt.Errorf("lab: %s: %w", f.t.name, err)
	}
	o := &session.Options
	unlimited(o)
	o.Validation, o.Test = nil, nil
	o.EMA, o.SWA, o.AverageFrom = 0, false, 0
	o.Watch = false
	change(session)
	if _, err := session.Train(ctx, sink); err != nil {
		return fmt.Errorf("lab: %s: %w", f.t.name, err)
	}
	return nil
}

func (f *finder) spend(stage string, evaluations int64) {
	f.res.Spent += evaluations
	f.tell(stage)
}

func (f *finder) tell(stage string) {
	f.say(&Searching{Task: f.t.name, Stage: stage, Spent: f.res.Spent, Budget: f.res.Budget})
}

func (f *finder) say(e Event) {
	if f.o.Sink != nil {
		f.o.Sink(e)
	}
}

// rounded returns a rate with three significant digits: what people type.
func rounded(rate float64) float64 {
	v, _ := strconv.ParseFloat(strconv.FormatFloat(rate, 'g', 3, 64), 64)
	return v
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
