package optim

import (
	"fmt"
	"strings"

	"github.com/descent-go/descent/optim/internal/kernel"
)

// Scalars are what an update of a custom rule is given.
type Scalars[F Float] struct {
	LR F     // the learning rate of this update
	T  int64 // the number of this update, counted from 1
}

// Slots is the state of one element; a rule uses as many as it names.
type Slots[F Float] [kernel.MaxSlots]F

// A ScalarFunc is a custom rule: from a parameter, its gradient and its state
// it computes the new parameter and the new state. It must depend on nothing
// else. Write products that feed a sum as F(a*b) + c: then the compiler fuses
// nothing and every processor computes the same bits.
type ScalarFunc[F Float] func(k Scalars[F], p, g F, s Slots[F]) (F, Slots[F])

// Custom makes a rule of a user's scalar function, given for both element
// types as signum[float32], signum[float64]; either may be nil if it is not
// used. slots names the state, at most 4 values per element, which starts at
// zero. Clipping, groups, averages and saving work as for any rule.
func Custom(name string, slots []string, f32 ScalarFunc[float32], f64 ScalarFunc[float64]) (Rule, error) {
	switch {
	case name == "":
		return nil, fmt.Errorf("optim: a custom rule needs a name")
	case len(slots) > kernel.MaxSlots:
		return nil, fmt.Errorf("optim: custom rule %s has %d slots, at most %d", name, len(slots), kernel.MaxSlots)
	case f32 == nil && f64 == nil:
		return nil, fmt.Errorf("optim: custom rule %s has no function", name)
	}
	seen := map[string]bool{}
	for _, s := range slots {
		if s == "" || seen[s] || strings.Contains(s, "#") {
			return nil, fmt.Errorf("optim: custom rule %s: slot %q, want names that differ and hold no #", name, s)
		}
		seen[s] = true
	}
	return custom{&Info{
		Name: name, Title: name, Summary: "custom rule " + name,
		Forms: []Form{{
			Name:  name,
			Slots: append([]string(nil), slots...),
			update: &scalarFunc{
				f32:   customLoop(f32, len(slots), 0x1p-126),
				f64:   customLoop(f64, len(slots), 0x1p-1022),
				coefs: 4,
			},
		}},
	}}, nil
}

// customLoop applies f to each element; state below tiny becomes zero, as in generated loops.
func customLoop[F Float](f ScalarFunc[F], slots int, tiny F) *kernel.Loops[F] {
	if f == nil {
		return nil
	}
	loop := func(k *[kernel.MaxCoefs]F, p, g []F, s *[kernel.MaxSlots][]F, lo, hi int) {
		in := Scalars[F]{LR: k[1], T: int64(k[2]) + int64(k[3])<<countBits}
		for i := lo; i < hi; i++ {
			var state Slots[F]
			for j := range slots {
				state[j] = s[j][i]
			}
			p[i], state = f(in, p[i], F(k[0]*g[i]), state)
			for j := range slots {
				if v := state[j]; v > -tiny && v < tiny {
					state[j] = 0
				}
				s[j][i] = state[j]
			}
		}
	}
	return &kernel.Loops[F]{Go: loop, AVX2: loop, AVX512: loop}
}

// countBits splits an update's number into two that a float32 holds exactly.
const countBits = 20

type custom struct{ info *Info }

func (c custom) Info() *Info                                  { return c.info }
func (c custom) bind() bound                                  { return c }
func (c custom) value() Rule                                  { return c }
func (c custom) hyper(int) (*float64, *bool)                  { return nil, nil }
func (c custom) formIndex() int                               { return 0 }
func (c custom) initial(float64) (s [kernel.MaxSlots]float64) { return s }
func (c custom) scalars(_ int, _ part, t int64, lr float64, _ *memo, k *[kernel.MaxCoefs]float64) {
	k[1], k[2], k[3] = lr, float64(t&(1<<countBits-1)), float64(t>>countBits)
}
