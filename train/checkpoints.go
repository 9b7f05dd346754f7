package train

import (
	"fmt"
	"regexp"
	"time"

	"github.com/descent-go/descent/checkpoint"
	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/optim"
)

// Checkpoints say when and where a run is saved, and whether it goes on from
// what was saved.
//
// A checkpoint holds all that decides what follows: parameters and buffers of
// the model, the optimizer's state, averages, best parameters, the plateau,
// counters, the result so far, the position in the data, every random stream
// (see [Randomised]) and the memory of every [Stateful] sink. A run that goes on
// from it, in whatever process, ends with the same bits as one that was never
// interrupted.
//
// It is copied between two steps and written beside the training that goes on.
// When one falls due while another is being written, it is taken after the first
// step that ends later. A checkpoint that cannot be written does not end the
// run: its [Checkpointed] event says why, and the next one tries again. The last
// one is taken when the run ends for any reason but divergence and failure,
// before best parameters and averages are put in place; when that cannot be
// written, Run returns the result and an error.
type Checkpoints struct {
	// Store keeps them.
	Store *checkpoint.Store
	// Every is the number of steps from one to the next, those that were skipped
	// included. 0 takes none by steps.
	Every int64
	// Period is the time from one to the next, by Options.Clock. 0 takes none by
	// time.
	Period time.Duration
	// Resume goes on from the newest valid checkpoint of the store, if there is
	// one. Options that decide what follows must be those of the run that was
	// saved, or Run returns an error that names the one that is not, and the model
	// is as it was. What only ends a run may differ: Epochs, Steps, TargetLoss,
	// MinGrad, MinUpdate, Patience, TimeBudget, BlowUp, MaxSkips. A run that had
	// ended ends again at once where its reason still holds.
	Resume bool
	// Settings are values of the caller's that must be the same when resuming, by
	// name, such as a checksum of the data.
	Settings map[string]string
}

// A Stateful sink has memory that belongs to the run: it is saved in its
// checkpoints and comes back with them.
//
// A sink that also has the method Sync() error is asked to make what State spoke
// of durable before the checkpoint becomes valid. Sync is called on another
// goroutine, while events go on.
type Stateful interface {
	Sink
	// StateName names the state in a checkpoint: small letters, digits and
	// dashes. The names of a run's sinks differ.
	StateName() string
	// State returns the memory after the last event. It is copied before the next
	// call.
	State() ([]byte, error)
	// SetState sets the memory to what State returned, or, for nil, to that before
	// the first event. Run calls it before any event when it resumes: with nil
	// where no checkpoint has a state for the sink.
	SetState([]byte) error
}

// A Randomised model draws random numbers in training, as a network with
// dropout does; checkpoints hold where its streams are.
type Randomised interface {
	State() ([]byte, error)
	// SetState sets the streams to what State returned. On an error it changes
	// nothing.
	SetState([]byte) error
}

// A Buffered model keeps values beside its parameters that belong to it, as the
// running statistics of batch normalisation. Their Grad is nil, and their Data
// the model's own.
type Buffered[F optim.Float] interface {
	Buffers() []optim.Param[F]
}

// A positioned source can be continued anywhere: data.Batches.
type positioned interface {
	Position() (epoch, batch int)
	Seek(epoch, batch int) error
}

var stateName = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)

// check says what is wrong with checkpoints of a run.
func (c *Checkpoints) check(o *Options, source data.Source, sinks []Sink) error {
	switch {
	case c.Store == nil:
		return fmt.Errorf("train: Options.Checkpoints has no Store")
	case c.Every < 0:
		return fmt.Errorf("train: Options.Checkpoints.Every = %d, want at least 0", c.Every)
	case c.Period < 0:
		return fmt.Errorf("train: Options.Checkpoints.Period = %v, want at least 0", c.Period)
	case c.Period > 0 && o.Clock == nil:
		return fmt.Errorf("train: Options.Checkpoints.Period needs a Clock, such as time.Now")
	}
	if _, ok := source.(positioned); source != nil && !ok {
		return fmt.Errorf("train: no checkpoints of a run over %T: what it has served cannot be had again, so nothing could go on from there (want a source with Position and Seek, such as data.Batches)", source)
	}
	seen := map[string]bool{}
	for _, s := range sinks {
		s, ok := s.(Stateful)
		if !ok {
			continue
		}
		switch name := s.StateName(); {
		case !stateName.MatchString(name):
			return fmt.Errorf("train: sink %T has the state name %q, want 1 to 64 small letters, digits and dashes", s, name)
		case seen[name]:
			return fmt.Errorf("train: two sinks have the state name %q", name)
		default:
			seen[name] = true
		}
	}
	return nil
}
