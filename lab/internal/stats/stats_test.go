package stats

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

var inf = math.Inf(1)

func close(a, b, tolerance float64) bool { return a == b || math.Abs(a-b) <= tolerance }

func TestQuantile(t *testing.T) {
	for _, c := range []struct {
		values  []float64
		p, want float64
	}{
		// R: quantile(c(…), p, type = 7)
		{[]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 0.25, 3.25},
		{[]float64{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 0.9, 9.1},
		{[]float64{2, 1}, 0.5, 1.5},
		{[]float64{7}, 0.3, 7},
		{[]float64{3, 1, 2}, 0, 1},
		{[]float64{3, 1, 2}, 1, 3},
		{[]float64{1, inf}, 0.5, inf},
		{[]float64{1, inf}, 0, 1},
		{[]float64{1, 2, math.NaN()}, 0.5, 2},
		{[]float64{1, 2, math.NaN()}, 1, inf},
		{[]float64{inf, inf, inf}, 0.4, inf},
		{[]float64{-inf, 3}, 0.5, -inf},
		{[]float64{-inf, inf}, 0.5, 0},
		{[]float64{-inf, inf}, 0.4, -inf},
		{[]float64{-inf, inf}, 0.6, inf},
	} {
		if got := Quantile(c.values, c.p); !close(got, c.want, 1e-14) {
			t.Errorf("Quantile(%v, %v) = %v, want %v", c.values, c.p, got, c.want)
		}
	}
	if s := Quartiles([]float64{4, 1, 3, 2, 5}); s != (Summary{2, 3, 4}) || Median([]float64{4, 1, 3, 2}) != 2.5 {
		t.Errorf("quartiles %v", s)
	}
}

func TestNormalQuantile(t *testing.T) {
	// Abramowitz and Stegun, tables 26.1 and 26.5.
	for p, want := range map[float64]float64{0.5: 0, 0.975: 1.959963984540054, 0.9: 1.2815515655446004, 0.99: 2.3263478740408408, 0.001: -3.090232306167813} {
		if got := normalQuantile(p); !close(got, want, 1e-12) {
			t.Errorf("normalQuantile(%v) = %v, want %v", p, got, want)
		}
	}
	if normalQuantile(0) != -8 || normalQuantile(1) < 8-1e-9 {
		t.Errorf("at the ends %v and %v", normalQuantile(0), normalQuantile(1))
	}
}

// Hamilton's depression scale factor of nine patients before and after treatment:
// Hollander and Wolfe (1973), example 3.1. They find T⁺ = 40, the estimate 0.46 and
// the interval from 0.010 to 0.786 at 96.1 %.
func TestHollanderWolfe(t *testing.T) {
	before := []float64{1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30}
	after := []float64{0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29}
	d := Differences(before, after, false)
	ranks, plus, sum := signedRanks(d), 0.0, 0.0
	for _, r := range ranks {
		plus += max(r, 0)
		sum += r
	}
	if plus != 40 || sum != 35 {
		t.Errorf("T⁺ = %v, sum %v, want 40 and 35", plus, sum)
	}
	critical := criticalValues([][]float64{ranks}, 0.05, 0)
	if critical[0] != 33 { // P(|sum| ≥ 35) = 0.039, P(|sum| ≥ 33) = 0.055
		t.Errorf("critical value %v, want 33", critical[0])
	}
	v := around(d, critical[0])
	if !close(v.Estimate, 0.46, 1e-12) || !close(v.Low, 0.010, 1e-12) || !close(v.High, 0.786, 1e-12) {
		t.Errorf("%+v, want 0.46 from 0.010 to 0.786", v)
	}
}

// Critical values of Wilcoxon's signed-rank test at 5 %, two-sided: T for n from 6
// to 16, from the tables (Hollander and Wolfe, table A.4).
func TestCriticalValues(t *testing.T) {
	for i, table := range []int{0, 2, 3, 5, 8, 10, 13, 17, 21, 25, 29} {
		n := i + 6
		ranks := make([]float64, n)
		for k := range ranks {
			ranks[k] = float64(k + 1)
		}
		// T is the smaller of the sums of positive and negative ranks: rejected if
		// at most the table's, |sum| = n(n+1)/2 − 2T.
		want := float64(n*(n+1)/2 - 2*(table+1))
		if got := criticalValues([][]float64{ranks}, 0.05, 0)[0]; got != want {
			t.Errorf("n = %d: critical value %v, want %v", n, got, want)
		}
	}
	// A sample of the flips of 40 seeds comes near the normal distribution.
	ranks := make([]float64, 40)
	square := 0.0
	for k := range ranks {
		ranks[k] = float64(k + 1)
		square += ranks[k] * ranks[k]
	}
	if got := criticalValues([][]float64{ranks}, 0.05, 7)[0] / math.Sqrt(square); !close(got, 1.96, 0.05) {
		t.Errorf("n = 40: critical value %v deviations, want 1.96", got)
	}
	// Rows that are one row need no adjustment, independent ones do.
	same := criticalValues([][]float64{ranks[:10], ranks[:10]}, 0.05, 0)
	turned := []float64{7, -2, 10, 1, -9, 4, 3, -8, 6, 5}
	other := criticalValues([][]float64{turned, ranks[:10]}, 0.05, 0)
	if same[0] != same[1] || other[1] != same[1] || other[0] <= other[1] {
		t.Errorf("one row twice %v, two rows %v", same, other)
	}
}

// The sum of the signed ranks is the number of Walsh averages above 0 less the
// number below, ties and infinite differences included.
func TestRanksAreWalshSigns(t *testing.T) {
	value := rapid.OneOf(rapid.SampledFrom([]float64{0, 0, 1, -1, 2, inf, -inf}), rapid.Float64Range(-3, 3))
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.SliceOfN(value, 1, 12).Draw(t, "differences")
		sum, signs := 0.0, 0.0
		for _, r := range signedRanks(d) {
			sum += r
		}
		for _, w := range walsh(d) {
			switch {
			case w > 0:
				signs++
			case w < 0:
				signs--
			}
		}
		if sum != signs {
			t.Fatalf("%v: ranks %v, Walsh averages %v", d, sum, signs)
		}
	})
}

func TestDifferences(t *testing.T) {
	d := Differences([]float64{4, 0, inf, inf, 1, math.NaN(), 0}, []float64{2, 0, inf, 1, inf, inf, 3}, true)
	for i, want := range []float64{math.Ln2, 0, 0, inf, -inf, 0, -inf} {
		if !close(d[i], want, 1e-15) {
			t.Errorf("difference %d is %v, want %v", i, d[i], want)
		}
	}
	for _, c := range []struct {
		losses []float64
		want   bool
	}{{[]float64{1, 0}, true}, {[]float64{1, -1}, false}, {[]float64{0, 0}, false}, {[]float64{inf, math.NaN()}, false}, {[]float64{2, inf}, true}, {nil, false}} {
		if got := Ratios(c.losses); got != c.want {
			t.Errorf("Ratios(%v) = %v", c.losses, got)
		}
	}
	if !panics(func() { Differences([]float64{1}, []float64{1, 2}, false) }) || !panics(func() { Differences([]float64{1, 2}, []float64{1}, false) }) {
		t.Error("slices of different lengths are no error")
	}
	if v := (Interval{0, -inf, inf}).Exp(); v != (Interval{1, 0, inf}) {
		t.Errorf("Exp = %v", v)
	}
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}
