package figure

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/descent-go/descent/internal/rng"
)

// searchAxes and searchTries are a search over three numbers and a choice, of which
// the momentum exists for one choice only; high rates diverge.
var searchAxes = []TryAxis{
	{Name: "lr", Log: true}, {Name: "optimizer", Choices: []string{"adam", "sgd", "rmsprop:centered"}},
	{Name: "optimizer.momentum"}, {Name: "batch", Log: true},
}

func searchTries(n int) []Try {
	r := rng.New(3, "tries")
	tries := make([]Try, n)
	for i := range tries {
		e, kind := -4+4*r.Float64(), r.IntN(3)
		t := Try{At: []float64{math.Pow(10, e), float64(kind), math.NaN(), float64(int(8) << r.IntN(5))}}
		t.Loss = 0.05 + 0.4*(e+2.2+0.4*float64(kind))*(e+2.2+0.4*float64(kind)) + 0.1*r.Float64()
		if kind == 1 {
			t.At[2] = 0.99 * r.Float64()
			t.Loss += 0.2 * (t.At[2] - 0.9) * (t.At[2] - 0.9)
		}
		t.Pruned = t.Loss > 0.9 && i%2 == 0
		if e > -0.7 {
			t.Loss, t.Pruned = math.Inf(1), false
		}
		tries[i] = t
	}
	return tries
}

type searchKind struct {
	name string
	of   interface{ Figure() (*Figure, error) }
}

func searchKinds(st Style, tries []Try) []searchKind {
	pair := make([]Try, len(tries))
	for i, t := range tries {
		t.At = []float64{t.At[0], t.At[3]}
		pair[i] = t
	}
	return []searchKind{
		{"TuningHistory", TuningHistory{Style: st, Tries: tries}},
		{"Slices", Slices{Style: st, Axes: searchAxes, Tries: tries}},
		{"Parallel", Parallel{Style: st, Axes: searchAxes, Tries: tries}},
		{"Heat", Heat{Style: st, X: searchAxes[0], Y: searchAxes[3], Tries: pair}},
	}
}

// How many tries there are of each kind is how many marks there are, and what the
// legend says.
func TestTriesAreAllShown(t *testing.T) {
	tries := searchTries(60)
	var pruned, diverged, better int
	for i, improves := range improvements(tries) {
		switch {
		case tries[i].diverged():
			diverged++
		case tries[i].Pruned:
			pruned++
		case improves:
			better++
		}
	}
	best := bestTry(tries)
	if pruned < 3 || diverged < 3 || better < 2 || tries[best].Pruned {
		t.Fatalf("%d pruned, %d diverged, %d improvements: too few to test with", pruned, diverged, better)
	}
	doc := parse(t, svgOf(t, TuningHistory{Tries: tries}))
	for _, want := range []string{count(int64(pruned)), count(int64(diverged)), number(tries[best].Loss) + "; try " + count(int64(best+1))} {
		if !slices.Contains(doc.texts, want) {
			t.Errorf("the legend does not say %q: %q", want, doc.texts)
		}
	}
	// An × is two shapes.
	if got, want := len(doc.paths["marks"]), len(tries)+diverged; got != want {
		t.Errorf("%d marks in the history, want %d", got, want)
	}
	doc = parse(t, svgOf(t, Parallel{Axes: searchAxes, Tries: tries, Top: 5}))
	if !doc.says("next best") || !slices.Contains(doc.texts, "4") {
		t.Errorf("parallel axes do not say how many are strong: %q", doc.texts)
	}
	for _, a := range searchAxes {
		if !doc.says(a.Name) {
			t.Errorf("parallel axes do not name %s", a.Name)
		}
	}
}

// The best so far counts neither what diverged nor what was pruned, however good it
// looks.
func TestImprovements(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	tries := []Try{{Loss: nan}, {Loss: 3}, {Loss: 1, Pruned: true}, {Loss: 3}, {Loss: 2}, {Loss: -inf}, {Loss: inf}, {Loss: 2.5}}
	want := []bool{false, true, false, false, true, false, false, false}
	if got := improvements(tries); !slices.Equal(got, want) {
		t.Errorf("improvements %v, want %v", got, want)
	}
	if got := bestTry(tries); got != 4 {
		t.Errorf("best %d, want 4", got)
	}
	if got := topTries(tries, 2); !slices.Equal(got, []int{4, 7}) {
		t.Errorf("best two %v, want 4 and 7", got)
	}
	if got := bestTry(tries[:1]); got != -1 {
		t.Errorf("best of what diverged %d, want −1", got)
	}
}

// The map has the values of the tries where they stand alone, the mean between two,
// and nothing far from all.
func TestHeatKernel(t *testing.T) {
	c := Heat{X: TryAxis{Name: "x"}, Y: TryAxis{Name: "y", Choices: []string{"a", "b"}}, Tries: []Try{
		{At: []float64{0, 0}, Loss: 4}, {At: []float64{1, 0}, Loss: 1}, {At: []float64{0, 1}, Loss: 9}, {At: []float64{1, 1}, Loss: math.NaN()},
	}}
	x, y := axis{lo: 0, hi: 1}, c.Y.place(c.Tries, 1, 100)
	f, err := c.kernel(x, y)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []struct{ u, v, want float64 }{{0, 0.25, 4}, {1, 0.1, 1}, {0, 0.9, 9}, {1, 0.75, 9}} {
		if got := f(q.u, q.v); math.Abs(got-q.want) > 1e-6 {
			t.Errorf("at %v, %v: %v, want %v", q.u, q.v, got, q.want)
		}
	}
	if got := f(0.5, 0.25); !math.IsNaN(got) {
		t.Errorf("far from all tries: %v, want NaN", got)
	}
	c.Tries = append(c.Tries, Try{At: []float64{0.02, 0}, Loss: 1})
	if f, err = c.kernel(x, y); err != nil {
		t.Fatal(err)
	}
	if got := f(0.01, 0.25); math.Abs(got-2) > 1e-6 {
		t.Errorf("between losses of 4 and 1: %v, want their geometric mean", got)
	}
}

