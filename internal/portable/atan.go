package portable

import "math"

var pi = halfPi.times2(2)

// angle returns the arc tangent of y/x, between 0 and π/2, for y and x
// positive and far from under- and overflow.
func angle(y, x double) double {
	if y.hi > x.hi {
		return halfPi.add(angle(x, y).neg())
	}
	// atan(y/x) = atan c + atan((y − cx)/(x + cy)) for the nearest c = i/16.
	i := int(float64(y.hi/x.hi*16) + 0.5)
	e, c := &atanTable[i], double{float64(i) / 16, 0}
	t := y.add(x.mul(c).neg()).quo(x.add(y.mul(c)))
	q := float64(t.hi * t.hi)
	p := float64(q*(1./13)) - 1./11
	p = float64(q*p) + 1./9
	p = float64(q*p) - 1./7
	p = float64(q*p) + 1./5
	p = float64(q*p) - 1./3
	u := quickSum(t.hi, t.lo+float64(float64(t.hi*q)*p))
	return double{e.hi, e.lo}.add(u)
}

// Atan returns the arc tangent of x, in radians.
func Atan(x float64) float64 {
	a := math.Abs(x)
	switch {
	case x != x || a < 0x1p-27:
		return x
	case a > 0x1p60:
		return math.Copysign(halfPi.hi, x)
	}
	return math.Copysign(angle(double{a, 0}, double{1, 0}).value(), x)
}

// Asin returns the arc sine of x, in radians, NaN outside [−1, 1].
func Asin(x float64) float64 {
	a := math.Abs(x)
	switch {
	case !(a <= 1):
		return math.NaN()
	case a < 0x1p-27:
		return x
	case a == 1:
		return math.Copysign(halfPi.hi, x)
	}
	return math.Copysign(angle(double{a, 0}, complement(a)).value(), x)
}

// Acos returns the arc cosine of x, in radians, NaN outside [−1, 1].
func Acos(x float64) float64 {
	a := math.Abs(x)
	switch {
	case !(a <= 1):
		return math.NaN()
	case a < 0x1p-60:
		return halfPi.hi
	case x == 1:
		return 0
	case x == -1:
		return pi.hi
	}
	v := angle(complement(a), double{a, 0})
	if x < 0 {
		v = pi.add(v.neg())
	}
	return v.value()
}

// complement returns √(1 − x²) for 0 < x < 1.
func complement(x float64) double {
	q := twoProduct(x, x)
	s := twoSum(1, -q.hi)
	return quickSum(s.hi, s.lo-q.lo).sqrt()
}
