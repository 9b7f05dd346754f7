package lab

import (
	"context"
	"math"
	"slices"
	"strconv"
	"testing"

	"github.com/descent-go/descent/internal/rng"
	"github.com/descent-go/descent/train"
)

// The curvature of data is taken over more than a batch, and paid for.
func TestEdgeBatch(t *testing.T) {
	for _, c := range []struct {
		batch          string
		examples, cost int64
	}{{"32", 256, 8}, {"200", 256, 2}, {"300", 300, 1}, {"0", 0, 1}, {"5000", 0, 1}} {
		f := &finder{first: findTask(t, "data: digits:n=1000", "batch: "+c.batch).prepared.First()}
		if n, cost := f.edgeBatch(); n != c.examples || cost != c.cost {
			t.Errorf("batch %s: %d examples at a cost of %d, want %d and %d", c.batch, n, cost, c.examples, c.cost)
		}
	}
}

// curve makes a ramp over eight decades of losses.
func curve(beta, noise float64, loss func(decade float64) float64) *Ramp {
	r := &Ramp{Beta: beta}
	random := rng.New(1, "ramp")
	a := average{beta: beta}
	for i := range 300 {
		d := -7 + 8*float64(i)/299
		l := loss(d) + noise*random.Normal()
		r.Rates = append(r.Rates, math.Pow(10, d))
		r.Losses = append(r.Losses, train.Real(l))
		r.Smoothed = append(r.Smoothed, train.Real(a.add(l)))
	}
	return r
}

func TestRampCriteria(t *testing.T) {
	// Falls from 2 to 1 about 10⁻³, lowest at 10⁻², then rises.
	valley := func(d float64) float64 {
		return 1 + 1/(1+math.Exp(6*(d+3))) + math.Max(0, d+2)
	}
	for _, noise := range []float64{0, 0.03} {
		r := curve(exactDecay, noise, valley)
		if !r.falls() {
			t.Errorf("noise %g: does not fall", noise)
		}
		if got := math.Log10(r.Rates[r.steepest()]); math.Abs(got+3) > 0.25 {
			t.Errorf("noise %g: steepest at 10^%g, want about 10^-3", noise, got)
		}
		if got := math.Log10(r.Rates[r.lowest()]); math.Abs(got+2) > 0.35 {
			t.Errorf("noise %g: lowest at 10^%g, want about 10^-2", noise, got)
		}
	}
	if curve(noisyDecay, 0.5, func(float64) float64 { return 2 }).falls() {
		t.Error("noise about a constant falls")
	}
	if curve(exactDecay, 0, func(d float64) float64 { return 2 + math.Exp(d) }).falls() {
		t.Error("a loss that rises falls")
	}
	if (&Ramp{}).falls() {
		t.Error("nothing falls")
	}
}

// The ramp of a task is exponential, and ends where the loss leaves.
func TestRangeTest(t *testing.T) {
	f, err := newFinder(findTask(t, "function: booth", "optimizer: sgd", "steps: 50"), FindOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.rangeTest(context.Background()); err != nil {
		t.Fatal(err)
	}
	r := &f.res.Ramp
	if !r.Left || !r.Fell || r.Rates[0] != f.low {
		t.Errorf("left %v, fell %v, from %g", r.Left, r.Fell, r.Rates[0])
	}
	growth := r.Rates[1] / r.Rates[0]
	for i := 1; i < len(r.Rates); i++ {
		if math.Abs(r.Rates[i]/r.Rates[i-1]/growth-1) > 1e-12 {
			t.Fatalf("rate %d is %g after %g, want a factor of %g", i, r.Rates[i], r.Rates[i-1], growth)
		}
	}
	// The Hessian's largest eigenvalue is 18; leaving takes some steps beyond its edge.
	if last := r.Rates[len(r.Rates)-1]; last < 2.0/18 || last > 10*2.0/18 {
		t.Errorf("left at %g, want a little above %g", last, 2.0/18)
	}
	if f.res.Spent != int64(len(r.Rates)+1) {
		t.Errorf("spent %d for %d steps", f.res.Spent, len(r.Rates))
	}
}

func TestCrossing(t *testing.T) {
	of := func(rate, loss float64) *TriedRate { return &TriedRate{Rate: rate, Median: train.Real(loss)} }
	for i, c := range []struct {
		in, out            *TriedRate
		limit, want, about float64
	}{
		{of(1, 1), of(100, 100), 10, 10, 1e-9},                 // halfway, both logarithmic
		{of(1, 1), of(0.01, 100), 10, 0.1, 1e-9},               // and downward
		{of(1, -2), of(100, 2), 0, 10, 1e-9},                   // losses as they are
		{of(1, 1), &TriedRate{Rate: 2, Diverged: 1}, 10, 1, 0}, // never towards what diverges
		{of(1, 1), of(100, math.Inf(1)), 10, 1, 0},             // or may
		{of(1, 1), of(100, 1), 1, 1, 0},                        // no difference
	} {
		if got := crossing(c.in, c.out, c.limit); math.Abs(got-c.want) > c.about {
			t.Errorf("%d: %g, want %g", i, got, c.want)
		}
	}
}

func TestMedianAndRates(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		values []float64
		want   float64
	}{{[]float64{3, 1, 2}, 2}, {[]float64{4, 1, 2, 3}, 2.5}, {[]float64{inf, 1, inf}, inf}, {[]float64{inf, 1, 2}, 2}, {[]float64{inf, inf}, inf}, {[]float64{1, inf}, inf}} {
		if got := median(c.values); got != c.want {
			t.Errorf("median of %v = %g, want %g", c.values, got, c.want)
		}
	}
	for _, c := range []struct{ rate, want string }{{"0.00123456", "0.00123"}, {"9.996", "10"}, {"1e-9", "1e-09"}} {
		v, _ := strconv.ParseFloat(c.rate, 64)
		if got := strconv.FormatFloat(rounded(v), 'g', -1, 64); got != c.want {
			t.Errorf("%s rounded is %s, want %s", c.rate, got, c.want)
		}
	}
}

// Where the range test suggests nothing, rates all over the ramp are tried: the edge
// alone says how far one can go.
func TestBeginWithTheEdgeAlone(t *testing.T) {
	f := &finder{low: 1e-7, high: 1e3, res: &FoundRate{Suggestions: []Suggestion{
		{Criterion: SteepestDescent}, {Criterion: TenthOfMinimum}, {Criterion: StabilityEdge, Rate: 2},
	}}}
	rates := f.begin()
	if rates[0] > 1e-7 || rates[len(rates)-1] < 100 || !slices.Contains(rates, 2) {
		t.Errorf("edge alone: %v", rates)
	}
	f.res.Suggestions[0].Rate = 0.1
	if rates = f.begin(); rates[0] < 0.01 || rates[len(rates)-1] > 10 || !slices.Contains(rates, 0.1) {
		t.Errorf("with the steepest descent: %v", rates)
	}
}
