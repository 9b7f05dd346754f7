package nn

import "github.com/descent-go/descent/nn/internal/gemm"

// A Multiplier multiplies matrices with the code that dense layers run, so that
// its speed can be measured apart from theirs. The zero value is ready; it is
// not safe for concurrent use, and keeps its buffers from call to call.
type Multiplier struct{ work gemm.Workspace[float32] }

// Multiply sets C = AB, where A is m×k, B is k×n and C is m×n, all row-major.
// With transA it takes A as k×m, with transB B as n×k, as the backward pass of
// a layer does. It panics when a slice is shorter than its matrix.
func (w *Multiplier) Multiply(m, n, k int, transA bool, a []float32, transB bool, b, c []float32) {
	x, y := gemm.Of(a, m, k), gemm.Of(b, k, n)
	if transA {
		x = gemm.Of(a, k, m).T()
	}
	if transB {
		y = gemm.Of(b, n, k).T()
	}
	w.work.Mul(1, x, y, 0, gemm.Of(c, m, n))
}
