package train

import (
	"fmt"
	"math"
	"time"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/schedule"
)

// Options say how to train. [Defaults] returns sensible ones for a rule; in
// the zero value everything optional is off.
type Options struct {
	// Rule updates all parameters. Groups, if there are any, take its place.
	Rule   optim.Rule
	Groups []optim.Group
	// LR is the base rate. Every group multiplies it by its LRScale.
	LR float64
	// Schedule multiplies the base rate by a factor that depends on the number
	// of updates applied. Nil is a constant 1.
	Schedule schedule.Schedule
	// Plateau multiplies the rate by another factor, which it finds from the
	// observed losses. Its state goes on from where it is. Nil is a constant 1.
	Plateau *schedule.Plateau
	// Hyper lets hyper-parameters of Rule follow curves: see optim.Group.
	Hyper map[string]optim.Curve
	// CycleMomentum cycles the rule's momentum (or beta, or beta1) against the
	// rate when Schedule has a Momentum, as one-cycle has, in every group that has one
	// above zero and gives it no curve of its own.
	CycleMomentum bool

	// Epochs and Steps end the run; 0 sets no limit. One of them is needed
	// unless the source ends by itself. Steps that were skipped count too.
	Epochs int
	Steps  int64
	// Accumulate takes that many batches of the source into one step, weighted
	// by their sizes; an epoch's last step takes what is left. 0 is 1.
	Accumulate int

	// ClipNorm and ClipValue limit the gradient: see optim.Optimizer. 0 is off.
	ClipNorm, ClipValue float64
	// NonFinite is the policy for gradients with NaN or ±Inf.
	NonFinite optim.NonFinite
	// MaxSkips is how many steps in a row may have a loss or gradient that is
	// not finite, under the policies that go on, before the run is called
	// diverged. 0 is no limit.
	MaxSkips int
	// BlowUp calls the run diverged when the loss of a step exceeds this many
	// times the first one (or 1, if that is larger) in magnitude. 0 is off.
	BlowUp float64
	// Watch looks for oscillation: see Oscillating. It costs a pass over the
	// parameters and twice their memory, and is left out where gradients are
	// random: of batches that differ, and of models whose method Noisy() bool
	// says so, as that of a noisy function does.
	Watch bool

	// EMA, in (0, 1), evaluates an exponential moving average of the parameters
	// with this decay instead of the parameters; SWA their plain mean. 0 and
	// false are off. Averaging begins after AverageFrom updates. The model
	// holds the average when the run is over.
	EMA         float64
	SWA         bool
	AverageFrom int64

	// Validation is evaluated every EvalEvery steps, or after each epoch if
	// that is 0; Train too, for the learning curve: the training set or a part
	// of it. Test is evaluated once, at the end. The model must be an Evaluator.
	Validation, Train, Test *data.Set
	// EvalEvery is the number of steps from one observation to the next. 0 is
	// an epoch, or a single step where there are no epochs.
	EvalEvery int64
	// EvalBatch is the number of examples evaluated at a time. 0 is 256.
	EvalBatch int

	// An observation is the loss of the validation set or, without one, the
	// mean loss of the steps since the last observation. Without a source and
	// with EvalEvery up to 1 it is the loss of a single step, taken before its
	// update, where the gradient is.

	// TargetLoss ends the run when the observed loss is at most this. Nil is off.
	TargetLoss *float64
	// MinGrad ends the run, before the update, when the 2-norm of the gradient
	// is at most this; MinUpdate after it, when that of the update is. 0 is off.
	MinGrad, MinUpdate float64
	// Patience ends the run after this many observations in a row that were
	// not lower than the best by more than MinDelta. 0 is off.
	Patience int
	MinDelta float64
	// KeepBest keeps a copy of the parameters at the lowest observed loss, and
	// puts it back when the run ends.
	KeepBest bool
	// TimeBudget ends the run after the first step that ends later. 0 is off.
	// It needs a Clock.
	TimeBudget time.Duration
	// Clock tells the time, usually time.Now. It is read at the start, the end and
	// each checkpoint, and after each step only for a TimeBudget or
	// Checkpoints.Period. Nil measures nothing.
	Clock func() time.Time

	// Checkpoints saves the run now and then, so that it can go on after an end of
	// the process. Nil saves nothing.
	Checkpoints *Checkpoints

	// Measure fills Step's UpdateNorm and ParamNorm, and GradNorm, which ClipNorm
	// and every NonFinite policy but Unchecked fill anyway. It costs a read of the
	// gradients and a copy of the parameters: with MeasureEvery above 1 only in
	// steps whose number is a multiple of it. In other steps what was not measured
	// is 0. MeasureEvery 0 is 1.
	Measure      bool
	MeasureEvery int64
	// Diagnose looks deeper into steps. Nil is off.
	Diagnose *Diagnostics
	// Points fills Step's Point and Value.
	Points bool
	// Slot fills Step's Slot: it names a part of the optimizer's state, such as "m",
	// of which optim.Form lists those that there are. "" is off.
	Slot string
}

// Defaults returns the options for a rule at its default rate: non-finite
// gradients end the run, a loss of 1e6 times the first is a divergence, and
// oscillation is looked for. Epochs or Steps are yours to set.
func Defaults(rule optim.Rule) Options {
	o := Options{Rule: rule, NonFinite: optim.FailNonFinite, MaxSkips: 10, BlowUp: 1e6, Watch: true}
	if rule != nil {
		o.LR = rule.Info().Rate
	}
	return o
}

