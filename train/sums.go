package train

import (
	"math"

	"github.com/descent-go/descent/optim"
)

// Sums over elements are taken in a few partial sums, element by element in
// turn, and added up by one thread, so that their bits depend on nothing but
// the elements. The compiler keeps the partial sums in registers only when they
// are variables of their own.

// dot returns the inner product of x and y, which have the same length.
func dot[F optim.Float](x, y []F) float64 {
	y = y[:len(x)]
	var s0, s1, s2, s3 float64
	for ; len(x) >= 4 && len(y) >= 4; x, y = x[4:], y[4:] {
		s0 += float64(float64(x[0]) * float64(y[0]))
		s1 += float64(float64(x[1]) * float64(y[1]))
		s2 += float64(float64(x[2]) * float64(y[2]))
		s3 += float64(float64(x[3]) * float64(y[3]))
	}
	for i, v := range x {
		s0 += float64(float64(v) * float64(y[i]))
	}
	return (s0 + s1) + (s2 + s3)
}

// along returns the inner product of g and the way from one point to another,
// and the square of that way's length.
func along[F optim.Float](g, from, to []F) (slope, square float64) {
	from, to = from[:len(g)], to[:len(g)]
	var s0, s1, q0, q1 float64
	for ; len(g) >= 2 && len(from) >= 2 && len(to) >= 2; g, from, to = g[2:], from[2:], to[2:] {
		d0, d1 := float64(to[0])-float64(from[0]), float64(to[1])-float64(from[1])
		s0 += float64(float64(g[0]) * d0)
		s1 += float64(float64(g[1]) * d1)
		q0 += float64(d0 * d0)
		q1 += float64(d1 * d1)
	}
	for i, v := range g {
		d := float64(to[i]) - float64(from[i])
		s0 += float64(float64(v) * d)
		q0 += float64(d * d)
	}
	return s0 + s1, q0 + q1
}

// inRange reports whether float64 holds a sum of squares without loss.
func inRange(square float64) bool { return square >= 0x1p-900 && square <= math.MaxFloat64 }

// norm returns the 2-norm of x.
func norm[F optim.Float](x []F) float64 {
	if s := dot(x, x); inRange(s) || math.IsNaN(s) {
		return math.Sqrt(s)
	}
	return scaled(x, nil)
}

// distance returns the 2-norm of y − x.
func distance[F optim.Float](x, y []F) float64 {
	y = y[:len(x)]
	var s0, s1, s2, s3 float64
	a, b := x, y
	for ; len(a) >= 4 && len(b) >= 4; a, b = a[4:], b[4:] {
		d0, d1 := float64(b[0])-float64(a[0]), float64(b[1])-float64(a[1])
		d2, d3 := float64(b[2])-float64(a[2]), float64(b[3])-float64(a[3])
		s0 += float64(d0 * d0)
		s1 += float64(d1 * d1)
		s2 += float64(d2 * d2)
		s3 += float64(d3 * d3)
	}
	for i, v := range a {
		d := float64(b[i]) - float64(v)
		s0 += float64(d * d)
	}
	if sum := (s0 + s1) + (s2 + s3); inRange(sum) || math.IsNaN(sum) {
		return math.Sqrt(sum)
	}
	return scaled(y, x)
}

// scaled returns the 2-norm of x − y, or of x where y is nil, of numbers whose
// squares leave the range of float64.
func scaled[F optim.Float](x, y []F) float64 {
	at := func(i int) float64 {
		if y == nil {
			return float64(x[i])
		}
		return float64(x[i]) - float64(y[i])
	}
	largest := 0.0
	for i := range x {
		largest = math.Max(largest, math.Abs(at(i)))
	}
	if largest == 0 || !finite(largest) {
		return largest
	}
	_, exp := math.Frexp(largest)
	sum := 0.0
	for i := range x {
		v := math.Ldexp(at(i), -exp)
		sum += float64(v * v)
	}
	return math.Ldexp(math.Sqrt(sum), exp)
}

// cosine returns that of the angle between x and y: NaN when one of them is
// zero or not finite.
func cosine[F optim.Float](x, y []F) float64 {
	xx, yy, xy := products(x, y)
	if inRange(xx) && inRange(yy) {
		xy /= math.Sqrt(xx) * math.Sqrt(yy)
	} else {
		nx, ny := norm(x), norm(y)
		xy = 0
		for i, v := range x {
			xy += float64((float64(v) / nx) * (float64(y[i]) / ny))
		}
	}
	return math.Max(-1, math.Min(1, xy)) // NaN stays
}

// products returns the inner products of x with itself, of y with itself, and of
// both.
func products[F optim.Float](x, y []F) (xx, yy, xy float64) {
	y = y[:len(x)]
	var a0, a1, b0, b1, c0, c1 float64
	for ; len(x) >= 2 && len(y) >= 2; x, y = x[2:], y[2:] {
		u0, u1, v0, v1 := float64(x[0]), float64(x[1]), float64(y[0]), float64(y[1])
		a0 += float64(u0 * u0)
		a1 += float64(u1 * u1)
		b0 += float64(v0 * v0)
		b1 += float64(v1 * v1)
		c0 += float64(u0 * v0)
		c1 += float64(u1 * v1)
	}
	for i, v := range x {
		u, w := float64(v), float64(y[i])
		a0 += float64(u * u)
		b0 += float64(w * w)
		c0 += float64(u * w)
	}
	return a0 + a1, b0 + b1, c0 + c1
}
