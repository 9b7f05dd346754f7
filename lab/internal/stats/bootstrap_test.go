package stats

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The survival of treated mice in days: Efron and Tibshirani (1993), table 2.1.
var mice = []float64{94, 197, 16, 38, 99, 141, 23}

// Of 7 values 2.5 % and 97.5 % are the second and the sixth, 5 % and 95 % too; the
// extremes have a chance of 1.02 % each.
func TestMedianOfMice(t *testing.T) {
	for confidence, want := range map[float64]Interval{0.9: {94, 23, 141}, 0.95: {94, 23, 141}, 0.975: {94, 23, 141}, 0.99: {94, 16, 197}} {
		if v, err := BootstrapMedian(mice, confidence); err != nil || v != want {
			t.Errorf("at %v: %+v, %v, want %+v", confidence, v, err, want)
		}
	}
}

// The distribution of medians is that of all samples, counted one by one.
func TestSampledMedians(t *testing.T) {
	values := []float64{-3, 1, 2, 7, 11, 30}
	for n := 1; n <= len(values); n++ {
		counts := map[float64]int{}
		all, sample := 1, make([]float64, n)
		for range n {
			all *= n
		}
		for code := range all {
			for k, rest := 0, code; k < n; k, rest = k+1, rest/n {
				sample[k] = values[rest%n]
			}
			counts[Median(sample)]++
		}
		got := map[float64]float64{}
		for _, c := range sampledMedians(values[:n]) {
			got[c.value] += c.p
		}
		for v, p := range got {
			if want := float64(counts[v]) / float64(all); !close(p, want, 1e-12) {
				t.Errorf("of %d values %v is the median with %v, want %v", n, v, p, want)
			}
		}
		for v := range counts {
			if _, ok := got[v]; !ok {
				t.Errorf("of %d values %v is missing", n, v)
			}
		}
	}
}

// With many values nothing overflows, and the interval is about that of a normal
// median: ±1.96·√(π/2)/√n of normal values.
func TestBootstrapMedianOfMany(t *testing.T) {
	for _, n := range []int{498, 499, 1000} {
		values := make([]float64, n)
		for i := range values {
			values[i] = normalQuantile((float64(i) + 0.5) / float64(n))
		}
		sum := 0.0
		for _, c := range sampledMedians(values) {
			sum += c.p
		}
		if !close(sum, 1, 1e-9) {
			t.Errorf("%d values: the chances add up to %v", n, sum)
		}
		v, err := BootstrapMedian(values, 0.95)
		want := 1.96 * math.Sqrt(math.Pi/2) / math.Sqrt(float64(n))
		if err != nil || !close(v.Low, -want, 0.1*want) || !close(v.High, want, 0.1*want) {
			t.Errorf("%d values: %+v, %v, want ±%v", n, v, err, want)
		}
	}
}

func TestBootstrapRefuses(t *testing.T) {
	for _, confidence := range []float64{0, 1, -1, math.NaN()} {
		if _, err := BootstrapMedian(mice, confidence); err == nil || !strings.Contains(err.Error(), "want (0, 1)") {
			t.Errorf("%v: %v", confidence, err)
		}
	}
	for _, n := range []int{0, 1001} {
		if _, err := BootstrapMedian(make([]float64, n), 0.9); err == nil || !strings.Contains(err.Error(), "want 1 to 1000") {
			t.Errorf("an interval of %d values: %v", n, err)
		}
	}
}

// Nothing is NaN, ends are in order, and the order of the values does not matter.
func TestBootstrapAlways(t *testing.T) {
	value := rapid.OneOf(rapid.SampledFrom([]float64{0, 1, 2, inf, -inf, math.NaN(), 1e-200, 1e308}), rapid.Float64Range(-3, 3))
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(value, 1, 12).Draw(t, "values")
		confidence := rapid.Float64Range(0.5, 0.999).Draw(t, "confidence")
		v, err := BootstrapMedian(values, confidence)
		if err != nil || math.IsNaN(v.Estimate) || !(v.Low <= v.Estimate && v.Estimate <= v.High) {
			t.Fatalf("%+v, %v", v, err)
		}
		slices.Reverse(values)
		if w, _ := BootstrapMedian(values, confidence); w != v {
			t.Fatalf("%+v, reversed %+v", v, w)
		}
	})
}

func BenchmarkBootstrapMedian(b *testing.B) {
	values := append(slices.Clone(mice), 5, 60, 300)
	for b.Loop() {
		if _, err := BootstrapMedian(values, 0.97); err != nil {
			b.Fatal(err)
		}
	}
}
