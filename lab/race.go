package lab

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
)

// A race is the comparison on one task.
type race struct {
	o       *CompareOptions
	task    *Task
	budget  int64
	lanes   []*lane
	paths   []TunedPath
	trials  int
	seconds float64
}

// A lane is a contender on a task.
type lane struct {
	Contender
	space   *Space // of what is tuned beside the rate; nil: nothing is
	usual   place
	search  seeker
	tuning  []Outcome
	ranking []Outcome // of ranked places, one after the other
	ranked  []place
	chosen  place
	sweep   []attempt // rates beside the chosen one, where there is a space
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
		l := &lane{Contender: c, usual: place{rate: c.Usual}}
		var err error
		if l.space, err = r.spaceOf(&c); err != nil {
			return nil, err
		}
		if l.search, err = newSeeker(o, l); err != nil {
			return nil, err
		}
		r.lanes = append(r.lanes, l)
	}
	return r, o.checkUsed(r.lanes)
}

// planned is the number of trials of the task, as far as it is known: re-ranking
// takes others where rates diverge.
func (r *race) planned() int {
	n := 0
	for _, l := range r.lanes {
		n += r.o.Trials + min(r.o.Finalists, r.o.Trials)*r.o.FinalistSeeds + 2*r.o.Seeds
		if l.space != nil {
			n += len(r.o.beside())
		}
	}
	return n
}

// trial is one of a contender.
func (r *race) trial(l *lane, p place, seed uint64) Trial {
	s := Settings{"optimizer": l.Optimizer, "lr": formatRate(p.rate)}
	if r.o.Schedule != "" {
		s["schedule"] = r.o.Schedule
	}
	maps.Copy(s, l.Settings)
	maps.Copy(s, p.settings)
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
	if err := r.sweep(ctx); err != nil {
		return err
	}
	if err := r.finish(ctx); err != nil {
		return err
	}
	return r.trace(ctx)
}

// tune does the next trials of tuning of all contenders, and returns their number.
func (r *race) tune(ctx context.Context) (int, error) {
	var trials []Trial
	var of []*lane
	for _, l := range r.lanes {
		for _, p := range l.search.next() {
			trials, of = append(trials, r.trial(l, p, r.o.tuningSeed())), append(of, l)
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

// rank runs the best places on other seeds, and the next best after them while all
// of a contender have diverged on some seed. Then it chooses one.
func (r *race) rank(ctx context.Context) error {
	seeds := r.o.finalistSeeds()
	for len(seeds) > 0 {
		var trials []Trial
		var of []*lane
		for _, l := range r.lanes {
			places := l.finalists(r.o.Finalists, len(seeds))
			l.ranked = append(l.ranked, places...)
			for _, p := range places {
				for _, seed := range seeds {
					trials, of = append(trials, r.trial(l, p, seed)), append(of, l)
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
			e := &RateChosen{Task: r.task.name, Contender: l.Name, Rate: l.chosen.rate, Usual: l.Usual, Values: l.chosen.values}
			if l.chosen.is(l.usual) {
				e.Spared = r.o.Seeds
			}
			r.o.Sink(e)
		}
	}
	return nil
}

// finalists returns the next places to run on other seeds, up to n; none when one has
// survived them all.
func (l *lane) finalists(n, seeds int) []place {
	for runs := range slices.Chunk(l.ranking, seeds) {
		if countDiverged(runs) == 0 {
			return nil
		}
	}
	places := l.search.ranked()[len(l.ranked):]
	return places[:min(n, len(places))]
}

// choose takes the place with the fewest divergences and the lowest median; the
// better one in tuning among equals.
func (l *lane) choose(seeds int) {
	l.chosen = l.search.ranked()[0]
	fewest, lowest := math.MaxInt, math.Inf(1)
	for i, p := range l.ranked {
		runs := l.ranking[i*seeds : (i+1)*seeds]
		diverged, median := countDiverged(runs), float64(summarize(objectives(runs)).Median)
		if diverged < fewest || diverged == fewest && median < lowest {
			l.chosen, fewest, lowest = p, diverged, median
		}
	}
}

// sweep tries rates on both sides of the chosen one, where other things were tuned
// too: what the trials of tuning came to says nothing of the rate alone.
func (r *race) sweep(ctx context.Context) error {
	var trials []Trial
	var of []*lane
	for _, l := range r.lanes {
		if l.space == nil {
			continue
		}
		for _, at := range r.o.beside() {
			p := l.chosen
			p.rate = rateAt(l.chosen.rate, at)
			if p.settings != nil {
				p.settings = maps.Clone(p.settings)
				p.settings["lr"] = formatRate(p.rate)
			}
			l.sweep = append(l.sweep, attempt{at: at, place: p})
			trials, of = append(trials, r.trial(l, p, r.o.tuningSeed())), append(of, l)
		}
	}
	outcomes, err := r.pool(ctx, "sensitivity", trials, of)
	if err != nil {
		return err
	}
	done := map[*lane]int{}
	for i, l := range of {
		l.sweep[done[l]].loss = float64(outcomes[i].Final)
		done[l]++
	}
	return nil
}

// beside is where rates are tried on both sides of the chosen one, in decades: like
// the grid of tuning, without its middle.
func (o *CompareOptions) beside() []float64 {
	n := gridSize(o.Trials) | 1
	return slices.DeleteFunc(symmetric(n, o.Decades), func(at float64) bool { return at == 0 })
}

// finish runs the chosen and the usual places on fresh seeds.
func (r *race) finish(ctx context.Context) error {
	seeds := r.o.freshSeeds()
	tested := func(stage string, at func(*lane) place, curve bool, needed func(*lane) bool) ([]Outcome, error) {
		var trials []Trial
		var of []*lane
		for _, l := range r.lanes {
			for _, seed := range seeds {
				if needed(l) {
					t := r.trial(l, at(l), seed)
					t.Test, t.Curve = true, curve
					trials, of = append(trials, t), append(of, l)
				}
			}
		}
		return r.pool(ctx, stage, trials, of)
	}
	all := func(*lane) bool { return true }
	fresh, err := tested("final", func(l *lane) place { return l.chosen }, true, all)
	if err != nil {
		return err
	}
	other := func(l *lane) bool { return !l.chosen.is(l.usual) }
	usual, err := tested("untuned", func(l *lane) place { return l.usual }, false, other)
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
