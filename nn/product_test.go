package nn_test

import (
	"fmt"
	"testing"

	"github.com/descent-go/descent/nn"
)

func TestMultiplier(t *testing.T) {
	const m, n, k = 5, 7, 3
	a := func(i, l int) float32 { return float32(3*i - 5*l + 1) }
	b := func(l, j int) float32 { return float32(2*l + 7*j - 9) }
	flat := func(rows, cols int, at func(i, j int) float32) []float32 {
		var v []float32
		for i := range rows {
			for j := range cols {
				v = append(v, at(i, j))
			}
		}
		return v
	}
	flip := func(at func(i, j int) float32) func(i, j int) float32 {
		return func(i, j int) float32 { return at(j, i) }
	}
	want := flat(m, n, func(i, j int) float32 {
		var sum float32
		for l := range k {
			sum += a(i, l) * b(l, j)
		}
		return sum
	})
	var w nn.Multiplier
	for _, transA := range []bool{false, true} {
		for _, transB := range []bool{false, true} {
			x, y, c := flat(m, k, a), flat(k, n, b), make([]float32, m*n)
			if transA {
				x = flat(k, m, flip(a))
			}
			if transB {
				y = flat(n, k, flip(b))
			}
			w.Multiply(m, n, k, transA, x, transB, y, c)
			if fmt.Sprint(c) != fmt.Sprint(want) {
				t.Errorf("transA %v, transB %v: %v, want %v", transA, transB, c, want)
			}
		}
	}
}
