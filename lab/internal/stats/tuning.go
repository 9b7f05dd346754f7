package stats

import (
	"math"

	"github.com/descent-go/descent/internal/portable"
)

// A Best is the distribution of the lowest of several losses.
type Best struct {
	// Mean is its expectation, +Inf when all of them may have diverged.
	Mean              float64
	Low, Median, High float64
}

// Draw says how losses are drawn.
type Draw uint8

// The ways to draw.
const (
	// Without replacement: the trials that were made, in random order. Estimates
	// have no bias: Tang, Lee, Xin, Liu, Yu and Lin, Showing Your Work Doesn't
	// Always Work, ACL 2020.
	Without Draw = iota
	// With replacement: new trials from the empirical distribution. Dodge,
	// Gururangan, Card, Schwartz and Smith, Show Your Work: Improved Reporting of
	// Experimental Results, EMNLP 2019, equations 6 to 8.
	With
)

// BestOf returns the exact distribution of the lowest of k losses drawn from
// those given, with the quantiles low and high. It panics unless k is at least 1,
// and at most the number of losses without replacement.
func BestOf(losses []float64, k int, draw Draw, low, high float64) Best {
	n := len(losses)
	if k < 1 || n == 0 || draw == Without && k > n {
		panic("stats: BestOf: more draws than losses, or none")
	}
	s := sorted(losses)
	b := Best{Low: math.Inf(1), Median: math.Inf(1), High: math.Inf(1)}
	marks := []struct {
		at    float64
		value *float64
	}{{low, &b.Low}, {0.5, &b.Median}, {high, &b.High}}
	before := 1.0 // the chance that all draws come from here on
	for i, v := range s {
		after := rest(n, i+1, k, draw)
		if p := before - after; p > 0 {
			if math.IsInf(v, 0) {
				b.Mean = v
			} else if !math.IsInf(b.Mean, 0) {
				b.Mean += float64(p * v)
			}
		}
		before = after
		for len(marks) > 0 && 1-after >= marks[0].at-1e-12 {
			*marks[0].value = v
			marks = marks[1:]
		}
	}
	return b
}

// rest returns the chance that k draws from n all avoid the first i.
func rest(n, i, k int, draw Draw) float64 {
	p := 1.0
	for j := range k {
		if draw == With {
			j = 0
		}
		p *= float64(max(n-i-j, 0)) / float64(n-j)
	}
	return p
}

// TuningCost returns the distributions of the lowest of 1, 2, … of the losses of
// trials, in random order, with the quantiles low and high.
func TuningCost(losses []float64, low, high float64) []Best {
	cost := make([]Best, len(losses))
	for i := range cost {
		cost[i] = BestOf(losses, i+1, Without, low, high)
	}
	return cost
}

// A Tolerance is the range of learning rates about the best one whose losses are
// near the lowest.
type Tolerance struct {
	// Decades is the width of the range, log₁₀ High/Low; 0 when nothing has
	// converged.
	Decades   float64
	Low, High float64
	// LowOpen and HighOpen say that the range reaches the end of what was tried,
	// so that it may be wider.
	LowOpen, HighOpen bool
}

// RateTolerance returns the range of rates, given in ascending order and greater
// than 0, about the one with the lowest loss in which losses are at most
// (1 + within) times the lowest, or above a negative one by that share of its
// magnitude. Between two rates the loss is taken as linear in log rate; towards a
// rate that diverged the range ends at the last one that did not. It panics when
// the lengths differ.
func RateTolerance(rates, losses []float64, within float64) Tolerance {
	if len(rates) != len(losses) {
		panic("stats: RateTolerance of slices of different lengths")
	}
	least := -1
	for i, l := range losses {
		if l = counted(l); !math.IsInf(l, 1) && (least < 0 || l < losses[least]) {
			least = i
		}
	}
	if least < 0 {
		return Tolerance{}
	}
	limit := losses[least] + float64(within*math.Abs(losses[least]))
	end := func(step int) (rate float64, open bool) {
		i := least
		for ; ; i += step {
			next := i + step
			if next < 0 || next == len(rates) {
				return rates[i], true
			}
			if counted(losses[next]) > limit {
				break
			}
		}
		if next := counted(losses[i+step]); !math.IsInf(next, 1) {
			f := (limit - losses[i]) / (next - losses[i])
			return float64(rates[i] * portable.Exp(f*portable.Log(rates[i+step]/rates[i]))), false
		}
		return rates[i], false
	}
	var t Tolerance
	t.Low, t.LowOpen = end(-1)
	t.High, t.HighOpen = end(1)
	t.Decades = portable.Log10(t.High / t.Low)
	return t
}
