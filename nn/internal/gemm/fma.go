package gemm

import (
	"math"
	"unsafe"

	"github.com/descent-go/descent/optim"
)

// fma returns x·y + z, rounded once.
func fma[F optim.Float](x, y, z F) F {
	if unsafe.Sizeof(z) == 4 {
		return F(fma32(float32(x), float32(y), float32(z)))
	}
	return F(math.FMA(float64(x), float64(y), float64(z)))
}

// fma32 returns x·y + z, rounded once. The product is exact in float64, and
// rounding their sum twice, first to 53 bits and then to 24, is the same as
// rounding it once unless the first brings it half-way between two float32:
// where its last 29 bits are a one and zeros, or more of them where the result
// is subnormal.
func fma32(x, y, z float32) float32 {
	p := float64(x) * float64(y)
	s := p + float64(z)
	b := math.Float64bits(s)
	if b&(1<<29-1) == 1<<28 || b<<1-1 < smallest<<53-1 {
		s = roundToOdd(p, float64(z), s)
	}
	return float32(s)
}

// smallest is the exponent of the least normal float32, as float64 stores it.
const smallest = 1023 - 126

// roundToOdd returns the sum of p and z, of which s is the nearest float64,
// such that rounding it to float32 equals rounding the exact sum: when that
// lies between two float64, the one whose last bit is 1.
func roundToOdd(p, z, s float64) float64 {
	// What s lacks, exactly: Knuth's TwoSum. Nothing overflows, and nothing
	// underflows since p and z are multiples of 2^-298.
	t := s - p
	lack := (p - (s - t)) + (z - t)
	b := math.Float64bits(s)
	if lack == 0 || b&1 == 1 {
		return s
	}
	if (lack > 0) == (s > 0) {
		return math.Float64frombits(b + 1)
	}
	return math.Float64frombits(b - 1)
}
