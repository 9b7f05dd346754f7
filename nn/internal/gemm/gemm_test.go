package gemm

import (
	"fmt"
	"math"
	"runtime"
	"testing"
	"unsafe"

	"github.com/descent-go/descent/internal/cpu"
	"github.com/descent-go/descent/internal/rng"
	"github.com/descent-go/descent/optim"
)

// fma returns x·y + z, rounded once.
func fma[F optim.Float](x, y, z F) F {
	if unsafe.Sizeof(z) == 4 {
		return F(fma32(float32(x), float32(y), float32(z)))
	}
	return F(math.FMA(float64(x), float64(y), float64(z)))
}

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
					s = fma(F(alpha**at(a, i, k)), *at(b, k, j), s)
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

// same fails unless two matrices have the same bits, in themselves and around
// them; the payload of a NaN aside.
func same[F optim.Float](t *testing.T, got, want Matrix[F], format string, args ...any) {
	t.Helper()
	for i, w := range want.data {
		g := got.data[i]
		if math.Float64bits(float64(g)) != math.Float64bits(float64(w)) && (g == g || w == w) {
			t.Fatalf("%T, %s: element %d (row %d) = %v, want %v", g, fmt.Sprintf(format, args...), i, i/got.rs, g, w)
		}
	}
}

// check multiplies random matrices at every level and on every number of
// threads and demands the bits of the naive loop, in the result and around it.
func check[F optim.Float](t *testing.T, r *rng.Rand, m, n, k int, alpha, beta F) {
	t.Helper()
	ta, tb := r.IntN(2) == 1, r.IntN(2) == 1
	a, b, c := random[F](r, m, k, ta), random[F](r, k, n, tb), random[F](r, m, n, false)
	want := clone(c)
	naive(alpha, a, b, beta, want)
	for _, level := range cpu.Levels() {
		for _, threads := range []int{1, 2, 3} {
			ws := Workspace[F]{Threads: threads, kern: kernelOf[F](level)}
			got := clone(c)
			ws.Mul(alpha, a, b, beta, got)
			same(t, got, want, "%v: %d×%d×%d transposed %v %v, α %v, β %v, %d threads", level, m, n, k, ta, tb, alpha, beta, threads)
		}
	}
}

func testMul[F optim.Float](t *testing.T) {
	r := rng.New(1, "gemm test")
	scalars := []F{0, 1, 1, 1, -1, 0.3}
	for range 400 {
		check(t, r, r.IntN(71), r.IntN(71), r.IntN(71), scalars[r.IntN(6)], scalars[r.IntN(6)])
		check(t, r, r.IntN(17), r.IntN(71), r.IntN(11), scalars[r.IntN(6)], scalars[r.IntN(6)])
	}
	// Across the bounds of blocks, and large enough for several threads.
	for _, s := range [][3]int{
		{1, 700, 100}, {700, 1, 100}, {2, 4, 5000}, {129, 65, 57}, {33, 520, 20}, {300, 9, 70},
		{130, 34, deep}, {17, 37, deep + 1}, {5, 130, 2*deep + 1}, {3, 3, 10000}, {280, 17, deep / 2},
	} {
		check[F](t, r, s[0], s[1], s[2], 1, 0)
		check[F](t, r, s[0], s[1], s[2], 0.3, 1)
	}
}

func TestMul(t *testing.T) {
	t.Run("float32", testMul[float32])
	t.Run("float64", testMul[float64])
}

// Every tile of every kernel, at every length of its last vector.
func TestTiles(t *testing.T) {
	r := rng.New(3, "tiles")
	for m := 1; m <= 30; m++ {
		for n := 1; n <= 70; n++ {
			check[float32](t, r, m, n, 1+r.IntN(6), 1, 0)
			check[float64](t, r, m, n, 1+r.IntN(6), 1, 1)
		}
	}
}

// Strides that are powers of two are packed in another way.
func TestMulOfPowersOfTwo(t *testing.T) {
	r := rng.New(4, "powers of two")
	for _, s := range [][3]int{{33, 130, 512}, {29, 512, 64}, {9, 600, 128}} {
		a, b := make([]float32, 1024*s[0]), make([]float32, 1024*s[2])
		for i := range a {
			a[i] = float32(r.Normal())
		}
		for i := range b {
			b[i] = float32(r.Normal())
		}
		x, y := Strided(a, s[0], s[2], 1024), Strided(b, s[2], s[1], 1024)
		want := Of(make([]float32, s[0]*s[1]), s[0], s[1])
		naive(1, x, y, 0, want)
		for _, level := range cpu.Levels() {
			ws := Workspace[float32]{kern: kernelOf[float32](level)}
			got := Of(make([]float32, s[0]*s[1]), s[0], s[1])
			ws.Mul(1, x, y, 0, got)
			same(t, got, want, "%v: %v", level, s)
		}
	}
}

