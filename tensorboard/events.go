package tensorboard

import (
	"time"

	"github.com/descent-go/descent/train"
)

// Event writes an event of a run.
func (w *Writer) Event(e train.Event) {
	if w.err != nil {
		return
	}
	now := w.o.Clock()
	switch e := e.(type) {
	case *train.Started:
		w.begin(0, now)
	case *train.Resumed:
		w.begin(e.Step+1, now)
	case *train.Step:
		w.step(e, now)
	case *train.EpochEnd:
		w.values.scalar("loss/epoch", e.Loss)
		w.commit(e.Step, now)
	case *train.Evaluation:
		w.values.scalar(w.tag("loss", e.Set), e.Loss)
		if e.Labelled {
			w.values.scalar(w.tag("accuracy", e.Set), e.Accuracy)
		}
		w.commit(e.Step, now)
		w.report(now)
		w.speed = speed{since: now} // evaluating is not training
	case *train.Diagnosis:
		w.diagnosis(e)
		w.commit(e.Step, now)
	case *train.Checkpointed:
		if e.Error == "" {
			w.values.scalar("checkpoint/bytes", float64(e.Bytes))
			w.values.scalar("checkpoint/seconds", e.Seconds)
			w.commit(e.Step, now)
		}
	case *train.Oscillating:
		w.values.text("oscillation", e.String())
		w.commit(e.Step, now)
	case *train.Diverged:
		w.values.text("divergence", e.String())
		w.commit(e.Step, now)
	case *train.Finished:
		w.finish(e.Result, now)
	}
	if now.Sub(w.flushed) >= w.o.FlushEvery {
		w.report(now)
	}
}

// begin writes the head of a session whose first update is of a step.
func (w *Writer) begin(step int64, now time.Time) {
	w.put(appendStart(nil, step, now))
	if w.o.Settings != nil {
		w.values.note(startTag, hparams, startInfo(w.o.Settings, w.o.Group, now))
		w.commit(0, now)
	}
	for _, p := range w.watched {
		p.begin(w, step, now)
	}
	w.speed = speed{since: now}
	w.report(now)
}

func (w *Writer) step(e *train.Step, now time.Time) {
	w.speed.add(e, now)
	if e.Skipped {
		w.values.scalar("loss/skipped", e.Loss)
		w.commit(e.Step, now)
		return
	}
	if e.Step%w.o.Every == 0 {
		w.values.scalar("loss/step", e.Loss)
		w.values.scalar("optimizer/rate", e.Rate)
		for _, n := range [...]struct {
			tag  string
			norm float64
		}{{"norm/gradient", e.GradNorm}, {"norm/update", e.UpdateNorm}, {"norm/parameters", e.ParamNorm}} {
			if n.norm != 0 { // else nothing asked for it
				w.values.scalar(n.tag, n.norm)
			}
		}
		w.commit(e.Step, now)
	}
	for _, p := range w.watched {
		p.step(w, e.Step, now)
	}
}

func (w *Writer) diagnosis(e *train.Diagnosis) {
	w.known("diagnosis", "cosine", e.Cosine)
	w.known("diagnosis", "alpha", e.Alpha)
	w.known("diagnosis", "curvature", e.Along)
	w.known("diagnosis", "sharpness", e.Sharpness)
	w.known("diagnosis", "edge", e.Edge)
	for i := range e.Params {
		p := &e.Params[i]
		w.known("parameter_norm", p.Name, p.Value)
		w.known("gradient_norm", p.Name, p.Grad)
		w.known("update_norm", p.Name, p.Update)
		w.known("update_ratio", p.Name, p.Ratio)
	}
}

// known adds a number unless it is NaN, which a diagnosis has for what was not
// asked for.
func (w *Writer) known(section, name string, v train.Real) {
	if v == v {
		w.values.scalar(w.tag(section, name), float64(v))
	}
}

func (w *Writer) finish(r *train.Result, now time.Time) {
	w.values.text("verdict", r.Verdict)
	if w.o.Settings != nil && r.Reason != train.ReasonInterrupted {
		w.values.note(endTag, hparams, endInfo(r.Reason, now))
	}
	w.commit(r.Steps, now)
	w.report(now)
}

// report writes the speed since the last report, and flushes.
func (w *Writer) report(now time.Time) {
	if s := &w.speed; s.steps > 0 && s.last.After(s.since) {
		took := s.last.Sub(s.since).Seconds()
		if s.examples > 0 {
			w.values.scalar("speed/examples_per_second", float64(s.examples)/took)
		}
		w.values.scalar("speed/steps_per_second", float64(s.steps)/took)
		w.commit(s.step, now)
		w.speed = speed{since: s.last}
	}
	w.flushed = now
	w.Flush()
}

// speed counts the steps from one time to another.
type speed struct {
	since, last     time.Time
	steps, examples int64
	step            int64 // number of the last
}

func (s *speed) add(e *train.Step, now time.Time) {
	s.last, s.step = now, e.Step
	s.steps++
	s.examples += int64(e.Examples)
}

// tag joins section and name, once for each pair.
func (w *Writer) tag(section, name string) string {
	key := [2]string{section, name}
	t, ok := w.joined[key]
	if !ok {
		t = section + "/" + name
		w.joined[key] = t
	}
	return t
}
