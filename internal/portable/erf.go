package portable

import "math"

var invTo = [...]float64{1: 1, 1. / 2, 1. / 3, 1. / 4, 1. / 5, 1. / 6, 1. / 7, 1. / 8, 1. / 9, 1. / 10, 1. / 11, 1. / 12}

// Erf returns the error function of x.
//
// Around the nearest c = i/16 it sums the Taylor series of the derivative,
// whose coefficients follow from f″ = −2x·f′.
func Erf(x float64) float64 {
	a := math.Abs(x)
	switch {
	case x != x || x == 0:
		return x
	case a >= 6:
		return math.Copysign(1, x)
	case a < 0x1p-28:
		return erfSmall(x)
	}
	i := int(float64(a*16) + 0.5)
	c := float64(i) / 16
	h, e := a-c, &erfTable[i]
	// erf(c+h) = erf c + slope·(h + b₁h²/2 + b₂h³/3 + …)
	b0, b1 := 1.0, -2*c
	power := float64(h * h)
	sum := float64(b1 * 0.5 * power)
	for n := 2; n < len(invTo)-1; n++ {
		b0, b1 = b1, float64(-2*invTo[n]*(float64(c*b1)+b0))
		power *= h
		sum += float64(float64(b1*power) * invTo[n+1])
	}
	p := double{e.slope, e.slopeLo}.mul(quickSum(h, sum))
	v := twoSum(e.hi, p.hi)
	return math.Copysign(v.hi+(v.lo+(e.lo+p.lo)), x)
}

// erfSmall returns 2x/√π, scaled so that subnormal numbers lose nothing.
func erfSmall(x float64) float64 {
	s := erfTable[0]
	p := double{x * 0x1p200, 0}.mul(double{s.slope, s.slopeLo})
	return float64(p.value() * 0x1p-200)
}
