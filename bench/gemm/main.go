// Command gemm compares package gemm with OpenBLAS, if built with the tag openblas, on the products of the
// training steps of small networks, both in turn in one process, and prints
// the medians and their ratio. bench/peers/openblas.sh runs it.
package main

import (
	"flag"
	"fmt"
	"math"
	"runtime"
	"slices"
	"time"

	"github.com/descent-go/descent/internal/cpu"
	"github.com/descent-go/descent/nn/internal/gemm"
	"github.com/descent-go/descent/optim"
)

func main() {
	threads := flag.Int("threads", 1, "threads, of both")
	rounds := flag.Int("rounds", 31, "rounds, of which the median counts")
	slice := flag.Duration("slice", 4*time.Millisecond, "time of one measurement")
	flag.Parse()
	runtime.GOMAXPROCS(*threads)
	fmt.Printf("%v against %s\n", cpu.Best(), peer(*threads))
	fmt.Printf("%d thread(s), GFLOP/s, medians of %d rounds in turn\n", *threads, *rounds)
	fmt.Printf("%-8s %-16s %10s %10s %7s\n", "", "m×n×k", "descent", "peer", "ratio")
	b := bench{rounds: *rounds, slice: *slice}
	for _, batch := range []int{32, 128} {
		for _, l := range [][2]int{{784, 512}, {512, 512}, {784, 128}, {512, 10}, {128, 10}} {
			in, out := l[0], l[1]
			run[float32](b, "forward", batch, out, in, false, false)
			run[float32](b, "weights", in, out, batch, true, false)
			if in != 784 {
				run[float32](b, "inputs", batch, in, out, false, true)
			}
		}
	}
	run[float32](b, "square", 1024, 1024, 1024, false, false)
	run[float64](b, "double", 128, 512, 784, false, false)
	run[float64](b, "double", 784, 512, 128, true, false)
}

type bench struct {
	rounds int
	slice  time.Duration
}

// run compares one product, C = op(A)·op(B).
func run[F optim.Float](b bench, name string, m, n, k int, ta, tb bool) {
	x, y, c, d := fill[F](m*k), fill[F](k*n), fill[F](m*n), fill[F](m*n)
	a, lda := gemm.Of(x, m, k), k
	if ta {
		a, lda = gemm.Of(x, k, m).T(), m
	}
	bm, ldb := gemm.Of(y, k, n), n
	if tb {
		bm, ldb = gemm.Of(y, n, k).T(), k
	}
	var ws gemm.Workspace[F]
	ours := func() { ws.Mul(1, a, bm, 0, gemm.Of(c, m, n)) }
	theirs := func() { multiply(ta, tb, m, n, k, x, lda, y, ldb, d) }
	ours()
	theirs()
	for i := range c {
		if math.Abs(float64(c[i]-d[i])) > 1e-4*float64(k) {
			panic(fmt.Sprintf("%s %d×%d×%d: %v and %v", name, m, n, k, c[i], d[i]))
		}
	}
	var speed [2][]float64
	flop := 2 * float64(m) * float64(n) * float64(k)
	for range b.rounds {
		for i, f := range []func(){ours, theirs} {
			count, start := 0, time.Now()
			for time.Since(start) < b.slice {
				for range 1 + int(2e6/flop) {
					f()
					count++
				}
			}
			speed[i] = append(speed[i], flop*float64(count)/float64(time.Since(start).Nanoseconds()))
		}
	}
	for i := range speed {
		slices.Sort(speed[i])
	}
	us, them := speed[0][b.rounds/2], speed[1][b.rounds/2]
	fmt.Printf("%-8s %-16s %10.1f %10.1f %7.2f\n", name, fmt.Sprintf("%d×%d×%d", m, n, k), us, them, us/them)
}

// fill returns n made-up numbers between -1 and 1.
func fill[F optim.Float](n int) []F {
	x := make([]F, n)
	for i := range x {
		x[i] = F(i*7919%2003)/1001.5 - 1
	}
	return x
}
