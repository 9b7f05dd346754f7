package train

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/descent-go/descent/checkpoint"
	"github.com/descent-go/descent/optim"
)

// resume goes on from the newest checkpoint, if the run is to and there is one.
// It returns the event that says so, or nil for a run that begins as usual.
// Where checkpoints were there and none is valid, the run begins anew, and the
// event says that. On an error the model is as it was.
func (l *loop[F]) resume() (*Resumed, error) {
	if !l.saver.c.Resume {
		return nil, nil
	}
	c, rejected, err := l.saver.c.Store.Newest()
	if err != nil {
		return nil, fmt.Errorf("train: resume: %w", err)
	}
	e := &Resumed{}
	for _, r := range rejected {
		e.Rejected = append(e.Rejected, fmt.Sprintf("%s: %v", r.Name, r.Err))
	}
	if c == nil {
		for _, s := range l.saver.snap.sinks {
			if err := s.sink.SetState(nil); err != nil {
				return nil, fmt.Errorf("train: sink %s: %w", s.sink.StateName(), err)
			}
		}
		if rejected == nil {
			return nil, nil
		}
		return e, nil
	}
	if err := l.restore(c); err != nil {
		return nil, fmt.Errorf("train: checkpoint %s: %w", c.Name, err)
	}
	at := l.place()
	s := l.saver
	s.stored, s.name, s.steps, s.time = &at, c.Name, l.steps(), l.before
	e.Step, e.Epoch, e.From = l.opt.Updates(), l.st.Epoch, c.Name
	return e, nil
}

// restore takes over a checkpoint. The loop's own things come first, then what
// can refuse, and the model's parameters when nothing can fail any more.
func (l *loop[F]) restore(c *checkpoint.Checkpoint) error {
	if err := sameSettings(c.Info.Meta, l.saver.snap.info.Meta); err != nil {
		return err
	}
	r, err := readRun(c)
	if err != nil {
		return err
	}
	if err := l.restoreOwn(c, r); err != nil {
		return err
	}
	params, buffers := alike(l.params), alike(l.buffers)
	grads := alike(l.gradients())
	for _, p := range []struct {
		name    string
		tensors []optim.Param[F]
		there   bool
	}{
		{partParameters, params, true},
		{partBuffers, buffers, len(buffers) > 0},
		{partGradients, grads, r.Phase == phaseObserved && len(grads) > 0},
	} {
		if err := readTensors(c, p.name, p.tensors, p.there); err != nil {
			return err
		}
	}
	if err := l.restoreOthers(c, r); err != nil {
		return err
	}
	if l.o.Plateau != nil {
		l.o.Plateau.State = *r.Plateau
	}
	assign(l.params, params)
	assign(l.buffers, buffers)
	if r.Phase == phaseObserved {
		assign(l.gradients(), grads)
	}
	return nil
}

// readRun reads the part run.json.
func readRun(c *checkpoint.Checkpoint) (*savedRun, error) {
	text, err := c.Part(partRun)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	r := &savedRun{}
	if err := d.Decode(r); err != nil {
		return nil, fmt.Errorf("%s: %w", partRun, err)
	}
	return r, nil
}

// readTensors reads a part into tensors if it is to be there, and refuses it if
// it is not.
func readTensors[F optim.Float](c *checkpoint.Checkpoint, name string, into []optim.Param[F], there bool) error {
	if !there {
		if c.Has(name) {
			return fmt.Errorf("%s: the run has no such thing", name)
		}
		return nil
	}
	b, err := c.Part(name)
	if err != nil {
		return err
	}
	if _, err := optim.ReadParams(bytes.NewReader(b), int64(len(b)), into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// restoreOwn restores what belongs to the loop.
func (l *loop[F]) restoreOwn(c *checkpoint.Checkpoint, r *savedRun) error {
	state, err := c.Part(partOptimizer)
	if err != nil {
		return err
	}
	if err := l.opt.ReadState(bytes.NewReader(state), int64(len(state))); err != nil {
		return fmt.Errorf("%s: %w", partOptimizer, err)
	}
	if l.avg != nil {
		means, err := c.Part(partAverages)
		if err != nil {
			return err
		}
		if err := l.avg.ReadState(bytes.NewReader(means), int64(len(means))); err != nil {
			return fmt.Errorf("%s: %w", partAverages, err)
		}
	}
	l.saved = c.Has(partBest)
	if err := readTensors(c, partBest, l.best, l.saved); err != nil {
		return err
	}
	if l.diag != nil && c.Has(partDiagnoses) {
		state, err := c.Part(partDiagnoses)
		if err != nil {
			return err
		}
		if err := l.diag.setState(state); err != nil {
			return fmt.Errorf("%s: %w", partDiagnoses, err)
		}
	}
	if l.watch != nil {
		if r.Watched == nil {
			return fmt.Errorf("%s: nothing of oscillation", partRun)
		}
		if err := readTensors(c, partWatcher, l.watch.tensors(), true); err != nil {
			return err
		}
		l.watch.watched = *r.Watched
	}
	if (r.Plateau != nil) != (l.o.Plateau != nil) || (r.Source != nil) != (l.source != nil) || r.Phase < phaseBetween || r.Phase > phaseUpdated {
		return fmt.Errorf("%s does not fit the run", partRun)
	}
	l.st, l.phase, l.pending, l.epochOver = r.State, r.Phase, float64(r.Pending), r.EpochOver
	l.loss, l.weight, l.examples = float64(r.Loss), r.Weight, r.Examples
	l.step.Rate, l.step.Skipped, l.step.UpdateNorm = r.Rate, r.Skipped, float64(r.Norm)
	l.before = r.Elapsed
	l.res.FinalLoss, l.res.Oscillating, l.res.Evaluations = float64(r.FinalLoss), r.Oscillating, r.Evaluations
	return nil
}

// restoreOthers restores the model's streams, the source and the sinks. When
// one refuses, streams and source are put back.
func (l *loop[F]) restoreOthers(c *checkpoint.Checkpoint, r *savedRun) (err error) {
	var undo []func() error
	defer func() {
		if err != nil {
			for _, u := range undo {
				err = errors.Join(err, u())
			}
		}
	}()
	if model, ok := l.model.(Randomised); ok {
		before, err := model.State()
		if err != nil {
			return err
		}
		if err := model.SetState(r.Random); err != nil {
			return fmt.Errorf("%s: %w", partRun, err)
		}
		undo = append(undo, func() error { return model.SetState(before) })
	}
	if source, ok := l.source.(positioned); ok {
		epoch, batch := source.Position()
		if err := source.Seek(r.Source.Epoch, r.Source.Batch); err != nil {
			return fmt.Errorf("%s: %w", partRun, err)
		}
		undo = append(undo, func() error { return source.Seek(epoch, batch) })
	}
	for _, s := range l.saver.snap.sinks {
		var state []byte
		if name := partSink + s.sink.StateName(); c.Has(name) {
			state, _ = c.Part(name)
		}
		if err := s.sink.SetState(state); err != nil {
			return fmt.Errorf("%s%s: %w", partSink, s.sink.StateName(), err)
		}
	}
	return nil
}
