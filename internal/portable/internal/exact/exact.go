// Package exact computes elementary functions to hundreds of bits with
// math/big. It makes the tables of package portable and judges its results;
// it is far too slow for anything else.
package exact

import (
	"math"
	"math/big"
)

// prec is the working precision in bits. Results carry at least 256 correct
// bits wherever the result is not tiny against its arguments.
const prec = 400

func num(x float64) *big.Float       { return new(big.Float).SetPrec(prec).SetFloat64(x) }
func whole(n int64) *big.Float       { return new(big.Float).SetPrec(prec).SetInt64(n) }
func zero() *big.Float               { return new(big.Float).SetPrec(prec) }
func add(a, b *big.Float) *big.Float { return zero().Add(a, b) }
func sub(a, b *big.Float) *big.Float { return zero().Sub(a, b) }
func mul(a, b *big.Float) *big.Float { return zero().Mul(a, b) }
func quo(a, b *big.Float) *big.Float { return zero().Quo(a, b) }

// scale returns a·2^n.
func scale(a *big.Float, n int) *big.Float { return zero().SetMantExp(a, n) }

// negligible says that term no longer changes sum.
func negligible(term, sum *big.Float) bool {
	return term.Sign() == 0 || sum.Sign() != 0 && term.MantExp(nil) < sum.MantExp(nil)-prec
}

var (
	ln2  = logNear1(num(2))
	pi   = piTo(prec)
	root = zero().Sqrt(pi)
)

// Pi returns π to bits binary digits.
func Pi(bits uint) *big.Float { return piTo(bits) }

// Ln2 returns the natural logarithm of two.
func Ln2() *big.Float { return ln2 }

// piTo evaluates Machin's formula 16·atan(1/5) − 4·atan(1/239) in integers.
func piTo(bits uint) *big.Float {
	guard := bits + 64
	one := new(big.Int).Lsh(big.NewInt(1), guard)
	inv := func(n int64) *big.Int {
		sum, term := new(big.Int), new(big.Int).Quo(one, big.NewInt(n))
		for k := int64(1); term.Sign() != 0; k += 2 {
			part := new(big.Int).Quo(term, big.NewInt(k))
			if k%4 == 1 {
				sum.Add(sum, part)
			} else {
				sum.Sub(sum, part)
			}
			term.Quo(term, big.NewInt(n*n))
		}
		return sum
	}
	v := new(big.Int).Mul(inv(5), big.NewInt(16))
	v.Sub(v, new(big.Int).Mul(inv(239), big.NewInt(4)))
	f := new(big.Float).SetPrec(bits).SetInt(v)
	return f.SetMantExp(f, -int(guard))
}

// Exp returns e^x for |x| up to a few thousand.
func Exp(x *big.Float) *big.Float {
	f, _ := x.Float64()
	k := int(math.Round(f / math.Ln2))
	const halvings = 16
	r := scale(sub(x, mul(whole(int64(k)), ln2)), -halvings)
	sum, term := whole(1), whole(1)
	for n := int64(1); ; n++ {
		term = quo(mul(term, r), whole(n))
		if negligible(term, sum) {
			break
		}
		sum = add(sum, term)
	}
	for range halvings {
		sum = mul(sum, sum)
	}
	return scale(sum, k)
}

// Expm1 returns e^x − 1 with full relative precision.
func Expm1(x *big.Float) *big.Float {
	if x.Sign() == 0 || x.MantExp(nil) > -2 {
		return sub(Exp(x), whole(1))
	}
	sum, term := zero().Set(x), zero().Set(x)
	for n := int64(2); ; n++ {
		term = quo(mul(term, x), whole(n))
		if negligible(term, sum) {
			return sum
		}
		sum = add(sum, term)
	}
}

// Log returns the natural logarithm of x > 0.
func Log(x *big.Float) *big.Float {
	m := zero()
	k := x.MantExp(m) // m in [½, 1)
	if m.Cmp(num(0.75)) < 0 {
		m, k = scale(m, 1), k-1
	}
	if k == 0 {
		return logNear1(m)
	}
	return add(logNear1(m), mul(whole(int64(k)), ln2))
}

