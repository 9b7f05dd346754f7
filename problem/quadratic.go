package problem

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/descent-go/descent/internal/portable"
	"github.com/descent-go/descent/internal/rng"
	"gonum.org/v1/gonum/mat"
)

// QuadraticOptions describe a quadratic.
type QuadraticOptions struct {
	// Spectrum holds the eigenvalues of the Hessian, one for each variable.
	// They need not be positive. See LogSpectrum.
	Spectrum []float64
	// Rotate turns the axes by an orthogonal matrix, random by Haar's measure,
	// which Seed determines; otherwise the eigenvectors are the axes.
	Rotate bool
	Seed   uint64
	// Center is the stationary point; nil is the origin.
	Center []float64
}

// MaxRotated is the largest dimension of a rotated quadratic, which takes
// n²/2 numbers of memory.
const MaxRotated = 4096

// A Quadratic is f(x) = ½ (x−c)ᵀ QᵀΛQ (x−c). It starts at c + (1, …, 1).
type Quadratic struct {
	spectrum []float64
	center   []float64
	// mirrors make up Q: reflection k has the unit normal mirrors[k] in the
	// last len(mirrors[k]) coordinates, the first of them the longest.
	mirrors [][]float64
	scratch sync.Pool
}

// LogSpectrum returns n eigenvalues from 1 to kappa, spaced evenly by their
// logarithm. kappa is the condition number, finite and at least 1.
func LogSpectrum(n int, kappa float64) ([]float64, error) {
	switch {
	case n < 1:
		return nil, fmt.Errorf("problem: LogSpectrum: n = %d, want at least 1", n)
	case !(kappa >= 1) || !finite(kappa):
		return nil, fmt.Errorf("problem: LogSpectrum: kappa = %v, want [1, +Inf)", kappa)
	case n == 1 && kappa != 1:
		return nil, fmt.Errorf("problem: LogSpectrum: kappa = %v with n = 1, want 1", kappa)
	}
	l := make([]float64, n)
	width := portable.Log(kappa)
	for i := range l {
		l[i] = portable.Exp(width * (float64(i) / float64(max(n-1, 1))))
	}
	l[0], l[n-1] = 1, kappa
	return l, nil
}

// NewQuadratic returns the quadratic with the given spectrum.
//
// A rotation is a product of n−1 Householder reflections of normal vectors:
// Stewart, SIAM Journal on Numerical Analysis 17 (1980), 403-409.
func NewQuadratic(o QuadraticOptions) (*Quadratic, error) {
	n := len(o.Spectrum)
	switch {
	case n == 0:
		return nil, fmt.Errorf("problem: Quadratic: Spectrum is empty, want an eigenvalue for each variable")
	case o.Center != nil && len(o.Center) != n:
		return nil, fmt.Errorf("problem: Quadratic: Center has %d coordinates, want %d", len(o.Center), n)
	case o.Rotate && n > MaxRotated:
		return nil, fmt.Errorf("problem: Quadratic: %d variables with Rotate, want at most %d", n, MaxRotated)
	}
	for i, v := range o.Spectrum {
		if !finite(v) {
			return nil, fmt.Errorf("problem: Quadratic: Spectrum[%d] = %v, want a finite number", i, v)
		}
	}
	for i, v := range o.Center {
		if !finite(v) {
			return nil, fmt.Errorf("problem: Quadratic: Center[%d] = %v, want a finite number", i, v)
		}
	}
	q := &Quadratic{spectrum: slices.Clone(o.Spectrum), center: slices.Clone(o.Center)}
	if q.center == nil {
		q.center = make([]float64, n)
	}
	if o.Rotate {
		q.mirrors = haar(n, rng.New(o.Seed, "rotation"))
	}
	q.scratch.New = func() any {
		y := make([]float64, n)
		return &y
	}
	return q, nil
}

func haar(n int, r *rng.Rand) [][]float64 {
	mirrors := make([][]float64, 0, n-1)
	for k := n; k > 1; k-- {
		v := make([]float64, k)
		for i := range v {
			v[i] = r.Normal()
		}
		v[0] += math.Copysign(norm(v), v[0])
		length := norm(v)
		for i := range v {
			v[i] /= length
		}
		mirrors = append(mirrors, v)
	}
	return mirrors
}

func reflect(v, y []float64) {
	y = y[len(y)-len(v):]
	dot := 0.0
	for i, e := range v {
		dot += float64(e * y[i])
	}
	dot *= 2
	for i, e := range v {
		y[i] -= float64(dot * e)
	}
}

// Name returns "quadratic".
func (q *Quadratic) Name() string { return "quadratic" }

// Dim returns the number of eigenvalues.
func (q *Quadratic) Dim() int { return len(q.spectrum) }

// Start writes c + (1, …, 1).
func (q *Quadratic) Start(dst []float64) {
	checkLength(q.Name(), q.Dim(), dst)
	for i, c := range q.center {
		dst[i] = c + 1
	}
}

// Center writes the stationary point, where the value is 0, into dst. It is
// the minimum if no eigenvalue is negative.
func (q *Quadratic) Center(dst []float64) {
	checkLength(q.Name(), q.Dim(), dst)
	copy(dst, q.center)
}

// half writes y = Q(x−c) and returns ½ yᵀΛy.
func (q *Quadratic) half(x, y []float64) float64 {
	for i, c := range q.center {
		y[i] = x[i] - c
	}
	for _, v := range q.mirrors {
		reflect(v, y)
	}
	sum := 0.0
	for i, l := range q.spectrum {
		sum += float64(l * float64(y[i]*y[i]))
	}
	return sum / 2
}

// Value returns the function at x.
func (q *Quadratic) Value(x []float64) float64 {
	checkLength(q.Name(), q.Dim(), x)
	y := q.scratch.Get().(*[]float64)
	f := q.half(x, *y)
	q.scratch.Put(y)
	return f
}

// Gradient writes the gradient into g and returns the value.
func (q *Quadratic) Gradient(x, g []float64) float64 {
	checkLength(q.Name(), q.Dim(), x, g)
	f := q.half(x, g)
	q.back(g)
	return f
}

// back replaces y by QᵀΛy.
func (q *Quadratic) back(y []float64) {
	for i, l := range q.spectrum {
		y[i] *= l
	}
	for _, v := range slices.Backward(q.mirrors) {
		reflect(v, y)
	}
}

// Hessian writes QᵀΛQ, the same at every x. It takes time n³ if rotated.
func (q *Quadratic) Hessian(x []float64, h *mat.SymDense) {
	checkLength(q.Name(), q.Dim(), x)
	reuse(h, q.Dim())
	column := make([]float64, q.Dim())
	for j := range column {
		clear(column)
		column[j] = 1
		for _, v := range q.mirrors {
			reflect(v, column)
		}
		q.back(column)
		for i := range j + 1 {
			h.SetSym(i, j, column[i])
		}
	}
}

func (q *Quadratic) eigenvalues([]float64) []float64 { return slices.Clone(q.spectrum) }
