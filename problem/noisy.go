package problem

import (
	"fmt"
	"math"
	"strconv"

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

// Unwrap returns the problem without this noise.
func (p *NoisyProblem) Unwrap() Problem { return p.Problem }

// Noise returns the deviation, after the noise below this one if there is any.
func (p *NoisyProblem) Noise() string {
	text := strconv.FormatFloat(p.sigma, 'g', -1, 64)
	if s, ok := p.Problem.(Stochastic); ok {
		text = s.Noise() + " + " + text
	}
	return text
}

// Sigma returns the deviation of the noise.
func (p *NoisyProblem) Sigma() float64 { return p.sigma }

// State returns where the noise is in its stream, and then the state of the
// problem below if that is Stochastic.
func (p *NoisyProblem) State() ([]byte, error) {
	b, err := p.noise.MarshalBinary()
	if s, ok := p.Problem.(Stochastic); ok && err == nil {
		var below []byte
		below, err = s.State()
		b = append(b, below...)
	}
	return b, err
}

// SetState sets the stream of the noise to where it was when State returned b:
// what follows is as if it had never stopped. It refuses anything else, and
// then changes nothing.
func (p *NoisyProblem) SetState(b []byte) error {
	s, ok := p.Problem.(Stochastic)
	if !ok {
		return p.noise.UnmarshalBinary(b)
	}
	own, err := p.noise.MarshalBinary()
	if err != nil {
		return err
	}
	size := min(len(own), len(b)) // the states of a stream are all of one size
	var noise rng.Rand
	if err := noise.UnmarshalBinary(b[:size]); err != nil {
		return err
	}
	if err := s.SetState(b[size:]); err != nil {
		return err
	}
	p.noise = &noise
	return nil
}
