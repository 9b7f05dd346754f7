package optim

import "math"

// The functions that a rule's scalar function may call. They are the meaning of
// the words; the generated loops compute the same bits.

func sqrt[F Float](x F) F { return F(math.Sqrt(float64(x))) }

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

// when returns x if cond holds, else y.
func when(cond bool, x, y float64) float64 {
	if cond {
		return x
	}
	return y
}
