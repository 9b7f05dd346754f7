package figure

import (
	"math"
	"slices"
	"testing"
)

func TestSeedCurvesBand(t *testing.T) {
	inf := math.Inf(1)
	runs := SeedCurves{Name: "a", Seeds: []Series{
		{X: []float64{0, 1, 2, 3}, Y: []float64{4, 3, 2, 1}},
		{X: []float64{0, 1, 2, 3}, Y: []float64{5, 4, 3, 2}},
		{X: []float64{0, 1}, Y: []float64{9, 99}, Diverged: true},
		{},
	}}
	b, ok := runs.Band()
	if !ok || b.Edges != "lowest to highest" || !slices.Equal(b.X, []float64{0, 1, 2, 3}) ||
		!slices.Equal(b.Low, []float64{4, 3, 2, 1}) || !slices.Equal(b.Mid, []float64{5, 4, 3, 2}) || !slices.Equal(b.High, []float64{9, 99, inf, inf}) {
		t.Errorf("%v, %+v", ok, b)
	}
	if _, ok := (SeedCurves{Seeds: []Series{{}}}).Band(); ok {
		t.Error("a band of runs without points")
	}
	apart := SeedCurves{Seeds: []Series{{X: []float64{0, 2, 4}, Y: []float64{1, 1, 1}}, {X: []float64{1, 3, 5}, Y: []float64{1, 1, 1}}}}
	if b, ok := apart.Band(); ok {
		t.Errorf("a band of runs that have no steps in common: %+v", b)
	}
}

func TestRateCurveBands(t *testing.T) {
	inf := math.Inf(1)
	got := RateCurve{Rates: []float64{0.1, 1}, Final: [][]float64{{3, 1, 2}, {5, math.NaN(), inf}}}.Bands()
	want := []RateBand{{0.1, 1, 2, 3, 3, 0}, {1, 5, inf, inf, 3, 2}}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
