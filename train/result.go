package train

import (
	"encoding/json"
	"fmt"
	"math"
)

// A Result is what a run has come to.
type Result struct {
	// Optimizer is the rule as optim.Spec writes it; several are separated by " + ".
	Optimizer string `json:"optimizer"`
	// FinalLoss is the loss at Point for a Pointwise model. For others it is
	// the mean training loss from the last observation but one to the last, of
	// an epoch as a rule, each batch before its update. A run that diverged or
	// failed has the last loss that was finite here, or NaN if there was none,
	// which JSON has as null.
	FinalLoss float64 `json:"final_loss"`
	// FirstLoss is the loss of the first step.
	FirstLoss float64 `json:"first_loss"`
	// BestLoss is the lowest observed loss, after BestStep updates. The end of
	// a Pointwise model's run is an observation too.
	BestLoss float64 `json:"best_loss"`
	BestStep int64   `json:"best_step"`
	// Steps counts the updates applied, Skipped the steps without one.
	Steps   int64 `json:"steps"`
	Skipped int64 `json:"skipped"`
	// Epochs counts the epochs completed.
	Epochs int `json:"epochs"`
	// Examples counts the examples trained on, repetitions included.
	Examples int64  `json:"examples"`
	Reason   Reason `json:"reason"`
	// Verdict says in a sentence how the run went.
	Verdict string `json:"verdict"`
	// Seconds is the duration of Run by Options.Clock: setting up and evaluations included.
	Seconds float64 `json:"seconds"`
	// Point is where a Pointwise model ended: the best point with KeepBest,
	// otherwise the method's (see optim.Optimizer.View). It is nil where that
	// is not finite.
	Point []float64 `json:"point,omitempty"`
	// Restored says that the model holds the best parameters, not the last.
	Restored bool `json:"restored,omitempty"`
	// Averaged says that the model holds averaged parameters.
	Averaged bool `json:"averaged,omitempty"`
	// Diverged and Oscillating say what went wrong, if it did; the latter holds
	// the last time that it began.
	Diverged    *Diverged    `json:"diverged,omitempty"`
	Oscillating *Oscillating `json:"oscillating,omitempty"`
	// Evaluations holds every evaluation in order.
	Evaluations []Evaluation `json:"evaluations,omitempty"`
	// The test set's mean loss and share of examples classified rightly, with
	// the parameters that the model holds.
	TestLoss     *float64 `json:"test_loss,omitempty"`
	TestAccuracy *float64 `json:"test_accuracy,omitempty"`
}

// MarshalJSON writes the result, with null for losses that are not finite.
func (r *Result) MarshalJSON() ([]byte, error) {
	type plain Result
	return json.Marshal(struct {
		*plain
		FinalLoss *float64 `json:"final_loss"`
		FirstLoss *float64 `json:"first_loss"`
		BestLoss  *float64 `json:"best_loss"`
	}{(*plain)(r), ifFinite(r.FinalLoss), ifFinite(r.FirstLoss), ifFinite(r.BestLoss)})
}

func ifFinite(v float64) *float64 {
	if !finite(v) {
		return nil
	}
	return &v
}

func finite(v float64) bool { return v-v == 0 }

func notFinite(v float64) bool { return v-v != 0 }

// A Real is a number that JSON holds as a string when it is not finite: "NaN",
// "+Inf", "-Inf".
type Real float64

// MarshalJSON writes the number.
func (v Real) MarshalJSON() ([]byte, error) {
	if !finite(float64(v)) {
		return fmt.Appendf(nil, "%q", fmt.Sprint(float64(v))), nil
	}
	return json.Marshal(float64(v))
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (v *Real) UnmarshalJSON(text []byte) error {
	for _, w := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if string(text) == fmt.Sprintf("%q", fmt.Sprint(w)) {
			*v = Real(w)
			return nil
		}
	}
	return json.Unmarshal(text, (*float64)(v))
}

// describe writes the verdict.
func (r *Result) describe(o *Options) {
	from := "no finite loss"
	if finite(r.FinalLoss) {
		if from = fmt.Sprintf("loss %.6g", r.FinalLoss); finite(r.FirstLoss) {
			from += fmt.Sprintf(", from %.6g", r.FirstLoss)
		}
	}
	switch r.Reason {
	case ReasonDiverged:
		r.Verdict = r.Diverged.String()
		return
	case ReasonFailed:
		r.Verdict = "failed"
	case ReasonTarget:
		r.Verdict = fmt.Sprintf("reached the target loss of %g", *o.TargetLoss)
	case ReasonSmallGradient:
		r.Verdict = fmt.Sprintf("converged: gradient norm at most %g", o.MinGrad)
	case ReasonSmallUpdate:
		r.Verdict = fmt.Sprintf("converged: update norm at most %g", o.MinUpdate)
	case ReasonNoImprovement:
		r.Verdict = fmt.Sprintf("stopped: nothing better than %.6g of step %d in %s", r.BestLoss, r.BestStep, counted(int64(o.Patience), "observation"))
	case ReasonEpochs:
		r.Verdict = "finished " + counted(int64(r.Epochs), "epoch")
	case ReasonSteps:
		r.Verdict = "finished"
	case ReasonExhausted:
		r.Verdict = "finished: the data ended"
	case ReasonInterrupted:
		r.Verdict = "interrupted"
	case ReasonTime:
		r.Verdict = fmt.Sprintf("stopped: the time budget of %v is used up", o.TimeBudget)
	}
	r.Verdict += fmt.Sprintf("; %s after %s", from, counted(r.Steps, "step"))
	if r.Oscillating != nil && !r.Oscillating.Ceased {
		r.Verdict += "; " + r.Oscillating.String()
	}
}

// counted prints a number of things: 1 step, 2 steps.
func counted(n int64, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}
