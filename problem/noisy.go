package problem

import (
	"fmt"
	"math"

	"github.com/descent-go/descent/internal/rng"
)

// A NoisyProblem is a problem whose gradient is measured with an error:
// independent normal numbers of deviation sigma are added to its elements. The
// value stays exact. It is not safe for concurrent use.
type NoisyProblem struct {
	Problem
	sigma float64
	noise *rng.Rand
}

// Noisy adds normal noise of deviation sigma, 0 or more, to the gradient of p.
// The noise of call number t is the same for the same seed.
func Noisy(p Problem, sigma float64, seed uint64) (*NoisyProblem, error) {
	if !(sigma >= 0) || math.IsInf(sigma, 1) {
		return nil, fmt.Errorf("problem: Noisy: sigma = %v, want [0, +Inf)", sigma)
	}
	return &NoisyProblem{p, sigma, rng.New(seed, "noise")}, nil
}

// Gradient writes the gradient with noise into g and returns the exact value.
func (p *NoisyProblem) Gradient(x, g []float64) float64 {
	f := p.Problem.Gradient(x, g)
	for i := range g {
		g[i] += float64(p.sigma * p.noise.Normal())
	}
	return f
}

// Unwrap returns the problem without the noise.
func (p *NoisyProblem) Unwrap() Problem { return p.Problem }

// Sigma returns the deviation of the noise.
func (p *NoisyProblem) Sigma() float64 { return p.sigma }

// State returns where the noise is in its stream.
func (p *NoisyProblem) State() ([]byte, error) { return p.noise.MarshalBinary() }

// SetState sets the stream of the noise to where it was when State returned b:
// what follows is as if it had never stopped. It refuses anything else, and
// then changes nothing.
func (p *NoisyProblem) SetState(b []byte) error { return p.noise.UnmarshalBinary(b) }
