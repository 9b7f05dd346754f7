package lab

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/schedule"
	"github.com/descent-go/descent/train"
)

// DescentOptions say what is descended and how, as text and numbers of a user's.
type DescentOptions struct {
	Function string    // as problem.ResolveProblem reads it
	Start    []float64 // nil: the function's own
	Schedule string    // of the rate, as schedule.Parse reads it; "": constant
	Steps    int64     // at least 1
	Noise    float64   // standard deviation of what is added to gradients
	Seed     uint64    // of the noise
}

// A Descent is a function with a start, a budget and the noise of its gradient:
// all that the rules that descend it have in common.
type Descent struct {
	DescentOptions
	Plane   *problem.Function // nil for a problem of n variables
	Problem problem.Problem
	From    []float64         // where it starts
	Curve   schedule.Schedule // nil: constant
}

// An OptionError says which option of a descent is wrong, and how.
type OptionError struct {
	Option string // "function", "start", "schedule", "steps" or "noise"
	Value  string
	Err    error // what was expected
}

// Error names option and value and says what was expected.
func (e *OptionError) Error() string { return fmt.Sprintf("lab: %s %s: %v", e.Option, e.Value, e.Err) }

// Unwrap returns what was expected.
func (e *OptionError) Unwrap() error { return e.Err }

// NewDescent checks everything that can be checked before the first step. Its
// errors are of type *OptionError.
func NewDescent(o DescentOptions) (*Descent, error) {
	d := &Descent{DescentOptions: o}
	if o.Steps < 1 {
		return nil, &OptionError{"steps", strconv.FormatInt(o.Steps, 10), errors.New("want at least 1")}
	}
	var err error
	if d.Problem, err = problem.ResolveProblem(o.Function); err != nil {
		return nil, &OptionError{"function", strconv.Quote(o.Function), err}
	}
	if d.Problem.Dim() == 2 {
		// A family of two variables has no expression to draw.
		d.Plane, _ = problem.Resolve(o.Function)
	}
	if _, err := problem.Noisy(d.Problem, o.Noise, o.Seed); err != nil {
		return nil, &OptionError{"noise", fmt.Sprint(o.Noise), err}
	}
	if o.Schedule != "" {
		if d.Curve, err = schedule.Parse(o.Schedule, o.Steps); err != nil {
			return nil, &OptionError{"schedule", o.Schedule, err}
		}
	}
	m, err := train.Function(d.Problem, o.Start)
	if err != nil {
		return nil, &OptionError{"start", experiment.PointText(o.Start), err}
	}
	d.From = m.Point()
	return d, nil
}

// ParseRules reads lists of rules with options, as the command line's --optimizer
// has them. A rule's rate is its option lr, else lr, else its default; an option
// schedule is that of the rule alone, which [Descent.CurveOf] checks.
func ParseRules(lists []string, lr *float64) ([]Pace, error) {
	var all []Pace
	for _, list := range lists {
		for _, spec := range experiment.SplitRules(list) {
			own, schedule, err := experiment.CutSchedule(spec)
			if err != nil {
				return nil, &OptionError{"optimizer", spec, err}
			}
			r, err := experiment.ParseRule(own)
			if err != nil {
				return nil, &OptionError{"optimizer", spec, err}
			}
			all = append(all, Pace{Spec: r.Spec, Rule: r.Rule, Rate: r.Or(lr), Schedule: schedule})
		}
	}
	return all, nil
}

// A Pace is a rule at a rate.
type Pace struct {
	Spec string // as optim.Spec writes it, without the rate
	Rule optim.Rule
	Rate float64
	// Schedule of the rate, as schedule.Parse reads it; "": that of the descent.
	Schedule string
}

// CurveOf returns the schedule that a rule's rate follows, its own or else that of
// all; nil is constant.
func (d *Descent) CurveOf(p Pace) (schedule.Schedule, error) {
	if p.Schedule == "" {
		return d.Curve, nil
	}
	curve, err := schedule.Parse(p.Schedule, d.Steps)
	if err != nil {
		return nil, &OptionError{"schedule", p.Schedule, err}
	}
	return curve, nil
}

// Keeping says what is taken down of a path.
type Keeping struct {
	// Points is how many points a path keeps at most; when there are more, every
	// other is dropped. The start and the end are always there, so it is at least 2.
	Points int
	// Detail takes down gradients, momentum and α, which costs another gradient or
	// two for each step.
	Detail bool
	// Clock measures the time, if it is not nil.
	Clock func() time.Time
}

// Run lets a rule go. When the context ends the track has what there was by then.
func (d *Descent) Run(ctx context.Context, p Pace, k Keeping, sinks ...train.Sink) (*Track, error) {
	f := problem.Sampled(d.Problem, d.Seed)
	if d.Noise > 0 {
		noisy, err := problem.Noisy(f, d.Noise, d.Seed)
		if err != nil {
			return nil, err
		}
		f = noisy
	}
	m, err := train.Function(f, d.From)
	if err != nil {
		return nil, err
	}
	o := train.Defaults(p.Rule)
	o.LR, o.Steps, o.Points, o.Clock = p.Rate, d.Steps, true, k.Clock
	curve, err := d.CurveOf(p)
	if err != nil {
		return nil, err
	}
	if curve != nil {
		o.Schedule = curve
	}
	t := newTrack(d, p, k)
	if k.Detail {
		o.Diagnose = &train.Diagnostics{Line: true}
		o.Slot = t.momentum.slot
	}
	if t.Result, err = train.Run(ctx, m, nil, o, append([]train.Sink{t}, sinks...)...); err != nil {
		return nil, err
	}
	t.finish()
	return t, nil
}

// HasDiverged reports whether a run diverged. One that follows a function that has no
// lower bound did what it should.
func HasDiverged(r *train.Result) bool {
	return r.Diverged != nil && r.Diverged.Cause != train.CauseUnbounded
}

// A Landing says what the point is at which a descent ended.
type Landing struct {
	Verdict string // a kind of point, or "diverged" or "unbounded"
	Why     string
	// Known is false where the end is not finite; then the rest means nothing.
	Known    bool
	Point    problem.Verdict
	Nearest  *problem.Minimum // the nearest known one; nil when none is known
	Distance float64          // to it
}

// Judge says what the point is at which a track ended.
func (d *Descent) Judge(r *train.Result) (*Landing, error) {
	l := &Landing{}
	if len(r.Point) > 0 {
		v, err := problem.Classify(d.Problem, r.Point)
		if err != nil {
			return nil, err
		}
		l.Known, l.Verdict, l.Why, l.Point = true, v.Kind.String(), v.Reason, v
		if d.Plane != nil {
			l.Nearest, l.Distance = Nearest(d.Plane.Minima, r.Point[0], r.Point[1])
		}
	}
	if r.Diverged != nil {
		l.Verdict, l.Why = "diverged", r.Diverged.String()
		if !HasDiverged(r) {
			l.Verdict = "unbounded"
		}
	}
	return l, nil
}

// Nearest returns the minimum nearest to a point, and how far it is: nil and +Inf
// when there is none.
func Nearest(minima []problem.Minimum, x, y float64) (*problem.Minimum, float64) {
	var best *problem.Minimum
	distance := math.Inf(1)
	for i, m := range minima {
		if d := norm([]float64{x - m.X, y - m.Y}); d < distance {
			best, distance = &minima[i], d
		}
	}
	return best, distance
}
