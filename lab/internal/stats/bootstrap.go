package stats

import (
	"fmt"
	"math"
	"slices"

	"github.com/descent-go/descent/internal/rng"
)

// A Statistic is what an interval is of.
type Statistic uint8

// The statistics.
const (
	OfMedian Statistic = iota
	// OfMean is infinite when more values are +Inf than −Inf, or the reverse;
	// pairs of them cancel.
	OfMean
)

// A Method makes an interval of bootstrap samples.
type Method uint8

// The methods: Efron and Tibshirani, An Introduction to the Bootstrap (1993),
// chapters 13 and 14.
const (
	// Percentile takes the percentiles of the samples' statistics.
	Percentile Method = iota
	// BCa corrects these for bias and acceleration.
	BCa
)

// BootstrapOptions say what interval to take.
type BootstrapOptions struct {
	Statistic  Statistic
	Method     Method
	Confidence float64 // in (0, 1)
	Samples    int     // at least 1
	Seed       uint64
}

// DefaultBootstrap returns the options of a 95 % percentile interval of the
// median, of 10,000 samples.
func DefaultBootstrap() BootstrapOptions {
	return BootstrapOptions{Confidence: 0.95, Samples: 10_000}
}

// Bootstrap returns a bootstrap interval of values. For a paired interval the
// values are Differences. Of few values such intervals are too short: Judge has
// those that a verdict can stand on.
func Bootstrap(values []float64, o BootstrapOptions) (Interval, error) {
	switch {
	case len(values) == 0:
		return Interval{}, fmt.Errorf("stats: Bootstrap: no values")
	case !(o.Confidence > 0 && o.Confidence < 1):
		return Interval{}, fmt.Errorf("stats: BootstrapOptions.Confidence = %v, want (0, 1)", o.Confidence)
	case o.Samples < 1:
		return Interval{}, fmt.Errorf("stats: BootstrapOptions.Samples = %d, want at least 1", o.Samples)
	}
	values = sorted(values)
	of := mean
	if o.Statistic == OfMedian {
		of = func(v []float64) float64 { return sortedQuantile(v, 0.5) }
	}
	r := rng.New(o.Seed, "bootstrap")
	samples, counts, sample := make([]float64, o.Samples), make([]int, len(values)), make([]float64, 0, len(values))
	for i := range samples {
		clear(counts)
		for range values {
			counts[r.IntN(len(values))]++
		}
		sample = sample[:0]
		for k, count := range counts { // in ascending order
			for range count {
				sample = append(sample, values[k])
			}
		}
		samples[i] = of(sample)
	}
	slices.Sort(samples)
	tail := float64((1 - o.Confidence) / 2)
	low, high := tail, 1-tail
	estimate := of(values)
	if o.Method == BCa {
		low, high = corrected(values, samples, estimate, of, low), corrected(values, samples, estimate, of, high)
	}
	return Interval{estimate, sortedQuantile(samples, low), sortedQuantile(samples, high)}, nil
}

// corrected returns the percentile that BCa takes in the place of p: Efron and
// Tibshirani, equations 14.9 to 14.15. Half of the samples that equal the
// estimate count as below it. Without finite jackknife values there is no
// acceleration.
func corrected(values, samples []float64, estimate float64, of func([]float64) float64, p float64) float64 {
	below := 0.0
	for _, v := range samples {
		switch {
		case v < estimate:
			below++
		case v == estimate:
			below += 0.5
		}
	}
	bias := normalQuantile(below / float64(len(samples)))
	z := bias + normalQuantile(p)
	spread := 1 - float64(acceleration(values, of)*z)
	if spread <= 0 { // beyond the end that z is towards
		return normal(math.Copysign(math.Inf(1), z))
	}
	return normal(bias + z/spread)
}

// acceleration is a sixth of the skewness of the jackknife values, over √n.
func acceleration(values []float64, of func([]float64) float64) float64 {
	if len(values) < 2 {
		return 0
	}
	var jack []float64
	for i := range values {
		jack = append(jack, of(slices.Delete(slices.Clone(values), i, i+1)))
	}
	center, largest := mean(jack), 0.0
	for i := range jack {
		jack[i] = center - jack[i]
		largest = math.Max(largest, math.Abs(jack[i]))
	}
	if !(largest > 0) || math.IsInf(largest, 1) {
		return 0
	}
	square, cube := 0.0, 0.0
	for _, d := range jack {
		d /= largest
		square += float64(d * d)
		cube += float64(float64(d*d) * d)
	}
	return cube / (6 * float64(square*math.Sqrt(square)))
}

// mean returns the mean of values; pairs of +Inf and −Inf cancel.
func mean(values []float64) float64 {
	sum, infinite, finite := 0.0, 0, 0
	for _, v := range values {
		switch {
		case math.IsInf(v, 1):
			infinite++
		case math.IsInf(v, -1):
			infinite--
		default:
			sum += v
			finite++
		}
	}
	switch {
	case infinite != 0:
		return math.Inf(infinite)
	case finite == 0:
		return 0
	}
	return sum / float64(finite)
}
