package gemm

import "math"

// A sum x·y + z in float32 is rounded once. The product is exact in float64,
// and rounding their sum twice, first to 53 bits and then to 24, is the same,
// unless the first brings it half-way between two float32. So the result is
// float32(sum64(x, y, z)), or float32(sumToOdd(x, y, z)) where that is halfway.

// sum64 returns x·y + z, rounded to float64.
func sum64(x, y, z float32) float64 { return float64(float64(x)*float64(y)) + float64(z) }

// halfway says whether s may lie half-way between two float32: where its last
// 29 bits are a one and zeros, or where these would be subnormal.
func halfway(s float64) bool {
	const smallest = (1023 - 126) << 52 // the least normal float32, as float64 stores it
	b := math.Float64bits(s)
	return b&(1<<29-1) == 1<<28 || b<<1-1 < smallest<<1-1
}

// sumToOdd returns x·y + z, rounded to float64 such that rounding it to float32
// equals rounding the exact sum: when that lies between two float64, the one
// whose last bit is 1. Boldo & Melquiond 2008, Emulation of a FMA and
// correctly rounded sums.
//
//go:noinline
func sumToOdd(x, y, z float32) float64 {
	p, q := float64(float64(x)*float64(y)), float64(z)
	s := p + q
	// What s lacks, exactly: Knuth's TwoSum. Nothing overflows, and nothing
	// underflows since p and q are multiples of 2^-298.
	t := s - p
	lack := (p - (s - t)) + (q - t)
	b := math.Float64bits(s)
	switch {
	case b&1 == 1:
	case lack > 0 && s > 0, lack < 0 && s < 0:
		b++
	case lack > 0, lack < 0:
		b--
	}
	return math.Float64frombits(b) // s itself where it is infinite or NaN: so is lack
}
