package optim

import (
	"fmt"
	"math"
)

// NonFinite says what a step does when a gradient holds NaN or ±Inf.
type NonFinite int

// Checking costs one read of the gradients, unless ClipNorm or Measure reads
// them anyway. Unchecked is the default; with ClipNorm it means Fail.
const (
	Unchecked     NonFinite = iota // do not look
	FailNonFinite                  // Step returns a *NonFiniteError and updates nothing
	SkipNonFinite                  // Step updates nothing and counts the step as skipped
	ZeroNonFinite                  // the values become zero in Grad, the rest is applied
)

var nonFiniteNames = []string{"unchecked", "fail", "skip", "zero"}

// String returns the policy's name: unchecked, fail, skip or zero.
func (n NonFinite) String() string {
	if n < 0 || int(n) >= len(nonFiniteNames) {
		return fmt.Sprintf("NonFinite(%d)", int(n))
	}
	return nonFiniteNames[n]
}

// ParseNonFinite reads a policy's name.
func ParseNonFinite(name string) (NonFinite, error) {
	for i, s := range nonFiniteNames {
		if s == name {
			return NonFinite(i), nil
		}
	}
	return 0, fmt.Errorf("optim: policy %q for non-finite gradients, want unchecked, fail, skip or zero", name)
}

// A NonFiniteError names the first gradient value that is NaN or ±Inf.
type NonFiniteError struct {
	Param string
	Index int // element of the parameter
	Value float64
	Step  int64 // updates applied before
}

func (e *NonFiniteError) Error() string {
	return fmt.Sprintf("optim: gradient of %q is %v at element %d, at step %d", e.Param, e.Value, e.Index, e.Step)
}

// clip holds what happens to gradients before an update.
type clip struct {
	norm, value float64 // +Inf: off
	policy      NonFinite
	skipped     int64
}

func noClip() clip { return clip{norm: math.Inf(1), value: math.Inf(1)} }

// ClipNorm limits the 2-norm of all gradients together: when it exceeds limit
// they are scaled by limit/norm within the update, with no pass of their own
// beyond the reading. limit is above zero; +Inf, the default, switches it off.
// PyTorch adds 1e-6 to the norm; this does not.
func (o *Optimizer[F]) ClipNorm(limit float64) error {
	if !(limit > 0) {
		return fmt.Errorf("optim: ClipNorm(%v), want above zero; +Inf switches it off", limit)
	}
	o.clip.norm = limit
	o.reserve()
	return nil
}

// ClipValue limits every gradient value to [−limit, limit], in Grad, before
// the norm is taken. limit is above zero; +Inf, the default, switches it off.
func (o *Optimizer[F]) ClipValue(limit float64) error {
	if !(limit > 0) {
		return fmt.Errorf("optim: ClipValue(%v), want above zero; +Inf switches it off", limit)
	}
	o.clip.value = limit
	return nil
}

// OnNonFinite sets the policy for gradients that hold NaN or ±Inf.
func (o *Optimizer[F]) OnNonFinite(policy NonFinite) error {
	if policy < Unchecked || policy > ZeroNonFinite {
		return fmt.Errorf("optim: OnNonFinite(%v), want Unchecked, FailNonFinite, SkipNonFinite or ZeroNonFinite", policy)
	}
	o.clip.policy = policy
	o.reserve()
	return nil
}

// Skipped returns how many steps SkipNonFinite has left out.
func (o *Optimizer[F]) Skipped() int64 { return o.clip.skipped }

// gradients applies policy and clipping. It returns the factor by which the
// update scales the gradients, and whether there is to be an update.
func (o *Optimizer[F]) gradients() (scale float64, apply bool, err error) {
	c := &o.clip
	policy := c.policy
	if policy == Unchecked && !math.IsInf(c.norm, 1) {
		policy = FailNonFinite
	}
	clipping := !math.IsInf(c.value, 1)
	if policy == Unchecked && !o.measure && !clipping {
		return 1, true, nil
	}
	norm := 0.0
	if policy != Unchecked || o.measure {
		norm = o.gradNorm()
	}
	if policy != Unchecked && (math.IsNaN(norm) || math.IsInf(norm, 0)) {
		if bad := o.firstNonFinite(); bad != nil {
			switch policy {
			case SkipNonFinite:
				o.stats.GradNorm = norm
				return 0, false, nil
			case FailNonFinite:
				return 0, false, bad
			}
			o.zeroNonFinite()
		}
		norm = o.gradNorm()
	}
	if clipping {
		o.clipValues(F(c.value))
		if !math.IsInf(c.norm, 1) || o.measure {
			norm = o.gradNorm()
		}
	}
	o.stats.GradNorm = norm
	if norm > c.norm {
		o.stats.Clipped = true
		return c.norm / norm, true, nil
	}
	return 1, true, nil
}

// trained reports whether parameter i takes part in a step.
func (o *Optimizer[F]) trained(i int) bool {
	return o.params[i].Grad != nil && !o.groups[o.tensors[i].group].Frozen
}

func (o *Optimizer[F]) firstNonFinite() error {
	for i := range o.params {
		if !o.trained(i) {
			continue
		}
		for j, v := range o.params[i].Grad {
			if v-v != 0 {
				return &NonFiniteError{Param: o.params[i].Name, Index: j, Value: float64(v), Step: o.updates}
			}
		}
	}
	return nil
}

func (o *Optimizer[F]) zeroNonFinite() {
	for i := range o.params {
		if o.trained(i) {
			for j, v := range o.params[i].Grad {
				if v-v != 0 {
					o.params[i].Grad[j] = 0
				}
			}
		}
	}
}

func (o *Optimizer[F]) clipValues(limit F) {
	for i := range o.params {
		if o.trained(i) {
			for j, v := range o.params[i].Grad {
				if v > limit {
					o.params[i].Grad[j] = limit
				} else if v < -limit {
					o.params[i].Grad[j] = -limit
				}
			}
		}
	}
}
