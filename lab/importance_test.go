package lab

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// Shares of functions whose variance is known in parts.
func TestImportanceKnownShares(t *testing.T) {
	s := spaceOf(t, "clip-norm=0..1", "optimizer={adam,sgd,rmsprop}", "clip-value=0..1", "ema=0.5..0.6")
	ranks := []float64{0, 3, 1}
	for _, c := range []struct {
		name         string
		f            func(u []float64) float64
		shares       []float64
		interactions float64
		log          bool
	}{
		// The variance of a·u is a²/12; that of the choices is 14/9.
		{"linear", func(u []float64) float64 { return -3*u[0] + u[2] }, []float64{0.9, 0, 0.1, 0}, 0, false},
		{"choices", func(u []float64) float64 {
			return ranks[s.Params[1].level(u[1])] - 100 + math.Sqrt(12*14.0/9)*u[3]
		}, []float64{0, 0.5, 0, 0.5}, 0, false},
		{"product", func(u []float64) float64 { return (u[0] - 0.5) * (u[2] - 0.5) }, []float64{0, 0, 0, 0}, 1, false},
		{"logarithm", func(u []float64) float64 { return math.Exp(8*u[0] + 4*u[3]) }, []float64{0.8, 0, 0, 0.2}, 0, true},
	} {
		history, _ := minimize(samplerOf(t, "sobol", s, 11), 400, c.f)
		m, err := NewImportance(s, history, 1)
		if err != nil {
			t.Fatal(err)
		}
		if m.Log != c.log || m.Fit < 0.75 {
			t.Errorf("%s: logarithm %v, want %v; fit %.3f, want at least 0.75", c.name, m.Log, c.log, m.Fit)
		}
		for j, want := range c.shares {
			if got := m.Shares[j]; math.Abs(got.Share-want) > 0.06 || got.Key != s.Params[j].Key {
				t.Errorf("%s: share of %s is %.3f, want %.2f of %s", c.name, got.Key, got.Share, want, s.Params[j].Key)
			}
		}
		if math.Abs(m.Interactions-c.interactions) > 0.12 {
			t.Errorf("%s: interactions %.3f, want %.2f", c.name, m.Interactions, c.interactions)
		}
	}
}

// A forest that has nothing to learn says so, and so do too few observations.
func TestImportanceOfNothing(t *testing.T) {
	s := spaceOf(t, "clip-norm=0..1", "clip-value=0..1")
	noise := samplerOf(t, "random", s, 99)
	history, _ := minimize(samplerOf(t, "random", s, 1), 200, func([]float64) float64 { return noise.Next(nil)[0] })
	m, err := NewImportance(s, history, 1)
	if err != nil || m.Fit > 0.1 {
		t.Errorf("fit of noise %+v, %v, want about 0 or below", m, err)
	}
	inf := math.Inf(1)
	for _, c := range []struct {
		losses []float64
		want   string
	}{
		{nil, "from 0 places"}, {[]float64{1, 2, 3}, "at least 4"}, {[]float64{inf, inf, inf, inf}, "did not diverge"}, {[]float64{2, 2, 2, inf}, "the same loss"},
	} {
		var few []Observation
		for _, loss := range c.losses {
			few = append(few, Observation{U: []float64{0.1, loss / (1 + loss*0.1)}, Loss: loss})
			few[len(few)-1].U[1] = 0.5
		}
		if _, err := NewImportance(s, few, 1); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("losses %v: %v, want %q", c.losses, err, c.want)
		}
	}
}

// What diverged counts as bad; what did not exist does not count.
func TestImportanceOfDivergence(t *testing.T) {
	s := spaceOf(t, "optimizer={adam,sgd}", "optimizer.momentum=0..0.9 if optimizer=sgd", "lr=0.1..1")
	history, _ := minimize(samplerOf(t, "random", s, 3), 300, func(u []float64) float64 {
		switch {
		case u[2] > 0.5:
			return math.Inf(1)
		case u[0] < 0.5: // adam, where the coordinate of the momentum means nothing
			return 1
		}
		return 1 + 0.01*u[1]
	})
	m, err := NewImportance(s, history, 1)
	if err != nil {
		t.Fatal(err)
	}
	best := slices.MaxFunc(m.Shares, func(a, b Share) int {
		if a.Share < b.Share {
			return -1
		}
		return 1
	})
	if best.Key != "lr" || best.Share < 0.3 {
		t.Errorf("shares %+v, want most of lr", m.Shares)
	}
	again, err := NewImportance(s, history, 1)
	if err != nil || !slices.Equal(again.Shares, m.Shares) || again.Fit != m.Fit {
		t.Errorf("%+v, %v; before %+v", again, err, m)
	}
}
