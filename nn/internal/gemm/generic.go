package gemm

import (
	"math"

	"github.com/descent-go/descent/optim"
)

// The kernels in plain Go: tiles of four columns, two rows at a time.
var (
	generic32 = generic(genericTile32, 1)
	generic64 = generic(genericTile64, 2)
)

func generic[F optim.Float](f func(*tile[F]), speed float64) *kernel[F] {
	k := &kernel[F]{lanes: 4, rows: 8, vectors: 1, speed: speed}
	k.tiles[1] = make([]func(*tile[F]), k.rows+1)
	for i := range k.tiles[1] {
		k.tiles[1][i] = f
	}
	return k
}

// pair returns the two rows of a matrix that begin at i and j, or zeros.
func pair[F optim.Float](m []F, i, j int) (x, y [4]F) {
	if m != nil {
		x, y = [4]F(m[i:]), [4]F(m[j:])
	}
	return x, y
}

func genericTile64(t *tile[float64]) {
	for i := 0; i < t.rows; i += 2 {
		j := min(i+1, t.rows-1) // the last row twice where their number is odd
		x, y := pair(t.from, i*t.ldfrom, j*t.ldfrom)
		x0, x1, x2, x3, y0, y1, y2, y3 := x[0], x[1], x[2], x[3], y[0], y[1], y[2], y[3]
		a0, a1, b := t.a[i*t.rs:], t.a[j*t.rs:], t.b
		for k := range t.k {
			u, v, b := a0[k*t.cs], a1[k*t.cs], b[k*t.ldb:][:4]
			x0 = math.FMA(u, b[0], x0)
			x1 = math.FMA(u, b[1], x1)
			x2 = math.FMA(u, b[2], x2)
			x3 = math.FMA(u, b[3], x3)
			y0 = math.FMA(v, b[0], y0)
			y1 = math.FMA(v, b[1], y1)
			y2 = math.FMA(v, b[2], y2)
			y3 = math.FMA(v, b[3], y3)
		}
		copy(t.c[i*t.ldc:], []float64{x0, x1, x2, x3})
		copy(t.c[j*t.ldc:], []float64{y0, y1, y2, y3})
	}
	t.finish()
}

func genericTile32(t *tile[float32]) {
	for i := 0; i < t.rows; i += 2 {
		j := min(i+1, t.rows-1)
		x, y := pair(t.from, i*t.ldfrom, j*t.ldfrom)
		x0, x1, x2, x3, y0, y1, y2, y3 := x[0], x[1], x[2], x[3], y[0], y[1], y[2], y[3]
		a0, a1, b := t.a[i*t.rs:], t.a[j*t.rs:], t.b
		for k := range t.k {
			u, v, b := a0[k*t.cs], a1[k*t.cs], b[k*t.ldb:][:4]
			s0, s1, s2, s3 := sum64(u, b[0], x0), sum64(u, b[1], x1), sum64(u, b[2], x2), sum64(u, b[3], x3)
			if halfway(s0) || halfway(s1) || halfway(s2) || halfway(s3) {
				s0, s1, s2, s3 = sumToOdd(u, b[0], x0), sumToOdd(u, b[1], x1), sumToOdd(u, b[2], x2), sumToOdd(u, b[3], x3)
			}
			x0, x1, x2, x3 = float32(s0), float32(s1), float32(s2), float32(s3)
			s0, s1, s2, s3 = sum64(v, b[0], y0), sum64(v, b[1], y1), sum64(v, b[2], y2), sum64(v, b[3], y3)
			if halfway(s0) || halfway(s1) || halfway(s2) || halfway(s3) {
				s0, s1, s2, s3 = sumToOdd(v, b[0], y0), sumToOdd(v, b[1], y1), sumToOdd(v, b[2], y2), sumToOdd(v, b[3], y3)
			}
			y0, y1, y2, y3 = float32(s0), float32(s1), float32(s2), float32(s3)
		}
		copy(t.c[i*t.ldc:], []float32{x0, x1, x2, x3})
		copy(t.c[j*t.ldc:], []float32{y0, y1, y2, y3})
	}
	t.finish()
}
