// Package rng gives an experiment its random streams: one seed, one stream
// per purpose, the same numbers on every architecture.
package rng

import (
	"hash/fnv"
	"math"
	"math/rand/v2"

	"github.com/descent-go/descent/internal/portable"
)

// A Rand is one stream. It embeds math/rand/v2's integer and uniform methods;
// use Normal, not NormFloat64, whose tail is not the same on every
// architecture.
type Rand struct {
	*rand.Rand
	pcg   *rand.PCG
	spare float64
	has   bool
}

// New returns the stream of a seed for one purpose, such as "order" or "init".
// Streams of different purposes are independent.
func New(seed uint64, purpose string) *Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(purpose))
	pcg := rand.NewPCG(seed, h.Sum64())
	return &Rand{Rand: rand.New(pcg), pcg: pcg}
}

// Normal returns a standard normal number, by Marsaglia's polar method.
func (r *Rand) Normal() float64 {
	if r.has {
		r.has = false
		return r.spare
	}
	for {
		u, v := 2*r.Float64()-1, 2*r.Float64()-1
		s := float64(u*u) + float64(v*v)
		if s >= 1 || s == 0 {
			continue
		}
		f := math.Sqrt(-2 * portable.Log(s) / s)
		r.spare, r.has = float64(v*f), true
		return float64(u * f)
	}
}
