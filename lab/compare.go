package lab

import (
	"context"
	"fmt"
	"math"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/lab/internal/stats"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/schedule"
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
	// Space has what is tuned beside the rate, such as optimizer.beta1=0.5..0.99: for
	// each contender whose rule has it and that does not say it itself. A condition such
	// as if optimizer=sgd leaves others out. A dimension lr says where rates are looked
	// for. ParseDimensions reads them.
	Space []Dimension
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
// sgd:momentum=0.9,lr=0.1: that is its usual rate, else the rule's default. An
// option schedule is one of its own, in place of that of all: see
// [experiment.CutSchedule].
func ParseContender(spec string) (Contender, error) {
	own, curve, err := experiment.CutSchedule(spec)
	if err != nil {
		return Contender{}, err
	}
	r, err := experiment.ParseRule(own)
	if err != nil {
		return Contender{}, err
	}
	c := Contender{Name: experiment.WithSchedule(r.Spec, curve), Optimizer: r.Spec, Usual: r.Or(nil)}
	if curve != "" {
		if _, err := schedule.Parse(curve, anyLength); err != nil {
			return Contender{}, err
		}
		c.Settings = Settings{"schedule": curve}
	}
	return c, nil
}

// anyLength is a number of steps that leaves room for every part of a schedule.
const anyLength = 1 << 40

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
	case o.Trials < 2 && len(o.Space) > 0:
		return fmt.Errorf("lab: CompareOptions.Trials = %d, want at least 2 in a space", o.Trials)
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
	return o.checkSpace()
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
// is chosen takes fewer, as does one that has nothing of Space.
func (o *CompareOptions) Trainings() int {
	each := o.Trials + min(o.Finalists, o.Trials)*o.FinalistSeeds + 2*o.Seeds
	if len(o.Space) > 0 {
		each += len(o.beside())
	}
	return each
}

// Compare compares contenders on tasks.
//
// For each task every contender gets the same initial parameters, order of batches,
// schedule and budget for the same seed. Its learning rate is tuned in a number of
// trials that is the same for all, on one seed, together with what Space names; other
// hyper-parameters stay as they are. The best places run again on other seeds, where the one with the fewest
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
	races, planned := make([]*race, len(o.Tasks)), 0
	for i, t := range o.Tasks {
		var err error
		if races[i], err = newRace(&o, t); err != nil {
			return nil, err
		}
		planned += races[i].planned()
	}
	if o.Sink != nil {
		o.Sink(o.started(planned))
	}
	c := &Comparison{Protocol: o.protocol()}
	for _, r := range races {
		if err := r.run(ctx); err != nil {
			return nil, err
		}
		weighed, err := r.weigh()
		if err != nil {
			return nil, fmt.Errorf("lab: %s: %w", r.task.name, err)
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
