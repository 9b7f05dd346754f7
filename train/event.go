package train

// An Event is something that happens in a run: a pointer to [Started], [Step],
// [Evaluation], [EpochEnd], [Oscillating], [Diverged] or [Finished].
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

// Step comes after every step, applied or skipped.
type Step struct {
	Step       int64     // updates applied so far, this one included
	Epoch      int       // being served, from 0
	Loss       float64   // mean of the step's examples, where the gradient was taken: before the update
	Rate       float64   // that the update had
	Examples   int       // of this step; 0 without a source
	GradNorm   float64   // 2-norm before clipping, 0 when nothing asked for it
	UpdateNorm float64   // 2-norm of the update, with Options.Measure
	ParamNorm  float64   // 2-norm of the parameters before, with Options.Measure
	Clipped    bool      // ClipNorm scaled the gradient
	Skipped    bool      // no update, because of a non-finite gradient
	Point      []float64 // the method's point after the update (see optim.Optimizer.View), with Options.Points
	Value      float64   // the loss at Point, of a Pointwise model
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
	Result *Result
}

func (*Started) event()     {}
func (*Step) event()        {}
func (*Evaluation) event()  {}
func (*EpochEnd) event()    {}
func (*Oscillating) event() {}
func (*Diverged) event()    {}
func (*Finished) event()    {}
