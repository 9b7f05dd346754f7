package lab

import (
	"context"
	"math"
	"slices"

	"github.com/descent-go/descent/internal/portable"
	"github.com/descent-go/descent/train"
)

// How fine the search is, as ratios of neighbouring rates.
const (
	between = 2.2  // of the first rates
	onward  = 3.2  // beyond the lowest or highest one
	finest  = 1.04 // where nothing beside the best is about as good
	edgeFit = 1.3  // at the ends of the interval
)

// mostRates bounds the rates that are tried.
const mostRates = 48

// search validates rates until the answer is known or the budget spent.
func (f *finder) search(ctx context.Context) error {
	defer f.publish()
	if err := f.stand(ctx); err != nil {
		return err
	}
	settled, err := f.narrow(ctx, f.begin())
	if err != nil {
		return err
	}
	for f.best() != nil {
		if f.left() < confirming*f.o.Steps {
			if f.res.No == nil { // nothing speaks against it
				f.answer(false)
			}
			return nil
		}
		f.res.No = nil
		switch v, err := f.confirm(ctx); {
		case err != nil:
			return err
		case v == confirmed:
			f.answer(settled)
			return nil
		case v == refuted:
			return nil
		case f.best() != nil: // another one, whose neighbours were of no interest before
			if settled, err = f.narrow(ctx, f.refine()); err != nil {
				return err
			}
		}
	}
	if f.res.No != nil {
		return nil
	}
	f.no(NoStanding, "every rate that was tried diverged on some seed, down to %s", digits(f.tried[0].Rate))
	return nil
}

// narrow tries rates, and others that follow from what came of them, and reports
// whether the budget sufficed.
func (f *finder) narrow(ctx context.Context, next []float64) (settled bool, err error) {
	for len(next) > 0 {
		some := f.affordable(next)
		if len(some) == 0 {
			return false, nil
		}
		if err := f.try(ctx, some); err != nil {
			return false, err
		}
		next = f.refine()
	}
	return true, nil
}

// left is what the budget still allows for.
func (f *finder) left() int64 { return f.o.Budget - f.res.Spent }

// stand takes the objective where training begins, of all seeds, by runs that do
// not move.
func (f *finder) stand(ctx context.Context) error {
	steps := f.accumulate
	if f.first.Function == nil && f.first.Options.Validation == nil {
		steps = f.o.Steps // it is the mean loss of batches
	}
	s := f.settings(0)
	s["optimizer"], s["schedule"], s["plateau"] = "sgd", "", ""
	losses, err := f.run(ctx, "validation", s, f.seeds(0, f.o.Seeds+confirming), steps)
	if err != nil {
		return err
	}
	f.still, f.fresh = losses[:f.o.Seeds], losses[f.o.Seeds:]
	f.res.Start = train.Real(median(f.still))
	return nil
}

// seeds returns n seeds; the first ones validate rates, the others confirm the
// best.
func (f *finder) seeds(first, n int) []uint64 {
	seeds := make([]uint64, n)
	for i := range seeds {
		seeds[i] = f.o.Seed + uint64(first+i)
	}
	return seeds
}

// run returns the final objectives of trials, +Inf for those that diverged.
func (f *finder) run(ctx context.Context, stage string, s Settings, seeds []uint64, steps int64) ([]float64, error) {
	trials := make([]Trial, len(seeds))
	for i, seed := range seeds {
		trials[i] = Trial{Settings: s, Seed: seed, Steps: steps}
	}
	return f.runAll(ctx, stage, trials)
}

func (f *finder) runAll(ctx context.Context, stage string, trials []Trial) ([]float64, error) {
	pool := &Pool{Parallel: f.o.Parallel, Stage: stage, Journal: f.o.Journal, Sink: func(e Event) {
		if done, ok := e.(*TrialDone); ok {
			f.spend(stage, cost(done.Outcome, f.accumulate))
		}
		f.say(e)
	}, label: func(i int, e *TrialDone) { e.Rate = rateOf(trials[i]) }}
	outcomes, err := pool.Run(ctx, f.t, trials)
	if err != nil {
		return nil, err
	}
	losses := make([]float64, len(outcomes))
	for i, o := range outcomes {
		losses[i] = float64(o.Final)
	}
	return losses, nil
}

// cost is what a trial took: where it diverged, the step that showed it too.
func cost(o *Outcome, accumulate int64) int64 {
	if o.Diverged == nil {
		return o.Trial.Steps
	}
	return min((o.Steps+1)*accumulate, o.Trial.Steps)
}

// begin returns the first rates to try: those that were suggested, and some from
// below to above them; all over the ramp where the range test has suggested none, for
// the edge alone says how far one can go, not where it is good.
func (f *finder) begin() []float64 {
	var rates []float64
	ramped := false
	for _, s := range f.res.Suggestions {
		if s.Rate > 0 && finite(s.Rate) {
			rates = append(rates, s.Rate)
			ramped = ramped || s.Criterion != StabilityEdge
		}
	}
	low, high, step := f.low, f.high, 10.0
	if ramped {
		low, high, step = slices.Min(rates)/onward, slices.Max(rates)*onward, between
	}
	most := float64(usualRates / 3)
	step = math.Max(step, portable.Pow(high/low, 1/most))
	for r := low; r <= high*1.0001; r *= step {
		if !slices.ContainsFunc(rates, func(q float64) bool { return ratio(q, r) < 1.2 }) {
			rates = append(rates, rounded(r))
		}
	}
	slices.Sort(rates)
	return slices.Compact(rates)
}

