package train

import "fmt"

// A Reason says why a run ended.
type Reason int

// The reasons why a run ends. When several hold after the same step, the
// first of this list that does is given.
const (
	ReasonFailed        Reason = iota // the model, the source or a schedule returned an error
	ReasonDiverged                    // see Diverged
	ReasonTarget                      // the loss reached Options.TargetLoss
	ReasonSmallGradient               // the gradient norm reached Options.MinGrad
	ReasonSmallUpdate                 // the update norm reached Options.MinUpdate
	ReasonNoImprovement               // Options.Patience observations in a row were no better
	ReasonEpochs                      // Options.Epochs are done
	ReasonSteps                       // Options.Steps are done
	ReasonExhausted                   // the source has no more data
	ReasonInterrupted                 // the context ended
	ReasonTime                        // Options.TimeBudget is used up
)

var reasonNames = [...]string{
	"failed", "diverged", "target reached", "small gradient", "small update", "no improvement",
	"epochs", "steps", "data exhausted", "interrupted", "time budget",
}

// String returns a word or two, such as "no improvement".
func (r Reason) String() string {
	if r < 0 || int(r) >= len(reasonNames) {
		return fmt.Sprintf("Reason(%d)", int(r))
	}
	return reasonNames[r]
}

// MarshalText writes the reason as String does.
func (r Reason) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (r *Reason) UnmarshalText(text []byte) error {
	for i, name := range reasonNames {
		if name == string(text) {
			*r = Reason(i)
			return nil
		}
	}
	return fmt.Errorf("train: no reason %q", text)
}
