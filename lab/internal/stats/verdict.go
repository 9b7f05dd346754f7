package stats

import (
	"cmp"
	"fmt"
	"slices"
)

// JudgeOptions say how sure a verdict is to be.
type JudgeOptions struct {
	// Confidence, in (0, 1), is that of all intervals together.
	Confidence float64
	// Power, in (0, 1), is the chance to settle it that the number of seeds is
	// to give.
	Power float64
	// MaxSeeds is the largest number of seeds worth mentioning.
	MaxSeeds int
	// Seed is that of all that is random.
	Seed uint64
}

// DefaultJudge returns a confidence of 0.97, a power of 0.9 and 1000 seeds.
//
// Why not 0.95: the one true error is to name a winner among rules that are
// alike, and with two of them its chance is 1 − Confidence.
func DefaultJudge() JudgeOptions {
	return JudgeOptions{Confidence: 0.97, Power: 0.9, MaxSeeds: 1000}
}

// A Verdict says which rule is best, and how far the others are behind.
type Verdict struct {
	// Best has the lowest median; of equal ones the lowest upper quartile, then
	// the first.
	Best int
	// Winner says that every other rule is clearly worse than Best. Otherwise
	// there is no clear difference.
	Winner bool
	// Ratio says that differences are ratios: see Ratios.
	Ratio bool
	// Differences has, for every rule, how much higher its losses are than those
	// of Best, seed by seed. That of Best itself is no difference.
	Differences []Difference
	// Seeds is how many seeds would settle it with the chance asked for, if the
	// differences keep the spread that they have; 0 if there is a winner, if more
	// than MaxSeeds were needed, or if some rule is no worse than Best.
	Seeds int
}

// A Difference is a Hodges-Lehmann estimate, which is a median of sorts, with its
// interval. Clear says that the interval lies above "no difference", which is 0,
// or 1 for a ratio.
type Difference struct {
	Interval
	Clear bool
}

// Judge compares rules by their losses, losses[rule][seed], on common seeds.
//
// The differences to the best are taken seed by seed. Their intervals invert
// Wilcoxon's signed-rank test, whose null distribution is that of sign flips of
// the seeds, adjusted to the number of rules by step-down maxima. This is exact
// when two rules are alike, for noise of any kind; outliers and divergence count
// by rank. Where losses scatter by 10 %, ten seeds find a difference of 20 % in 86 of
// 100 comparisons, the t-test in 91. At 10 seeds the usual bootstrap intervals are too short: where two
// rules are alike, 95 % percentile intervals of the mean exclude that in about 9
// of 100 comparisons, BCa intervals in 11.
//
// Fewer seeds than 1 + log₂(1/(1−Confidence)), 7 for 0.97, cannot exclude
// anything: the intervals are infinite.
func Judge(losses [][]float64, o JudgeOptions) (*Verdict, error) {
	if err := o.check(losses); err != nil {
		return nil, err
	}
	v := &Verdict{Best: best(losses), Ratio: Ratios(losses...), Differences: make([]Difference, len(losses))}
	type rival struct {
		rule       int
		difference []float64
		ranks      []float64
		sum        float64
	}
	var rivals []rival
	for i, l := range losses {
		if i == v.Best {
			if v.Ratio {
				v.Differences[i].Interval = Interval{}.Exp()
			}
			continue
		}
		r := rival{rule: i, difference: Differences(l, losses[v.Best], v.Ratio)}
		r.ranks = signedRanks(r.difference)
		for _, s := range r.ranks {
			r.sum += s
		}
		rivals = append(rivals, r)
	}
	if len(rivals) == 0 {
		return v, nil
	}
	slices.SortStableFunc(rivals, func(a, b rival) int { return cmp.Compare(b.sum, a.sum) })
	var ranks [][]float64
	for _, r := range rivals {
		ranks = append(ranks, r.ranks)
	}
	critical := criticalValues(ranks, 1-o.Confidence, o.Seed)
	v.Winner = true
	for i, r := range rivals {
		if !v.Winner { // after one that is not clear, none is
			critical[i] = critical[i-1]
		}
		d := Difference{Interval: around(r.difference, critical[i])}
		d.Clear = v.Winner && d.Low > 0
		if v.Winner = v.Winner && d.Clear; v.Ratio {
			d.Interval = d.Exp()
		}
		v.Differences[r.rule] = d
	}
	if last := rivals[len(rivals)-1]; !v.Winner {
		v.Seeds = settle(last.difference, o)
	}
	return v, nil
}

// best returns the rule with the lowest median.
func best(losses [][]float64) int {
	least := 0
	for i := range losses {
		a, b := Quartiles(losses[i]), Quartiles(losses[least])
		if cmp.Or(cmp.Compare(a.Median, b.Median), cmp.Compare(a.High, b.High)) < 0 {
			least = i
		}
	}
	return least
}

func (o JudgeOptions) check(losses [][]float64) error {
	switch {
	case !(o.Confidence > 0 && o.Confidence < 1):
		return fmt.Errorf("stats: JudgeOptions.Confidence = %v, want (0, 1)", o.Confidence)
	case !(o.Power > 0 && o.Power < 1):
		return fmt.Errorf("stats: JudgeOptions.Power = %v, want (0, 1)", o.Power)
	case o.MaxSeeds < 1:
		return fmt.Errorf("stats: JudgeOptions.MaxSeeds = %d, want at least 1", o.MaxSeeds)
	case len(losses) == 0 || len(losses[0]) == 0:
		return fmt.Errorf("stats: Judge: no losses")
	}
	for i, l := range losses {
		if len(l) != len(losses[0]) {
			return fmt.Errorf("stats: Judge: %d losses of rule %d, want %d as of rule 0", len(l), i, len(losses[0]))
		}
	}
	return nil
}
