package train

import (
	"context"
	"math"
	"testing"

	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/problem"
)

// The slot of a step is the optimizer's state after its update.
func TestSlot(t *testing.T) {
	f, err := problem.Parse("x^2 + 3*y^2", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		slot string
		want [2]float64 // of the first step, whose gradient is (2, -6)
	}{{"m", [2]float64{0.2, -0.6}}, {"v", [2]float64{0.004, 0.036}}, {"none", [2]float64{}}} {
		m, err := Function(f.Problem(), []float64{1, -1})
		if err != nil {
			t.Fatal(err)
		}
		o := Defaults(optim.NewAdam())
		o.LR, o.Steps, o.Slot = 0.1, 1, c.slot
		var got []float64
		if _, err := Run(context.Background(), m, nil, o, SinkFunc(func(e Event) {
			if s, ok := e.(*Step); ok {
				got = append(got, s.Slot...)
			}
		})); err != nil {
			t.Fatal(err)
		}
		if len(got) != 2 || math.Abs(got[0]-c.want[0]) > 1e-12 || math.Abs(got[1]-c.want[1]) > 1e-12 {
			t.Errorf("slot %q of the first step is %v, want %v", c.slot, got, c.want)
		}
	}
}
