package optim

import (
	"fmt"
	"path"
)

// A Curve is a value that changes with the number of updates already applied,
// counted from 0. Every schedule of package schedule is one.
type Curve interface{ At(step int64) float64 }

// A Group says which parameters a rule updates, and how. Make one with All or
// Where and change its fields.
type Group struct {
	// Match chooses parameters by name and shape; nil matches every one. The
	// first group that matches a parameter has it.
	Match func(name string, shape []int) bool
	// Rule updates them. A frozen group may do without.
	Rule Rule
	// LRScale multiplies the rate that Step is given. It is above zero.
	LRScale float64
	// Frozen leaves the parameters alone: no update, no state.
	Frozen bool
	// Hyper lets hyper-parameters follow curves, by their registry names or Go
	// fields: {"beta1": schedule}. The curve's value is the value used.
	Hyper map[string]Curve
}

// All returns a group of every parameter that no earlier group has.
func All(r Rule) Group { return Group{Rule: r, LRScale: 1} }

// Where returns a group of the parameters that match.
func Where(match func(name string, shape []int) bool, r Rule) Group {
	return Group{Match: match, Rule: r, LRScale: 1}
}

// Freeze returns a group whose parameters are left alone.
func Freeze(match func(name string, shape []int) bool) Group {
	return Group{Match: match, Frozen: true, LRScale: 1}
}

// Named matches parameter names against patterns as path.Match reads them:
// Named("*.bias", "norm?.*"). A malformed pattern matches nothing, so that New
// reports the group.
func Named(patterns ...string) func(string, []int) bool {
	return func(name string, _ []int) bool {
		for _, p := range patterns {
			if ok, err := path.Match(p, name); ok && err == nil {
				return true
			}
		}
		return false
	}
}

// Rank matches parameters of n dimensions: Rank(1) for biases and gains.
func Rank(n int) func(string, []int) bool {
	return func(_ string, shape []int) bool { return len(shape) == n }
}

// A scheduled hyper-parameter follows a curve.
type scheduled struct {
	field *float64
	curve Curve
	title string // for errors: AdamW.Beta1
	in    Interval
}

// follow sets the hyper-parameters that follow curves to their values at a step.
func follow(hypers []scheduled, step int64) error {
	for i := range hypers {
		h := &hypers[i]
		v := h.curve.At(step)
		if !h.in.Contains(v) {
			return fmt.Errorf("optim: %s = %v by its schedule at step %d, want %v", h.title, v, step, h.in)
		}
		*h.field = v
	}
	return nil
}
