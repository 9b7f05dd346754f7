package problem

// A Stochastic problem has a random gradient: that of a batch, or one measured
// with an error. Its value is exact. It is not safe for concurrent use.
type Stochastic interface {
	Problem
	// Unwrap returns the problem without this randomness.
	Unwrap() Problem
	// Noise says in a few words what the randomness is.
	Noise() string
	// State returns where the randomness is in its stream.
	State() ([]byte, error)
	// SetState sets the stream to where it was when State returned b: what
	// follows is as if it had never stopped. It refuses anything else, and then
	// changes nothing.
	SetState(b []byte) error
}

// A Sampler is a problem to whose definition a random gradient belongs. By
// itself it has the exact one.
type Sampler interface {
	Problem
	// Sample returns the problem with its random gradient, which begins its
	// stream at a seed.
	Sample(seed uint64) Stochastic
}

// Sampled returns p as it is meant to be minimized: a Sampler with its random
// gradient, seeded, and any other problem as it is.
func Sampled(p Problem, seed uint64) Problem {
	if s, ok := p.(Sampler); ok {
		return s.Sample(seed)
	}
	return p
}

// Exact returns p without any randomness of its gradient.
func Exact(p Problem) Problem {
	for {
		s, ok := p.(Stochastic)
		if !ok {
			return p
		}
		p = s.Unwrap()
	}
}
