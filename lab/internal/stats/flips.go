package stats

import (
	"math"
	"math/bits"
	"slices"

	"github.com/descent-go/descent/internal/rng"
)

// Up to so many seeds all assignments of signs are looked at, above it a random
// sample of them.
const (
	allFlips     = 16
	sampledFlips = 20_000
)

// criticalValues returns one critical value for each row of signed ranks, the
// rows in the order in which they are tested: that of the largest |sum| among
// this row and those after it, when the sign of every seed is random. A seed's
// signs in all rows are flipped together, so what the rows have in common, the
// best rule's luck, counts once.
//
// Sign flips of paired differences are exact when both rules are alike, whatever
// their noise, and the step-down by maxima controls all rows together: Westfall
// and Young, Resampling-Based Multiple Testing (1993), algorithm 2.8 with maxT;
// Romano and Wolf, Journal of the American Statistical Association 100 (2005).
func criticalValues(ranks [][]float64, alpha float64, seed uint64) []float64 {
	rows, n := len(ranks), len(ranks[0])
	sums := make([]float64, rows)
	largest := make([][]float64, rows)
	note := func() {
		high := 0.0
		for i := rows - 1; i >= 0; i-- {
			high = max(high, math.Abs(sums[i]))
			largest[i] = append(largest[i], high)
		}
	}
	flip := func(seed int, sign float64) { // ranks are halves of whole numbers: their sums are exact
		for i, r := range ranks {
			sums[i] += float64(2 * sign * r[seed])
		}
	}
	for i, r := range ranks {
		for _, v := range r {
			sums[i] += v
		}
	}
	signs := make([]float64, n)
	for k := range signs {
		signs[k] = 1
	}
	if n <= allFlips {
		// A Gray code flips one sign at a time; all of them flipped change no |sum|.
		note()
		for t := uint(1); t < 1<<(n-1); t++ {
			k := bits.TrailingZeros(t)
			signs[k] = -signs[k]
			flip(k, signs[k])
			note()
		}
	} else {
		r := rng.New(seed, "flips")
		note()
		for len(largest[0]) < sampledFlips {
			for k := range signs {
				if r.Uint64()&1 == 1 {
					signs[k] = -signs[k]
					flip(k, signs[k])
				}
			}
			note()
		}
	}
	critical := make([]float64, rows)
	for i, l := range largest {
		slices.Sort(l)
		critical[i] = l[max(int(math.Ceil(float64((1-alpha)*float64(len(l)))-1e-9))-1, 0)]
	}
	return critical
}