// check says what is wrong with options that are used for themselves.
func (o *Options) check(source data.Source) error {
	for _, f := range []struct {
		name  string
		value float64
	}{
		{"LR", o.LR}, {"ClipNorm", o.ClipNorm}, {"ClipValue", o.ClipValue}, {"BlowUp", o.BlowUp},
		{"MinGrad", o.MinGrad}, {"MinUpdate", o.MinUpdate}, {"MinDelta", o.MinDelta},
		{"Epochs", float64(o.Epochs)}, {"Steps", float64(o.Steps)}, {"Accumulate", float64(o.Accumulate)},
		{"EvalEvery", float64(o.EvalEvery)}, {"EvalBatch", float64(o.EvalBatch)}, {"MaxSkips", float64(o.MaxSkips)},
		{"Patience", float64(o.Patience)}, {"AverageFrom", float64(o.AverageFrom)}, {"TimeBudget", float64(o.TimeBudget)},
		{"MeasureEvery", float64(o.MeasureEvery)},
	} {
		if !(f.value >= 0) || math.IsInf(f.value, 1) {
			return fmt.Errorf("train: Options.%s = %v, want [0, +Inf)", f.name, f.value)
		}
	}
	switch {
	case o.Rule == nil && len(o.Groups) == 0:
		return fmt.Errorf("train: Options has neither Rule nor Groups")
	case o.Rule != nil && len(o.Groups) > 0:
		return fmt.Errorf("train: Options has both Rule and Groups, want one of them")
	case len(o.Groups) > 0 && len(o.Hyper) > 0:
		return fmt.Errorf("train: Options.Hyper is for Rule; a group has its own")
	case o.EMA != 0 && !(o.EMA > 0 && o.EMA < 1):
		return fmt.Errorf("train: Options.EMA = %v, want (0, 1), or 0 for none", o.EMA)
	case o.EMA != 0 && o.SWA:
		return fmt.Errorf("train: Options has both EMA and SWA, want one of them")
	case o.TargetLoss != nil && math.IsNaN(*o.TargetLoss):
		return fmt.Errorf("train: Options.TargetLoss = NaN, want a number")
	case o.MeasureEvery > 0 && !o.Measure:
		return fmt.Errorf("train: Options.MeasureEvery = %d without Measure", o.MeasureEvery)
	case o.TimeBudget > 0 && o.Clock == nil:
		return fmt.Errorf("train: Options.TimeBudget needs a Clock, such as time.Now")
	case o.Epochs == 0 && o.Steps == 0 && endless(source):
		return fmt.Errorf("train: Options has neither Epochs nor Steps, and nothing else is sure to end the run")
	case source == nil && o.Epochs > 0:
		return fmt.Errorf("train: Options.Epochs = %d without a source; want Steps", o.Epochs)
	case source == nil && o.Accumulate > 1:
		return fmt.Errorf("train: Options.Accumulate = %d without a source", o.Accumulate)
	}
	if p := o.Plateau; p != nil {
		if err := p.Validate(); err != nil {
			return err
		}
		if p.Mode != "min" {
			return fmt.Errorf("train: Options.Plateau.Mode = %q, want \"min\": it observes losses", p.Mode)
		}
	}
	if o.Schedule != nil {
		return schedule.Validate(o.Schedule)
	}
	return nil
}

// An epochal source serves epochs of known length, one after the other:
// data.Batches.
type epochal interface {
	PerEpoch() int
	Position() (epoch, batch int)
}

// endless reports whether a source never ends by itself.
func endless(source data.Source) bool {
	_, ok := source.(epochal)
	return source == nil || ok
}

// PlannedSteps returns how many steps a run over a source takes at most, which
// is what a schedule of fixed length wants to know; 0 when it is not known.
func PlannedSteps(source data.Source, o Options) int64 {
	steps := stepsPerEpoch(source, o.Accumulate) * int64(o.Epochs)
	if steps == 0 || o.Steps > 0 && o.Steps < steps {
		return o.Steps
	}
	return steps
}

func stepsPerEpoch(source data.Source, accumulate int) int64 {
	e, ok := source.(epochal)
	if !ok {
		return 0
	}
	k := max(accumulate, 1)
	return int64((e.PerEpoch() + k - 1) / k)
}

// groups returns the groups of the optimizer, and the name of the
// hyper-parameter that is cycled.
func (o *Options) groups() (groups []optim.Group, cycled string) {
	if len(o.Groups) == 0 {
		g := optim.All(o.Rule)
		g.Hyper = o.Hyper
		groups = []optim.Group{g}
	} else {
		groups = append(groups, o.Groups...)
	}
	cycle, ok := o.Schedule.(interface{ Momentum() schedule.Schedule })
	if !ok || !o.CycleMomentum {
		return groups, ""
	}
	for i := range groups {
		g := &groups[i]
		if g.Frozen || g.Rule == nil {
			continue
		}
		for _, name := range []string{"momentum", "beta", "beta1"} {
			if v, ok := optim.HyperValue(g.Rule, name); !ok || v == 0 {
				continue
			}
			if _, taken := g.Hyper[name]; !taken {
				hyper := map[string]optim.Curve{name: cycle.Momentum()}
				for k, c := range g.Hyper {
					hyper[k] = c
				}
				g.Hyper, cycled = hyper, name
			}
			break
		}
	}
	return groups, cycled
}
