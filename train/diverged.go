package train

import (
	"errors"
	"fmt"
	"math"

	"github.com/descent-go/descent/optim"
)

// A Cause says how a run diverged.
type Cause string

// The causes of divergence.
const (
	CauseLoss      Cause = "loss"      // the loss is not finite, though parameters and gradients are
	CauseGradient  Cause = "gradient"  // a gradient is not finite
	CauseParameter Cause = "parameter" // a parameter is not finite
	CauseBlowUp    Cause = "blow-up"   // the loss has grown beyond Options.BlowUp
	CauseUnbounded Cause = "unbounded" // the loss has fallen beyond Options.BlowUp
)

// Diverged says that a run was ended because it diverged.
type Diverged struct {
	Step  int64 `json:"step"` // updates applied before
	Epoch int   `json:"epoch"`
	Cause Cause `json:"cause"`
	// Param and Index name the first element whose parameter or gradient is
	// not finite. After a blow-up they name the one with the steepest gradient.
	// They are empty when the loss alone is not finite.
	Param string  `json:"param,omitempty"`
	Index int     `json:"index"`
	Value Real    `json:"value"` // of that element's parameter or gradient
	Loss  Real    `json:"loss"`  // of the step
	First Real    `json:"first"` // loss
	Rate  float64 `json:"rate"`
	// Overshoots says that each of the last updates went back on the one
	// before: the rate is too high.
	Overshoots bool `json:"overshoots"`
	// LastSane names the newest checkpoint, which was taken before and whose
	// parameters are finite; it is empty when there is none.
	LastSane string `json:"last_sane,omitempty"`
}

// String says it in a sentence.
func (d *Diverged) String() string {
	s := fmt.Sprintf("diverged at step %d: ", d.Step)
	switch d.Cause {
	case CauseLoss:
		s += fmt.Sprintf("the loss is %v", float64(d.Loss))
	case CauseGradient, CauseParameter:
		s += fmt.Sprintf("%s %q is %v at element %d", d.Cause, d.Param, float64(d.Value), d.Index)
	case CauseBlowUp:
		s += fmt.Sprintf("the loss has grown from %.4g to %.4g; the gradient is steepest in %q, element %d", float64(d.First), float64(d.Loss), d.Param, d.Index)
	case CauseUnbounded:
		s += fmt.Sprintf("the loss falls without bound, from %.4g to %.4g", float64(d.First), float64(d.Loss))
	}
	if d.Overshoots {
		s += fmt.Sprintf("; each update reverses the last, so the rate %.4g is too high", d.Rate)
	}
	if d.LastSane != "" {
		s += fmt.Sprintf("; the last sane checkpoint is %s", d.LastSane)
	}
	return s
}

// healthy looks at the loss of a step before its update and reports whether
// the run may go on.
func (l *loop[F]) healthy(rate float64) bool {
	loss := l.loss
	if !finite(loss) {
		l.st.Bad++
		if (l.o.NonFinite == optim.SkipNonFinite || l.o.NonFinite == optim.ZeroNonFinite) && !l.tooManyBad() {
			return true
		}
		l.diverge(CauseLoss, rate)
		return false
	}
	if !l.st.Seen {
		l.st.Seen, l.st.First = true, Real(loss)
	}
	l.st.Last = Real(loss)
	if limit := float64(l.o.BlowUp * math.Max(1, math.Abs(float64(l.st.First)))); l.o.BlowUp > 0 && math.Abs(loss) > limit {
		cause := CauseBlowUp
		if loss < 0 {
			cause = CauseUnbounded
		}
		l.diverge(cause, rate)
		return false
	}
	return true
}

// tooManyBad reports whether the steps in a row that were not finite are at their limit.
func (l *loop[F]) tooManyBad() bool { return l.o.MaxSkips > 0 && l.st.Bad >= l.o.MaxSkips }

// diverge records a divergence at the present loss. For a loss that is not
// finite it looks for the cause in parameters and gradients.
func (l *loop[F]) diverge(cause Cause, rate float64) {
	d := &Diverged{
		Step: l.opt.Updates(), Epoch: l.st.Epoch, Cause: cause, Rate: rate,
		Loss: Real(l.loss), First: l.st.First, Overshoots: l.watch.overshoots(),
	}
	switch cause {
	case CauseBlowUp, CauseUnbounded:
		l.steepest(d)
	default:
		if !l.findBad(d, CauseParameter) {
			l.findBad(d, CauseGradient)
		}
	}
	l.res.Diverged = d
}

// refused records the divergence that an update was refused for, and returns
// any other error.
func (l *loop[F]) refused(err error, rate float64) error {
	var bad *optim.NonFiniteError
	if !errors.As(err, &bad) {
		return err
	}
	l.diverge(CauseGradient, rate)
	return nil
}

// findBad looks for the first element that is not finite.
func (l *loop[F]) findBad(d *Diverged, cause Cause) bool {
	for i := range l.params {
		x := l.params[i].Data
		if cause == CauseGradient {
			x = l.params[i].Grad
		}
		for j, v := range x {
			if v-v != 0 {
				d.Cause, d.Param, d.Index, d.Value = cause, l.params[i].Name, j, Real(v)
				return true
			}
		}
	}
	return false
}

// steepest names the element with the largest gradient.
func (l *loop[F]) steepest(d *Diverged) {
	largest := -1.0
	for i := range l.params {
		for j, v := range l.params[i].Grad {
			if a := math.Abs(float64(v)); a > largest {
				largest = a
				d.Param, d.Index, d.Value = l.params[i].Name, j, Real(v)
			}
		}
	}
}
