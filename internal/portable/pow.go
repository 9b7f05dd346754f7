package portable

import "math"

// Pow returns x^y. Results that a float64 holds exactly are exact.
func Pow(x, y float64) float64 {
	switch {
	case y == 0 || x == 1:
		return 1
	case x != x || y != y:
		return math.NaN()
	case x == 0:
		return powZero(x, y)
	case math.IsInf(y, 0):
		return powInf(x, y)
	case math.IsInf(x, 0):
		if x < 0 {
			return powZero(math.Copysign(0, -1), -y)
		}
		return powZero(0, -y)
	case y == 1:
		return x
	case y == 0.5:
		return math.Sqrt(x)
	}
	sign := 1.0
	if x < 0 {
		if y != math.Trunc(y) {
			return math.NaN()
		}
		if odd(y) {
			sign = -1
		}
		x = -x
	}
	l := logDouble(x)
	p := float64(l.hi * y)
	switch {
	case p > 710:
		return math.Copysign(math.Inf(1), sign)
	case p < -746:
		return math.Copysign(0, sign)
	case math.Abs(p) < 0x1p-60:
		return sign
	}
	e := quickSum(p, math.FMA(l.hi, y, -p)+float64(l.lo*y))
	return sign * expScaled(e, 0)
}

// odd reports whether the integer y is odd.
func odd(y float64) bool {
	return math.Abs(y) < 0x1p53 && int64(y)&1 == 1
}

// powZero returns x^y for x = ±0 and y ≠ 0.
func powZero(x, y float64) float64 {
	r := 0.0
	if y < 0 {
		r = math.Inf(1)
	}
	if math.Signbit(x) && y == math.Trunc(y) && odd(y) {
		return -r
	}
	return r
}

// powInf returns x^y for y = ±Inf and x neither 0, 1 nor NaN.
func powInf(x, y float64) float64 {
	a := math.Abs(x)
	switch {
	case a == 1:
		return 1
	case (a > 1) == (y > 0):
		return math.Inf(1)
	}
	return 0
}
