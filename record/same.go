package record

import (
	"bytes"
	"errors"
	"iter"

	"github.com/descent-go/descent/train"
)

// A Deviation is where the events of two runs part.
type Deviation struct {
	Step int64  `json:"step"` // updates applied by then
	A    string `json:"a"`    // the event of the one run, as in its log
	B    string `json:"b"`
}

// Deviate compares what happened in two runs, event by event: all but the time,
// and what belongs to the process rather than to the run, as checkpoints do. It
// returns nil when nothing differs, and whether both runs were compared to their
// end. Of one that was interrupted, failed or is not over there are only steps to
// compare, as far as it went.
func Deviate(a, b *Run) (d *Deviation, whole bool, err error) {
	whole = complete(a) && complete(b)
	nextA, stopA := iter.Pull2(deeds(a, whole))
	defer stopA()
	nextB, stopB := iter.Pull2(deeds(b, whole))
	defer stopB()
	for step := int64(0); ; {
		x, errA, moreA := nextA()
		y, errB, moreB := nextB()
		if err := errors.Join(errA, errB); err != nil {
			return nil, false, err
		}
		if whole && moreA != moreB || moreA && moreB && !bytes.Equal(x.line, y.line) {
			text := func(line []byte) string { return string(bytes.TrimSpace(line)) }
			return &Deviation{Step: max(step, x.step, y.step), A: text(x.line), B: text(y.line)}, whole, nil
		}
		if !moreA || !moreB {
			return nil, whole, nil
		}
		step = x.step
	}
}

// complete reports whether a run came to an end of its own.
func complete(r *Run) bool {
	switch r.Summary().Status {
	case StatusRunning, StatusCrashed, StatusInterrupted, StatusFailed:
		return false
	}
	return true
}

// A deed is an event without the time.
type deed struct {
	line []byte
	step int64
}

// deeds are the events of a run that are its own, or the steps among them.
func deeds(r *Run, all bool) iter.Seq2[deed, error] {
	return func(yield func(deed, error) bool) {
		var d deed
		enough := errors.New("enough")
		err := r.Events(func(_ float64, e train.Event) error {
			step, ok := e.(*train.Step)
			if ok {
				d.step = step.Step
			} else if e = lasting(e); e == nil || !all {
				return nil
			}
			d.line = AppendEvent(d.line[:0], 0, e)
			if !yield(d, nil) {
				return enough
			}
			return nil
		})
		if err != nil && !errors.Is(err, enough) {
			yield(deed{}, err)
		}
	}
}

// lasting returns an event without what belongs to the process, nil when nothing
// is left. How long a run was to be belongs there too: one that was made longer
// has done what one has that was to be as long from the beginning.
func lasting(e train.Event) train.Event {
	switch e := e.(type) {
	case *train.Started:
		begun := *e
		begun.Steps, begun.Epochs = 0, 0
		return &begun
	case *train.Resumed:
		if e.From == "" { // it began anew
			return lasting(&e.Started)
		}
		return nil
	case *train.Checkpointed:
		return nil
	case *train.Diverged:
		d := *e
		d.LastSane = ""
		return &d
	case *train.Finished:
		if e.Result == nil {
			return e
		}
		end := *e.Result
		if end.Seconds = 0; end.Diverged != nil {
			end.Diverged, end.Verdict = lasting(end.Diverged).(*train.Diverged), ""
		}
		return &train.Finished{Result: &end}
	}
	return e
}
