package figure

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A map has the places of its axes as the picture has them, the means of the picture,
// and the very tries that it marks.
func TestHeatMap(t *testing.T) {
	tries := searchTries(60)[:6]
	var pairs []Try
	for _, q := range tries {
		pairs = append(pairs, Try{At: []float64{q.At[1], q.At[0]}, Loss: q.Loss})
	}
	pairs[3].At = []float64{math.NaN(), 0.1}
	c := Heat{X: searchAxes[1], Y: searchAxes[0], Tries: pairs, Label: "error"}
	m, err := c.Map(31)
	if err != nil {
		t.Fatal(err)
	}
	if m.N != 31 || len(m.Values) != 31*31 || len(m.X) != 31 || m.X[0] != -0.5 || m.X[15] != 1 || m.X[30] != 2.5 || m.Domain != (Domain{-0.5, 2.5, m.Y[0], m.Y[30]}) {
		t.Errorf("columns at %v, domain %v", m.X, m.Domain)
	}
	for i := 1; i < 30; i++ {
		if got, want := m.Y[i]/m.Y[i-1], m.Y[1]/m.Y[0]; math.Abs(got/want-1) > 1e-9 {
			t.Fatalf("rows at %v keep no ratio", m.Y)
		}
	}
	lowest, worst := math.Inf(1), math.Inf(-1)
	for _, q := range pairs {
		if !q.diverged() {
			lowest, worst = min(lowest, q.Loss), max(worst, q.Loss)
		}
	}
	undefined := 0
	for i, v := range m.Values {
		if math.IsNaN(v) {
			undefined++
		} else if !(v >= lowest && v <= worst) {
			t.Errorf("value %d is %v, want it between %v and %v", i, v, lowest, worst)
		} else if want := math.Log(v/m.Min) / math.Log(m.Max/m.Min); math.Abs(m.Heights[i]-want) > 1e-9 {
			t.Errorf("height %d is %v, want %v", i, m.Heights[i], want)
		}
	}
	if undefined != m.Undefined || undefined == 0 || undefined == len(m.Values) {
		t.Errorf("%d places without a value, %d are said", undefined, m.Undefined)
	}
	if m.Title != "error" {
		t.Errorf("title %q", m.Title)
	}
	var marked, best []int
	for _, k := range m.Marks {
		q := pairs[k.Try]
		marked = append(marked, k.Try)
		if k.Best {
			best = append(best, k.Try)
		}
		if k.Diverged != q.diverged() || k.Y != q.At[1] || math.Round(k.X) != q.At[0] {
			t.Errorf("mark %+v of %+v", k, q)
		}
	}
	if len(marked) != 5 || slices.Contains(marked, 3) || !slices.Equal(best, []int{bestTry(pairs)}) {
		t.Errorf("marked %v, the best %v", marked, best)
	}
}

func TestHeatMapErrors(t *testing.T) {
	lost := []Try{{At: []float64{1, 1}, Loss: math.Inf(1)}, {At: []float64{math.NaN(), 1}, Loss: 1}}
	for want, c := range map[string]Heat{
		"empty":           {},
		"did not diverge": {Tries: lost},
		"1 places":        {Tries: []Try{{At: []float64{1}, Loss: 1}}},
	} {
		if _, err := c.Map(10); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
	if _, err := (Heat{Tries: []Try{{At: []float64{1, 1}, Loss: 1}}}).Map(1); err == nil || !strings.Contains(err.Error(), "Heat.Map = 1") {
		t.Error(err)
	}
}

func TestAxisValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := axis{lo: rapid.Float64Range(1e-30, 1e30).Draw(t, "lo"), log: rapid.Bool().Draw(t, "log")}
		a.hi = a.lo * rapid.Float64Range(1.5, 1e9).Draw(t, "ratio")
		u := rapid.Float64Range(0, 1).Draw(t, "u")
		if got := a.unit(a.value(u)); math.Abs(got-u) > 1e-9 {
			t.Errorf("%+v: %v there and back is %v", a, u, got)
		}
	})
}
