package stats

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/internal/rng"
	"pgregory.net/rapid"
)

// The survival of treated mice in days: Efron and Tibshirani (1993), table 2.1.
var mice = []float64{94, 197, 16, 38, 99, 141, 23}

func interval(t testing.TB, values []float64, o BootstrapOptions) Interval {
	t.Helper()
	v, err := Bootstrap(values, o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// The distribution of the bootstrap median of n values is known: it is at most the
// k-th with the chance that a binomial number of n trials at k/n reaches (n+1)/2.
// For 7 values 2.5 % and 97.5 % are the second and the sixth, 5 % and 95 % too.
func TestMedianOfMice(t *testing.T) {
	o := DefaultBootstrap()
	for _, confidence := range []float64{0.9, 0.95} {
		o.Confidence = confidence
		if v := interval(t, mice, o); v != (Interval{94, 23, 141}) {
			t.Errorf("at %v: %+v", confidence, v)
		}
	}
	o.Confidence = 0.99
	if v := interval(t, mice, o); v != (Interval{94, 16, 197}) { // 1 % and 99 % are 1.02 % and 98.98 % of the extremes
		t.Errorf("at 0.99: %+v", v)
	}
}

// The bootstrap mean of many values is nearly normal with the deviation
// √Σ(x−x̄)²/n, which is 23.36 for the mice.
func TestMeanOfMice(t *testing.T) {
	o := DefaultBootstrap()
	o.Statistic = OfMean
	v := interval(t, mice, o)
	if !close(v.Estimate, 86.857142857142861, 1e-12) || !close(v.High-v.Low, 2*1.96*23.36, 3) {
		t.Errorf("%+v, want about 86.86 ± 45.8", v)
	}
	// Values that are skewed to the right move both ends of BCa up.
	o.Method = BCa
	if c := interval(t, mice, o); c.Low <= v.Low || c.High <= v.High || c.Estimate != v.Estimate {
		t.Errorf("BCa %+v, percentile %+v", c, v)
	}
	// Symmetric values are corrected by next to nothing.
	even := []float64{-4, -3, -2, -1, 0, 1, 2, 3, 4}
	a := interval(t, even, o)
	o.Method = Percentile
	if b := interval(t, even, o); !close(a.Low, b.Low, 0.1) || !close(a.High, b.High, 0.1) {
		t.Errorf("BCa %+v, percentile %+v", a, b)
	}
}

// The acceleration is that of the closed form for the mean, a sixth of the
// skewness divided by √n: Efron and Tibshirani, equation 14.15.
func TestAcceleration(t *testing.T) {
	center := mean(mice)
	var square, cube float64
	for _, v := range mice {
		square += (v - center) * (v - center)
		cube += math.Pow(v-center, 3)
	}
	want := cube / (6 * math.Pow(square, 1.5))
	if got := acceleration(mice, mean); !close(got, want, 1e-12) || want < 0.02 {
		t.Errorf("acceleration %v, want %v", got, want)
	}
}

// With 50 values the intervals have the coverage that they promise, nearly.
func TestBootstrapCoverage(t *testing.T) {
	r := rng.New(5, "coverage")
	const repetitions = 300
	for _, method := range []Method{Percentile, BCa} {
		missed := 0
		for range repetitions {
			values := make([]float64, 50)
			for i := range values {
				values[i] = 3 + r.Normal()
			}
			o := BootstrapOptions{Statistic: OfMean, Method: method, Confidence: 0.9, Samples: 400, Seed: r.Uint64()}
			if v := interval(t, values, o); v.Low > 3 || v.High < 3 {
				missed++
			}
		}
		if missed < repetitions*6/100 || missed > repetitions*16/100 {
			t.Errorf("method %d: %d of %d intervals miss the mean, want about 10 %%", method, missed, repetitions)
		}
	}
}

func TestBootstrapRefuses(t *testing.T) {
	for want, o := range map[string]BootstrapOptions{
		"Confidence = 0, want (0, 1)": {Samples: 1},
		"Samples = 0, want at least":  {Confidence: 0.5},
	} {
		if _, err := Bootstrap(mice, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if _, err := Bootstrap(nil, DefaultBootstrap()); err == nil {
		t.Error("an interval of nothing")
	}
}

// Nothing is NaN, ends are in order, and the order of the values does not matter.
func TestBootstrapAlways(t *testing.T) {
	value := rapid.OneOf(rapid.SampledFrom([]float64{0, 1, 2, inf, -inf, math.NaN(), 1e-200, 1e308}), rapid.Float64Range(-3, 3))
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(value, 1, 8).Draw(t, "values")
		o := BootstrapOptions{
			Statistic: Statistic(rapid.IntRange(0, 1).Draw(t, "statistic")), Method: Method(rapid.IntRange(0, 1).Draw(t, "method")),
			Confidence: rapid.Float64Range(0.5, 0.99).Draw(t, "confidence"), Samples: 50,
		}
		v, err := Bootstrap(values, o)
		if err != nil || math.IsNaN(v.Estimate) || !(v.Low <= v.High) {
			t.Fatalf("%+v, %v", v, err)
		}
		slices.Reverse(values)
		if w, _ := Bootstrap(values, o); w != v {
			t.Fatalf("%+v, reversed %+v", v, w)
		}
	})
}

func BenchmarkBootstrap(b *testing.B) {
	for b.Loop() {
		if _, err := Bootstrap(mice, DefaultBootstrap()); err != nil {
			b.Fatal(err)
		}
	}
}
