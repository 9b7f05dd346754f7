package lab

import (
	"slices"

	"github.com/descent-go/descent/optim"
)

// momentum says in which slot of its state a rule remembers where it was going.
type momentum struct {
	slot string  // "": it remembers nothing of the kind
	sign float64 // of the slot, in the direction of movement
}

// momentumOf finds a rule's momentum. Rules whose first hyper-parameter is a decay
// beta of the velocity keep that, in slot v, and move along it; other momenta are
// sums or means of gradients, against which rules move: b of those with an option
// momentum, m of the relatives of Adam.
func momentumOf(r optim.Rule) momentum {
	slots := optim.FormOf(r).Slots
	for _, m := range []struct {
		hyper string
		momentum
	}{{"beta", momentum{"v", 1}}, {"momentum", momentum{"b", -1}}, {"beta1", momentum{"m", -1}}} {
		if v, ok := optim.HyperValue(r, m.hyper); ok && v > 0 && slices.Contains(slots, m.slot) {
			return m.momentum
		}
	}
	return momentum{}
}