// Means are on a scale that no single one decides: logarithmic when all are positive,
// linear when not.
func TestHeatScale(t *testing.T) {
	for _, c := range []struct{ low, high, middle float64 }{{0.01, 100, 1}, {1, 4, 2}, {1e-100, 1e100, 1}, {-1, 3, 1}, {0, 8, 4}} {
		fd, err := sample(func(x, _ float64) float64 { // nearly all of it is the minimum
			if x > 0.9 {
				return c.high
			}
			return c.low
		}, Domain{0, 1, 0, 1}, 20, nil, 0.01)
		if err != nil {
			t.Fatal(err)
		}
		fd.ofMeans()
		if low, middle, high := fd.unit(c.low), fd.unit(c.middle), fd.unit(c.high); low != 0 || math.Abs(middle-0.5) > 1e-5 || math.Abs(high-1) > 1e-9 {
			t.Errorf("%v to %v: %v at %v, %v at the ends", c.low, c.high, middle, c.middle, []float64{low, high})
		}
		if ts, relative := fd.ticks(8); relative || len(ts) < 2 {
			t.Errorf("%v to %v: ticks %v, relative %v", c.low, c.high, ts, relative)
		}
	}
}

func TestTriesErrors(t *testing.T) {
	tries := searchTries(3)
	bad := func(v float64, j int) []Try {
		b := searchTries(1)
		b[0].At[j] = v
		return b
	}
	for _, c := range []struct {
		of   interface{ Figure() (*Figure, error) }
		want string
	}{
		{TuningHistory{}, "TuningHistory.Tries is empty"},
		{TuningHistory{Tries: tries, Y: 9}, "TuningHistory.Y = 9"},
		{Slices{Tries: tries}, "Slices.Axes is empty"},
		{Slices{Axes: searchAxes[:2], Tries: tries}, "Tries[0].At has 4 places, want 2"},
		{Slices{Axes: searchAxes, Tries: bad(-1, 0)}, "At[0] = -1, want a finite number, positive"},
		{Parallel{Axes: searchAxes, Tries: bad(3, 1)}, "At[1] = 3, want a whole number in [0, 3)"},
		{Parallel{Axes: searchAxes, Tries: bad(math.Inf(1), 2)}, "At[2] = +Inf"},
		{Parallel{Axes: searchAxes, Tries: tries, Top: -1}, "Parallel.Top = -1"},
		{Parallel{Tries: tries}, "Parallel.Axes is empty"},
		{Parallel{Style: Style{Width: 240}, Axes: searchAxes, Tries: tries}, "no room"},
		{Heat{X: searchAxes[0], Y: searchAxes[3], Tries: []Try{{At: []float64{1, math.NaN()}, Loss: 1}}}, "at least one that has a place"},
		{Heat{Style: Style{Scale: 100}}, "Style.Scale = 100"},
	} {
		if _, err := c.of.Figure(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%T: %v, want %q", c.of, err, c.want)
		}
	}
}

// Whatever the tries are, the pictures are drawn, twice the same.
func TestTriesAnything(t *testing.T) {
	values := []float64{0, 1, -1, 1e-300, 1e300, math.NaN(), math.Inf(1), math.MaxFloat64, 3}
	rapid.Check(t, func(t *rapid.T) {
		tries := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Try {
			momentum := rapid.SampledFrom([]float64{0, 0.9, math.NaN(), -1e300, 1e300}).Draw(t, "momentum")
			return Try{
				At:   []float64{rapid.SampledFrom([]float64{1e-300, 1e-3, 1, 1e300}).Draw(t, "lr"), float64(rapid.IntRange(0, 2).Draw(t, "kind")), momentum, 8},
				Loss: rapid.SampledFrom(values).Draw(t, "loss"), Pruned: rapid.Bool().Draw(t, "pruned"),
			}
		}), 1, 12).Draw(t, "tries")
		kind := rapid.SampledFrom(searchKinds(Style{}, tries)).Draw(t, "kind of picture")
		var first, again bytes.Buffer
		f, err := kind.of.Figure()
		switch {
		case err != nil && kind.name == "Heat" && strings.Contains(err.Error(), "did not diverge"):
			return
		case err != nil:
			t.Fatalf("%s: %v", kind.name, err)
		}
		if g, err := kind.of.Figure(); err != nil || f.WriteSVG(&first) != nil || g.WriteSVG(&again) != nil || !bytes.Equal(first.Bytes(), again.Bytes()) {
			t.Fatalf("%s is not the same twice: %v", kind.name, err)
		}
		if s := first.String(); strings.Contains(s, "NaN") || strings.Contains(s, "Inf\"") {
			t.Fatalf("%s has coordinates that are no numbers", kind.name)
		}
	})
}
