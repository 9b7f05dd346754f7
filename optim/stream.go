package optim

import (
	"fmt"

	"github.com/descent-go/descent/optim/internal/kernel"
)

// Stream returns a rule that changes nothing: it reads and writes the memory
// that a rule with so many slots of state reads and writes, in the same way,
// and computes nothing. It is what memory allows: benchmarks divide by it.
func Stream(slots int) (Rule, error) {
	if slots < 0 || slots > kernel.MaxSlots {
		return nil, fmt.Errorf("optim: Stream(%d), want 0 to %d slots", slots, kernel.MaxSlots)
	}
	name := fmt.Sprintf("stream%d", slots)
	return custom{&Info{
		Name: name, Title: name, Summary: "moves memory and computes nothing",
		Forms: []Form{{
			Name:   name,
			Slots:  []string{"a", "b", "c", "d"}[:slots],
			update: &scalarFunc{f32: &kernel.Stream32Loops[slots], f64: &kernel.Stream64Loops[slots]},
		}},
	}}, nil
}
