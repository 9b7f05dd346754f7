package problem

import (
	"fmt"

	"github.com/descent-go/descent/internal/rng"
	"gonum.org/v1/gonum/mat"
)

// QuadraticDeep is the stochastic quadratic of the DeepOBS suite,
//
//	f(θ) = mean over points x of ½ (θ−x)ᵀ H (θ−x),
//
// whose Hessian has the spectrum that deep networks have: nine tenths of the
// eigenvalues are uniform in [0, 1], one tenth in [30, 60], and the
// eigenvectors are random. The points are normal about the origin with
// deviation 0.6 in every coordinate.
//
// Value, Gradient and Hessian are those of the mean over the test points. It is
// meant to be minimized by batches of the training points: see Sample. It
// starts at (1, …, 1). Not even the minimum is 0: with 100 variables the points
// alone leave about 89.
//
// Schneider, Balles and Hennig, DeepOBS: A Deep Learning Optimizer Benchmark
// Suite, ICLR 2019; the spectrum after Chaudhari et al., Entropy-SGD, ICLR 2017.
type QuadraticDeep struct {
	n, batch int
	hessian  []float64 // n × n
	train    []float64 // one point after the other
	pull     []float64 // H times the mean of the test points
	level    float64   // mean of ½ xᵀHx over the test points
}

// The number of points of QuadraticDeep. DeepOBS draws 1,000 of either kind, of
// which tests use as many as fill batches of 128.
const (
	deepTrain     = 1000
	deepTest      = 896
	deepDeviation = 0.6
	maxDeep       = 1000 // variables
)

// QuadraticDeepOptions describe a QuadraticDeep; the zero value is not valid.
type QuadraticDeepOptions struct {
	// N is the number of variables, from 1 to 1000; 100 in the suite.
	N int
	// Batch is the number of points of a batch, from 1 to 1000; 128 in the
	// suite, which makes 7 steps an epoch.
	Batch int
	// Seed determines spectrum, eigenvectors and points.
	Seed uint64
}

// NewQuadraticDeep draws a problem of this kind.
func NewQuadraticDeep(o QuadraticDeepOptions) (*QuadraticDeep, error) {
	n := o.N
	if n < 1 || n > maxDeep {
		return nil, fmt.Errorf("problem: QuadraticDeep: N = %d, want 1 to %d", n, maxDeep)
	}
	r := rng.New(o.Seed, "spectrum")
	steep := max((n+5)/10, 1)
	spectrum := make([]float64, n)
	for i := range spectrum {
		if spectrum[i] = r.Float64(); i >= n-steep {
			spectrum[i] = 30 + float64(30*spectrum[i])
		}
	}
	q, err := NewQuadratic(QuadraticOptions{Spectrum: spectrum, Rotate: true, Seed: o.Seed})
	if err != nil {
		return nil, err
	}
	var h mat.SymDense
	q.Hessian(make([]float64, n), &h)
	r = rng.New(o.Seed, "points")
	draw := func(count int) [][]float64 {
		points := make([][]float64, count)
		for i := range points {
			points[i] = make([]float64, n)
			for k := range points[i] {
				points[i][k] = deepDeviation * r.Normal()
			}
		}
		return points
	}
	return QuadraticDeepOf(&h, draw(deepTrain), draw(deepTest), o.Batch)
}

