// Package gemm multiplies dense matrices: C = αAB + βC, any of them a strided
// view, A and B transposed at will.
//
// Every element of C starts as βC and takes the products over k one after the
// other, in order, each by a fused multiply-add that rounds once. The shape of
// tiles, the width of vectors, blocking, packing and the number of threads
// therefore never change a bit of the result, and neither does the machine:
// where it has no such instruction, plain Go computes the same.
package gemm

//go:generate go run -C ../../../internal/gemmgen . -dir ../../nn/internal/gemm

import (
	"fmt"

	"github.com/descent-go/descent/internal/cpu"
	"github.com/descent-go/descent/internal/parallel"
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
	// Threads bounds the threads that share a product; 0 leaves it to what is
	// worth it. Small products stay on one. The result does not depend on it.
	Threads int

	kern    *kernel[F]
	workers []*worker[F]
}

// Mul sets C = αAB + βC.
//
// C is not read when β is 0, and A and B are not read when α is 0. Where α is
// not 1, it multiplies A, rounded, before the sums; βC is rounded likewise.
// C must be plain, not transposed, and must not share elements with A or B.
// Mul panics when the shapes do not fit.
func (ws *Workspace[F]) Mul(alpha F, a, b Matrix[F], beta F, c Matrix[F]) {
	p := product[F]{alpha: alpha, a: a, b: b, c: c}
	if beta != 0 {
		p.from = c
		if beta != 1 {
			scale(beta, c)
		}
	}
	ws.do(&p)
}

// Layer sets C = AB + bias, the bias added to every row, and then, if relu is
// set, to 0 where C < 0. The sums start from the bias. It panics when the
// shapes do not fit.
func (ws *Workspace[F]) Layer(a, b Matrix[F], bias []F, relu bool, c Matrix[F]) {
	if len(bias) != c.cols {
		panic(fmt.Sprintf("gemm: bias of %d for %d columns", len(bias), c.cols))
	}
	p := product[F]{alpha: 1, a: a, b: b, c: c}
	p.from = Matrix[F]{data: bias, rows: c.rows, cols: c.cols, cs: 1} // one row again and again
	if relu {
		p.op = opReLU
	}
	ws.do(&p)
}

// Gated sets C = AB, but to 0 where the gate, of the shape of C, is ≤ 0. The
// gate must be plain. It panics when the shapes do not fit.
func (ws *Workspace[F]) Gated(a, b, gate, c Matrix[F]) {
	if gate.rows != c.rows || gate.cols != c.cols || gate.cs != 1 {
		panic(fmt.Sprintf("gemm: %d×%d gate (column step %d) for %d×%d", gate.rows, gate.cols, gate.cs, c.rows, c.cols))
	}
	ws.do(&product[F]{alpha: 1, a: a, b: b, c: c, op: opGate, gate: gate})
}

// do checks a product, divides it among threads and has it computed.
func (ws *Workspace[F]) do(p *product[F]) {
	a, b, c := p.a, p.b, p.c
	if a.cols != b.rows || a.rows != c.rows || b.cols != c.cols || c.cs != 1 {
		panic(fmt.Sprintf("gemm: %d×%d times %d×%d into %d×%d (column step %d)",
			a.rows, a.cols, b.rows, b.cols, c.rows, c.cols, c.cs))
	}
	if c.rows == 0 || c.cols == 0 {
		return
	}
	if ws.kern == nil {
		ws.kern = kernelOf[F](cpu.Best())
	}
	width := ws.kern.vectors * ws.kern.lanes
	rows, cols := 1, 1
	if most := ws.threads(a.rows, b.cols, a.cols); most > 1 {
		rows, cols = grid(c.rows, c.cols, rowUnit, width, most)
	}
	for len(ws.workers) < rows*cols {
		ws.workers = append(ws.workers, &worker[F]{})
	}
	for t := range rows * cols {
		i0, i1 := part(t/cols, rows, c.rows, rowUnit)
		j0, j1 := part(t%cols, cols, c.cols, width)
		w := ws.workers[t]
		w.kern, w.product = ws.kern, p.region(i0, i1, j0, j1)
	}
	parallel.Do(rows*cols, ws)
}

// Part computes one region; package parallel calls it.
func (ws *Workspace[F]) Part(i, _ int) { ws.workers[i].run() }

// rowUnit is what the rows of C are divided in multiples of.
const rowUnit = 4

// minWork is the number of nanoseconds of work that are worth a thread of
// their own where the number of threads is given.
const minWork = 2000

// threads returns how many threads an m×n×k product deserves.
func (ws *Workspace[F]) threads(m, n, k int) int {
	work := float64(m) * float64(n) * float64(k) / ws.kern.speed
	if ws.Threads == 0 {
		return parallel.Threads(int(min(work, 1<<30)))
	}
	return max(1, int(min(work/minWork, float64(ws.Threads))))
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
