package stats

import (
	"math"
	"math/bits"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// BestOf agrees with drawing in every possible way.
func TestBestOfByEnumeration(t *testing.T) {
	losses := []float64{5, 1, 4, 1, 3}
	for k := 1; k <= 3; k++ {
		var without, with []float64
		for set := range uint(1) << len(losses) {
			if bits.OnesCount(set) == k {
				low := inf
				for i, v := range losses {
					if set>>i&1 == 1 {
						low = min(low, v)
					}
				}
				without = append(without, low)
			}
		}
		for number := range int(math.Pow(5, float64(k)) + 0.5) {
			low := inf
			for range k {
				low = min(low, losses[number%5])
				number /= 5
			}
			with = append(with, low)
		}
		for draw, all := range map[Draw][]float64{Without: without, With: with} {
			slices.Sort(all)
			mean := 0.0
			for _, v := range all {
				mean += v / float64(len(all))
			}
			at := func(p float64) float64 { return all[max(int(math.Ceil(p*float64(len(all))-1e-9))-1, 0)] }
			got, want := BestOf(losses, k, draw, 0.05, 0.9), Best{mean, at(0.05), at(0.5), at(0.9)}
			if !close(got.Mean, want.Mean, 1e-13) || got.Low != want.Low || got.Median != want.Median || got.High != want.High {
				t.Errorf("best of %d, draw %d: %+v, want %+v", k, draw, got, want)
			}
		}
	}
}

// The expected lowest of k without replacement of 1, …, n is (n+1)/(k+1).
func TestTuningCost(t *testing.T) {
	losses := make([]float64, 15)
	for i := range losses {
		losses[i] = float64((7*i)%15 + 1)
	}
	cost := TuningCost(losses, 0.05, 0.95)
	for i, b := range cost {
		if want := 16 / float64(i+2); !close(b.Mean, want, 1e-12) {
			t.Errorf("best of %d: %v, want %v", i+1, b.Mean, want)
		}
	}
	if last := cost[14]; !close(last.Mean, 1, 1e-12) || last.Low != 1 || last.High != 1 {
		t.Errorf("best of all: %+v", last)
	}
	// Of four of which two diverged, three draws cannot all diverge.
	cost = TuningCost([]float64{inf, 2, math.NaN(), 1}, 0.05, 0.95)
	if cost[1].Mean != inf || cost[1].Median != 1 || cost[1].High != inf || cost[2].Mean != 1.25 || cost[2].High != 2 {
		t.Errorf("with divergence: %+v", cost)
	}
	for _, k := range []int{0, 16} {
		if !panics(func() { BestOf(losses, k, Without, 0.1, 0.9) }) {
			t.Errorf("the best of %d of 15", k)
		}
	}
	if BestOf(losses, 16, With, 0.1, 0.9).Median != 1 {
		t.Error("16 draws with replacement from 15")
	}
}

// More trials are never worse, and the band is about the median.
func TestTuningCostFalls(t *testing.T) {
	value := rapid.OneOf(rapid.Just(inf), rapid.Float64Range(-5, 5))
	rapid.Check(t, func(t *rapid.T) {
		losses := rapid.SliceOfN(value, 1, 20).Draw(t, "losses")
		last := Best{inf, inf, inf, inf}
		for _, b := range TuningCost(losses, 0.05, 0.95) {
			if !(b.Low <= b.Median && b.Median <= b.High) || b.Low > last.Low || b.Median > last.Median || b.High > last.High || !(b.Mean <= last.Mean+1e-9) {
				t.Fatalf("%+v after %+v", b, last)
			}
			last = b
		}
	})
}

func TestRateTolerance(t *testing.T) {
	for _, c := range []struct {
		name          string
		rates, losses []float64
		want          Tolerance
	}{
		{"between grid points", []float64{1e-3, 1e-2, 1e-1, 1}, []float64{1.1, 1, 1, 1.2}, Tolerance{1.75, 1e-2 / math.Sqrt(10), math.Pow(10, -0.75), false, false}},
		{"to both ends", []float64{0.1, 1}, []float64{1, 1.01}, Tolerance{1, 0.1, 1, true, true}},
		{"up to divergence", []float64{0.1, 1, 10}, []float64{1.05, 1, inf}, Tolerance{1, 0.1, 1, true, false}},
		{"a dip beyond a ridge does not count", []float64{1, 10, 100}, []float64{1, 2, 1.01}, Tolerance{0.05, 1, math.Pow(10, 0.05), true, false}},
		{"negative losses", []float64{1, 10}, []float64{-2, -1}, Tolerance{0.1, 1, math.Pow(10, 0.1), true, false}},
		{"all diverged", []float64{1, 10}, []float64{inf, math.NaN()}, Tolerance{}},
		{"the first diverged", []float64{1, 10}, []float64{math.NaN(), 3}, Tolerance{0, 10, 10, false, true}},
	} {
		got := RateTolerance(c.rates, c.losses, 0.05)
		if !close(got.Decades, c.want.Decades, 1e-12) || !close(got.Low, c.want.Low, 1e-12) || !close(got.High, c.want.High, 1e-12) ||
			got.LowOpen != c.want.LowOpen || got.HighOpen != c.want.HighOpen {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
	if !panics(func() { RateTolerance([]float64{1}, nil, 0.05) }) {
		t.Error("rates without losses are no error")
	}
}

// Three solvers on four problems, by hand.
func TestProfile(t *testing.T) {
	ratios := CostRatios([][]float64{
		{10, 40, inf, 5},
		{20, 20, inf, inf},
		{40, 20, math.NaN(), 10},
	})
	want := [][]float64{{1, 2, inf, 1}, {2, 1, inf, inf}, {4, 1, inf, 2}}
	for i := range want {
		if !slices.Equal(ratios[i], want[i]) {
			t.Errorf("solver %d: ratios %v, want %v", i, ratios[i], want[i])
		}
	}
	for i, want := range [][]Level{{{1, 0.5}, {2, 0.75}}, {{1, 0.25}, {2, 0.5}}, {{1, 0.25}, {2, 0.5}, {4, 0.75}}} {
		p := Profile(ratios[i])
		if !slices.Equal(p, want) {
			t.Errorf("solver %d: profile %v, want %v", i, p, want)
		}
		if Share(p, 0.9) != 0 || Share(p, 1) != want[0].Share || Share(p, 3) != want[1].Share || Share(p, inf) != want[len(want)-1].Share {
			t.Errorf("solver %d: shares of %v", i, p)
		}
	}
	if r := CostRatios([][]float64{{0}, {0}, {1}}); r[0][0] != 1 || r[1][0] != 1 || r[2][0] != inf {
		t.Errorf("of costs 0: %v", r)
	}
	if len(Profile([]float64{inf})) != 0 || Share(nil, 5) != 0 || len(CostRatios(nil)) != 0 {
		t.Error("what solves nothing has a profile")
	}
	if !panics(func() { CostRatios([][]float64{{1}, {1, 2}}) }) {
		t.Error("different numbers of problems are no error")
	}
}
