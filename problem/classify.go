package problem

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// A Kind is what a point of a problem is.
type Kind uint8

// The kinds of points.
const (
	// NotStationary: the gradient is not zero within its tolerance.
	NotStationary Kind = iota
	// LocalMinimum: all eigenvalues of the Hessian are positive.
	LocalMinimum
	// LocalMaximum: all are negative.
	LocalMaximum
	// SaddlePoint: some are positive and some negative.
	SaddlePoint
	// Undetermined: stationary, but some eigenvalue is zero within its
	// tolerance, or unknown, and higher derivatives would decide.
	Undetermined
)

// String returns "not stationary", "minimum", "maximum", "saddle" or
// "undetermined".
func (k Kind) String() string {
	return [...]string{"not stationary", "minimum", "maximum", "saddle", "undetermined"}[k]
}

// MarshalText returns String's text.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// The tolerances of Classify.
const (
	// GradientTolerance and StepTolerance are how far from a stationary point,
	// relative to max(1, ‖x‖), a point may be and still count: along the most
	// curved direction of the Hessian, and along the least curved one that does
	// not count as flat. The gradient is zero if
	//
	//	‖g‖ ≤ GradientTolerance · |λ|max · max(1, ‖x‖) and
	//	‖g‖ ≤ StepTolerance · |λ|min · max(1, ‖x‖),
	//
	// so that the floor of a long valley is not taken for its end. The test
	// does not change when the function is scaled.
	GradientTolerance = 1e-6
	StepTolerance     = 1e-3
	// CurvatureTolerance is what part of the Hessian's largest eigenvalue
	// another may be, in absolute value, and count as zero.
	CurvatureTolerance = 1e-12
)

// MaxDense is the largest dimension for which Classify computes the
// eigenvalues of a general Hessian, which takes time n³ and memory n². Those
// of functions of two variables, quadratics and Rastrigin's are known in any.
const MaxDense = 500

// A Verdict says what a point is, and why.
type Verdict struct {
	Kind Kind
	// Value is the function there.
	Value float64
	// GradNorm is the Euclidean norm of the gradient, and GradTol the largest
	// at which the point would count as stationary.
	GradNorm, GradTol float64
	// Eigenvalues are those of the Hessian, ascending; nil if unknown. The
	// variable that a function of x alone ignores has none here.
	Eigenvalues []float64
	// Condition is the ratio of the largest to the smallest absolute
	// eigenvalue: +Inf when the smallest is zero, NaN when they are unknown or
	// have no ratio.
	Condition float64
	// Reason says in words what decided.
	Reason string
}

// eigenvaluer is a problem that knows the Hessian's eigenvalues, in any order.
type eigenvaluer interface {
	eigenvalues(x []float64) []float64
}

// Classify examines p at x, without the noise if p is Stochastic. It fails if x
// does not have p's dimension or is not finite.
//
// If p has no Hessian, or it is larger than MaxDense and not of a known form,
// the gradient is compared with GradientTolerance · max(1, |f|), and a
// stationary point is Undetermined.
func Classify(p Problem, x []float64) (Verdict, error) {
	p = Exact(p)
	if len(x) != p.Dim() {
		return Verdict{}, fmt.Errorf("problem: Classify: a point of %d coordinates, want %d for %s", len(x), p.Dim(), p.Name())
	}
	for i, v := range x {
		if !finite(v) {
			return Verdict{}, fmt.Errorf("problem: Classify: x[%d] = %v, want a finite point", i, v)
		}
	}
	g := make([]float64, len(x))
	v := Verdict{Value: p.Gradient(x, g)}
	v.GradNorm = norm(g)
	var known bool
	v.Eigenvalues, known = eigenvalues(p, x)
	v.Condition = condition(v.Eigenvalues)
	v.decide(known, max(1, norm(x)))
	return v, nil
}

// eigenvalues returns the Hessian's in ascending order, or false.
func eigenvalues(p Problem, x []float64) ([]float64, bool) {
	if known, ok := p.(eigenvaluer); ok {
		l := known.eigenvalues(x)
		if slices.ContainsFunc(l, math.IsNaN) {
			return nil, false
		}
		slices.Sort(l)
		return l, true
	}
	h, ok := p.(HessianProblem)
	if !ok || len(x) > MaxDense {
		return nil, false
	}
	var m mat.SymDense
	h.Hessian(x, &m)
	for i := range x {
		for j := i; j < len(x); j++ {
			if !finite(m.At(i, j)) {
				return nil, false
			}
		}
	}
	// With the vectors, which are not needed: without them gonum v0.17 panics
	// in Dsterf when a block of the matrix is below 1e-122 or above 1e153.
	var eigen mat.EigenSym
	if !eigen.Factorize(&m, true) {
		return nil, false
	}
	l := eigen.Values(nil)
	slices.Sort(l)
	return l, true
}

