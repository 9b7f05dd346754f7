package problem

import (
	"fmt"
	"math"

	"github.com/descent-go/descent/internal/portable"
	"gonum.org/v1/gonum/mat"
)

// RosenbrockN is Rosenbrock's valley in n variables,
//
//	f(x) = Σ (1 − xᵢ)² + b (xᵢ₊₁ − xᵢ²)²   for i from 1 to n−1,
//
// with its minimum 0 at (1, …, 1) and, for n from 4 to 7, a local minimum near
// (−1, 1, …, 1). It starts at (−1.2, 1, −1.2, 1, …).
//
// Kok and Sandrock, Evolutionary Computation 17 (2009), 437-453.
type RosenbrockN struct {
	n int
	b float64
}

// NewRosenbrockN returns the valley in n variables, at least 2, with steepness
// b, greater than 0 (commonly 100).
func NewRosenbrockN(n int, b float64) (*RosenbrockN, error) {
	switch {
	case n < 2:
		return nil, fmt.Errorf("problem: RosenbrockN: n = %d, want at least 2", n)
	case !(b > 0) || math.IsInf(b, 1):
		return nil, fmt.Errorf("problem: RosenbrockN: b = %v, want (0, +Inf)", b)
	}
	return &RosenbrockN{n, b}, nil
}

// Name returns "rosenbrock-n".
func (r *RosenbrockN) Name() string { return "rosenbrock-n" }

// Dim returns n.
func (r *RosenbrockN) Dim() int { return r.n }

// Start writes (−1.2, 1, −1.2, 1, …).
func (r *RosenbrockN) Start(dst []float64) {
	checkLength(r.Name(), r.n, dst)
	for i := range dst {
		dst[i] = [2]float64{-1.2, 1}[i%2]
	}
}

// Value returns the function at x.
func (r *RosenbrockN) Value(x []float64) float64 {
	checkLength(r.Name(), r.n, x)
	sum := 0.0
	for i := range r.n - 1 {
		u, v := 1-x[i], x[i+1]-float64(x[i]*x[i])
		sum += float64(u*u) + float64(r.b*float64(v*v))
	}
	return sum
}

// Gradient writes the gradient into g and returns the value.
func (r *RosenbrockN) Gradient(x, g []float64) float64 {
	checkLength(r.Name(), r.n, x, g)
	sum := 0.0
	g[0] = 0
	for i := range r.n - 1 {
		u, v := 1-x[i], x[i+1]-float64(x[i]*x[i])
		sum += float64(u*u) + float64(r.b*float64(v*v))
		pull := float64(2 * r.b * v)
		g[i] -= float64(2*u) + float64(2*x[i]*pull)
		g[i+1] = pull
	}
	return sum
}

// Hessian writes the tridiagonal matrix of second derivatives into h.
func (r *RosenbrockN) Hessian(x []float64, h *mat.SymDense) {
	checkLength(r.Name(), r.n, x)
	reuse(h, r.n)
	h.Zero()
	for i := range r.n - 1 {
		bend := float64(12*r.b*float64(x[i]*x[i])) - float64(4*r.b*x[i+1])
		h.SetSym(i, i, h.At(i, i)+(2+bend))
		h.SetSym(i, i+1, -4*r.b*x[i])
		h.SetSym(i+1, i+1, 2*r.b)
	}
}

// RastriginN is Rastrigin's function in n variables,
//
//	f(x) = Σ a + xᵢ² − a cos(2πxᵢ)   for i from 1 to n,
//
// with its global minimum 0 at the origin and a local one near every other
// point with whole coordinates, as far as the ripples reach. It starts at
// (3.3, −2.7, 3.3, −2.7, …).
//
// Mühlenbein, Schomisch and Born, Parallel Computing 17 (1991), 619-632.
type RastriginN struct {
	n int
	a float64
}

// NewRastriginN returns the function in n variables, at least 1, with ripples
// of depth a, at least 0 (commonly 10).
func NewRastriginN(n int, a float64) (*RastriginN, error) {
	switch {
	case n < 1:
		return nil, fmt.Errorf("problem: RastriginN: n = %d, want at least 1", n)
	case !(a >= 0) || math.IsInf(a, 1):
		return nil, fmt.Errorf("problem: RastriginN: a = %v, want [0, +Inf)", a)
	}
	return &RastriginN{n, a}, nil
}

// Name returns "rastrigin-n".
func (r *RastriginN) Name() string { return "rastrigin-n" }

// Dim returns n.
func (r *RastriginN) Dim() int { return r.n }

// Start writes (3.3, −2.7, 3.3, −2.7, …).
func (r *RastriginN) Start(dst []float64) {
	checkLength(r.Name(), r.n, dst)
	for i := range dst {
		dst[i] = [2]float64{3.3, -2.7}[i%2]
	}
}

func (r *RastriginN) term(x float64) float64 {
	return r.a - float64(r.a*portable.Cos(2*math.Pi*x)) + float64(x*x)
}

// Value returns the function at x.
func (r *RastriginN) Value(x []float64) float64 {
	checkLength(r.Name(), r.n, x)
	sum := 0.0
	for _, v := range x {
		sum += r.term(v)
	}
	return sum
}

// Gradient writes the gradient into g and returns the value.
func (r *RastriginN) Gradient(x, g []float64) float64 {
	checkLength(r.Name(), r.n, x, g)
	sum := 0.0
	for i, v := range x {
		sum += r.term(v)
		g[i] = float64(2*v) + float64(2*math.Pi*r.a*portable.Sin(2*math.Pi*v))
	}
	return sum
}

// Hessian writes the diagonal matrix of second derivatives into h.
func (r *RastriginN) Hessian(x []float64, h *mat.SymDense) {
	checkLength(r.Name(), r.n, x)
	reuse(h, r.n)
	h.Zero()
	for i, l := range r.eigenvalues(x) {
		h.SetSym(i, i, l)
	}
}

func (r *RastriginN) eigenvalues(x []float64) []float64 {
	l := make([]float64, len(x))
	for i, v := range x {
		l[i] = 2 + float64(4*math.Pi*math.Pi*r.a*portable.Cos(2*math.Pi*v))
	}
	return l
}
