package train

import (
	"fmt"
	"time"

	"github.com/descent-go/descent/checkpoint"
	"github.com/descent-go/descent/optim"
)

// A saver takes the checkpoints of a run. At most one is being written, on a
// goroutine of its own, from the only snapshot there is.
type saver[F optim.Float] struct {
	c    *Checkpoints
	snap *snapshot[F]

	steps int64         // of the run when a checkpoint was last due
	time  time.Duration // that the run had taken

	busy  bool // the snapshot is being written
	ready bool // the snapshot of the end waits for the end to prove sound
	at    place
	began time.Duration // when writing did
	done  chan outcome

	stored *place // the newest that was written
	name   string // of it
	failed error  // of the last attempt
	event  Checkpointed
}

// A place is where a run stands, as far as it tells one checkpoint from the next.
type place struct {
	steps int64
	epoch int
	phase phase
}

// An outcome is what has become of writing a checkpoint.
type outcome struct {
	saved checkpoint.Saved
	err   error
}

func newSaver[F optim.Float](l *loop[F], cycled string) (*saver[F], error) {
	c := l.o.Checkpoints
	if err := c.check(l.o, l.source, l.sinks); err != nil {
		return nil, err
	}
	meta, err := l.settings(cycled)
	if err != nil {
		return nil, err
	}
	s := &saver[F]{c: c, snap: newSnapshot[F](l.sinks), done: make(chan outcome, 1)}
	s.snap.info.Meta = meta
	return s, nil
}

func (l *loop[F]) place() place { return place{l.steps(), l.st.Epoch, l.phase} }

// checkpoint takes one if it is due and none is being written.
func (l *loop[F]) checkpoint() {
	s := l.saver
	if s.busy {
		select {
		case o := <-s.done:
			s.settle(l, o)
		default:
			return
		}
	}
	if !s.due(l) {
		return
	}
	s.steps = l.steps()
	if l.clock != nil {
		s.time = l.elapsed()
	}
	if s.take(l) && s.snap.finite() { // else the next step's loss says so
		s.write(l)
	}
}

// due reports whether a checkpoint is.
func (s *saver[F]) due(l *loop[F]) bool {
	return s.c.Every > 0 && l.steps()/s.c.Every > s.steps/s.c.Every ||
		s.c.Period > 0 && l.elapsed()-s.time >= s.c.Period
}

// take takes the snapshot, or says why it cannot be taken.
func (s *saver[F]) take(l *loop[F]) bool {
	s.at, s.failed = l.place(), nil
	if l.clock != nil {
		s.began = l.elapsed()
	}
	if err := s.snap.take(l); err != nil {
		s.settle(l, outcome{err: err})
		return false
	}
	return true
}

// write begins to write the snapshot.
func (s *saver[F]) write(l *loop[F]) {
	s.busy = true
	go func() {
		var o outcome
		if o.err = s.snap.sync(); o.err == nil {
			o.saved, o.err = s.c.Store.Save(s.snap.info, s.snap.parts())
		}
		s.done <- o
	}()
}

// settle notes what has become of a checkpoint, and reports it.
func (s *saver[F]) settle(l *loop[F], o outcome) {
	s.busy, s.failed = false, o.err
	e := &s.event
	*e = Checkpointed{Step: s.snap.info.Step, Epoch: s.snap.info.Epoch, Name: o.saved.Name, Bytes: o.saved.Bytes}
	if l.clock != nil {
		e.Seconds = (l.elapsed() - s.began).Seconds()
	}
	if o.err != nil {
		e.Error = o.err.Error()
	} else {
		at := s.at
		s.stored, s.name = &at, o.saved.Name
		if o.saved.Undropped != nil {
			e.Warning = o.saved.Undropped.Error()
		}
	}
	l.emit(e)
}

// wait waits until nothing is being written.
func (s *saver[F]) wait(l *loop[F]) {
	if s.busy {
		s.settle(l, <-s.done)
	}
}

// last takes the snapshot of a run that ends, unless it is the one that was
// written last.
func (s *saver[F]) last(l *loop[F], reason Reason) {
	s.wait(l)
	s.failed = nil
	if reason != ReasonDiverged && reason != ReasonFailed && (s.stored == nil || *s.stored != l.place()) {
		s.ready = s.take(l)
	}
}

// commit begins to write the snapshot of the end.
func (s *saver[F]) commit(l *loop[F]) {
	if s.ready {
		s.ready = false
		s.write(l)
	}
}

// finish waits for the last checkpoint, and returns the error that there is
// none of the end.
func (s *saver[F]) finish(l *loop[F]) error {
	s.wait(l)
	if l.res.Diverged != nil {
		l.res.Diverged.LastSane = s.name
	}
	if s.failed != nil {
		return fmt.Errorf("train: the last checkpoint, after %s: %w", counted(l.opt.Updates(), "step"), s.failed)
	}
	return nil
}