// logNear1 sums 2·atanh((m−1)/(m+1)).
func logNear1(m *big.Float) *big.Float {
	z := quo(sub(m, whole(1)), add(m, whole(1)))
	z2 := mul(z, z)
	sum, power := zero().Set(z), zero().Set(z)
	for n := int64(3); power.Sign() != 0; n += 2 {
		power = mul(power, z2)
		term := quo(power, whole(n))
		if negligible(term, sum) {
			break
		}
		sum = add(sum, term)
	}
	return scale(sum, 1)
}

// Log1p returns log(1 + x) with full relative precision for x > −1.
func Log1p(x *big.Float) *big.Float {
	if x.Sign() == 0 || x.MantExp(nil) > -2 {
		return Log(new(big.Float).SetPrec(3*prec).Add(x, whole(1)))
	}
	z := quo(x, add(x, whole(2)))
	z2 := mul(z, z)
	sum, power := zero().Set(z), zero().Set(z)
	for n := int64(3); ; n += 2 {
		power = mul(power, z2)
		term := quo(power, whole(n))
		if negligible(term, sum) {
			return scale(sum, 1)
		}
		sum = add(sum, term)
	}
}

// SinCos returns the sine and cosine of any finite x.
func SinCos(x float64) (sin, cos *big.Float) {
	const wide = 1600 // covers the largest exponent and the closest approach to a multiple of π/2
	half := piTo(wide)
	half.SetMantExp(half, -1)
	bx := new(big.Float).SetPrec(wide).SetFloat64(x)
	q := new(big.Float).SetPrec(wide).Quo(bx, half)
	if q.Signbit() {
		q.Sub(q, big.NewFloat(0.5))
	} else {
		q.Add(q, big.NewFloat(0.5))
	}
	k, _ := q.Int(nil)
	r := new(big.Float).SetPrec(wide).SetInt(k)
	r.Sub(bx, r.Mul(r, half))
	r.SetPrec(prec)
	s, c := alternating(r, 1), alternating(r, 0)
	switch new(big.Int).And(k, big.NewInt(3)).Int64() {
	case 0:
		return s, c
	case 1:
		return c, s.Neg(s)
	case 2:
		return s.Neg(s), c.Neg(c)
	}
	return c.Neg(c), s
}

// alternating sums r^n/n! with changing signs over n = first, first+2, …
func alternating(r *big.Float, first int64) *big.Float {
	term := whole(1)
	if first == 1 {
		term = zero().Set(r)
	}
	sum, r2 := zero().Set(term), mul(r, r)
	for n := first + 1; ; n += 2 {
		term = quo(mul(term, r2), whole(-n*(n+1)))
		if negligible(term, sum) {
			return sum
		}
		sum = add(sum, term)
	}
}

// Atan returns the arc tangent of x.
func Atan(x *big.Float) *big.Float {
	if x.Sign() < 0 {
		v := Atan(zero().Neg(x))
		return v.Neg(v)
	}
	if x.Cmp(whole(1)) > 0 {
		return sub(scale(pi, -1), Atan(quo(whole(1), x)))
	}
	const halvings = 5
	t := zero().Set(x)
	for range halvings { // atan t = 2·atan(t / (1 + √(1 + t²)))
		t = quo(t, add(whole(1), zero().Sqrt(add(whole(1), mul(t, t)))))
	}
	t2 := mul(t, t)
	sum, power := zero().Set(t), zero().Set(t)
	for n := int64(3); power.Sign() != 0; n += 2 {
		power = mul(power, t2)
		power.Neg(power)
		term := quo(power, whole(n))
		if negligible(term, sum) {
			break
		}
		sum = add(sum, term)
	}
	return scale(sum, halvings)
}

// Erf returns the error function for |x| ≤ 6, by the series of one sign
// erf x = 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (2n+1)!!.
func Erf(x *big.Float) *big.Float {
	sum, term := zero().Set(x), zero().Set(x)
	x2 := scale(mul(x, x), 1)
	for n := int64(1); term.Sign() != 0; n++ {
		term = quo(mul(term, x2), whole(2*n+1))
		if negligible(term, sum) {
			break
		}
		sum = add(sum, term)
	}
	return mul(sum, ErfSlope(x))
}

// ErfSlope returns the derivative 2/√π · e^(−x²) of Erf.
func ErfSlope(x *big.Float) *big.Float {
	e := mul(x, x)
	return quo(scale(Exp(e.Neg(e)), 1), root)
}
