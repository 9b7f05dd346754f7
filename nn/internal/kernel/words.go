package kernel

import "math"

// A Float is a type of elements.
type Float interface{ float32 | float64 }

// The functions that a scalar function may call. They are the meaning of the
// words; the generated loops compute the same bits.

func abs[F Float](x F) F { return F(math.Abs(float64(x))) }

// max returns y when either is NaN or both are zero, as x86 does.
func max[F Float](x, y F) F {
	if x > y {
		return x
	}
	return y
}

// min returns y when either is NaN or both are zero, as x86 does.
func min[F Float](x, y F) F {
	if x < y {
		return x
	}
	return y
}

// sign returns x itself when it is zero or NaN.
func sign[F Float](x F) F {
	if x > 0 {
		return 1
	} else if x < 0 {
		return -1
	}
	return x
}

// ifpos returns y when x > 0, else z.
func ifpos[F Float](x, y, z F) F {
	if x > 0 {
		return y
	}
	return z
}

// round returns the nearest whole number, the even one of two.
func round[F Float](x F) F { return F(math.RoundToEven(float64(x))) }

// pow2 returns 2^x for a whole number x if that is a normal number. It puts
// the last bits of x, with the bias, where the exponent is.
func pow2[F Float](x F) F {
	switch x := any(x).(type) {
	case float32:
		return F(math.Float32frombits(math.Float32bits(x+(0x1.8p23+127)) << 23))
	case float64:
		return F(math.Float64frombits(math.Float64bits(x+(0x1.8p52+1023)) << 52))
	}
	panic("kernel: not a float")
}