// QuadraticDeepOf returns the problem with a Hessian and points that are given,
// all finite: batches of so many training points, from 1 to all of them, make
// its gradient, and the mean over the test points its value.
func QuadraticDeepOf(hessian mat.Symmetric, train, test [][]float64, batch int) (*QuadraticDeep, error) {
	n := hessian.SymmetricDim()
	q := &QuadraticDeep{n: n, batch: batch, hessian: make([]float64, 0, n*n), pull: make([]float64, n)}
	for i := range n {
		for k := range n {
			if v := hessian.At(i, k); !finite(v) {
				return nil, fmt.Errorf("problem: QuadraticDeep: hessian[%d,%d] = %v, want a finite number", i, k, v)
			}
			q.hessian = append(q.hessian, hessian.At(i, k))
		}
	}
	for _, set := range []struct {
		name   string
		points [][]float64
	}{{"train", train}, {"test", test}} {
		if len(set.points) == 0 {
			return nil, fmt.Errorf("problem: QuadraticDeep: no %s points", set.name)
		}
		for i, x := range set.points {
			if len(x) != n {
				return nil, fmt.Errorf("problem: QuadraticDeep: %s[%d] has %d coordinates, want %d", set.name, i, len(x), n)
			}
			for k, v := range x {
				if !finite(v) {
					return nil, fmt.Errorf("problem: QuadraticDeep: %s[%d][%d] = %v, want a finite number", set.name, i, k, v)
				}
			}
		}
	}
	if batch < 1 || batch > len(train) {
		return nil, fmt.Errorf("problem: QuadraticDeep: batch = %d, want 1 to %d, the number of training points", batch, len(train))
	}
	for _, x := range train {
		q.train = append(q.train, x...)
	}
	for _, x := range test {
		q.times(x, q.pull)
		q.level += float64(dot(x, q.pull) / 2)
	}
	q.level /= float64(len(test))
	center := make([]float64, n)
	for _, x := range test {
		add(center, x)
	}
	divide(center, float64(len(test)))
	q.times(center, q.pull)
	return q, nil
}

// Name returns "quadratic_deep".
func (q *QuadraticDeep) Name() string { return "quadratic_deep" }

// Dim returns the number of variables.
func (q *QuadraticDeep) Dim() int { return q.n }

// Start writes (1, …, 1).
func (q *QuadraticDeep) Start(dst []float64) {
	checkLength(q.Name(), q.n, dst)
	for i := range dst {
		dst[i] = 1
	}
}

// times writes y = Hx, in the order of the columns.
func (q *QuadraticDeep) times(x, y []float64) {
	clear(y)
	for i, v := range x {
		row := q.hessian[i*q.n : (i+1)*q.n] // H is symmetric
		for k, h := range row {
			y[k] += float64(h * v)
		}
	}
}

func dot(x, y []float64) float64 {
	sum := 0.0
	for i, v := range x {
		sum += float64(v * y[i])
	}
	return sum
}

func add(sum, x []float64) {
	for i, v := range x {
		sum[i] += v
	}
}

func divide(x []float64, by float64) {
	for i := range x {
		x[i] /= by
	}
}

// Value returns the mean over the test points.
func (q *QuadraticDeep) Value(x []float64) float64 {
	checkLength(q.Name(), q.n, x)
	sum := 0.0 // xᵀHx
	for i, v := range x {
		sum += float64(v * dot(x, q.hessian[i*q.n:(i+1)*q.n]))
	}
	return q.value(float64(sum/2), x)
}

// value takes ½ xᵀHx.
func (q *QuadraticDeep) value(half float64, x []float64) float64 {
	return half - dot(x, q.pull) + q.level
}

// Gradient writes the gradient of the mean over the test points into g and
// returns that mean.
func (q *QuadraticDeep) Gradient(x, g []float64) float64 { return q.pulled(x, g, q.pull) }

// pulled writes the gradient Hx − pull.
func (q *QuadraticDeep) pulled(x, g, pull []float64) float64 {
	checkLength(q.Name(), q.n, x, g)
	q.times(x, g)
	f := q.value(float64(dot(x, g)/2), x)
	for i, v := range pull {
		g[i] -= v
	}
	return f
}

// Hessian writes the Hessian, the same at every x and for every batch.
func (q *QuadraticDeep) Hessian(x []float64, h *mat.SymDense) {
	checkLength(q.Name(), q.n, x)
	reuse(h, q.n)
	for i := range q.n {
		for k := i; k < q.n; k++ {
			h.SetSym(i, k, q.hessian[i*q.n+k])
		}
	}
}

// Sample returns the problem with the gradient of batches of training points.
func (q *QuadraticDeep) Sample(seed uint64) Stochastic { return q.Batches(seed) }

func buildQuadraticDeep(o *options) (Problem, error) {
	return result(NewQuadraticDeep(QuadraticDeepOptions{N: o.int("n"), Batch: o.int("batch"), Seed: o.uint("seed")}))
}
