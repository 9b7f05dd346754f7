package portable

import "math"

const (
	invLn2x128 = 0x1.71547652b82fep+7
	ln2over128 = 0x1.62e42fefa0000p-8 // 36 bits
	ln2tail128 = 0x1.cf79abc9e3b3ap-47
	roundShift = 0x1.8p52 // adding and subtracting it rounds to an integer

	maxExp = 0x1.62e42fefa39efp+9 // the largest argument whose exponential is finite
	minExp = -745.2               // below it the exponential is zero
)

// expParts returns s, t and k with e^x = 2^k·s·(1 + t) and |t| < 0.0028, for
// |x| < 1100.
func expParts(x double) (s float64, t double, k int) {
	n := float64(x.hi*invLn2x128) + roundShift - roundShift
	j := int(n)
	e := &exp2Table[j&127]
	r := twoSum(x.hi-float64(n*ln2over128), -float64(n*ln2tail128))
	r = quickSum(r.hi, r.lo+(x.lo-math.FMA(n, ln2tail128, -float64(n*ln2tail128))))
	q := float64(r.hi * r.hi)
	p := float64(r.hi*(1./720)) + 1./120
	p = float64(r.hi*p) + 1./24
	p = float64(q*p) + (float64(r.hi*(1./6)) + 0.5)
	return e.s, quickSum(r.hi, r.lo+float64(e.tail*(1+r.hi))+float64(q*p)), j >> 7
}

// expDouble returns e^x − c for c = 0 or 1 and |x| < 700.
func expDouble(x double, c float64) double {
	s, t, k := expParts(x)
	s = float64(s * pow2(k))
	p := twoProduct(s, t.hi)
	w := twoSum(s, -c)
	v := twoSum(w.hi, p.hi)
	return quickSum(v.hi, v.lo+(w.lo+p.lo+float64(s*t.lo)))
}

// expScaled returns e^x·2^shift with a single rounding into the subnormal
// range, for |x| < 1100.
func expScaled(x double, shift int) float64 {
	s, t, k := expParts(x)
	y := s + float64(s*t.hi)
	k += shift
	switch {
	case k > 1000:
		return float64(y * pow2(k-1000) * 0x1p1000)
	case k < -1000:
		return float64(y * pow2(k+1000) * 0x1p-1000)
	}
	return float64(y * pow2(k))
}

// pow2 returns 2^k for −1022 ≤ k ≤ 1023.
func pow2(k int) float64 { return math.Float64frombits(uint64(k+1023) << 52) }

// Exp returns e^x.
func Exp(x float64) float64 {
	switch {
	case x != x || x > math.MaxFloat64:
		return x
	case x > maxExp:
		return math.Inf(1)
	case x < minExp:
		return 0
	}
	return expScaled(double{x, 0}, 0)
}

// Exp2 returns 2^x.
func Exp2(x float64) float64 { return Pow(2, x) }

// Expm1 returns e^x − 1, accurate for small x.
func Expm1(x float64) float64 {
	switch {
	case x != x || math.Abs(x) < 0x1p-54:
		return x
	case x > 50:
		return Exp(x)
	case x < -50:
		return -1
	}
	return expDouble(double{x, 0}, 1).value()
}

// Sinh returns the hyperbolic sine of x.
func Sinh(x float64) float64 {
	a := math.Abs(x)
	switch {
	case x != x || a < 0x1p-28 || math.IsInf(x, 0):
		return x
	case a > 50:
		return math.Copysign(halfExp(a), x)
	}
	e := expDouble(double{a, 0}, 1) // sinh a = (e + e/(e+1))/2
	v := e.add(e.quo(e.add(double{1, 0})))
	return math.Copysign(v.value()/2, x)
}

// Cosh returns the hyperbolic cosine of x.
func Cosh(x float64) float64 {
	a := math.Abs(x)
	switch {
	case x != x || math.IsInf(x, 0):
		return a
	case a > 50:
		return halfExp(a)
	}
	e := expDouble(double{a, 0}, 0)
	return e.add(double{1, 0}.quo(e)).value() / 2
}

// halfExp returns e^x/2 for x > 50, which overflows later than e^x does.
func halfExp(x float64) float64 {
	if x > maxExp+1 {
		return math.Inf(1)
	}
	return expScaled(double{x, 0}, -1)
}

// Tanh returns the hyperbolic tangent of x.
func Tanh(x float64) float64 {
	a := math.Abs(x)
	switch {
	case x != x || a < 0x1p-28:
		return x
	case a > 20:
		return math.Copysign(1, x)
	}
	e := expDouble(double{2 * a, 0}, 1)
	return math.Copysign(e.quo(e.add(double{2, 0})).value(), x)
}
