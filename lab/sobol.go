package lab

import (
	"fmt"
	"math/bits"
	"strconv"

	"github.com/descent-go/descent/internal/rng"
)

// sobol is the sampler sobol: Sobol's sequence in base 2, in the order of the Gray
// code, scrambled.
//
// The sequence: I. M. Sobol', USSR Computational Mathematics and Mathematical
// Physics 7 (1967). The order: I. A. Antonov and V. M. Saleev, same journal, 19
// (1979). The direction numbers: S. Joe and F. Y. Kuo, SIAM Journal on Scientific
// Computing 30 (2008). The scrambling flips each bit at random, as the bits above
// it say, which keeps every net of the sequence a net: A. B. Owen, in Monte Carlo
// and Quasi-Monte Carlo Methods in Scientific Computing, Springer 1995.
type sobol struct {
	directions [][sobolBits]uint32 // by dimension
	keys       []uint64            // of the scrambling, by dimension
	x          []uint32            // of the next place
	calls      uint32
}

const sobolBits = 32

// newSobol makes the sampler for at most 32 dimensions.
func newSobol(dim int, seed uint64) (*sobol, error) {
	if dim > len(joeKuo)+1 {
		return nil, fmt.Errorf("lab: sampler sobol in %d dimensions, want at most %d: random, halton and tpe take more", dim, len(joeKuo)+1)
	}
	s := &sobol{directions: make([][sobolBits]uint32, dim), keys: make([]uint64, dim), x: make([]uint32, dim)}
	for j := range dim {
		s.directions[j] = directionsOf(j)
		s.keys[j] = rng.New(seed, "sobol "+strconv.Itoa(j)).Uint64()
	}
	return s, nil
}

// directionsOf returns the direction numbers of a dimension, counted from 0, as
// binary fractions.
func directionsOf(dim int) (v [sobolBits]uint32) {
	if dim == 0 {
		for i := range v {
			v[i] = 1 << (sobolBits - 1 - i)
		}
		return v
	}
	p := joeKuo[dim-1]
	degree := len(p.start)
	for i := range v {
		if i < degree {
			v[i] = p.start[i] << (sobolBits - 1 - i)
			continue
		}
		v[i] = v[i-degree] ^ v[i-degree]>>degree
		for k := 1; k < degree; k++ {
			if p.inner>>(degree-1-k)&1 == 1 {
				v[i] ^= v[i-k]
			}
		}
	}
	return v
}

// step returns the next point of the sequence itself, as binary fractions. Its 2³²
// points come around again.
func (s *sobol) step() []uint32 {
	now := append([]uint32(nil), s.x...)
	if k := bits.TrailingZeros32(^s.calls); k < sobolBits {
		for j := range s.x {
			s.x[j] ^= s.directions[j][k]
		}
	} else {
		clear(s.x)
	}
	s.calls++
	return now
}

func (s *sobol) Next([]Observation) []float64 {
	u := make([]float64, len(s.x))
	for j, x := range s.step() {
		u[j] = (float64(scramble(x, s.keys[j])) + 0.5) / (1 << sobolBits)
	}
	return u
}

// scramble flips the bits of a fraction; whether one is flipped depends on the key
// and on the bits above it.
func scramble(x uint32, key uint64) uint32 {
	flips := uint32(0)
	for k := range sobolBits {
		above := uint64(x)>>(sobolBits-k) | 1<<k // with its length
		flips = flips<<1 | uint32(splitMix(key^above)>>63)
	}
	return x ^ flips
}

// splitMix is the output function of SplitMix64 (G. L. Steele, D. Lea and C. H. Flood,
// Fast splittable pseudorandom number generators, OOPSLA 2014), by the golden ratio
// away from zero.
func splitMix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// joeKuo are the primitive polynomials of the dimensions from the second on, by the
// bits of their inner coefficients, with the first direction integers: the file
// new-joe-kuo-6 of Joe and Kuo up to dimension 32.
var joeKuo = []struct {
	inner uint32
	start []uint32
}{
	{0, []uint32{1}},
	{1, []uint32{1, 3}},
	{1, []uint32{1, 3, 1}},
	{2, []uint32{1, 1, 1}},
	{1, []uint32{1, 1, 3, 3}},
	{4, []uint32{1, 3, 5, 13}},
	{2, []uint32{1, 1, 5, 5, 17}},
	{4, []uint32{1, 1, 5, 5, 5}},
	{7, []uint32{1, 1, 7, 11, 19}},
	{11, []uint32{1, 1, 5, 1, 1}},
	{13, []uint32{1, 1, 1, 3, 11}},
	{14, []uint32{1, 3, 5, 5, 31}},
	{1, []uint32{1, 3, 3, 9, 7, 49}},
	{13, []uint32{1, 1, 1, 15, 21, 21}},
	{16, []uint32{1, 3, 1, 13, 27, 49}},
	{19, []uint32{1, 1, 1, 15, 7, 5}},
	{22, []uint32{1, 3, 1, 15, 13, 25}},
	{25, []uint32{1, 1, 5, 5, 19, 61}},
	{1, []uint32{1, 3, 7, 11, 23, 15, 103}},
	{4, []uint32{1, 3, 7, 13, 13, 15, 69}},
	{7, []uint32{1, 1, 3, 13, 7, 35, 63}},
	{8, []uint32{1, 3, 5, 9, 1, 25, 53}},
	{14, []uint32{1, 3, 1, 13, 9, 35, 107}},
	{19, []uint32{1, 3, 1, 5, 27, 61, 31}},
	{21, []uint32{1, 1, 5, 11, 19, 41, 61}},
	{28, []uint32{1, 3, 5, 3, 3, 13, 69}},
	{31, []uint32{1, 1, 7, 13, 1, 19, 1}},
	{32, []uint32{1, 3, 7, 5, 13, 19, 59}},
	{37, []uint32{1, 1, 3, 9, 25, 29, 41}},
	{41, []uint32{1, 3, 5, 13, 23, 1, 55}},
	{42, []uint32{1, 3, 7, 3, 13, 59, 17}},
}