// Infinities, NaN, zeros of both signs and subnormal numbers come out as the
// naive loop has them.
func TestMulOfSpecialValues(t *testing.T) {
	r := rng.New(5, "special")
	values := append(append([]float32{0, 0, 0, 0, 1, -1}, special...), hard...)
	fill := func(m Matrix[float32], of []float32) Matrix[float32] {
		for i := range m.data {
			m.data[i] = of[r.IntN(len(of))]
		}
		return m
	}
	for range 60 {
		m, n, k := 1+r.IntN(20), 1+r.IntN(40), 1+r.IntN(4)
		of := values
		if r.IntN(2) == 0 {
			of = hard
		}
		a, b := fill(random[float32](r, m, k, false), of), fill(random[float32](r, n, k, false), of).T()
		c, gate := fill(random[float32](r, m, n, false), of), fill(random[float32](r, m, n, false), values)
		for _, level := range cpu.Levels() {
			ws := Workspace[float32]{kern: kernelOf[float32](level)}
			want, got := clone(c), clone(c)
			naive(1, a, b, 1, want)
			ws.Mul(1, a, b, 1, got)
			same(t, got, want, "%v: %d×%d×%d", level, m, n, k)
			bias := c.data[:n]
			want, got = clone(c), clone(c)
			separately(ws, a, b, bias, true, Matrix[float32]{}, want)
			ws.Layer(a, b, bias, true, got)
			same(t, got, want, "%v: %d×%d×%d layer", level, m, n, k)
			want, got = clone(c), clone(c)
			separately(ws, a, b, nil, false, gate, want)
			ws.Gated(a, b, gate, got)
			same(t, got, want, "%v: %d×%d×%d gated", level, m, n, k)
		}
	}
}

// separately does what Layer and Gated do, in passes of their own.
func separately[F optim.Float](ws Workspace[F], a, b Matrix[F], bias []F, relu bool, gate, c Matrix[F]) {
	for i := range c.rows {
		row := c.data[i*c.rs:][:c.cols]
		if clear(row); bias != nil {
			copy(row, bias)
		}
	}
	ws.Mul(1, a, b, 1, c)
	for i := range c.rows {
		for j := range c.cols {
			x := &c.data[i*c.rs+j]
			if relu && *x < 0 || gate.data != nil && gate.data[i*gate.rs+j] <= 0 {
				*x = 0
			}
		}
	}
}

func testFused[F optim.Float](t *testing.T) {
	r := rng.New(6, "fused")
	for range 150 {
		m, n, k := 1+r.IntN(40), 1+r.IntN(70), r.IntN(30)
		if r.IntN(10) == 0 {
			k = 2*deep + r.IntN(9)
		}
		a, b, c := random[F](r, m, k, r.IntN(2) == 0), random[F](r, k, n, r.IntN(2) == 0), random[F](r, m, n, false)
		bias, gate := random[F](r, 1, n, false).data[:n], random[F](r, m, n, false)
		for _, level := range cpu.Levels() {
			for _, threads := range []int{1, 3} {
				ws := Workspace[F]{Threads: threads, kern: kernelOf[F](level)}
				for _, relu := range []bool{false, true} {
					want, got := clone(c), clone(c)
					separately(ws, a, b, bias, relu, Matrix[F]{}, want)
					ws.Layer(a, b, bias, relu, got)
					same(t, got, want, "%v: %d×%d×%d layer, relu %v, %d threads", level, m, n, k, relu, threads)
				}
				want, got := clone(c), clone(c)
				separately(ws, a, b, nil, false, gate, want)
				ws.Gated(a, b, gate, got)
				same(t, got, want, "%v: %d×%d×%d gated, %d threads", level, m, n, k, threads)
			}
		}
	}
}

func TestFused(t *testing.T) {
	t.Run("float32", testFused[float32])
	t.Run("float64", testFused[float64])
}

// The kernels know the fields of a tile by their places.
func TestTileLayout(t *testing.T) {
	var x tile[float32]
	for i, at := range []uintptr{
		unsafe.Offsetof(x.a), unsafe.Offsetof(x.b), unsafe.Offsetof(x.from), unsafe.Offsetof(x.c), unsafe.Offsetof(x.gate),
		unsafe.Offsetof(x.rs), unsafe.Offsetof(x.cs), unsafe.Offsetof(x.ldb), unsafe.Offsetof(x.ldfrom), unsafe.Offsetof(x.ldc),
		unsafe.Offsetof(x.ldgate), unsafe.Offsetof(x.k), unsafe.Offsetof(x.rows), unsafe.Offsetof(x.cols), unsafe.Offsetof(x.op),
	} {
		word := uintptr(3*min(i, 5)+max(i-5, 0)) * unsafe.Sizeof(0)
		if at != word {
			t.Errorf("field %d stands at %d, want %d", i, at, word)
		}
	}
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
		"bias":       func() { ws.Layer(Of(x, 2, 3), Of(x, 3, 2), x[:3], false, Of(x, 2, 2)) },
		"gate":       func() { ws.Gated(Of(x, 2, 3), Of(x, 3, 2), Of(x, 2, 3), Of(x, 2, 2)) },
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
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2)) // testing.AllocsPerRun would set it to 1
	for _, threads := range []int{0, 1, 2, 3} {
		ws := Workspace[float32]{Threads: threads}
		mul := func() {
			ws.Mul(1, Of(a, n, n), Of(b, n, n).T(), 0.5, Of(c, n, n))
			ws.Mul(1, Of(a, n, n).T(), Of(b, n, n), 0, Of(c, n, n))
			ws.Layer(Of(a, n, n), Of(b, n, n), a[:n], true, Of(c, n, n))
			ws.Gated(Of(a, n, n), Of(b, n, n), Of(a, n, n), Of(c, n, n))
		}
		mul()
		least := ^uint64(0)
		for range 5 { // the least of several: the runtime allocates at times
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range 5 {
				mul()
			}
			runtime.ReadMemStats(&after)
			least = min(least, after.Mallocs-before.Mallocs)
		}
		if least != 0 {
			t.Errorf("%d threads: %d allocations in twenty products", threads, least)
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
