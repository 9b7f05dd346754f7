package portable

import "math"

const (
	ln2Hi  = 0x1.62e42fefa0000p-1 // 36 bits: exact times any exponent
	ln2Mid = 0x1.cf79abc9e3b3ap-40
	ln2Lo  = -0x1.ff0342542fc33p-94
)

var (
	log2e  = double{0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56}
	log10e = double{0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57}
)

// logDouble returns the logarithm of a positive finite x to about 67 bits,
// relative to the result.
func logDouble(x float64) double {
	k := 0
	if x < 0x1p-1022 {
		x, k = x*0x1p54, -54
	}
	bits := math.Float64bits(x)
	i := int(bits >> 44 & 255)
	k += int(bits>>52) - 1023
	bits = bits&(1<<52-1) | 1023<<52
	if i > logFold {
		bits -= 1 << 52
		k++
	}
	z, e := math.Float64frombits(bits), &logTable[i]
	r := math.FMA(z, e.inv, -1) // exact, |r| ≤ 2^−8
	n := float64(k)

	// n·ln 2 − log(1/c) + r − r²/2, with what does not fit in the first part
	// collected in the second.
	q := twoProduct(r, r)
	a := twoSum(float64(n*ln2Hi), e.hi)
	b := twoSum(a.hi, r)
	c := twoSum(b.hi, float64(-0.5*q.hi))
	d := twoSum(c.hi, float64(n*ln2Mid))

	p := float64(r*(1./9)) - 1./8
	p = float64(r*p) + 1./7
	p = float64(r*p) - 1./6
	p = float64(r*p) + 1./5
	p = float64(r*p) - 1./4
	p = float64(r*p) + 1./3
	lo := float64(float64(r*q.hi)*p) + (e.lo - 0.5*q.lo + float64(n*ln2Lo) + math.FMA(n, ln2Mid, -float64(n*ln2Mid)))
	return quickSum(d.hi, d.lo+(c.lo+(b.lo+(a.lo+lo))))
}

// logSpecial answers for arguments that have no finite logarithm.
func logSpecial(x float64) (float64, bool) {
	switch {
	case x != x || x > math.MaxFloat64:
		return x, true
	case x < 0:
		return math.NaN(), true
	case x == 0:
		return math.Inf(-1), true
	}
	return 0, false
}

// Log returns the natural logarithm of x.
func Log(x float64) float64 {
	if v, ok := logSpecial(x); ok {
		return v
	}
	return logDouble(x).value()
}

// Log2 returns the binary logarithm of x. It is exact for powers of two.
func Log2(x float64) float64 {
	if v, ok := logSpecial(x); ok {
		return v
	}
	return logDouble(x).mul(log2e).value()
}

// Log10 returns the decimal logarithm of x. It is exact for powers of ten.
func Log10(x float64) float64 {
	if v, ok := logSpecial(x); ok {
		return v
	}
	return logDouble(x).mul(log10e).value()
}

// Log1p returns log(1 + x), accurate for small x.
func Log1p(x float64) float64 {
	if math.Abs(x) < 0x1p-30 {
		if math.Abs(x) < 0x1p-54 {
			return x
		}
		return x - float64(x*float64(x*(0.5-float64(x*(1./3)))))
	}
	if v, ok := logSpecial(1 + x); ok {
		return v
	}
	s := twoSum(1, x)
	v := logDouble(s.hi)
	q := s.lo / s.hi
	return v.hi + (v.lo + (q - float64(0.5*q*q)))
}
