package train

import (
	"encoding/json"
	"io"
	"time"

	"github.com/descent-go/descent/checkpoint"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/schedule"
)

// The parts of a checkpoint. All but the first three are there only when the
// run has such a thing; the state of a sink is in a part of its own.
const (
	partRun        = "run.json"
	partParameters = "parameters.safetensors"
	partOptimizer  = "optimizer.safetensors"
	partBuffers    = "buffers.safetensors"
	partAverages   = "averages.safetensors"
	partBest       = "best.safetensors"
	partWatcher    = "watcher.safetensors"
	partGradients  = "gradients.safetensors" // of the step that the run ended in
	partDiagnoses  = "diagnoses.safetensors" // what they go on from
	partSink       = "sink-"                 // and the sink's state name
)

// savedRun is what a checkpoint holds of a run beside tensors: the part run.json.
type savedRun struct {
	State     state         `json:"state"`
	Phase     phase         `json:"phase"`
	Pending   Real          `json:"pending"` // rate of the step at work
	EpochOver bool          `json:"epoch_over"`
	Loss      Real          `json:"loss"` // of the last step, as all up to UpdateNorm
	Weight    float64       `json:"weight"`
	Examples  int           `json:"examples"`
	Rate      float64       `json:"rate"`
	Skipped   bool          `json:"skipped"`
	Norm      Real          `json:"update_norm"`
	Elapsed   time.Duration `json:"elapsed"`

	FinalLoss   Real         `json:"final_loss"`
	Oscillating *Oscillating `json:"oscillating,omitempty"`
	Evaluations []Evaluation `json:"evaluations,omitempty"`

	Watched *watched               `json:"watched,omitempty"`
	Plateau *schedule.PlateauState `json:"plateau,omitempty"`
	Source  *position              `json:"source,omitempty"`
	Random  []byte                 `json:"random,omitempty"` // a Randomised model's streams
}

// A position is where a source stands.
type position struct {
	Epoch int `json:"epoch"`
	Batch int `json:"batch"`
}

// A snapshot is a copy of a run between two steps, or where it ended. The next
// one reuses its memory.
type snapshot[F optim.Float] struct {
	info    checkpoint.Info
	run     savedRun
	tensors []tensorPart[F]
	sinks   []sinkState
	diag    []byte // the diagnoser's state
}

// A tensorPart is a part that holds tensors.
type tensorPart[F optim.Float] struct {
	name string
	copy optim.Snapshot[F]
	used bool
}

type sinkState struct {
	sink Stateful
	data []byte
}

func newSnapshot[F optim.Float](sinks []Sink) *snapshot[F] {
	s := &snapshot[F]{}
	for _, name := range []string{partParameters, partOptimizer, partBuffers, partAverages, partBest, partWatcher, partGradients} {
		s.tensors = append(s.tensors, tensorPart[F]{name: name})
	}
	for _, sink := range sinks {
		if sink, ok := sink.(Stateful); ok {
			s.sinks = append(s.sinks, sinkState{sink: sink})
		}
	}
	return s
}

// take copies the run. The parameters are their own, neither the averages nor
// at the probe.
func (s *snapshot[F]) take(l *loop[F]) error {
	s.info.Step, s.info.Epoch = l.opt.Updates(), l.st.Epoch
	var err error
	if s.run, err = l.record(); err != nil {
		return err
	}
	for i := range s.tensors {
		t := &s.tensors[i]
		var err error
		switch t.name {
		case partOptimizer:
			t.used, err = true, t.copy.TakeState(l.opt)
		case partAverages:
			if t.used = l.avg != nil; t.used {
				err = t.copy.TakeAverage(l.avg)
			}
		default:
			params := l.tensorsOf(t.name)
			if t.used = len(params) > 0; t.used {
				t.copy.TakeParams(params, nil)
			}
		}
		if err != nil {
			return err
		}
	}
	if l.diag != nil {
		if s.diag, err = l.diag.state(); err != nil {
			return err
		}
	}
	for i := range s.sinks {
		state, err := s.sinks[i].sink.State()
		if err != nil {
			return err
		}
		s.sinks[i].data = append(s.sinks[i].data[:0], state...)
	}
	return nil
}

