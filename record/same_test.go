package record

import (
	"strings"
	"testing"

	"github.com/descent-go/descent/train"
)

// happened makes a run with these events.
func happened(t *testing.T, events ...train.Event) *Run {
	t.Helper()
	r := newTestRun(t, CreateOptions{Experiment: []byte("name: x\n")})
	l := openLog(t, r, nil)
	for _, e := range events {
		l.Event(e)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestDeviate(t *testing.T) {
	began := &train.Started{Optimizer: "sgd", Parameters: 3, Epochs: 2, Steps: 4}
	longer := &train.Started{Optimizer: "sgd", Parameters: 3, Epochs: 9, Steps: 18}
	step := func(n int64, loss float64) *train.Step { return &train.Step{Step: n, Loss: loss} }
	end := func(seconds float64, verdict string) *train.Finished {
		return &train.Finished{Result: &train.Result{Reason: train.ReasonEpochs, Seconds: seconds, Verdict: verdict}}
	}
	diverged := func(sane string) []train.Event {
		d := &train.Diverged{Step: 2, LastSane: sane}
		return []train.Event{began, step(1, 1), d, &train.Finished{Result: &train.Result{Reason: train.ReasonDiverged, Diverged: d, Verdict: "diverged; " + sane}}}
	}
	whole := []train.Event{began, step(1, 1), step(2, 0.5), end(3, "finished")}
	for _, c := range []struct {
		name  string
		a, b  []train.Event
		whole bool
		step  int64 // of the deviation, -1 for none
		text  string
	}{
		{"the same", whole, whole, true, -1, ""},
		{"another time", whole, []train.Event{began, step(1, 1), step(2, 0.5), end(7, "finished")}, true, -1, ""},
		{"checkpoints, and going on from one", whole, []train.Event{
			began, step(1, 1), &train.Checkpointed{Step: 1, Name: "000001-step-1"}, &train.Resumed{Started: *longer, Step: 1, From: "000001-step-1"}, step(2, 0.5), end(3, "finished"),
		}, true, -1, ""},
		{"made longer", whole, []train.Event{longer, step(1, 1), step(2, 0.5), end(3, "finished")}, true, -1, ""},
		{"begun anew, as no checkpoint was whole", whole, []train.Event{&train.Resumed{Started: *began, Rejected: []string{"x"}}, step(1, 1), step(2, 0.5), end(3, "finished")}, true, -1, ""},
		{"diverged, with other checkpoints", diverged("000002-step-1"), diverged("000001-step-1"), true, -1, ""},
		{"another rule", whole, []train.Event{&train.Started{Optimizer: "adam", Parameters: 3}, step(1, 1), step(2, 0.5), end(3, "finished")}, true, 0, `"optimizer":"adam"`},
		{"another loss", whole, []train.Event{began, step(1, 1), step(2, 0.25), end(3, "finished")}, true, 2, `"loss":0.25`},
		{"another end", whole, []train.Event{began, step(1, 1), step(2, 0.5), end(3, "other")}, true, 2, `"verdict":"other"`},
		{"a step less", whole, []train.Event{began, step(1, 1), end(3, "finished")}, true, 2, `"event":"finished"`},
		{"an evaluation more", whole, []train.Event{began, step(1, 1), &train.Evaluation{Step: 1, Set: "train"}, step(2, 0.5), end(3, "finished")}, true, 2, `"event":"evaluation"`},
		{"not over", whole, []train.Event{began, step(1, 1)}, false, -1, ""},
		{"not over, evaluated where it stopped", whole, []train.Event{began, step(1, 1), &train.Evaluation{Step: 1, Set: "train"}}, false, -1, ""},
		{"not over, and another loss", whole, []train.Event{began, step(1, 2)}, false, 1, `"loss":2`},
		{"interrupted", whole, []train.Event{began, step(1, 1), &train.Finished{Result: &train.Result{Reason: train.ReasonInterrupted}}}, false, -1, ""},
		{"without events", whole, nil, false, -1, ""},
	} {
		a, b := happened(t, c.a...), happened(t, c.b...)
		if err := b.Close(); err != nil { // else it is running
			t.Fatal(err)
		}
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		for _, turned := range []bool{false, true} {
			x, y := a, b
			if turned {
				x, y = b, a
			}
			d, all, err := Deviate(x, y)
			if err != nil || all != c.whole || (d == nil) != (c.step < 0) {
				t.Errorf("%s: %+v, whole %v, %v", c.name, d, all, err)
				continue
			}
			if d == nil {
				continue
			}
			text := d.B
			if turned {
				text = d.A
			}
			if d.Step != c.step || !strings.Contains(text, c.text) || strings.HasSuffix(d.A, "\n") {
				t.Errorf("%s: %+v, want step %d and %s", c.name, d, c.step, c.text)
			}
		}
	}
}

// A log that is damaged in the middle is an error, not a deviation.
func TestDeviateDamaged(t *testing.T) {
	a := happened(t, &train.Started{}, &train.Step{Step: 1}, &train.Step{Step: 2})
	b := happened(t, &train.Started{}, &train.Step{Step: 1}, &train.Step{Step: 2})
	f, err := b.fsys.Append(b.Path(EventsFile))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("{\"event\":\"step\",\"t\":}\n{\"event\":\"step\",\"t\":0,\"step\":3}\n")); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if d, _, err := Deviate(a, b); err == nil || !strings.Contains(err.Error(), "events.jsonl:4: ") {
		t.Errorf("%+v, %v", d, err)
	}
}
