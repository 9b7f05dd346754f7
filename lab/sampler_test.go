package lab

import (
	"fmt"
	"math"
	"slices"
	"strings"
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

// The same calls give the same places; other seeds and later calls give others; all
// are in the cube.
func TestSamplersDeterministic(t *testing.T) {
	s := spaceOf(t, "lr=1e-4..1 log", "optimizer={adam,sgd}", "optimizer.momentum=0..0.9 if optimizer=sgd", "batch=8..128 log")
	loss := func(u []float64) float64 {
		if u[0] > 0.8 {
			return math.Inf(1)
		}
		return u[0] + float64(u[1]*u[2])
	}
	for _, name := range Samplers() {
		a, _ := minimize(samplerOf(t, name, s, 5), 60, loss)
		b, _ := minimize(samplerOf(t, name, s, 5), 60, loss)
		c, _ := minimize(samplerOf(t, name, s, 6), 60, loss)
		for i := range a {
			if !slices.Equal(a[i].U, b[i].U) {
				t.Fatalf("%s: place %d is %v, then %v", name, i, a[i].U, b[i].U)
			}
			if slices.Equal(a[i].U, c[i].U) {
				t.Errorf("%s: place %d is %v for two seeds", name, i, a[i].U)
			}
			if slices.Min(a[i].U) < 0 || slices.Max(a[i].U) > 1 {
				t.Errorf("%s: place %d is %v, want it in the unit cube", name, i, a[i].U)
			}
			s.At(a[i].U)
		}
		same := samplerOf(t, name, s, 5)
		if u, v := same.Next(a[:30]), same.Next(a[:30]); slices.Equal(u, v) {
			t.Errorf("%s: %v twice with the same history", name, u)
		}
	}
}

// The estimator learns choices, what exists only with them, and where it diverges:
// of the last places most are near the best, which is at sgd, momentum 0.7.
func TestTPELearns(t *testing.T) {
	s := spaceOf(t, "optimizer={adam,sgd,rmsprop,adagrad}", "optimizer.momentum=0..0.9 if optimizer=sgd", "width=8..64", "clip-norm=0..1")
	good, diverged := 0, 0
	for seed := range uint64(10) {
		history, _ := minimize(samplerOf(t, "tpe", s, seed), 120, func(u []float64) float64 {
			v := s.Values(u)
			if v[3] > 0.5 {
				return math.NaN()
			}
			loss := 0.1 * math.Abs(v[2]-40) / 56
			if v[0] == 1 {
				return loss + math.Abs(v[1]-0.7)
			}
			return loss + 1
		})
		for _, o := range history[90:] {
			v := s.Values(o.U)
			if o.diverged() {
				diverged++
			} else if v[0] == 1 && math.Abs(v[1]-0.7) < 0.15 && math.Abs(v[2]-40) < 15 {
				good++
			}
		}
	}
	if good < 150 || diverged > 50 {
		t.Errorf("of the last 300 places %d are near the best and %d diverge, want at least 150 and at most 50; at random 7 and 150", good, diverged)
	}
}

// Places that were pruned or diverged are never better than others.
func TestTPESplit(t *testing.T) {
	history := []Observation{{Loss: math.Inf(1)}, {Loss: 5}, {Loss: 0.1, Pruned: true}, {Loss: math.NaN()}, {Loss: 7}, {Loss: 0.2, Pruned: true}}
	for range 14 {
		history = append(history, Observation{Loss: 100, Pruned: true})
	}
	good, rest := (&tpe{}).split(history)
	if len(good) != 2 || good[0].Loss != 5 || good[1].Loss != 7 || len(rest) != 18 {
		t.Errorf("good places %v and %d others, want those with losses 5 and 7 and 18", good, len(rest))
	}
}

// Densities are densities: over the interval, or over all levels, they sum to one
// (but for the constant that is left out of continuous ones).
func TestParzenDensities(t *testing.T) {
	places := []float64{0.01, 0.2, 0.21, 0.7, 0.99, 0.99}
	for _, spec := range []string{"lr=0..1", "width=3..9", "width=3..200 log", "batch={1,2,4}"} {
		d := &spaceOf(t, spec).Params[0]
		for _, known := range [][]float64{nil, places[:1], places} {
			p, sum := newParzen(d, known), 0.0
			if n := d.levels(); n > 0 {
				for k := range n {
					lo, hi := d.edges(k)
					sum += p.density((lo + hi) / 2)
				}
			} else {
				const n = 20000
				for i := range n {
					sum += p.density((float64(i)+0.5)/n) / n / math.Sqrt(2*math.Pi)
				}
			}
			if math.Abs(sum-1) > 1e-6 {
				t.Errorf("%s, %d places: the density sums to %v, want 1", spec, len(known), sum)
			}
		}
	}
}

func BenchmarkTPE(b *testing.B) {
	s := cube(b, 6)
	history, _ := minimize(samplerOf(b, "random", s, 1), 1000, hartmann6)
	sampler := samplerOf(b, "tpe", s, 1)
	for b.Loop() {
		sampler.Next(history)
	}
}

// The bits of places and shares are the same on every architecture.
func TestSamplersBits(t *testing.T) {
	s := spaceOf(t, "lr=1e-4..1 log", "optimizer={adam,sgd}", "optimizer.momentum=0..0.9 if optimizer=sgd", "batch=8..128 log")
	loss := func(u []float64) float64 { return u[0] + float64(u[1]*u[2]) + float64(u[3]*u[3]) }
	for name, want := range map[string]uint64{"random": 0xd7e5608478e8f144, "sobol": 0xb99cee2bf7f7e546, "halton": 0xe813b51e3f9506f0, "tpe": 0xd66e38be27eff792} {
		history, _ := minimize(samplerOf(t, name, s, 5), 60, loss)
		m, err := NewImportance(s, history, 2)
		if err != nil {
			t.Fatal(err)
		}
		sum := uint64(14695981039346656037)
		add := func(v float64) { sum = (sum ^ math.Float64bits(v)) * 1099511628211 }
		for _, o := range history {
			for _, u := range o.U {
				add(u)
			}
		}
		for _, share := range m.Shares {
			add(share.Share)
			add(share.Spread)
		}
		add(m.Fit)
		if sum != want {
			t.Errorf("%s: checksum %#x, want %#x", name, sum, want)
		}
	}
}

// Sequences have only so many dimensions, and say so.
func TestSamplerDimensions(t *testing.T) {
	sobol := func(n int) error { _, err := newSobol(n, 1); return err }
	halton := func(n int) error { _, err := newHalton(n, 1); return err }
	for _, c := range []struct {
		name string
		make func(int) error
		most int
	}{{"sobol", sobol, 32}, {"halton", halton, 168}} {
		if err := c.make(c.most); err != nil {
			t.Errorf("%s in %d dimensions: %v", c.name, c.most, err)
		}
		want := fmt.Sprintf("sampler %s in %d dimensions, want at most %d", c.name, c.most+1, c.most)
		if err := c.make(c.most + 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s in %d dimensions: %v, want %q", c.name, c.most+1, err, want)
		}
	}
}
