package gemm

import (
	"fmt"
	"math"
	"runtime"
	"testing"

	"github.com/descent-go/descent/internal/rng"
	"github.com/descent-go/descent/optim"
)

// naive is C = αAB + βC as the package comment defines it.
func naive[F optim.Float](alpha F, a, b Matrix[F], beta F, c Matrix[F]) {
	at := func(m Matrix[F], i, j int) *F { return &m.data[i*m.rs+j*m.cs] }
	for i := range c.rows {
		for j := range c.cols {
			var s F
			if beta != 0 {
				s = F(beta * *at(c, i, j))
			}
			if alpha != 0 {
				for k := range a.cols {
					x := F(alpha * *at(a, i, k))
					s += F(x * *at(b, k, j))
				}
			}
			*at(c, i, j) = s
		}
	}
}

// random returns a rows×cols matrix of normal numbers with NaN between its
// rows and after them, stored transposed or not.
func random[F optim.Float](r *rng.Rand, rows, cols int, trans bool) Matrix[F] {
	if trans {
		return random[F](r, cols, rows, false).T()
	}
	stride := cols + r.IntN(4)
	data := make([]F, rows*stride+3)
	for i := range data {
		data[i] = F(math.NaN())
	}
	for i := range rows {
		for j := range cols {
			data[i*stride+j] = F(r.Normal())
		}
	}
	return Strided(data, rows, cols, stride)
}

func clone[F optim.Float](m Matrix[F]) Matrix[F] {
	m.data = append([]F(nil), m.data...)
	return m
}

// check multiplies random matrices on every number of threads and demands the
// bits of the naive loop, in the result and around it.
func check[F optim.Float](t *testing.T, ws *Workspace[F], r *rng.Rand, m, n, k int, alpha, beta F) {
	t.Helper()
	ta, tb := r.IntN(2) == 1, r.IntN(2) == 1
	a, b, c := random[F](r, m, k, ta), random[F](r, k, n, tb), random[F](r, m, n, false)
	want := clone(c)
	naive(alpha, a, b, beta, want)
	for _, threads := range []int{1, 2, 3} {
		ws.Threads = threads
		got := clone(c)
		ws.Mul(alpha, a, b, beta, got)
		for i, w := range want.data {
			if g := got.data[i]; math.Float64bits(float64(g)) != math.Float64bits(float64(w)) {
				t.Fatalf("%T %d×%d×%d transposed %v %v, α %v, β %v, %d threads: element %d = %v, want %v",
					g, m, n, k, ta, tb, alpha, beta, threads, i, g, w)
			}
		}
	}
}

func testMul[F optim.Float](t *testing.T) {
	r := rng.New(1, "gemm test")
	scalars := []F{0, 1, -1, 0.3}
	var ws Workspace[F]
	for range 600 {
		check(t, &ws, r, r.IntN(41), r.IntN(41), r.IntN(41), scalars[r.IntN(4)], scalars[r.IntN(4)])
		check(t, &ws, r, r.IntN(11), r.IntN(41), r.IntN(11), scalars[r.IntN(4)], scalars[r.IntN(4)])
	}
	// Across the bounds of blocks, and large enough for several threads.
	for _, s := range [][3]int{
		{1, 700, 600}, {700, 1, 600}, {2, 4, 40000}, {129, 65, 257}, {33, 520, 70}, {300, 9, 300},
		{mc, 64, kc}, {mc + 1, 61, kc - 1}, {5, nc + 3, 2*kc + 1}, {3, 3, 30000},
	} {
		check(t, &ws, r, s[0], s[1], s[2], 1, 0)
		check(t, &ws, r, s[0], s[1], s[2], 0.3, 1)
	}
}

func TestMul(t *testing.T) {
	t.Run("float32", testMul[float32])
	t.Run("float64", testMul[float64])
}

// A zero α or β leaves unread what it multiplies, whatever stands there.
func TestMulDoesNotReadZeros(t *testing.T) {
	nan := float32(math.NaN())
	var ws Workspace[float32]
	c := []float32{nan}
	ws.Mul(1, Of([]float32{2}, 1, 1), Of([]float32{3}, 1, 1), 0, Of(c, 1, 1))
	if c[0] != 6 {
		t.Errorf("β = 0 over NaN: %v, want 6", c[0])
	}
	ws.Mul(0, Of([]float32{nan}, 1, 1), Of([]float32{nan}, 1, 1), 2, Of(c, 1, 1))
	if c[0] != 12 {
		t.Errorf("α = 0 over NaN: %v, want 12", c[0])
	}
}

