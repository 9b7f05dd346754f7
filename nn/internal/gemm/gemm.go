// Package gemm multiplies dense matrices: C = αAB + βC, any of them a strided
// view, A and B transposed at will.
//
// Every element of C starts as βC and takes the products over k one after the
// other, in order, each rounded on its own. Blocking, packing and the number
// of goroutines therefore never change a bit of the result.
package gemm

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/descent-go/descent/optim"
)

// A Matrix is a view of a slice as Rows×Cols elements, plain or transposed.
type Matrix[F optim.Float] struct {
	data       []F
	rows, cols int
	rs, cs     int // steps from one row and one column to the next; one of them is 1
}

// Of views the first rows·cols elements of data, row-major.
// It panics if there are fewer.
func Of[F optim.Float](data []F, rows, cols int) Matrix[F] {
	return Strided(data, rows, cols, cols)
}

// Strided views data as a row-major matrix whose rows begin stride elements
// apart. It panics if stride < cols, a size is negative or data ends before
// the last row does.
func Strided[F optim.Float](data []F, rows, cols, stride int) Matrix[F] {
	if rows < 0 || cols < 0 || stride < cols {
		panic(fmt.Sprintf("gemm: %d×%d matrix with stride %d", rows, cols, stride))
	}
	if rows > 0 && cols > 0 && len(data) < (rows-1)*stride+cols {
		panic(fmt.Sprintf("gemm: %d×%d matrix with stride %d in %d elements", rows, cols, stride, len(data)))
	}
	return Matrix[F]{data: data, rows: rows, cols: cols, rs: stride, cs: 1}
}

// T returns the transposed view.
func (m Matrix[F]) T() Matrix[F] {
	return Matrix[F]{data: m.data, rows: m.cols, cols: m.rows, rs: m.cs, cs: m.rs}
}

// sub views rows×cols elements from (i, j) on.
func (m Matrix[F]) sub(i, j, rows, cols int) Matrix[F] {
	m.data = m.data[i*m.rs+j*m.cs:]
	m.rows, m.cols = rows, cols
	return m
}

// A Workspace multiplies matrices and keeps the buffers for it from one call
// to the next, so that a repeated product allocates nothing. The zero value is
// ready. Calls of one Workspace must not overlap.
type Workspace[F optim.Float] struct {
	// Threads bounds the goroutines that share a product; 0 means GOMAXPROCS.
	// Small products stay on one. The result does not depend on it.
	Threads int

	kern    kernel[F]
	workers []*worker[F]
	running sync.WaitGroup
}

// Mul sets C = αAB + βC.
//
// C is not read when β is 0, and A and B are not read when α is 0. Where α is
// not 1, it multiplies A, rounded, before the sums. C must be plain, not
// transposed, and must not share elements with A or B. Mul panics when the
// shapes do not fit.
func (ws *Workspace[F]) Mul(alpha F, a, b Matrix[F], beta F, c Matrix[F]) {
	if a.cols != b.rows || a.rows != c.rows || b.cols != c.cols || c.cs != 1 {
		panic(fmt.Sprintf("gemm: %d×%d times %d×%d into %d×%d (column step %d)",
			a.rows, a.cols, b.rows, b.cols, c.rows, c.cols, c.cs))
	}
	if c.rows == 0 || c.cols == 0 {
		return
	}
	if ws.kern.add == nil {
		ws.kern = kernelOf[F]()
	}
	kern := ws.kern
	rows, cols := 1, 1
	if most := ws.threads(a.rows, b.cols, a.cols); most > 1 {
		rows, cols = grid(c.rows, c.cols, kern.mr, kern.nr, most)
	}
	for len(ws.workers) < rows*cols {
		ws.workers = append(ws.workers, newWorker[F](&ws.running))
	}
	for t := rows*cols - 1; t >= 0; t-- {
		i0, i1 := part(t/cols, rows, c.rows, kern.mr)
		j0, j1 := part(t%cols, cols, c.cols, kern.nr)
		w := ws.workers[t]
		w.kern, w.alpha, w.beta = kern, alpha, beta
		w.a = a.sub(i0, 0, i1-i0, a.cols)
		w.b = b.sub(0, j0, b.rows, j1-j0)
		w.c = c.sub(i0, j0, i1-i0, j1-j0)
		if t == 0 {
			w.run()
			break
		}
		ws.running.Add(1)
		go w.start()
	}
	ws.running.Wait()
}

// minWork is the number of multiplications worth a goroutine of their own.
const minWork = 1 << 17

// threads returns how many goroutines an m×n×k product deserves.
func (ws *Workspace[F]) threads(m, n, k int) int {
	work := float64(m) * float64(n) * float64(k) / minWork
	if work < 2 {
		return 1
	}
	most := ws.Threads
	if most <= 0 {
		most = runtime.GOMAXPROCS(0)
	}
	return int(min(work, float64(most)))
}

// grid cuts an m×n result into rows×cols regions, at most most of them, such
// that the slowest has the least to do: its share of the product, and the
// packing of its share of A and B.
func grid(m, n, mr, nr, most int) (rows, cols int) {
	const packing = 4 // cost of packing one element, in multiplications
	mu, nu := ceil(m, mr), ceil(n, nr)
	best := 0
	for r := 1; r <= min(most, mu); r++ {
		c := min(most/r, nu)
		h, w := ceil(mu, r)*mr, ceil(nu, c)*nr
		if cost := h*w + packing*(h+w); best == 0 || cost < best {
			best, rows, cols = cost, r, c
		}
	}
	return rows, cols
}

// part returns the bounds of piece t of the pieces that n is cut into at
// multiples of unit.
func part(t, pieces, n, unit int) (lo, hi int) {
	units := ceil(n, unit)
	return units * t / pieces * unit, min(units*(t+1)/pieces*unit, n)
}

// ceil returns n/d rounded up.
func ceil(n, d int) int { return (n + d - 1) / d }
