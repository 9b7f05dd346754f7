package lab

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/internal/portable"
	"github.com/descent-go/descent/optim"
)

// beyond is how many decades the search for a rate may leave the range that it began
// with, on each side.
const beyond = 6

// tunable reports whether contenders may be tuned over a key: what they have in
// common for the same seed and what they are compared by may not differ.
func tunable(key string) bool {
	kind, name, part := strings.Cut(key, ".")
	if part {
		return name != "" && (kind == "optimizer" || kind == "schedule")
	}
	s, ok := searchable(key)
	return ok && key != "optimizer" && key != "schedule" && slices.Contains([]string{"Optimizer", "Gradients", "Averages"}, s.Part)
}

// CheckSpace says what is wrong with Space: with a dimension, or with what it means for
// a contender on a task.
func (o CompareOptions) CheckSpace() error {
	if err := o.checkSpace(); err != nil {
		return err
	}
	for _, t := range o.Tasks {
		if _, err := newRace(&o, t); err != nil {
			return err
		}
	}
	return nil
}

// checkSpace says what is wrong with the dimensions one by one, and with conditions on
// rules that are not compared.
func (o *CompareOptions) checkSpace() error {
	for i := range o.Space {
		d := &o.Space[i]
		err := d.check()
		switch w := d.When; {
		case err != nil:
		case !tunable(d.Key):
			err = errors.New("want lr, optimizer.NAME, schedule.NAME, or a setting of gradients or averages: all else is the same for all contenders")
		case w == nil:
		case w.Key == "optimizer":
			for _, v := range w.Values {
				if !slices.ContainsFunc(o.Contenders, func(c Contender) bool { return (&Condition{Values: []string{v}}).has(c.Optimizer) }) {
					err = fmt.Errorf("if optimizer=%s, and no such rule is compared", v)
				}
			}
		case !slices.ContainsFunc(o.Space[:i], func(d Dimension) bool { return d.Key == w.Key && d.Choices != nil }):
			err = fmt.Errorf("if %s, want optimizer or an earlier dimension with choices", w.Key)
		}
		if err != nil {
			return fmt.Errorf("lab: dimension %s: %w", d, err)
		}
	}
	return nil
}

// spaceOf returns what a contender is tuned over, its rate first; nil when that is all.
func (r *race) spaceOf(c *Contender) (*Space, error) {
	rule, err := experiment.ParseRule(c.Optimizer)
	if err != nil {
		return nil, fmt.Errorf("lab: contender %q: %w", c.Name, err)
	}
	rate := r.o.rates(c)
	var others []Dimension
	for _, d := range r.o.Space {
		if w := d.When; w != nil && w.Key == "optimizer" {
			if !w.has(c.Optimizer) {
				continue
			}
			d.When = nil
		} else if w != nil && !slices.ContainsFunc(others, func(d Dimension) bool { return d.Key == w.Key }) {
			continue // with the one that it depends on
		}
		if name, ok := strings.CutPrefix(d.Key, "optimizer."); ok && !leavesOpen(rule, name) {
			continue
		}
		if d.Key == "lr" {
			rate = d
			continue
		}
		others = append(others, d)
	}
	if len(others) == 0 && !r.o.rated() {
		return nil, nil
	}
	s := &Space{Params: append([]Dimension{rate}, others...), Base: r.base(c)}
	if err := s.Check(); err != nil {
		return nil, fmt.Errorf("lab: contender %s: %s", c.Name, strings.TrimPrefix(err.Error(), "lab: "))
	}
	return s, nil
}

// leavesOpen reports whether a rule has a hyper-parameter of which the contender says
// nothing.
func leavesOpen(rule experiment.Rule, name string) bool {
	value, has := optim.HyperValue(rule.Rule, name)
	usual, _ := optim.HyperValue(rule.Info().New(), name)
	return has && value == usual
}

// rated reports whether the space says where rates are looked for.
func (o *CompareOptions) rated() bool {
	return slices.ContainsFunc(o.Space, func(d Dimension) bool { return d.Key == "lr" })
}

// rates is where the rate of a contender may be: where tuning begins, and beyond.
func (o *CompareOptions) rates(c *Contender) Dimension {
	at := func(decades float64) float64 {
		return min(max(rateAt(c.Usual, decades), math.SmallestNonzeroFloat64), math.MaxFloat64)
	}
	half := float64(o.Decades/2) + beyond
	return Dimension{Key: "lr", Low: at(-half), High: at(half), Log: true}
}

// base is what the contender has that parts of a space go into.
func (r *race) base(c *Contender) Settings {
	e := r.task.prepared.First().Experiment
	s := Settings{"optimizer": c.Optimizer, "schedule": e.Schedule, "model": e.Model}
	if r.o.Schedule != "" {
		s["schedule"] = r.o.Schedule
	}
	if own, ok := c.Settings["schedule"]; ok {
		s["schedule"] = own
	}
	return s
}

// checkUsed refuses a dimension that no contender has.
func (o *CompareOptions) checkUsed(lanes []*lane) error {
	for _, d := range o.Space {
		if !slices.ContainsFunc(lanes, func(l *lane) bool { return l.space != nil && l.space.dimension(d.Key) != nil }) {
			return fmt.Errorf("lab: dimension %s: no contender leaves it open, want the name of a hyper-parameter that one of them has and does not say", d)
		}
	}
	return nil
}

// newSeeker returns what tunes a lane.
func newSeeker(o *CompareOptions, l *lane) (seeker, error) {
	if l.space == nil {
		return &search{usual: l.Usual, trials: o.Trials, decades: o.Decades}, nil
	}
	f := &scatter{space: l.space, usual: l.usual, trials: o.Trials, window: [2]float64{0, 1}}
	if !o.rated() {
		share := beyond / float64(o.Decades+float64(2*beyond))
		f.window = [2]float64{share, 1 - share}
	}
	var err error
	if f.wide, err = NewSampler("sobol", l.space, o.Seed); err != nil {
		return nil, err
	}
	f.near, err = NewSampler("sobol", l.space, ^o.Seed)
	return f, err
}

// coordinate returns where a value lies in the dimension: the inverse of text, and the
// middle for what is not a value of it.
func (d *Dimension) coordinate(text string) float64 {
	if d.Choices != nil {
		if k := slices.Index(d.Choices, text); k >= 0 {
			return (float64(k) + 0.5) / float64(len(d.Choices))
		}
		return 0.5
	}
	v, ok := number(text)
	switch {
	case !ok:
		return 0.5
	case d.levels() > 0:
		k := math.Round((v - d.Low) / d.step())
		lo, hi := d.edges(int(min(max(k, 0), float64(d.levels()-1))))
		return (lo + hi) / 2
	case v <= d.Low:
		return 0
	case d.Log:
		return min(portable.Log(v/d.Low)/d.span(), 1)
	}
	return min((v-d.Low)/(d.High-d.Low), 1)
}
