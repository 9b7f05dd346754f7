package lab

import (
	"fmt"
	"math"
	"slices"

	"github.com/descent-go/descent/internal/portable"
	"github.com/descent-go/descent/train"
)

// slight is the share of the way down by which losses differ at least to count as
// different.
const slight = 1e-6

// leastFall is the share of the loss at the start by which training on data lowers
// it at least to count as a fall.
const leastFall = 1e-3

// rounding is the share of a loss by which equal ones may differ: runs that end in
// the same minimum do not end there to the bit.
const rounding = 1e-6

// best returns the rate with the lowest median of those on which no run diverged and
// that are not risky; of neighbours that are equal but for rounding, that in their
// middle. Nil when there is none.
func (f *finder) best() *TriedRate {
	least := math.Inf(1)
	for i := range f.tried {
		if t := &f.tried[i]; t.stands() {
			least = min(least, float64(t.Median))
		}
	}
	equal := func(t TriedRate) bool {
		return t.stands() && float64(t.Median)-least <= float64(rounding*math.Abs(least))
	}
	i := slices.IndexFunc(f.tried, equal)
	if i < 0 {
		return nil
	}
	j := i
	for j+1 < len(f.tried) && equal(f.tried[j+1]) {
		j++
	}
	return &f.tried[(i+j)/2]
}

// stands reports whether nothing speaks against a rate.
func (t *TriedRate) stands() bool { return t.Diverged == 0 && !t.Risky }

// limit is the highest median that is about as good as the best: worse by the
// share that was asked for, or by what seeds do not tell apart, whichever is more;
// but never above the loss at the start.
func (f *finder) limit(best *TriedRate) float64 {
	loss := float64(best.Median)
	way := math.Max(median(f.still)-loss, 0)
	limit := loss + math.Max(float64(f.o.Within*math.Abs(loss)), float64(slight*way))
	scatter, log := f.scatter(best)
	slack := 2 * scatter / math.Sqrt(float64(f.o.Seeds))
	if log {
		limit = math.Max(limit, loss*portable.Exp(slack))
	} else {
		limit = math.Max(limit, loss+slack)
	}
	return math.Min(limit, math.Max(median(f.still), loss))
}

// scatter is how much the seeds differ in how much worse than the best a rate is:
// the standard deviation of these differences, the median of all rates within a
// decade and a half. Losses that are all positive are compared by their logarithms.
func (f *finder) scatter(best *TriedRate) (deviation float64, log bool) {
	log = true
	var near []*TriedRate
	for i := range f.tried {
		if t := &f.tried[i]; t.stands() && ratio(t.Rate, best.Rate) < 30 {
			near = append(near, t)
			log = log && !slices.ContainsFunc(t.Losses, func(l train.Real) bool { return l <= 0 })
		}
	}
	var deviations []float64
	for _, t := range near {
		if t == best {
			continue
		}
		sum, squares := 0.0, 0.0
		for i, l := range t.Losses {
			d := float64(l - best.Losses[i])
			if log {
				d = portable.Log(float64(l)) - portable.Log(float64(best.Losses[i]))
			}
			sum += d
			squares += float64(d * d)
		}
		n := float64(len(t.Losses))
		variance := (squares - float64(sum*sum)/n) / (n - 1)
		deviations = append(deviations, math.Sqrt(math.Max(variance, 0)))
	}
	if len(deviations) == 0 {
		return 0, log
	}
	return median(deviations), log
}

func (f *finder) good(t *TriedRate, limit float64) bool {
	return t.stands() && float64(t.Median) <= limit
}

// span returns the indices of the rates about as good as the best that have none
// between them that is not.
func (f *finder) span() (lo, hi int) {
	best := f.best()
	limit := f.limit(best)
	lo = slices.IndexFunc(f.tried, func(t TriedRate) bool { return t.Rate == best.Rate })
	for hi = lo; lo > 0 && f.good(&f.tried[lo-1], limit); lo-- {
	}
	for hi < len(f.tried)-1 && f.good(&f.tried[hi+1], limit) {
		hi++
	}
	return lo, hi
}

// falls reports whether a loss is lower than before training by what counts.
func (f *finder) falls(before, after float64) bool {
	return before-after > float64(f.leastFall()*math.Abs(before))
}

func (f *finder) leastFall() float64 {
	if f.exact {
		return 1e-9
	}
	return leastFall
}

// doubt says why the best rate is no answer, by how the falls of fresh seeds
// scatter.
func (f *finder) doubt(best *TriedRate, falls []float64) {
	size := math.Abs(median(f.fresh))
	middle, spread := median(falls), slices.Max(falls)-slices.Min(falls)
	if spread > math.Max(math.Abs(middle), float64(f.leastFall()*size)) {
		at := "at the best rate"
		if slices.ContainsFunc(f.tried, func(t TriedRate) bool { return t.Risky }) {
			at = "even at a lower rate than the best ones"
		}
		f.no(NoSignal, "%s, %s, the loss changes by %s in %s, and by %s from seed to seed",
			at, digits(best.Rate), digits(-middle), plural(f.o.Steps, "gradient evaluation"), digits(spread))
		return
	}
	f.no(NoFall, "no rate from %s to %s lowers the loss, which is %.6g at the start, in %s",
		digits(f.tried[0].Rate), digits(f.tried[len(f.tried)-1].Rate), median(f.fresh), plural(f.o.Steps, "gradient evaluation"))
}

func (f *finder) no(reason NoReason, format string, args ...any) {
	f.res.No = &NoRate{Reason: reason, Why: fmt.Sprintf(format, args...)}
}

// answer is the interval from where the medians, interpolated between rates on
// logarithmic axes, come under the limit to where they leave it. It ends at the
// last rate that was tried where the next one diverges.
func (f *finder) answer(settled bool) {
	best := f.best()
	limit := f.limit(best)
	lo, hi := f.span()
	a := &RateAnswer{Low: f.tried[lo].Rate, High: f.tried[hi].Rate, Best: best.Rate, Loss: best.Median, Limit: train.Real(limit), Settled: settled}
	if lo > 0 {
		a.Low = crossing(&f.tried[lo], &f.tried[lo-1], limit)
	}
	if hi < len(f.tried)-1 {
		a.High = crossing(&f.tried[hi], &f.tried[hi+1], limit)
	}
	f.res.Answer = a
	for i := lo; i <= hi; i++ {
		f.tried[i].Good = true
	}
}

// crossing returns the rate between one that is good and one that is not at which
// the loss is at the limit.
func crossing(in, out *TriedRate, limit float64) float64 {
	if out.Diverged > 0 || out.Risky || !(float64(out.Median) > limit) {
		return in.Rate
	}
	from, to, at := float64(in.Median), float64(out.Median), limit
	if from > 0 {
		from, to, at = portable.Log(from), portable.Log(to), portable.Log(at)
	}
	share := math.Min(math.Max((at-from)/(to-from), 0), 1)
	rate := in.Rate * portable.Pow(out.Rate/in.Rate, share)
	return rounded(rate)
}

// publish puts what was tried into the result.
func (f *finder) publish() {
	f.res.Tried = f.tried
	for i := range f.res.Suggestions {
		s := &f.res.Suggestions[i]
		for _, t := range f.tried {
			if t.Rate == s.Rate {
				s.Loss, s.Good = t.Median, t.Good
			}
		}
	}
}

// median returns that of values, of which +Inf may be some.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if a, b := sorted[(n-1)/2], sorted[n/2]; a != b {
		return float64(a/2) + float64(b/2)
	}
	return sorted[n/2]
}
