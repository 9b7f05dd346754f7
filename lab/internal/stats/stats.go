// Package stats has the statistics of a comparison: summaries of a few seeds,
// intervals of paired differences, the verdict on who is best, performance
// profiles, the cost of tuning.
//
// Losses are better when lower. A run that diverged counts as +Inf, and so does
// NaN: everything works with ranks or order statistics where that can occur, and
// no result is NaN. Results depend on the arguments alone, seeds among them, and
// have the same bits on every architecture.
package stats

import (
	"math"
	"slices"
)

// Quantile returns the quantile p, in [0, 1], of values in any order: linear
// between order statistics, which is type 7 of Hyndman and Fan, The American
// Statistician 50 (1996). Between a finite value and an infinite one it is the
// infinite one. It panics without values.
func Quantile(values []float64, p float64) float64 { return sortedQuantile(sorted(values), p) }

// Median returns the quantile ½.
func Median(values []float64) float64 { return Quantile(values, 0.5) }

// A Summary has the quartiles of values.
type Summary struct{ Low, Median, High float64 }

// Quartiles summarizes values. It panics without values.
func Quartiles(values []float64) Summary {
	s := sorted(values)
	return Summary{sortedQuantile(s, 0.25), sortedQuantile(s, 0.5), sortedQuantile(s, 0.75)}
}

// sorted returns a sorted copy, with +Inf for NaN.
func sorted(values []float64) []float64 {
	s := make([]float64, len(values))
	for i, v := range values {
		s[i] = counted(v)
	}
	slices.Sort(s)
	return s
}

// counted returns what a value counts as.
func counted(v float64) float64 {
	if math.IsNaN(v) {
		return math.Inf(1)
	}
	return v
}

func sortedQuantile(s []float64, p float64) float64 {
	at := float64(p * float64(len(s)-1))
	i := int(at)
	if f := at - float64(i); f > 0 {
		return between(s[i], s[i+1], f)
	}
	return s[i]
}

// between returns what lies the part f of the way from a to b, a ≤ b. Half way
// from −Inf to +Inf is 0.
func between(a, b, f float64) float64 {
	switch {
	case a == b:
		return a
	case math.IsInf(a, -1) && math.IsInf(b, 1):
		if f == 0.5 {
			return 0
		}
		return math.Inf(int(math.Copysign(1, f-0.5)))
	case math.IsInf(a, -1):
		return a
	case math.IsInf(b, 1):
		return b
	}
	return float64((1-f)*a) + float64(f*b)
}
