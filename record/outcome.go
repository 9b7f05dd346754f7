package record

import (
	"bytes"
	"io"
	"io/fs"
	"os"

	"github.com/descent-go/descent/train"
)

// How far back from its end the log of a run that is not over is read, and how
// much of that at first.
const (
	mostTail  = 4 << 20
	firstTail = 64 << 10
)

// An outcome is what the first and the last events of a run tell.
type outcome struct {
	status  Status // "" when the run is not over
	verdict string
	metrics map[string]float64

	epoch, step, best, validation, trained bool // the last of these has been seen
}

// readOutcome reads the beginning and the end of a log, not what lies between.
func readOutcome(path string) (*outcome, error) {
	o := &outcome{metrics: map[string]float64{}}
	f, err := openOwn(path)
	if os.IsNotExist(err) {
		return o, nil
	}
	if err != nil {
		return o, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return o, err
	}
	if !info.Mode().IsRegular() {
		return o, &fs.PathError{Op: "read", Path: path, Err: fs.ErrInvalid}
	}
	if err := o.first(f); err != nil {
		return o, err
	}
	return o, linesFromEnd(f, info.Size(), mostTail, o.line)
}

// first reads the first event.
func (o *outcome) first(r io.ReaderAt) error {
	head := make([]byte, firstTail)
	n, err := r.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return err
	}
	line, _, _ := bytes.Cut(head[:n], []byte("\n"))
	_, e, err := ParseEvent(line)
	if err != nil {
		return nil // the replay is where damage is reported
	}
	switch e := e.(type) {
	case *train.Started:
		o.started(e)
	case *train.Resumed:
		o.started(&e.Started)
	}
	return nil
}

func (o *outcome) started(e *train.Started) {
	o.set("parameters", float64(e.Parameters))
	o.set("state_bytes", float64(e.StateBytes))
	if e.Steps > 0 {
		o.set("planned_steps", float64(e.Steps))
	}
	if e.Epochs > 0 {
		o.set("planned_epochs", float64(e.Epochs))
	}
}

// set keeps a metric if it is finite and was not set.
func (o *outcome) set(name string, v float64) {
	if _, ok := o.metrics[name]; !ok && v-v == 0 {
		o.metrics[name] = v
	}
}

var (
	stepLine      = []byte(`{"event":"step"`)
	diagnosisLine = []byte(`{"event":"diagnosis"`)
)

// line takes a line, the last first, and reports whether it wants the one
// before. Lines that cannot be read are left out.
func (o *outcome) line(line []byte) (more bool) {
	if o.step && bytes.HasPrefix(line, stepLine) || bytes.HasPrefix(line, diagnosisLine) {
		return true
	}
	at, e, err := ParseEvent(line)
	if err != nil {
		return true
	}
	o.set("seconds", at)
	switch e := e.(type) {
	case *train.Finished:
		o.finished(e.Result)
		return false
	case *train.Started:
		return false
	case *train.Resumed:
		o.started(&e.Started)
		o.set("steps", float64(e.Step))
		o.set("epochs", float64(e.Epoch))
	case *train.Step:
		o.step = true
		o.set("steps", float64(e.Step))
		o.set("epochs", float64(e.Epoch))
		o.set("final_loss", e.Loss)
	case *train.EpochEnd:
		o.epoch = true
		o.set("steps", float64(e.Step))
		o.set("epochs", float64(e.Epoch))
		o.set("final_loss", e.Loss)
	case *train.Evaluation:
		o.evaluation(e)
		if e.Best && !o.best {
			o.best = true
			o.set("best_loss", e.Loss)
			o.set("best_step", float64(e.Step))
		}
	}
	return !(o.best && o.step && o.epoch && o.trained)
}

// evaluation takes the evaluation of a set if it is the first that is seen.
func (o *outcome) evaluation(e *train.Evaluation) {
	prefix := ""
	switch {
	case e.Set == "validation" && !o.validation:
		o.validation, prefix = true, "val"
	case e.Set == "train" && !o.trained:
		o.trained, prefix = true, "train"
	default:
		return
	}
	o.set(prefix+"_loss", e.Loss)
	if e.Labelled {
		o.set(prefix+"_accuracy", e.Accuracy)
	}
}

// finished takes a result. Validation losses and accuracies are those of the
// parameters that the model was left with.
func (o *outcome) finished(r *train.Result) {
	if o.status = StatusFailed; r == nil {
		return
	}
	o.status, o.verdict = statusOf(r), r.Verdict
	for _, m := range []struct {
		name  string
		value float64
	}{
		{"final_loss", r.FinalLoss}, {"first_loss", r.FirstLoss}, {"best_loss", r.BestLoss}, {"best_step", float64(r.BestStep)},
		{"steps", float64(r.Steps)}, {"skipped", float64(r.Skipped)}, {"epochs", float64(r.Epochs)}, {"examples", float64(r.Examples)},
	} {
		o.set(m.name, m.value)
	}
	if r.Seconds > 0 {
		o.metrics["seconds"] = r.Seconds
	}
	if r.TestLoss != nil {
		o.set("test_loss", *r.TestLoss)
	}
	if r.TestAccuracy != nil {
		o.set("test_accuracy", *r.TestAccuracy)
	}
	for i := len(r.Evaluations) - 1; i >= 0; i-- {
		if e := &r.Evaluations[i]; !r.Restored || e.Step == r.BestStep {
			o.evaluation(e)
		}
	}
}

func statusOf(r *train.Result) Status {
	switch r.Reason {
	case train.ReasonFailed:
		return StatusFailed
	case train.ReasonDiverged:
		return StatusDiverged
	case train.ReasonInterrupted:
		return StatusInterrupted
	case train.ReasonTarget, train.ReasonSmallGradient, train.ReasonSmallUpdate:
		return StatusConverged
	case train.ReasonNoImprovement, train.ReasonTime:
		return StatusStopped
	}
	return StatusFinished
}

// linesFromEnd calls line with the lines of the first size bytes of r, the last
// first, until it returns false or most bytes have been read. A last line longer
// than that is read for as long as Replay would.
func linesFromEnd(r io.ReaderAt, size, most int64, line func([]byte) (more bool)) error {
	var rest []byte // from pos on, without what line has had
	given := false
	for pos, chunk := size, int64(firstTail); pos > 0; chunk *= 2 {
		n := min(chunk, pos)
		pos -= n
		buf := make([]byte, n+int64(len(rest)))
		if _, err := r.ReadAt(buf[:n], pos); err != nil {
			return err
		}
		copy(buf[n:], rest)
		for len(buf) > 0 {
			i := bytes.LastIndexByte(buf[:len(buf)-1], '\n') + 1
			if i == 0 && pos > 0 {
				break
			}
			if given = true; !line(buf[i:]) {
				return nil
			}
			buf = buf[:i]
		}
		rest = buf
		if read := size - pos; given && read >= most || read >= longest {
			return nil
		}
	}
	return nil
}
