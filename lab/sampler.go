package lab

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/descent-go/descent/internal/rng"
)

// A Sampler says where in a space to look next.
type Sampler interface {
	// Next returns the next place, a point of the unit cube of the space. What it
	// returns depends on the space, the seed, how often it was called, and the
	// history: what is known by now of the places that it returned, in an order that
	// is the same each time. Samplers that do not learn take no notice of it.
	Next(history []Observation) []float64
}

// An Observation is what is known of a place.
type Observation struct {
	U    []float64 `json:"u"`    // in the unit cube
	Loss float64   `json:"loss"` // +Inf or NaN: it diverged
	// Pruned says that the trial was ended early and Loss is that of a shorter budget.
	// It counts as worse than all that were not.
	Pruned bool `json:"pruned,omitempty"`
}

// samplers are those that there are, in the order of help texts.
var samplers = []struct {
	name string
	make func(s *Space, seed uint64) (Sampler, error)
}{
	{"random", func(s *Space, seed uint64) (Sampler, error) { return &randomSampler{dim: s.Dim(), seed: seed}, nil }},
	{"sobol", func(s *Space, seed uint64) (Sampler, error) { return newSobol(s.Dim(), seed) }},
	{"halton", func(s *Space, seed uint64) (Sampler, error) { return newHalton(s.Dim(), seed) }},
	{"tpe", func(s *Space, seed uint64) (Sampler, error) { return &tpe{space: s, seed: seed}, nil }},
}

// Samplers lists the names that NewSampler takes.
func Samplers() []string {
	names := make([]string, len(samplers))
	for i, s := range samplers {
		names[i] = s.name
	}
	return names
}

// NewSampler returns a sampler of a space by its name: random (independent and
// uniform), sobol or halton (quasi-random, scrambled by the seed, for at most 32
// or 168 dimensions), or tpe (which learns from the history). The space is checked.
func NewSampler(name string, s *Space, seed uint64) (Sampler, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	for _, known := range samplers {
		if known.name == name {
			return known.make(s, seed)
		}
	}
	return nil, fmt.Errorf("lab: sampler %q, want %s", name, strings.Join(Samplers(), ", "))
}

// randomSampler is the sampler random.
type randomSampler struct {
	dim   int
	seed  uint64
	calls int
}

func (r *randomSampler) Next([]Observation) []float64 {
	u := make([]float64, r.dim)
	random := rng.New(r.seed, "random place "+strconv.Itoa(r.calls))
	for i := range u {
		u[i] = random.Float64()
	}
	r.calls++
	return u
}