func condition(l []float64) float64 {
	if len(l) == 0 {
		return math.NaN()
	}
	low, high := math.Inf(1), 0.0
	for _, v := range l {
		low, high = min(low, math.Abs(v)), max(high, math.Abs(v))
	}
	if low == 0 {
		return math.Inf(1)
	}
	return high / low
}

// decide sets Kind, GradTol and Reason; scale is max(1, ‖x‖).
func (v *Verdict) decide(known bool, scale float64) {
	high := 0.0
	for _, l := range v.Eigenvalues {
		high = max(high, math.Abs(l))
	}
	low := high
	for _, l := range v.Eigenvalues {
		if a := math.Abs(l); a > 0 && a >= CurvatureTolerance*high {
			low = min(low, a)
		}
	}
	v.GradTol = min(GradientTolerance*high, StepTolerance*low) * scale
	switch {
	case !known:
		v.GradTol = GradientTolerance * max(1, math.Abs(v.Value))
	case math.IsInf(high, 1): // a kink, where only a zero gradient is stationary
		v.GradTol = 0
	}
	if !(v.GradNorm <= v.GradTol) {
		v.Kind = NotStationary
		v.Reason = fmt.Sprintf("the gradient's norm is %.3g, above %.3g", v.GradNorm, v.GradTol)
		return
	}
	var positive, negative int
	for _, l := range v.Eigenvalues {
		switch {
		case l > 0 && l >= CurvatureTolerance*high:
			positive++
		case l < 0 && -l >= CurvatureTolerance*high:
			negative++
		}
	}
	n := len(v.Eigenvalues)
	switch {
	case !known:
		v.Kind, v.Reason = Undetermined, "the gradient is zero, the Hessian is not known"
	case n == 0:
		v.Kind, v.Reason = Undetermined, "the function is constant"
	case positive > 0 && negative > 0:
		v.Kind = SaddlePoint
		v.Reason = fmt.Sprintf("%d of %d eigenvalues are negative, %d positive", negative, n, positive)
	case positive+negative < n:
		v.Kind = Undetermined
		v.Reason = fmt.Sprintf("%d of %d eigenvalues are zero", n-positive-negative, n)
	case positive == n:
		v.Kind, v.Reason = LocalMinimum, "the gradient is zero, all eigenvalues are positive"
	default:
		v.Kind, v.Reason = LocalMaximum, "the gradient is zero, all eigenvalues are negative"
	}
}

// norm returns the Euclidean norm, summed in order and safe from overflow.
func norm(v []float64) float64 {
	high := 0.0
	for _, e := range v {
		high = max(high, math.Abs(e))
	}
	if high == 0 || !finite(high) {
		return high
	}
	sum := 0.0
	for _, e := range v {
		sum += float64((e / high) * (e / high))
	}
	return high * math.Sqrt(sum)
}

// eigen2 returns the eigenvalues of the symmetric matrix (a b; b c), ascending.
// The smaller one in absolute value comes from the determinant, without
// cancellation.
func eigen2(a, b, c float64) (low, high float64) {
	if b == 0 {
		return min(a, c), max(a, c)
	}
	largest := max(math.Abs(a), math.Abs(b), math.Abs(c))
	if !finite(largest) {
		return math.NaN(), math.NaN()
	}
	_, exp := math.Frexp(largest)
	a, b, c = math.Ldexp(a, -exp), math.Ldexp(b, -exp), math.Ldexp(c, -exp)
	mean, half := (a+c)/2, (a-c)/2
	big := mean + math.Copysign(norm2(half, b), mean)
	small := det2(a, b, c) / big
	big, small = math.Ldexp(big, exp), math.Ldexp(small, exp)
	return min(big, small), max(big, small)
}

// det2 returns ac − b² with one rounding error of each product, after Kahan.
func det2(a, b, c float64) float64 {
	square := float64(b * b)
	return math.FMA(a, c, -square) + math.FMA(-b, b, square)
}
