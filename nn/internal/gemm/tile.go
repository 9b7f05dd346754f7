package gemm

import (
	"github.com/descent-go/descent/internal/cpu"
	"github.com/descent-go/descent/optim"
)

// An op is what follows on the last sum of an element x of C.
type op int

const (
	opNone op = iota
	opReLU    // 0 where x < 0
	opGate    // 0 where the gate is ≤ 0
)

// A tile is a piece of C that is computed in registers. Kernels read its
// fields by their offsets.
type tile[F optim.Float] struct {
	a, b []F // their first elements
	from []F // where the sums start; they start at zero if it is nil
	c    []F
	gate []F

	rs, cs                   int // steps in a from row to row, and along k
	ldb, ldfrom, ldc, ldgate int // steps from row to row
	k                        int
	rows, cols               int
	op                       op
}

// maxVectors bounds the vectors in a row of a tile.
const maxVectors = 4

// A kernel is the arithmetic of a product on some kind of machine: for every
// element of a tile, in the order of k, sum = fma(a, b, sum).
type kernel[F optim.Float] struct {
	lanes   int // elements of a vector
	rows    int // of the usual tile, at most
	vectors int // in a row of the usual tile
	// tiles holds the kernel of a tile by vectors and rows.
	tiles [maxVectors + 1][]func(*tile[F])
	// partial says that a tile may end within a vector. If it may not, B has
	// zeros there, and C room.
	partial bool
	// copyRows copies rows of at most two vectors and fills up the last vector
	// with zeros. It may be nil.
	copyRows func(dst *F, ldd int, src *F, lds, rows, cols int)
	// turn transposes a matrix of as many rows as a vector has lanes, and of
	// cols columns, a multiple of square. It may be nil.
	turn   func(dst *F, ldd int, src *F, lds, cols int)
	square int
	// speed is about how many multiplications a thread does in a nanosecond.
	speed float64
}

// wide is the number of vectors in a row of the widest tile of few rows.
const wide = maxVectors

// kernelOf returns the kernel for F at a level.
func kernelOf[F optim.Float](level cpu.Level) *kernel[F] {
	var found any
	if _, single := any(F(0)).(float32); single {
		found = kernel32(level)
	} else {
		found = kernel64(level)
	}
	return found.(*kernel[F])
}

var (
	generic32 = genericKernel[float32](0.7)
	generic64 = genericKernel[float64](1.5)
)

// genericKernel returns the kernel in plain Go.
func genericKernel[F optim.Float](speed float64) *kernel[F] {
	k := &kernel[F]{lanes: 4, rows: 8, vectors: 1, speed: speed}
	k.tiles[1] = make([]func(*tile[F]), k.rows+1)
	for i := range k.tiles[1] {
		k.tiles[1][i] = genericTile[F]
	}
	return k
}

// genericTile computes a tile of four columns.
func genericTile[F optim.Float](t *tile[F]) {
	for i := 0; i < t.rows; i += 2 {
		j := min(i+1, t.rows-1) // the last row twice where their number is odd
		var x0, x1, x2, x3, y0, y1, y2, y3 F
		if t.from != nil {
			x, y := t.from[i*t.ldfrom:][:4], t.from[j*t.ldfrom:][:4]
			x0, x1, x2, x3, y0, y1, y2, y3 = x[0], x[1], x[2], x[3], y[0], y[1], y[2], y[3]
		}
		for k := range t.k {
			b := t.b[k*t.ldb:][:4]
			u, v := t.a[i*t.rs+k*t.cs], t.a[j*t.rs+k*t.cs]
			x0 = fma(u, b[0], x0)
			x1 = fma(u, b[1], x1)
			x2 = fma(u, b[2], x2)
			x3 = fma(u, b[3], x3)
			y0 = fma(v, b[0], y0)
			y1 = fma(v, b[1], y1)
			y2 = fma(v, b[2], y2)
			y3 = fma(v, b[3], y3)
		}
		x, y := t.c[i*t.ldc:][:4], t.c[j*t.ldc:][:4]
		x[0], x[1], x[2], x[3] = x0, x1, x2, x3
		y[0], y[1], y[2], y[3] = y0, y1, y2, y3
	}
	t.finish()
}

// finish applies the tile's operation to C as it stands.
func (t *tile[F]) finish() {
	if t.op == opNone {
		return
	}
	for i := range t.rows {
		row := t.c[i*t.ldc:][:t.cols]
		if t.op == opReLU {
			for j, x := range row {
				if x < 0 {
					row[j] = 0
				}
			}
			continue
		}
		for j, y := range t.gate[i*t.ldgate:][:t.cols] {
			if y <= 0 {
				row[j] = 0
			}
		}
	}
}
