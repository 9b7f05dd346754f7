package lab

import (
	"math"
	"slices"
	"testing"
)

func sobolOf(t *testing.T, dim int, seed uint64) *sobol {
	t.Helper()
	s, err := newSobol(dim, seed)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The first points of Joe and Kuo's own table for three dimensions, and a checksum of
// a thousand points in 32 dimensions, which is that of SciPy 1.17's
// qmc.Sobol(32, scramble=False, bits=32).
func TestSobolPublished(t *testing.T) {
	want := [][]float64{
		{0, 0, 0}, {0.5, 0.5, 0.5}, {0.75, 0.25, 0.25}, {0.25, 0.75, 0.75}, {0.375, 0.375, 0.625},
		{0.875, 0.875, 0.125}, {0.625, 0.125, 0.875}, {0.125, 0.625, 0.375}, {0.1875, 0.3125, 0.9375}, {0.6875, 0.8125, 0.4375},
	}
	s := sobolOf(t, 3, 0)
	for i, w := range want {
		for j, x := range s.step() {
			if got := float64(x) / (1 << 32); got != w[j] {
				t.Errorf("point %d, dimension %d: %v, want %v", i, j, got, w[j])
			}
		}
	}
	sum := uint64(14695981039346656037)
	s = sobolOf(t, 32, 0)
	for range 1000 {
		for _, x := range s.step() {
			sum = (sum ^ uint64(x)) * 1099511628211
		}
	}
	if want := uint64(0x70a8912380ef6725); sum != want {
		t.Errorf("checksum %#x, want %#x", sum, want)
	}
}

// The first 2^m points have one in each of the 2^m boxes of any shape, in the first two
// dimensions, scrambled or not: a (0, m, 2)-net; and so have the next.
func TestSobolNets(t *testing.T) {
	const m = 8
	for seed := range uint64(5) {
		s := sobolOf(t, 2, seed)
		for block := range 3 {
			points := make([][]float64, 1<<m)
			for i := range points {
				points[i] = s.Next(nil)
			}
			for k := range m + 1 {
				boxes := make([]int, 1<<m)
				for _, u := range points {
					a := int(u[0] * float64(int(1)<<k))
					b := int(u[1] * float64(int(1)<<(m-k)))
					boxes[a<<(m-k)|b]++
				}
				if slices.Min(boxes) != 1 || slices.Max(boxes) != 1 {
					t.Errorf("seed %d, block %d: boxes of 2^-%d × 2^-%d have %d to %d points, want 1", seed, block, k, m-k, slices.Min(boxes), slices.Max(boxes))
				}
			}
		}
	}
}

// In every dimension each of 2^m slices has one of 2^m points, for both samplers;
// for Halton's, slices are of powers of the base.
func TestQuasiRandomSlices(t *testing.T) {
	s := sobolOf(t, 32, 7)
	h, err := newHalton(8, 7)
	if err != nil {
		t.Fatal(err)
	}
	bases := primesBelow(20)
	sobolHits, haltonHits := make([][]int, 32), make([][]int, 8)
	for j := range sobolHits {
		sobolHits[j] = make([]int, 64)
	}
	for j := range haltonHits {
		haltonHits[j] = make([]int, bases[j]*bases[j])
	}
	for i := range 361 {
		if i < 64 {
			for j, u := range s.Next(nil) {
				sobolHits[j][int(u*64)]++
			}
		}
		for j, u := range h.Next(nil) {
			if i < len(haltonHits[j]) {
				haltonHits[j][int(u*float64(len(haltonHits[j])))]++
			}
		}
	}
	for _, hits := range slices.Concat(sobolHits, haltonHits) {
		if slices.Min(hits) != 1 || slices.Max(hits) != 1 {
			t.Errorf("%d slices have from %d to %d points, want 1", len(hits), slices.Min(hits), slices.Max(hits))
		}
	}
}

// Scrambling does what it is for: the error of a mean of a smooth function falls like
// n^-1.5, where that of random numbers falls like n^-0.5.
func TestSobolScrambledError(t *testing.T) {
	rms := func(n int) float64 {
		sum := 0.0
		for seed := range uint64(20) {
			s, mean := sobolOf(t, 3, seed), 0.0
			for range n {
				u := s.Next(nil)
				mean += math.Exp(u[0]) * math.Exp(u[1]) * math.Exp(u[2]) / float64(n)
			}
			e := mean - math.Pow(math.E-1, 3)
			sum += e * e / 20
		}
		return math.Sqrt(sum)
	}
	few, many := rms(64), rms(1024)
	if slope := math.Log2(many/few) / 4; slope > -1.2 {
		t.Errorf("error %.3g of 64 points, %.3g of 1024: slope %.2f, want about -1.5", few, many, slope)
	}
}

func TestSobolBits(t *testing.T) {
	u := sobolOf(t, 2, 1).Next(nil)
	v := sobolOf(t, 2, 2).Next(nil)
	if u[0] == v[0] || u[0] == u[1] {
		t.Errorf("places %v and %v of two seeds, want all different", u, v)
	}
	if _, err := newSobol(33, 0); err == nil {
		t.Error("33 dimensions: no error")
	}
	if _, err := newHalton(169, 0); err == nil {
		t.Error("Halton in 169 dimensions: no error")
	}
}
