package stats

import (
	"math"
	"slices"

	"github.com/descent-go/descent/internal/portable"
	"github.com/descent-go/descent/internal/rng"
)

// simulations is how often a number of seeds is tried.
const simulations = 400

// settle returns the smallest number of seeds, more than there are, that gives
// the signed-rank test the power asked for when differences are drawn from those
// observed; 0 when that is more than MaxSeeds.
func settle(d []float64, o JudgeOptions) int {
	s := newSimulation(d, o)
	if s.drift <= 0 || o.MaxSeeds <= len(d) {
		return 0
	}
	lo, hi := len(d), min(2*len(d), o.MaxSeeds) // lo does not settle it
	for !s.settles(hi) {
		if hi == o.MaxSeeds {
			return 0
		}
		lo, hi = hi, min(2*hi, o.MaxSeeds)
	}
	for hi-lo > 1 {
		if middle := lo + (hi-lo)/2; s.settles(middle) {
			hi = middle
		} else {
			lo = middle
		}
	}
	return hi
}

// A simulation draws samples of differences. Of equal ones it draws counts, so
// that the ranks of a sample take no sorting.
type simulation struct {
	seed     uint64
	alpha    float64
	power    float64   // that is asked for
	critical float64   // of a normal number
	drift    float64   // the sum of the signed ranks
	order    []float64 // differences, in ascending order of their magnitudes
	counts   []int
}

func newSimulation(d []float64, o JudgeOptions) *simulation {
	s := &simulation{
		seed: o.Seed, alpha: 1 - o.Confidence, power: o.Power, critical: normalQuantile((1 + o.Confidence) / 2),
		order: slices.Clone(d), counts: make([]int, len(d)),
	}
	for _, r := range signedRanks(d) {
		s.drift += r
	}
	slices.SortStableFunc(s.order, func(a, b float64) int {
		switch a, b := math.Abs(a), math.Abs(b); {
		case a < b:
			return -1
		case a > b:
			return 1
		}
		return 0
	})
	return s
}

// settles reports whether n seeds find the difference with the power asked for. It
// simulates no more than that takes.
func (s *simulation) settles(n int) bool {
	if math.Ldexp(1, 1-n) > s.alpha {
		return false // even if all have one sign
	}
	r := rng.New(s.seed, "seeds")
	misses := int(math.Floor(float64((1-s.power)*simulations) + 1e-9)) // that may be
	for left := simulations; left > misses; left-- {
		clear(s.counts)
		for range n {
			s.counts[r.IntN(len(s.counts))]++
		}
		if s.test() > s.critical {
			continue
		}
		if misses--; misses < 0 {
			return false
		}
	}
	return true
}

// test returns the signed-rank statistic of the sample, divided by its deviation
// under sign flips.
func (s *simulation) test() float64 {
	sum, square := 0.0, 0.0
	for lo, before := 0, 0; lo < len(s.order); {
		hi, group, sign := lo, 0, 0.0
		for ; hi < len(s.order) && math.Abs(s.order[hi]) == math.Abs(s.order[lo]); hi++ {
			group += s.counts[hi]
			switch {
			case s.order[hi] > 0:
				sign += float64(s.counts[hi])
			case s.order[hi] < 0:
				sign -= float64(s.counts[hi])
			}
		}
		rank := float64(2*before+group+1) / 2
		sum += float64(sign * rank)
		if s.order[lo] != 0 {
			square += float64(float64(group) * float64(rank*rank))
		}
		before += group
		lo = hi
	}
	if square == 0 {
		return 0
	}
	return sum / math.Sqrt(square)
}

// normal returns the distribution function of a standard normal number.
func normal(z float64) float64 { return (1 + portable.Erf(z/math.Sqrt2)) / 2 }

// normalQuantile returns where normal is p, by bisection; it is within ±8.
func normalQuantile(p float64) float64 {
	lo, hi := -8.0, 8.0
	for range 60 {
		if middle := (lo + hi) / 2; normal(middle) < p {
			lo = middle
		} else {
			hi = middle
		}
	}
	return (lo + hi) / 2
}
