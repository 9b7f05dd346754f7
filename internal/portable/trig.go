package portable

import (
	"math"
	"math/bits"
)

const (
	twoOverPi64 = 0x1.45f306dc9c883p-1

	// π/2 in four parts, the first two short enough for exact products.
	halfPi1 = 0x1.921fb54400000p+0
	halfPi2 = 0x1.0b4611a600000p-34
	halfPi3 = 0x1.3198a2e037073p-69
	halfPi4 = 0x1.129024e088a68p-123
)

var halfPi = double{0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54}

// reduce returns r = x − k·π/2 with |r| ≤ π/4, to about 2^−70 relative to r,
// and k modulo 4, for any finite x.
func reduce(x float64) (r double, k int) {
	a := math.Abs(x)
	switch {
	case a < math.Pi/4:
		return double{x, 0}, 0
	case a < 0x1p19:
		n := float64(x*twoOverPi64) + roundShift - roundShift
		d := twoSum(x-float64(n*halfPi1), -float64(n*halfPi2))
		p := twoProduct(n, halfPi3)
		e := twoSum(d.hi, -p.hi)
		return quickSum(e.hi, e.lo+(d.lo-p.lo-float64(n*halfPi4))), int(n) & 3
	}
	r, k = reduceLarge(a)
	if x < 0 {
		return r.neg(), -k & 3
	}
	return r, k
}

// reduceLarge is reduce for x ≥ 1 by the method of Payne and Hanek (SIGNUM
// Newsletter 18(1), 1983): of x·2/π it computes only those bits that matter
// modulo 4.
func reduceLarge(x float64) (double, int) {
	b := math.Float64bits(x)
	m := b&(1<<52-1) | 1<<52
	pos := uint(62 + int(b>>52) - 1075) // where bits of weight 2 begin in twoOverPi
	var w [4]uint64
	for i := range w {
		j, s := pos/64+uint(i), pos%64
		w[i] = twoOverPi[j]<<s | twoOverPi[j+1]>>1>>(63-s)
	}
	// The product modulo 2^256 has two bits of quadrant, then the fraction.
	var carry uint64
	for i := 3; i >= 0; i-- {
		hi, lo := bits.Mul64(m, w[i])
		var c uint64
		w[i], c = bits.Add64(lo, carry, 0)
		carry = hi + c
	}
	k := int(w[0] >> 62)
	neg := w[0]>>61&1 == 1 // the fraction is a half or more: count from the next quadrant
	if neg {
		k++
		w[0], w[1], w[2], w[3] = ^w[0], ^w[1], ^w[2], ^w[3]
	}
	w[0] &= 1<<62 - 1
	scale := 0x1p-62
	if w[0] == 0 {
		w[0], w[1], w[2], scale = w[1], w[2], w[3], 0x1p-126
	}
	z := uint(bits.LeadingZeros64(w[0]))
	hi := w[0]<<z | w[1]>>1>>(63-z)
	lo := w[1]<<z | w[2]>>1>>(63-z)
	scale *= math.Float64frombits(uint64(1023-z) << 52)
	f := quickSum(float64(hi>>11), float64(float64(hi&(1<<11-1))*0x1p-11)+float64(float64(lo>>11)*0x1p-64))
	if neg {
		scale = -scale
	}
	return f.times2(scale * 0x1p11).mul(halfPi), k & 3
}

// sinKernel returns sin r for |r| ≤ π/4.
func sinKernel(r double) double {
	x := r.hi
	q := float64(x * x)
	p := float64(q*(1./355687428096000)) - 1./1307674368000
	p = float64(q*p) + 1./6227020800
	p = float64(q*p) - 1./39916800
	p = float64(q*p) + 1./362880
	p = float64(q*p) - 1./5040
	p = float64(q*p) + 1./120
	// x − x³/6 in two parts, the rest in one.
	c := double{x, 0}.mul(twoProduct(x, x)).mul(double{-0x1.5555555555555p-3, -0x1.5555555555555p-57})
	t := float64(float64(q*q)*float64(x*p)) + float64(r.lo*(1-0.5*q))
	s := quickSum(x, c.hi)
	return quickSum(s.hi, s.lo+(c.lo+t))
}

// cosKernel returns cos r for |r| ≤ π/4.
func cosKernel(r double) double {
	x := r.hi
	q := twoProduct(x, x)
	p := float64(q.hi*(-1./6402373705728000)) + 1./20922789888000
	p = float64(q.hi*p) - 1./87178291200
	p = float64(q.hi*p) + 1./479001600
	p = float64(q.hi*p) - 1./3628800
	p = float64(q.hi*p) + 1./40320
	p = float64(q.hi*p) - 1./720
	p = float64(q.hi*p) + 1./24
	t := float64(float64(q.hi*q.hi)*p) - 0.5*q.lo - float64(x*r.lo)
	s := quickSum(1, -0.5*q.hi)
	return quickSum(s.hi, s.lo+t)
}

// Sin returns the sine of x.
func Sin(x float64) float64 {
	switch {
	case x != x || math.IsInf(x, 0):
		return math.NaN()
	case math.Abs(x) < 0x1p-27:
		return x
	}
	return quadrant(reduce(x)).value()
}

// Cos returns the cosine of x.
func Cos(x float64) float64 {
	if x != x || math.IsInf(x, 0) {
		return math.NaN()
	}
	r, k := reduce(x)
	return quadrant(r, k+1).value()
}

// Tan returns the tangent of x.
func Tan(x float64) float64 {
	switch {
	case x != x || math.IsInf(x, 0):
		return math.NaN()
	case math.Abs(x) < 0x1p-27:
		return x
	}
	r, k := reduce(x)
	return quadrant(r, k).quo(quadrant(r, k+1)).value()
}

// quadrant returns sin(r + k·π/2).
func quadrant(r double, k int) double {
	switch k & 3 {
	case 0:
		return sinKernel(r)
	case 1:
		return cosKernel(r)
	case 2:
		return sinKernel(r).neg()
	}
	return cosKernel(r).neg()
}