// tensorsOf returns what a part holds that is a list of tensors, none when the
// run has no such thing now.
func (l *loop[F]) tensorsOf(part string) []optim.Param[F] {
	switch {
	case part == partParameters:
		return l.params
	case part == partBuffers:
		return l.buffers
	case part == partBest && l.saved:
		return l.best
	case part == partWatcher && l.watch != nil:
		return l.watch.tensors()
	case part == partGradients && l.phase == phaseObserved:
		return l.gradients()
	}
	return nil
}

// gradients returns the gradients as tensors.
func (l *loop[F]) gradients() []optim.Param[F] {
	var all []optim.Param[F]
	for _, p := range l.params {
		if p.Grad != nil {
			all = append(all, optim.Param[F]{Name: p.Name, Shape: p.Shape, Data: p.Grad})
		}
	}
	return all
}

// record returns what run.json holds. What goes on changing is copied.
func (l *loop[F]) record() (r savedRun, err error) {
	r = savedRun{
		State: l.st, Phase: l.phase, Pending: Real(l.pending), EpochOver: l.epochOver,
		Loss: Real(l.loss), Weight: l.weight, Examples: l.examples,
		Rate: l.step.Rate, Skipped: l.step.Skipped, Norm: Real(l.step.UpdateNorm),
		FinalLoss: Real(l.res.FinalLoss), Evaluations: l.res.Evaluations,
	}
	if l.clock != nil {
		r.Elapsed = l.elapsed()
	}
	if l.res.Oscillating != nil {
		seen := *l.res.Oscillating
		r.Oscillating = &seen
	}
	if l.watch != nil {
		known := l.watch.watched
		r.Watched = &known
	}
	if l.o.Plateau != nil {
		known := l.o.Plateau.State
		r.Plateau = &known
	}
	if source, ok := l.source.(positioned); ok {
		var at position
		at.Epoch, at.Batch = source.Position()
		r.Source = &at
	}
	if model, ok := l.model.(Randomised); ok {
		r.Random, err = model.State()
	}
	return r, err
}

// finite reports whether all parameters are.
func (s *snapshot[F]) finite() bool { return s.tensors[0].copy.Finite() }

// parts returns what the snapshot is written as.
func (s *snapshot[F]) parts() []checkpoint.Part {
	parts := []checkpoint.Part{{Name: partRun, Write: func(w io.Writer) error {
		text, err := json.MarshalIndent(&s.run, "", " ")
		if err == nil {
			_, err = w.Write(append(text, '\n'))
		}
		return err
	}}}
	for i := range s.tensors {
		if t := &s.tensors[i]; t.used {
			parts = append(parts, checkpoint.Part{Name: t.name, Write: func(w io.Writer) error {
				_, err := t.copy.WriteTo(w)
				return err
			}})
		}
	}
	if s.diag != nil {
		parts = append(parts, checkpoint.Part{Name: partDiagnoses, Write: func(w io.Writer) error {
			_, err := w.Write(s.diag)
			return err
		}})
	}
	for i := range s.sinks {
		state := &s.sinks[i]
		parts = append(parts, checkpoint.Part{Name: partSink + state.sink.StateName(), Write: func(w io.Writer) error {
			_, err := w.Write(state.data)
			return err
		}})
	}
	return parts
}

// sync makes durable what the states of sinks speak of.
func (s *snapshot[F]) sync() error {
	for i := range s.sinks {
		if sink, ok := s.sinks[i].sink.(interface{ Sync() error }); ok {
			if err := sink.Sync(); err != nil {
				return err
			}
		}
	}
	return nil
}
