package stats

import (
	"math"
	"slices"

	"github.com/descent-go/descent/internal/portable"
)

// An Interval is an estimate with a confidence interval, ends included.
type Interval struct{ Estimate, Low, High float64 }

// Exp turns an interval of a difference of logarithms into one of a ratio.
func (v Interval) Exp() Interval {
	return Interval{portable.Exp(v.Estimate), portable.Exp(v.Low), portable.Exp(v.High)}
}

// Ratios reports whether losses are to be compared by their ratios: none is
// negative and some are greater than 0. Losses span decades, and what is common
// to them multiplies; values of a function of any sign are compared by their
// differences.
func Ratios(losses ...[]float64) bool {
	positive := false
	for _, group := range losses {
		for _, v := range group {
			if v < 0 {
				return false
			}
			positive = positive || v > 0 && !math.IsInf(v, 1)
		}
	}
	return positive
}

// Differences returns a − b pair by pair, or log a − log b if ratio is true, as
// Ratios allows. Of equal values, two that diverged among them, it is 0. It
// panics when the lengths differ.
func Differences(a, b []float64, ratio bool) []float64 {
	d := make([]float64, len(a))
	if len(b) != len(a) {
		panic("stats: Differences of slices of different lengths")
	}
	for i := range d {
		x, y := counted(a[i]), counted(b[i])
		switch {
		case x == y:
		case ratio:
			d[i] = portable.Log(x) - portable.Log(y)
		default:
			d[i] = x - y
		}
	}
	return d
}

// walsh returns the averages of all pairs of differences, each with itself
// included, in ascending order.
func walsh(d []float64) []float64 {
	w := make([]float64, 0, len(d)*(len(d)+1)/2)
	for i, a := range d {
		for _, b := range d[i:] {
			w = append(w, average(a, b))
		}
	}
	slices.Sort(w)
	return w
}

func average(a, b float64) float64 {
	if math.IsInf(a, 0) && a == -b {
		return 0
	}
	return float64(a/2) + float64(b/2)
}

// signedRanks returns the ranks of |d|, from 1, with the signs of d; ranks of
// equal magnitudes are averaged, and a difference of 0 has a rank but no sign
// (Pratt, Journal of the American Statistical Association 54, 1959).
//
// Their sum is Wilcoxon's statistic in its symmetric form: the number of Walsh
// averages above 0 less the number below.
func signedRanks(d []float64) []float64 {
	index := make([]int, len(d))
	for i := range index {
		index[i] = i
	}
	slices.SortFunc(index, func(i, k int) int {
		switch a, b := math.Abs(d[i]), math.Abs(d[k]); {
		case a < b:
			return -1
		case a > b:
			return 1
		}
		return i - k
	})
	ranks := make([]float64, len(d))
	for lo := 0; lo < len(d); {
		hi := lo + 1
		for hi < len(d) && math.Abs(d[index[hi]]) == math.Abs(d[index[lo]]) {
			hi++
		}
		for _, i := range index[lo:hi] {
			switch {
			case d[i] > 0:
				ranks[i] = float64(lo+1+hi) / 2
			case d[i] < 0:
				ranks[i] = -float64(lo+1+hi) / 2
			}
		}
		lo = hi
	}
	return ranks
}

// around returns the Hodges-Lehmann estimate, which is the median of the Walsh
// averages, and the differences that the signed-rank test does not reject when
// it rejects above a critical value: Hodges and Lehmann, Annals of Mathematical
// Statistics 34 (1963); Hollander and Wolfe, Nonparametric Statistical Methods,
// section 3.3.
func around(d []float64, critical float64) Interval {
	w := walsh(d)
	v := Interval{sortedQuantile(w, 0.5), math.Inf(-1), math.Inf(1)}
	if k := int(math.Ceil((float64(len(w)) - critical) / 2)); k > 0 {
		v.Low, v.High = w[k-1], w[len(w)-k]
	}
	return v
}
