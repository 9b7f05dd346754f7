package optim

import (
	"math"
	"testing"

	"github.com/descent-go/descent/internal/portable"
)

// TestPowersArePure asks for powers in any order and compares with those asked
// for in another, and with the power itself.
func TestPowersArePure(t *testing.T) {
	for _, beta := range []float64{0, 0.5, 0.9, 0.999, 0.999999, math.Nextafter(1, 0)} {
		var up, down, jump powers
		want := map[int64]float64{}
		for i := int64(1); i < 2000; i++ {
			want[i] = up.at(beta, i)
			exact := portable.Pow(beta, float64(i))
			if math.Abs(want[i]-exact) > 3.4e-16*exact+5e-324 {
				t.Fatalf("%v^%d = %v, want %v", beta, i, want[i], exact)
			}
		}
		for i := int64(1999); i > 0; i-- {
			if j := 1 + i*769%1999; down.at(beta, i) != want[i] || jump.at(beta, j) != want[j] {
				t.Fatalf("%v^%d depends on what was asked before", beta, i)
			}
		}
	}
	var p powers
	if p.at(0.9, 3) != p.at(0.9, 3) || p.at(0.5, 3) != 0.125 || p.at(0.9, 1) != 0.9 {
		t.Error("a change of β")
	}
	var m momentumProduct
	forward := make([]float64, 300)
	for i := range forward {
		forward[i] = m.upTo(int64(i+1), 0.004)
	}
	var other momentumProduct
	for i := 299; i >= 0; i -= 7 {
		if other.upTo(int64(i+1), 0.004) != forward[i] {
			t.Fatalf("∏μ up to %d depends on what was asked before", i+1)
		}
	}
}
