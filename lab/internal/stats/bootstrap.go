package stats

import (
	"cmp"
	"fmt"
	"slices"
)

// BootstrapMedian returns the median of values with its bootstrap interval: the
// percentiles of the medians of all samples of as many values, drawn with
// replacement. Their distribution is known, so that none is drawn: Efron, The
// Jackknife, the Bootstrap and Other Resampling Plans (1982), section 10.3, for an
// odd number of values; for an even one a median is the average of two order
// statistics, whose joint distribution is as simple.
//
// For a paired interval the values are Differences. Of few values such intervals
// are too short: Judge has those that a verdict can stand on. There may be 1000 values
// at most; confidence is in (0, 1).
func BootstrapMedian(values []float64, confidence float64) (Interval, error) {
	switch {
	case len(values) == 0 || len(values) > 1000: // of more, the ways to choose half overflow
		return Interval{}, fmt.Errorf("stats: BootstrapMedian of %d values, want 1 to 1000", len(values))
	case !(confidence > 0 && confidence < 1):
		return Interval{}, fmt.Errorf("stats: BootstrapMedian: confidence %v, want (0, 1)", confidence)
	}
	s := sorted(values)
	medians := sampledMedians(s)
	tail := float64((1 - confidence) / 2)
	return Interval{sortedQuantile(s, 0.5), chanceQuantile(medians, tail), chanceQuantile(medians, 1-tail)}, nil
}

// A chance is a value with its probability.
type chance struct{ value, p float64 }

// chanceQuantile returns the lowest value that is not exceeded with probability p. The values are in ascending order.
func chanceQuantile(all []chance, p float64) float64 {
	sum := 0.0
	for _, c := range all {
		if sum += c.p; sum >= p {
			return c.value
		}
	}
	return all[len(all)-1].value // sum is 1 but for rounding
}

// sampledMedians returns the distribution of the median of samples of sorted values,
// in ascending order.
func sampledMedians(s []float64) []chance {
	n := len(s)
	lower := (n + 1) / 2
	all := make([]chance, 0, n)
	for k := range s {
		all = append(all, chance{s[k], reaches(n, k+1, lower) - reaches(n, k, lower)})
	}
	if n%2 == 1 {
		return all
	}
	// The lower one is s[i] and the upper one s[j] when half of the sample is at most
	// s[i], with s[i] among it, and the other half at least s[j], with s[j] among it.
	ways := 1.0
	for i := 1; i <= lower; i++ {
		ways *= float64(n-lower+i) / float64(i)
	}
	half := func(k int) float64 { // that half of the sample is among k of the values
		return power(float64(k)/float64(n), lower)
	}
	for i := range s {
		below := float64(ways * (half(i+1) - half(i)))
		for j := i + 1; j < n; j++ {
			p := float64(below * (half(n-j) - half(n-j-1)))
			all[i].p -= p
			all = append(all, chance{average(s[i], s[j]), p})
		}
	}
	slices.SortStableFunc(all, func(a, b chance) int { return cmp.Compare(a.value, b.value) })
	return all
}

// reaches returns the probability that at least m of n draws are among k of n values.
func reaches(n, k, m int) float64 {
	p := float64(k) / float64(n)
	sum, ways := 0.0, 1.0 // of choosing the i draws that are not
	for i := 0; i <= n-m; i++ {
		sum += float64(float64(ways*power(p, n-i)) * power(1-p, i))
		ways *= float64(n-i) / float64(i+1)
	}
	return sum
}

// power returns x to the power of a whole number.
func power(x float64, n int) float64 {
	r := 1.0
	for ; n > 0; n /= 2 {
		if n%2 == 1 {
			r *= x
		}
		x *= x
	}
	return r
}
