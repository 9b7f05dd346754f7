package train

// An Event is something that happens in a run: a pointer to [Started],
// [Resumed], [Step], [Diagnosis], [Evaluation], [EpochEnd], [Oscillating],
// [Checkpointed], [Diverged] or [Finished].
type Event interface{ event() }

// A Sink receives the events of a run, one after the other, on the goroutine
// that runs it. The loop reuses what an event points to: it is valid during
// the call, and a sink copies what it wants to keep.
type Sink interface{ Event(e Event) }

// A SinkFunc is a function as a Sink.
type SinkFunc func(e Event)

// Event calls the function.
func (f SinkFunc) Event(e Event) { f(e) }

// Started comes before the first step.
type Started struct {
	Optimizer  string    `json:"optimizer"`         // the rules as optim.Spec writes them
	Rate       float64   `json:"rate"`              // the base rate
	Parameters int64     `json:"parameters"`        // elements of all parameters
	StateBytes int64     `json:"state_bytes"`       // memory of the optimizer's state
	Steps      int64     `json:"steps"`             // that the run will take at most; 0 when unknown
	PerEpoch   int64     `json:"steps_per_epoch"`   // 0 without epochs
	Epochs     int       `json:"epochs"`            // that the run will take at most; 0 when unlimited
	Point      []float64 `json:"point,omitempty"`   // the start, with Options.Points
	Value      float64   `json:"value,omitempty"`   // the loss there, of a Pointwise model
	Cycled     string    `json:"cycled,omitempty"`  // the hyper-parameter that Options.CycleMomentum cycles
	Watched    bool      `json:"watched,omitempty"` // oscillation is looked for
}

// Resumed comes instead of Started in a run that goes on from a checkpoint.
type Resumed struct {
	Started
	Step     int64    `json:"step"`               // updates applied by then
	Epoch    int      `json:"epoch"`              // epochs completed by then
	From     string   `json:"from"`               // name of the checkpoint
	Rejected []string `json:"rejected,omitempty"` // newer ones that cannot be used, and why
}

// Step comes after every step, applied or skipped.
type Step struct {
	Step       int64     `json:"step"`                  // updates applied so far, this one included
	Epoch      int       `json:"epoch"`                 // being served, from 0
	Loss       float64   `json:"loss"`                  // mean of the step's examples, where the gradient was taken: before the update
	Rate       float64   `json:"rate"`                  // that the update had
	Examples   int       `json:"examples,omitempty"`    // of this step; 0 without a source
	GradNorm   float64   `json:"grad_norm,omitempty"`   // 2-norm before clipping, 0 when nothing asked for it
	UpdateNorm float64   `json:"update_norm,omitempty"` // 2-norm of the update, with Options.Measure
	ParamNorm  float64   `json:"param_norm,omitempty"`  // 2-norm of the parameters before, with Options.Measure
	Clipped    bool      `json:"clipped,omitempty"`     // ClipNorm scaled the gradient
	Skipped    bool      `json:"skipped,omitempty"`     // no update, because of a non-finite gradient
	Point      []float64 `json:"point,omitempty"`       // the method's point after the update (see optim.Optimizer.View), with Options.Points
	Value      float64   `json:"value,omitempty"`       // the loss at Point, of a Pointwise model
	Slot       []float64 `json:"slot,omitempty"`        // with Options.Slot, that state of all parameters in their order after the update; zero for those without it
}

// Checkpointed comes when a checkpoint has been written, or could not be. It is
// written beside the training, so steps after the one that it holds have come
// before this event.
type Checkpointed struct {
	Step    int64   `json:"step"`  // updates applied that it holds
	Epoch   int     `json:"epoch"` // epochs completed
	Name    string  `json:"name"`
	Bytes   int64   `json:"bytes"`
	Seconds float64 `json:"seconds,omitempty"` // that writing took, by Options.Clock
	Error   string  `json:"error,omitempty"`   // why it could not be written; the checkpoints before it stay
	Warning string  `json:"warning,omitempty"` // of one that was written: why older ones could not be dropped
}

