package lab

import (
	"math"
	"runtime"
	"testing"

	"github.com/descent-go/descent/lab/internal/stats"
)

// ASHA with the budget of 30 whole trainings finds settings of a network for digits
// at least as good as 60 whole trainings at random: in the median of 10 searches, by
// what the settings end with on fresh seeds.
func TestASHAAgainstRandom(t *testing.T) {
	k := task(t, "data: digits:n=500\nmodel: mlp:16\nsteps: 108\nepochs: 0\nbatch: 16")
	var asha, random, ratios []float64
	for seed := range uint64(10) {
		o := DefaultTune()
		o.Space = space(t, "lr=1e-5..10 log", "optimizer={sgd,adam}", "optimizer.momentum=0..0.99 if optimizer=sgd", "optimizer.beta1=0..0.99 if optimizer=adam",
			"batch={4,8,16,32}", "width=4..32 int log")
		o.Seed, o.Sampler, o.Parallel, o.Seeds, o.Trials = seed, "random", runtime.GOMAXPROCS(0), 5, 0
		o.Budget = 60 * k.Steps()
		r := tune(t, k, o)
		if len(r.Tries) != 60 {
			t.Fatalf("%d tries at random", len(r.Tries))
		}
		random = append(random, float64(r.Tuned.Objective.Median))
		o.Pruner, o.Budget = ASHA, 30*k.Steps()
		r = tune(t, k, o)
		if r.Spent > 30 {
			t.Fatalf("ASHA has spent %v trainings", r.Spent)
		}
		asha = append(asha, float64(r.Tuned.Objective.Median))
		ratios = append(ratios, asha[seed]/random[seed])
	}
	a, b := stats.Median(asha), stats.Median(random)
	t.Logf("median of 10: ASHA %.4f with 30, random %.4f with 60; by seed %.3f; %.3f", a, b, asha, random)
	if !(a <= b) || math.IsInf(b, 1) {
		t.Errorf("ASHA with 30 ends with %v, random with 60 with %v; by seed %v", a, b, ratios)
	}
}
