package record

import (
	"context"
	"reflect"
	"testing"

	"github.com/descent-go/descent/train"
)

// trainRecorded trains a network in a run's folder until a step, 0 for the end,
// and goes on from the newest checkpoint if there is one.
func trainRecorded(t *testing.T, r *Run, until int64) {
	t.Helper()
	net, batches, o := small(t)
	store, err := r.Checkpoints(2)
	if err != nil {
		t.Fatal(err)
	}
	l, err := r.Log(nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	alarm := train.SinkFunc(func(e train.Event) {
		if e, ok := e.(*train.Step); ok && e.Step == until {
			stop()
		}
	})
	o.Checkpoints = &train.Checkpoints{Store: store, Every: 7, Resume: true}
	if _, err := train.Run(ctx, net, batches, o, l, alarm); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

// A run that was interrupted and went on, several times, has the log of one that
// was not: every step once, and one end.
func TestLogOfAResumedRun(t *testing.T) {
	root := t.TempDir()
	history := func(name string, interrupted ...int64) (*train.History, Summary) {
		r, err := Create(root, CreateOptions{Name: name, Now: noon, Experiment: []byte("name: x\n")})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		for _, step := range append(interrupted, 0) {
			trainRecorded(t, r, step)
		}
		h := &train.History{}
		if err := r.Events(func(_ float64, e train.Event) error { h.Event(e); return nil }); err != nil {
			t.Fatal(err)
		}
		return h, r.Summary()
	}
	want, whole := history("whole")
	got, parts := history("parts", 5, 23, 31)
	if len(want.Steps) != 40 || len(want.Evaluations) != 5 {
		t.Fatalf("%d steps, %d evaluations", len(want.Steps), len(want.Evaluations))
	}
	if !reflect.DeepEqual(got.Steps, want.Steps) || !reflect.DeepEqual(got.Losses, want.Losses) || !reflect.DeepEqual(got.Evaluations, want.Evaluations) || !reflect.DeepEqual(got.Result, want.Result) {
		t.Errorf("resumed\n%+v\nwant\n%+v", got, want)
	}
	if parts.Status != StatusFinished || !reflect.DeepEqual(parts.Metrics, whole.Metrics) {
		t.Errorf("summary %+v, want %+v", parts, whole)
	}
}
