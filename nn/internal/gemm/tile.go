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
