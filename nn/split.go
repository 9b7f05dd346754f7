package nn

import "github.com/descent-go/descent/internal/parallel"

// maxPieces is the most pieces that a batch is cut into. Where a layer sums
// over examples, it sums each piece, then the pieces in order: their number
// depends on the batch alone, so that threads do not change the sums.
const maxPieces = 16

// pieces returns how many pieces a batch is cut into.
func pieces(n int) int { return min(n, maxPieces) }

// piece returns the examples of piece i of a batch of n: from lo to hi-1.
func piece(i, n int) (lo, hi int) {
	m := pieces(n)
	return n * i / m, n * (i + 1) / m
}

// shared returns the pieces, from lo to hi-1, that part i of so many does.
func shared(i, parts, n int) (lo, hi int) {
	m := pieces(n)
	return m * i / parts, m * (i + 1) / parts
}

// examplesOf returns the examples, from lo to hi-1, that part i does.
func examplesOf(i, parts, n int) (lo, hi int) {
	a, b := shared(i, parts, n)
	m := pieces(n)
	return n * a / m, n * b / m
}

// threadsFor returns how many threads a batch of n examples deserves that takes
// one thread so many nanoseconds.
func threadsFor(n int, work float64) int {
	return min(pieces(n), parallel.Threads(int(min(work, 1e12))))
}
