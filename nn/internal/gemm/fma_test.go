package gemm

import (
	"math"
	"math/big"
	"testing"

	"github.com/descent-go/descent/internal/cpu"
	"github.com/descent-go/descent/internal/rng"
)

// fma32 returns x·y + z, rounded once, as the tiles in plain Go compute it.
func fma32(x, y, z float32) float32 {
	s := sum64(x, y, z)
	if halfway(s) {
		s = sumToOdd(x, y, z)
	}
	return float32(s)
}

// exactFMA returns x·y + z, computed exactly and rounded once. The arguments
// are finite.
func exactFMA(x, y, z float32) float32 {
	const exact = 1000 // bits enough for any of these sums
	f := func(v float32) *big.Float { return new(big.Float).SetPrec(exact).SetFloat64(float64(v)) }
	sum := f(x)
	sum.Mul(sum, f(y))
	sum.Add(sum, f(z))
	if sum.Sign() == 0 { // big.Float and IEEE 754 agree about nothing else here
		return float32(float64(x)*float64(y)) + z
	}
	r, _ := sum.Float32()
	return r
}

// hard holds values at every edge of the format.
var hard = func() []float32 {
	v := []float32{
		0, 1, 1 + 0x1p-23, 1 - 0x1p-24, 1.5, 3, 0x1p-12, 1 + 0x1p-12, 0x1p12, 0x1p-75, 0x1p-74, 3 * 0x1p-75,
		math.MaxFloat32, 0x1p127, 0x1p104, 0x1p103, 0x1p-126, 0x1p-126 - 0x1p-149, 0x1p-149, 0x3p-149, 0x1p-140, 1 / 3.,
	}
	for _, x := range v {
		v = append(v, -x)
	}
	return append(v, float32(math.Copysign(0, -1)))
}()

var special = []float32{float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN())}

func same32(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

// triples calls f with sums that are hard to round: all of the hard values, and
// random ones that end just beside the middle of two float32.
func triples(f func(x, y, z float32)) {
	for _, x := range hard {
		for _, y := range hard {
			for _, z := range hard {
				f(x, y, z)
			}
		}
	}
	r := rng.New(2, "fma test")
	random := func(low, high int) float32 {
		v := math.Ldexp(1+r.Float64(), low+r.IntN(high-low+1))
		if r.IntN(2) == 1 {
			v = -v
		}
		return float32(v)
	}
	for range 60_000 {
		x, y := random(-80, 60), random(-80, 60)
		f(x, y, random(-149, 127))
		// Half a unit of z's last place, and hardly less than that.
		e, tail := r.IntN(200)-100, float32(math.Ldexp(1, -15-r.IntN(9)))
		z := float32(math.Ldexp(1+float64(r.IntN(1<<23))*0x1p-23, e+12))
		sign := float32(1 - 2*r.IntN(2))
		f(sign*(1+tail), float32(math.Ldexp(float64(1-tail), e-12)), z)
		f(sign*float32(math.Ldexp(float64(1+r.IntN(1<<12)), -75)), float32(math.Ldexp(float64(1+r.IntN(1<<12)), -75-r.IntN(13))), random(-149, -124))
	}
}

func TestFMA32IsExact(t *testing.T) {
	var slow int
	triples(func(x, y, z float32) {
		if got, want := fma32(x, y, z), exactFMA(x, y, z); !same32(got, want) {
			t.Fatalf("fma32(%x, %x, %x) = %x, want %x", x, y, z, got, want)
		}
		if odd := float32(sumToOdd(x, y, z)); !same32(odd, exactFMA(x, y, z)) {
			t.Fatalf("sumToOdd(%x, %x, %x) = %x, want %x", x, y, z, odd, exactFMA(x, y, z))
		}
		if p := float64(x) * float64(y); float32(p+float64(z)) != exactFMA(x, y, z) {
			slow++
		}
	})
	if slow < 10_000 {
		t.Errorf("only %d sums that rounding twice gets wrong: the test is too easy", slow)
	}
}

func TestFMA32Special(t *testing.T) {
	for _, x := range append(special, hard...) {
		for _, y := range append(special, hard...) {
			for _, z := range append(special, hard...) {
				got, want := fma32(x, y, z), float32(math.FMA(float64(x), float64(y), float64(z)))
				finite := func(v float32) bool { return v-v == 0 }
				if finite(x) && finite(y) && finite(z) {
					want = exactFMA(x, y, z)
				}
				if odd := float32(sumToOdd(x, y, z)); !same32(odd, want) {
					t.Fatalf("sumToOdd(%v, %v, %v) = %v, want %v", x, y, z, odd, want)
				}
				if !same32(got, want) {
					t.Fatalf("fma32(%v, %v, %v) = %v, want %v", x, y, z, got, want)
				}
			}
		}
	}
}

// The instruction of every level rounds as the emulation does.
func TestFMA32IsTheInstruction(t *testing.T) {
	for _, level := range cpu.Levels() {
		ws := Workspace[float32]{kern: kernelOf[float32](level)}
		var a, b, c [1]float32
		triples(func(x, y, z float32) {
			a[0], b[0], c[0] = x, y, z
			ws.Mul(1, Of(a[:], 1, 1), Of(b[:], 1, 1), 1, Of(c[:], 1, 1))
			if want := fma32(x, y, z); !same32(c[0], want) {
				t.Fatalf("%v: %x·%x + %x = %x, want %x", level, x, y, z, c[0], want)
			}
		})
	}
}

func FuzzFMA32(f *testing.F) {
	f.Add(uint32(0x3f800001), uint32(0x3f800001), uint32(0x33800000))
	f.Add(uint32(1), uint32(0x3f000000), uint32(0))
	f.Fuzz(func(t *testing.T, x, y, z uint32) {
		a, b, c := math.Float32frombits(x), math.Float32frombits(y), math.Float32frombits(z)
		if a-a != 0 || b-b != 0 || c-c != 0 {
			return
		}
		if got, want := fma32(a, b, c), exactFMA(a, b, c); !same32(got, want) {
			t.Errorf("fma32(%x, %x, %x) = %x, want %x", a, b, c, got, want)
		}
	})
}
