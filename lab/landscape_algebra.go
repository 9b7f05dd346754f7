package lab

import (
	"cmp"
	"math"
	"slices"
)

// inner returns the inner product of x and y, which have the same length: in four
// partial sums, so that its bits depend on nothing but the elements.
func inner(x, y []float64) float64 {
	y = y[:len(x)]
	var s0, s1, s2, s3 float64
	for ; len(x) >= 4 && len(y) >= 4; x, y = x[4:], y[4:] {
		s0 += float64(x[0] * y[0])
		s1 += float64(x[1] * y[1])
		s2 += float64(x[2] * y[2])
		s3 += float64(x[3] * y[3])
	}
	for i, v := range x {
		s0 += float64(v * y[i])
	}
	return (s0 + s1) + (s2 + s3)
}

func length(x []float64) float64 { return math.Sqrt(inner(x, x)) }

// normalize makes x of length 1.
func normalize(x []float64) {
	n := length(x)
	for i := range x {
		x[i] /= n
	}
}

// subtract takes y from x.
func subtract(x, y []float64) {
	for i := range x {
		x[i] -= y[i]
	}
}

// eigen returns the eigenvalues of a symmetric matrix, the largest first, with
// their vectors of length 1, and overwrites the matrix. It is Jacobi's method by
// rows (Golub & Van Loan, Matrix Computations, 4th ed., algorithm 8.5.3): slower
// than others, accurate, and with the same bits everywhere.
func eigen(a [][]float64) (values []float64, vectors [][]float64) {
	n := len(a)
	v := make([][]float64, n) // rows are vectors
	var scale float64
	for i := range v {
		v[i] = make([]float64, n)
		v[i][i] = 1
		for _, w := range a[i] {
			scale = max(scale, math.Abs(w))
		}
	}
	const sweeps = 60 // it takes ten at most
	for range sweeps {
		turned := false
		for p := range n {
			for q := p + 1; q < n; q++ {
				if math.Abs(a[p][q]) <= 0x1p-58*scale {
					continue
				}
				turned = true
				turn(a, v, p, q)
			}
		}
		if !turned {
			break
		}
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(a[j][j], a[i][i]) })
	for _, i := range order {
		values, vectors = append(values, a[i][i]), append(vectors, v[i])
	}
	return values, vectors
}

// turn makes the element at p, q zero by a rotation.
func turn(a, v [][]float64, p, q int) {
	tau := (a[q][q] - a[p][p]) / (2 * a[p][q])
	t := 1 / (math.Abs(tau) + math.Sqrt(1+float64(tau*tau)))
	if tau < 0 {
		t = -t
	}
	c := 1 / math.Sqrt(1+float64(t*t))
	s := t * c
	rotate := func(x, y []float64) {
		for k, xk := range x {
			yk := y[k]
			x[k] = float64(c*xk) - float64(s*yk)
			y[k] = float64(s*xk) + float64(c*yk)
		}
	}
	app, aqq, apq := a[p][p], a[q][q], a[p][q]
	rotate(a[p], a[q])
	a[p][p], a[q][q] = app-float64(t*apq), aqq+float64(t*apq)
	a[p][q], a[q][p] = 0, 0
	for k := range a {
		if k != p && k != q {
			a[k][p], a[k][q] = a[p][k], a[q][k]
		}
	}
	rotate(v[p], v[q])
}
