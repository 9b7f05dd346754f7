package lab

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/descent-go/descent/internal/portable"
)

// drive lets a search run on a loss of the decades away from the usual rate.
func drive(s *search, loss func(at float64) float64) {
	for {
		places := s.next()
		if len(places) == 0 {
			return
		}
		losses := make([]float64, len(places))
		for i, p := range places {
			losses[i] = loss(portable.Log(p.rate/s.usual) / math.Ln10)
		}
		s.take(losses)
	}
}

// bowlWithCliff is what the final loss looks like against the rate: a valley, and
// divergence beyond an edge.
func bowlWithCliff(valley, cliff float64) func(float64) float64 {
	return func(at float64) float64 {
		if at > cliff {
			return math.Inf(1)
		}
		return 1 + math.Abs(at-valley)
	}
}

func TestSearch(t *testing.T) {
	for _, c := range []struct {
		valley, cliff, near float64 // the best rate found is so near, in decades
		edge                bool
	}{
		{0.1, 5, 0.11, false},
		{-1.7, 5, 0.11, false},
		{1.9, 1.95, 0.2, false},
		{2.5, 5, 0.31, false},     // beyond the grid
		{-2.7, -2.6, 0.11, false}, // all of the grid diverges
		{9, 10, 6.5, true},        // far beyond
	} {
		s := &search{usual: 0.001, trials: 15, decades: 4}
		drive(s, bowlWithCliff(c.valley, c.cliff))
		best := s.tried[s.best()]
		if math.Abs(best.at-c.valley) > c.near || best.at > c.cliff {
			t.Errorf("valley %v, cliff %v: the best is at %v, want within %v", c.valley, c.cliff, best.at, c.near)
		}
		if edge(s.all(), best.rate) != c.edge {
			t.Errorf("valley %v, cliff %v: on the edge: %v", c.valley, c.cliff, !c.edge)
		}
	}
}

// Whatever the losses are, a search makes exactly its trials, of different rates,
// and its finalists are the best of them.
func TestSearchProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &search{usual: 0.01, trials: rapid.IntRange(1, 40).Draw(t, "trials"), decades: rapid.Float64Range(0.4, 8).Draw(t, "decades")}
		asked := 0
		drive(s, func(float64) float64 {
			asked++
			return rapid.SampledFrom([]float64{1, 1, 2, 3, math.Inf(1)}).Draw(t, "loss")
		})
		if asked != s.trials || len(s.tried) != s.trials {
			t.Fatalf("%d rates, %d of them kept, want %d", asked, len(s.tried), s.trials)
		}
		for i, a := range s.tried {
			if i > 0 && !(a.rate > s.tried[i-1].rate) || !(a.rate > 0) || math.IsInf(a.rate, 1) {
				t.Fatalf("rates %v", s.tried)
			}
		}
		if s.trials == 1 && s.tried[0].rate != s.usual {
			t.Fatalf("the only rate is %v, want the usual one", s.tried[0].rate)
		}
		rates := s.ranked()
		loss := func(p place) float64 {
			return s.tried[slices.IndexFunc(s.tried, func(a attempt) bool { return a.is(p) })].loss
		}
		if !slices.IsSortedFunc(rates, func(a, b place) int { return cmp.Compare(loss(a), loss(b)) }) {
			t.Fatalf("rates %v are not sorted by loss", rates)
		}
		sane := 0
		for _, a := range s.tried {
			if !math.IsInf(a.loss, 1) {
				sane++
			}
		}
		if len(rates) != max(sane, 1) {
			t.Fatalf("%d rates, want %d", len(rates), max(sane, 1))
		}
	})
}
