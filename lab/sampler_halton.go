package lab

import (
	"fmt"
	"strconv"

	"github.com/descent-go/descent/internal/rng"
)

// haltonDigits is to how small a fraction digits are taken.
const haltonDigits = 0x1p-40

// halton is the sampler halton: in dimension j the radical inverse of the number of
// the place in the j-th prime base, every digit permuted at random.
//
// A. B. Owen, A randomized Halton algorithm in R, 2017, arXiv:1706.02808. gonum's
// samplemv.Halton is the same method for a number of points known beforehand; its
// last bits depend on the architecture.
type halton struct {
	perms [][][]int // by dimension and digit, the lowest first
	calls int
}

// newHalton makes the sampler for at most as many dimensions as there are primes
// below 1000.
func newHalton(dim int, seed uint64) (*halton, error) {
	primes := primesBelow(1000)
	if dim > len(primes) {
		return nil, fmt.Errorf("lab: sampler halton in %d dimensions, want at most %d", dim, len(primes))
	}
	h := &halton{perms: make([][][]int, dim)}
	for j := range h.perms {
		r := rng.New(seed, "halton "+strconv.Itoa(j))
		for unit := 1.0; unit > haltonDigits; unit /= float64(primes[j]) {
			h.perms[j] = append(h.perms[j], r.Perm(primes[j]))
		}
	}
	return h, nil
}

func (h *halton) Next([]Observation) []float64 {
	u := make([]float64, len(h.perms))
	for j, perms := range h.perms {
		rest, base := h.calls, len(perms[0])
		unit := 1.0
		for _, perm := range perms {
			unit /= float64(base)
			u[j] += float64(float64(perm[rest%base]) * unit)
			rest /= base
		}
	}
	h.calls++
	return u
}

func primesBelow(n int) []int {
	var primes []int
next:
	for k := 2; k < n; k++ {
		for _, p := range primes {
			if k%p == 0 {
				continue next
			}
		}
		primes = append(primes, k)
	}
	return primes
}
