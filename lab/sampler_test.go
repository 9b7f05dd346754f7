package lab

import (
	"math"
	"testing"

	"github.com/descent-go/descent/lab/internal/stats"
)

func spaceOf(t testing.TB, specs ...string) *Space {
	t.Helper()
	s, err := ParseSpace(specs)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func samplerOf(t testing.TB, name string, s *Space, seed uint64) Sampler {
	t.Helper()
	sampler, err := NewSampler(name, s, seed)
	if err != nil {
		t.Fatal(err)
	}
	return sampler
}

// search asks a sampler for places and tells it their losses.
func minimize(s Sampler, trials int, f func(u []float64) float64) (history []Observation, best float64) {
	best = math.Inf(1)
	for range trials {
		u := s.Next(history)
		loss := f(u)
		history = append(history, Observation{U: u, Loss: loss})
		best = min(best, loss)
	}
	return history, best
}

// branin is the function of Branin on its usual domain [-5, 10] × [0, 15]; its minimum
// is 0.397887.
func branin(u []float64) float64 {
	x, y := 15*u[0]-5, 15*u[1]
	a := y - 5.1/(4*math.Pi*math.Pi)*x*x + 5/math.Pi*x - 6
	return a*a + 10*(1-1/(8*math.Pi))*math.Cos(x) + 10
}

// hartmann6 is Hartmann's function of six variables; its minimum is -3.32237.
func hartmann6(u []float64) float64 {
	a := [4][6]float64{{10, 3, 17, 3.5, 1.7, 8}, {0.05, 10, 17, 0.1, 8, 14}, {3, 3.5, 1.7, 10, 17, 8}, {17, 8, 0.05, 10, 0.1, 14}}
	p := [4][6]float64{{1312, 1696, 5569, 124, 8283, 5886}, {2329, 4135, 8307, 3736, 1004, 9991}, {2348, 1451, 3522, 2883, 3047, 6650}, {4047, 8828, 8732, 5743, 1091, 381}}
	sum := 0.0
	for i, alpha := range [4]float64{1, 1.2, 3, 3.2} {
		e := 0.0
		for j := range u {
			d := u[j] - p[i][j]/1e4
			e += a[i][j] * d * d
		}
		sum -= alpha * math.Exp(-e)
	}
	return sum
}

// cube is a space of numbers, whatever they are.
func cube(t testing.TB, dim int) *Space {
	keys := []string{"clip-norm", "clip-value", "min-delta", "optimizer.beta1", "optimizer.beta2", "optimizer.decay"}
	keys[2] = "optimizer.eps"
	specs := make([]string, dim)
	for i := range specs {
		specs[i] = keys[i] + "=0..0.5"
	}
	return spaceOf(t, specs...)
}

// The estimator is better than chance by a factor of the regret in the median of 20
// seeds at 100 trials, on functions that everyone measures.
func TestTPEAgainstRandom(t *testing.T) {
	for _, c := range []struct {
		name    string
		f       func([]float64) float64
		dim     int
		minimum float64
		factor  float64
	}{
		{"branin", branin, 2, 0.397887, 5},
		{"hartmann6", hartmann6, 6, -3.32237, 3},
	} {
		regret := map[string]float64{}
		for _, name := range []string{"random", "sobol", "halton", "tpe"} {
			var all []float64
			for seed := range uint64(20) {
				_, best := minimize(samplerOf(t, name, cube(t, c.dim), seed), 100, c.f)
				all = append(all, best-c.minimum)
			}
			regret[name] = stats.Median(all)
		}
		t.Logf("%s: median regret %v", c.name, regret)
		if regret["tpe"] > regret["random"]/c.factor {
			t.Errorf("%s: median regret %.3g of tpe, %.3g at random, want less than 1/%v of that", c.name, regret["tpe"], regret["random"], c.factor)
		}
	}
}