// The pieces of a grid cover the result once, and are never empty.
func TestGridCovers(t *testing.T) {
	for m := 1; m < 20; m++ {
		for n := 1; n < 20; n++ {
			for most := 1; most <= 9; most++ {
				rows, cols := grid(m, n, 2, 4, most)
				if rows*cols < 1 || rows*cols > most {
					t.Fatalf("grid(%d, %d) on %d = %d×%d", m, n, most, rows, cols)
				}
				for _, d := range []struct{ n, pieces, unit int }{{m, rows, 2}, {n, cols, 4}} {
					next := 0
					for p := range d.pieces {
						lo, hi := part(p, d.pieces, d.n, d.unit)
						if lo != next || hi <= lo {
							t.Fatalf("part(%d, %d, %d, %d) = %d, %d after %d", p, d.pieces, d.n, d.unit, lo, hi, next)
						}
						next = hi
					}
					if next != d.n {
						t.Fatalf("%d pieces of %d end at %d", d.pieces, d.n, next)
					}
				}
			}
		}
	}
}

func TestMulPanics(t *testing.T) {
	var ws Workspace[float32]
	x := make([]float32, 12)
	for name, f := range map[string]func(){
		"inner":      func() { ws.Mul(1, Of(x, 2, 3), Of(x, 2, 3), 0, Of(x, 2, 3)) },
		"rows":       func() { ws.Mul(1, Of(x, 2, 3), Of(x, 3, 2), 0, Of(x, 3, 2)) },
		"transposed": func() { ws.Mul(1, Of(x, 2, 3), Of(x, 3, 2), 0, Of(x, 2, 2).T()) },
		"short":      func() { Of(x, 4, 4) },
		"stride":     func() { Strided(x, 2, 3, 2) },
		"negative":   func() { Strided(x, -1, 3, 3) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}

func TestMulDoesNotAllocate(t *testing.T) {
	const n = 128
	a, b, c := make([]float32, n*n), make([]float32, n*n), make([]float32, n*n)
	for _, threads := range []int{1, 2, 3} {
		ws := Workspace[float32]{Threads: threads}
		mul := func() { ws.Mul(1, Of(a, n, n), Of(b, n, n).T(), 0.5, Of(c, n, n)) }
		if got := testing.AllocsPerRun(20, mul); got != 0 {
			t.Errorf("%d threads: %v allocations a call", threads, got)
		}
	}
}

// The products of 784-256-128-10 at batch 64, forward and backward.
func BenchmarkMul(b *testing.B) {
	for _, s := range []struct {
		name    string
		m, n, k int
		ta, tb  bool
	}{
		{"NN", 64, 256, 784, false, false},
		{"NN", 64, 128, 256, false, false},
		{"NN", 64, 10, 128, false, false},
		{"TN", 784, 256, 64, true, false},
		{"NT", 64, 256, 128, false, true},
		{"NT", 64, 128, 10, false, true},
		{"NN", 1, 256, 784, false, false},
		{"NT", 1, 256, 128, false, true},
		{"TN", 784, 256, 1, true, false},
		{"NN", 8, 256, 784, false, false},
		{"NN", 9, 256, 784, false, false},
		{"TN", 784, 256, 8, true, false},
		{"NN", 512, 512, 512, false, false},
	} {
		for _, threads := range []int{1, runtime.GOMAXPROCS(0)} {
			b.Run(fmt.Sprintf("%s/%dx%dx%d/threads=%d", s.name, s.m, s.n, s.k, threads), func(b *testing.B) {
				r := rng.New(1, "benchmark")
				x, y := random[float32](r, s.m, s.k, s.ta), random[float32](r, s.k, s.n, s.tb)
				c := random[float32](r, s.m, s.n, false)
				ws := Workspace[float32]{Threads: threads}
				b.SetBytes(4 * int64(s.m*s.k+s.k*s.n+2*s.m*s.n))
				for b.Loop() {
					ws.Mul(1, x, y, 0, c)
				}
				flop := 2 * float64(s.m) * float64(s.n) * float64(s.k) * float64(b.N)
				b.ReportMetric(flop/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
			})
		}
	}
}
