package gemm

import (
	"sync"

	"github.com/descent-go/descent/optim"
)

// Block sizes. A panel of B (kc×nr) stays in the first-level cache while a
// block of A (mc×kc) streams from the second, which also holds the block of B
// (kc×nc).
const (
	kc = 256
	mc = 128
	nc = 512
)

// thin is the most rows of A, or columns, that are multiplied without packing.
const thin = 8

// A worker computes one region of C with buffers of its own.
type worker[F optim.Float] struct {
	kern        kernel[F]
	alpha, beta F
	a, b, c     Matrix[F]

	packA, packB, tile []F
	start              func() // runs the worker and reports to its workspace
}

func newWorker[F optim.Float](running *sync.WaitGroup) *worker[F] {
	w := &worker[F]{}
	w.start = func() {
		w.run()
		running.Done()
	}
	return w
}

// run computes the worker's region.
func (w *worker[F]) run() {
	scale(w.beta, w.c)
	switch {
	case w.alpha == 0:
	case w.b.cs == 1 && min(w.a.rows, w.a.cols) <= thin:
		w.byRows()
	default:
		w.byBlocks()
	}
}

// byRows multiplies without packing B, which would cost more than it saves.
func (w *worker[F]) byRows() {
	w.packA = sized(w.packA, w.a.cols)
	for i := range w.a.rows {
		for k := range w.packA {
			w.packA[k] = F(w.alpha * w.a.data[i*w.a.rs+k*w.a.cs])
		}
		w.kern.row(w.packA, w.b.data, w.b.rs, w.c.data[i*w.c.rs:][:w.c.cols])
	}
}

// byBlocks multiplies packed blocks of A and B.
func (w *worker[F]) byBlocks() {
	m, n, k := w.a.rows, w.b.cols, w.a.cols
	mr, nr := w.kern.mr, w.kern.nr
	w.packA = sized(w.packA, ceil(min(m, mc), mr)*mr*min(k, kc))
	w.packB = sized(w.packB, ceil(min(n, nc), nr)*nr*min(k, kc))
	w.tile = sized(w.tile, mr*nr)
	for j := 0; j < n; j += nc {
		nb := min(nc, n-j)
		for p := 0; p < k; p += kc {
			kb := min(kc, k-p)
			pack(w.packB, w.b.sub(p, j, kb, nb).T(), nr)
			for i := 0; i < m; i += mc {
				mb := min(mc, m-i)
				pack(w.packA, w.a.sub(i, p, mb, kb), mr)
				if w.alpha != 1 {
					for l, v := range w.packA {
						w.packA[l] = F(w.alpha * v)
					}
				}
				w.block(kb, w.c.sub(i, j, mb, nb))
			}
		}
	}
}

// block adds the product of the packed blocks to c.
func (w *worker[F]) block(k int, c Matrix[F]) {
	mr, nr := w.kern.mr, w.kern.nr
	for j := 0; j < c.cols; j += nr {
		b := w.packB[j*k : (j+nr)*k]
		for i := 0; i < c.rows; i += mr {
			a := w.packA[i*k : (i+mr)*k]
			if i+mr <= c.rows && j+nr <= c.cols {
				w.kern.add(a, b, c.data[i*c.rs+j:], c.rs)
			} else {
				w.edge(a, b, c.sub(i, j, min(mr, c.rows-i), min(nr, c.cols-j)))
			}
		}
	}
}

// edge adds one product of panels to a c smaller than the kernel's tile.
func (w *worker[F]) edge(a, b []F, c Matrix[F]) {
	nr := w.kern.nr
	clear(w.tile)
	for i := range c.rows {
		copy(w.tile[i*nr:], c.data[i*c.rs:][:c.cols])
	}
	w.kern.add(a, b, w.tile, nr)
	for i := range c.rows {
		copy(c.data[i*c.rs:][:c.cols], w.tile[i*nr:])
	}
}

// pack lays the rows of m out in panels of width rows, in which the elements
// of one column stand together: dst[panel][column][row]. The rows missing in
// the last panel are zero; the results they lead to are dropped.
func pack[F optim.Float](dst []F, m Matrix[F], width int) {
	for i := 0; i < m.rows; i += width {
		panel := dst[i*m.cols : (i+width)*m.cols]
		rows := min(width, m.rows-i)
		if rows < width {
			clear(panel)
		}
		if m.cs == 1 {
			for r := range rows {
				for k, v := range m.data[(i+r)*m.rs:][:m.cols] {
					panel[k*width+r] = v
				}
			}
			continue
		}
		for k := range m.cols {
			column := panel[k*width:][:width]
			for r, v := range m.data[i+k*m.cs:][:rows] {
				column[r] = v
			}
		}
	}
}

// scale sets c = βc.
func scale[F optim.Float](beta F, c Matrix[F]) {
	if beta == 1 {
		return
	}
	for i := range c.rows {
		row := c.data[i*c.rs:][:c.cols]
		if beta == 0 {
			clear(row)
			continue
		}
		for j, v := range row {
			row[j] = F(beta * v)
		}
	}
}

// sized returns buf with n elements, a new one if it is too small.
func sized[F optim.Float](buf []F, n int) []F {
	if cap(buf) < n {
		return make([]F, n)
	}
	return buf[:n]
}