// Diagnosis comes after the Step that it looks into: see [Diagnostics]. Numbers
// that were not asked for are NaN.
//
// The step begins where its gradient was taken. For rules that take it at
// another point than their parameters, as Nesterov does, Cosine, Alpha, Along and
// Sharpness are those of the way from there to the parameters after the update.
type Diagnosis struct {
	Step int64 `json:"step"` // updates applied, this one included
	// Params has the norms of each parameter, in the order of the model's.
	Params []ParamNorms `json:"params,omitempty"`
	// Cosine is that of the angle between the gradients of this update and of the
	// one before, which often are those of other batches. It is −1 when they
	// reverse. NaN for the first update, and when one of them is zero.
	Cosine Real `json:"cosine"`
	// Alpha says how far the update went towards the minimum along its line: −1
	// is nowhere, 0 just there, 1 to where the loss is as high as before. For
	// gradient descent on a quadratic it is the rate times Along, less 1. It is −1
	// too where the line has no minimum, as the loss bends down or not at all, and
	// when nothing was updated; below −1 after a step uphill; +Inf when the step
	// began at the minimum; NaN when a loss or slope is not finite.
	Alpha Real `json:"alpha"`
	// Along is the mean curvature along the update d, dᵀHd/dᵀd for a quadratic: how
	// much the slope changed from one end to the other, over the length. NaN when
	// nothing was updated.
	Along Real `json:"along"`
	// Sharpness is the largest eigenvalue of the Hessian of the step's loss, with
	// its sign: it is negative where the loss bends down in every direction. Until
	// the iteration has converged, over some diagnoses, it is too low. Parameters
	// that are not trained have no part in it.
	Sharpness Real `json:"sharpness"`
	// Edge is 2/Sharpness, the rate above which gradient descent is unstable there;
	// +Inf when Sharpness is not positive. Heavy-ball momentum μ has its edge at 1+μ
	// times that.
	Edge Real `json:"edge"`
	Rate Real `json:"rate"` // of the update
}

// ParamNorms are the 2-norms of one parameter in a step.
type ParamNorms struct {
	Name   string `json:"name"`
	Value  Real   `json:"value"`  // of the parameter before the update
	Grad   Real   `json:"grad"`   // of its gradient before clipping
	Update Real   `json:"update"` // of the update
	Ratio  Real   `json:"ratio"`  // of Update to Value; for a Value of 0 it is +Inf, NaN if there is no update either
}

// Evaluation comes after a set was evaluated.
type Evaluation struct {
	Step     int64   `json:"step"`  // updates applied
	Epoch    int     `json:"epoch"` // epochs completed
	Set      string  `json:"set"`   // "train", "validation" or "test"
	Loss     float64 `json:"loss"`  // mean over the set
	Accuracy float64 `json:"accuracy"`
	Labelled bool    `json:"labelled"` // the set has classes, and Accuracy a meaning
	Examples int     `json:"examples"`
	Best     bool    `json:"best,omitempty"` // the lowest validation loss so far
}

// EpochEnd comes after the last step of an epoch, before its evaluations.
type EpochEnd struct {
	Epoch int     `json:"epoch"` // epochs completed
	Step  int64   `json:"step"`  // updates applied
	Loss  float64 `json:"loss"`  // mean over the epoch's examples, each before its update
	Rate  float64 `json:"rate"`  // of the last update
}

// Finished is the last event of a run.
type Finished struct {
	Result *Result `json:"result"`
}

func (*Started) event()      {}
func (*Resumed) event()      {}
func (*Step) event()         {}
func (*Diagnosis) event()    {}
func (*Evaluation) event()   {}
func (*EpochEnd) event()     {}
func (*Oscillating) event()  {}
func (*Checkpointed) event() {}
func (*Diverged) event()     {}
func (*Finished) event()     {}
