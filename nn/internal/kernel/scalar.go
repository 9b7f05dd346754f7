// Package kernel holds the loops of the functions that layers apply to numbers,
// made from the scalar functions in scalar.go, and of pooling: in Go, and in
// vector instructions that give the same bits.
package kernel

//go:generate go run -C ../../../internal/rulegen . -maps ../../nn/internal/kernel

// add returns the sum.
//
//descent:map
func add[F Float](x, y F) F { return x + y }

// mul returns the product.
//
//descent:map
func mul[F Float](x, y F) F { return x * y }

// relu returns max(x, 0), and NaN for NaN.
//
//descent:map
func relu[F Float](x F) F { return max(0, x) }

// reluBack returns the gradient before relu, given its result y and the
// gradient d behind it.
//
//descent:map
func reluBack[F Float](y, d F) F { return ifpos(y, d, y-y) }

// exp32 returns e^x to within one unit in the last place: e^x = 2^n·e^r with
// |r| ≤ ½ln 2, ln 2 in two parts of which the first has 9 bits, and a
// polynomial of the Cephes library (S. Moshier, expf).
//
//descent:map
func exp32[F float32](x F) F { return expSum32(x, 0) }

// expSum32 returns e^(x+y) for a y that is small.
//
//descent:part
func expSum32[F float32](x, y F) F {
	x = min(89, max(-104, x))
	n := round(x * 1.44269504088896341)
	r := x - n*0.693359375 - n*-2.12194440e-4 + y
	p := ((((1.9875691500e-4*r+1.3981999507e-3)*r+8.3334519073e-3)*r+4.1665795894e-2)*r+1.6666665459e-1)*r + 5.0000001201e-1
	p = p*(r*r) + r + 1
	m := round(n * 0.5) // in two steps: the result may be subnormal
	return p * pow2(m) * pow2(n-m)
}

// exp64 returns e^x to within one unit in the last place, by the rational
// function of FreeBSD's msun (e_exp.c, Sun Microsystems 1993).
//
//descent:map
func exp64[F float64](x F) F {
	x = min(710, max(-746, x))
	n := round(x * 1.44269504088896338700)
	hi := x - n*6.93147180369123816490e-01
	lo := n * 1.90821492927058770002e-10
	r := hi - lo
	t := r * r
	c := r - t*(1.66666666666666019037e-01+t*(-2.77777777770155933842e-03+t*(6.61375632143793436117e-05+
		t*(-1.65339022054652515390e-06+t*4.13813679705723846039e-08))))
	p := 1 - (lo - r*c/(2-c) - hi)
	m := round(n * 0.5)
	return p * pow2(m) * pow2(n-m)
}

// tanh32 returns the hyperbolic tangent to within two units in the last place:
// near zero by a polynomial of the Cephes library (S. Moshier, tanhf).
//
//descent:map
func tanh32[F float32](x F) F {
	a := abs(x)
	s := a * a
	p := (((-5.70498872745e-3*s+2.06390887954e-2)*s-5.37397155531e-2)*s+1.33314422036e-1)*s - 3.33332819422e-1
	return sign(x) * ifpos(0.625-a, p*s*a+a, 1-2/(expSum32(a+a, 0)+1))
}

// tanh64 returns the hyperbolic tangent to within two units in the last place:
// near zero by a rational function of the Cephes library (S. Moshier, tanh).
//
//descent:map
func tanh64[F float64](x F) F {
	a := abs(x)
	s := a * a
	p := (-9.64399179425052238628e-1*s-9.92877231001918586564e1)*s - 1.61468768441708447952e3
	q := ((s+1.12811678491632931402e2)*s+2.23548839060100448583e3)*s + 4.84406305325125486048e3
	return sign(x) * ifpos(0.625-a, p/q*s*a+a, 1-2/(exp64(a+a)+1))
}

// tanhBack returns the gradient before tanh, given its result y and the
// gradient d behind it.
//
//descent:map
func tanhBack[F Float](y, d F) F { return d * (1 - y*y) }

// gelu32 returns xΦ(x), Φ the distribution function of the normal distribution,
// and its derivative. Φ(−a) is e^(−a²/2) times a polynomial in 1/(1 + 0.35a)
// whose relative error is below 3.3e-8 for a from 0 to 15, fitted for this
// purpose; a is split in two parts so that a²/2 loses nothing. The result is
// within six units in the last place.
//
//descent:map
func gelu32[F float32](x F) (_, _ F) {
	a := min(15, abs(x))
	h := round(a*128) * 0.0078125
	e := expSum32(h*h*-0.5, (a-h)*(a+h)*-0.5)
	t := 1 / (0.35*a + 1)
	p := ((((((((-0.029164063263501093*t+0.1440614637539604)*t-0.25590321090815227)*t+0.15939442376789265)*t-
		0.023264853140963472)*t+0.10557522080482276)*t+0.1198153956830673)*t+0.1398643496470024)*t + 0.13962125764897984) * t
	tail := e * p
	cdf := ifpos(x, 1-tail, tail)
	v := ifpos(x, x, -a) // not −∞, whose product with zero is NaN
	return v * cdf, e*0.398942280401432678*ifpos(x, a, -a) + cdf
}