// ratio is how far apart two rates are, at least 1.
func ratio(a, b float64) float64 { return math.Max(a/b, b/a) }

// affordable leaves out what the budget does not allow for: what is left has to
// suffice for the confirmation.
func (f *finder) affordable(rates []float64) []float64 {
	per := f.o.Steps * int64(f.o.Seeds)
	left := f.left() - times*confirming*f.o.Steps
	n := min(max(left/per, 0), int64(mostRates-len(f.tried)))
	if n < int64(len(rates)) && len(f.tried) == 0 && n > 1 { // evenly over all of them
		some := make([]float64, n)
		for i := range some {
			some[i] = rates[i*(len(rates)-1)/(int(n)-1)]
		}
		return slices.Compact(some)
	}
	return rates[:min(int64(len(rates)), max(n, 0))]
}

// try validates rates.
func (f *finder) try(ctx context.Context, rates []float64) error {
	var trials []Trial
	for _, r := range rates {
		for _, seed := range f.seeds(0, f.o.Seeds) {
			trials = append(trials, Trial{Settings: f.settings(r), Seed: seed, Steps: f.o.Steps})
		}
	}
	losses, err := f.runAll(ctx, "validation", trials)
	if err != nil {
		return err
	}
	for i, r := range rates {
		t := TriedRate{Rate: r}
		of := losses[i*f.o.Seeds : (i+1)*f.o.Seeds]
		for _, l := range of {
			t.Losses = append(t.Losses, train.Real(l))
			if math.IsInf(l, 1) {
				t.Diverged++
			}
		}
		t.Median = train.Real(median(of))
		f.tried = append(f.tried, t)
		f.say(&RateTried{Task: f.t.name, TriedRate: t})
	}
	slices.SortFunc(f.tried, func(a, b TriedRate) int {
		if a.Rate < b.Rate {
			return -1
		}
		return 1
	})
	return nil
}

// refine returns the rates to try next, none when the answer is known well.
func (f *finder) refine() []float64 {
	if f.best() == nil {
		return f.beyond(f.tried[0].Rate / (onward * onward))
	}
	lo, hi := f.span()
	best := f.best().Rate
	var next []float64
	at := slices.IndexFunc(f.tried, func(t TriedRate) bool { return t.Rate == best })
	// First the neighbourhood of the best, until one beside it is as good.
	fit := edgeFit
	if lo == hi {
		fit = finest
	}
	switch lowest := &f.tried[lo]; {
	case lo == 0 && f.falls(median(f.still), float64(lowest.Median)): // less may do as well
		next = append(next, f.beyond(lowest.Rate/onward)...)
	case lo > 0:
		next = append(next, halfway(f.tried[lo-1].Rate, lowest.Rate, fit)...)
	}
	if hi == len(f.tried)-1 {
		next = append(next, f.beyond(f.tried[hi].Rate*onward)...)
	} else {
		next = append(next, halfway(f.tried[hi].Rate, f.tried[hi+1].Rate, fit)...)
	}
	// Then gaps within, around the best, that could hide a better one.
	if at > lo {
		next = append(next, halfway(f.tried[at-1].Rate, best, edgeFit)...)
	}
	if at < hi {
		next = append(next, halfway(best, f.tried[at+1].Rate, edgeFit)...)
	}
	return next
}

// beyond returns a rate if it is not too far from the ramp.
func (f *finder) beyond(rate float64) []float64 {
	if rate < f.low*1e-6 || rate > f.high*1e3 {
		return nil
	}
	return []float64{rounded(rate)}
}

// halfway returns the rate between two, if they are further apart than fit.
func halfway(a, b, fit float64) []float64 {
	mid := rounded(math.Sqrt(a) * math.Sqrt(b))
	if ratio(a, b) <= fit || mid <= a || mid >= b {
		return nil
	}
	return []float64{mid}
}

// A confirmation is what fresh seeds say of the best rate.
type confirmation int

const (
	confirmed confirmation = iota
	refuted                // there is no answer
	undecided              // another rate is the best now
)

// confirm runs the best rate on fresh seeds. When some of them diverged, it is out.
// When the loss did not fall on all of them there is no answer, unless it fell on
// most and a lower rate can do better.
func (f *finder) confirm(ctx context.Context) (confirmation, error) {
	best := f.best()
	after, err := f.run(ctx, "confirmation", f.settings(best.Rate), f.seeds(f.o.Seeds, confirming), f.o.Steps)
	if err != nil {
		return refuted, err
	}
	fell := 0
	falls := make([]float64, confirming)
	for i, before := range f.fresh {
		falls[i] = before - after[i]
		switch {
		case math.IsInf(after[i], 1):
			best.Diverged++
		case f.falls(before, after[i]):
			fell++
		}
	}
	switch {
	case best.Diverged > 0:
		return undecided, nil
	case fell == confirming:
		return confirmed, nil
	}
	f.doubt(best, falls)
	if fell < most {
		return refuted, nil
	}
	for i := range f.tried {
		if t := &f.tried[i]; t.Rate >= best.Rate {
			t.Risky = true
		}
	}
	return undecided, nil
}
