package web

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/descent-go/descent/record"
	"github.com/descent-go/descent/train"
)

// A heard is an event of a stream.
type heard struct{ name, id, data string }

// listen follows a stream until the function returned is called.
func (b *runsBench) listen(path, last string) (*ear, func()) {
	b.t.Helper()
	ctx, cancel := context.WithCancel(b.t.Context())
	req, err := http.NewRequestWithContext(ctx, "GET", b.URL+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "text/event-stream" {
		b.t.Fatalf("%s: %d %s", path, resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	events := make(chan heard, 1000)
	go func() {
		defer close(events)
		defer resp.Body.Close()
		var e heard
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch name {
			case "event":
				e.name = value
			case "id":
				e.id = value
			case "data":
				e.data = value
			case "":
				if e.name != "" {
					events <- e
				}
				e = heard{id: e.id}
			}
		}
	}()
	return &ear{events: events}, cancel
}

// An ear hears a stream. What was heard and not asked for stays.
type ear struct {
	events <-chan heard
	held   []heard
}

// next returns the next event of a name, which must come.
func (r *ear) next(t *testing.T, name string) heard {
	t.Helper()
	for i, e := range r.held {
		if e.name == name {
			r.held = slices.Delete(r.held, i, i+1)
			return e
		}
	}
	patience := time.After(20 * time.Second)
	for {
		select {
		case e, ok := <-r.events:
			if !ok {
				t.Fatalf("the stream ended, want an event %q", name)
			}
			if e.name == name {
				return e
			}
			r.held = append(r.held, e)
		case <-patience:
			t.Fatalf("no event %q", name)
		}
	}
}

// steps adds the steps that an event tells of.
func (e heard) steps(t *testing.T, to []float64) []float64 {
	t.Helper()
	var p live
	if err := json.Unmarshal([]byte(e.data), &p); err != nil {
		t.Fatalf("%s: %v", e.data, err)
	}
	for _, c := range p.Curves {
		if c.Metric == "loss" {
			to = append(to, c.X...)
		}
	}
	return to
}

// A run that goes on is told of without gap or repetition, though the server is
// another in the middle; and one that goes back to a checkpoint is to be asked for
// again.
func TestRunsLive(t *testing.T) {
	root := t.TempDir()
	run, l := beginRun(t, root, "live", morning)
	at := int64(0)
	step := func(n int) {
		t.Helper()
		for range n {
			at++
			l.Event(&train.Step{Step: at, Loss: 1 / float64(at)})
		}
		if _, err := l.State(); err != nil { // which writes
			t.Fatal(err)
		}
	}
	l.Event(&train.Started{Steps: 1000})
	step(10)

	b := newRunsBench(t, root)
	var d runsDrawn
	b.get("/api/runs/"+run.ID+"/curves?metric=loss&metric=rate", &d)
	if d.Runs[0].Status != record.StatusRunning || len(d.Runs[0].Curves[0].X) != 10 {
		t.Fatalf("%+v", d)
	}
	got := slices.Clone([]float64(d.Runs[0].Curves[0].X))
	step(5)
	path := "/api/runs/live?id=" + run.ID + "&metric=loss&metric=rate&from=" + d.Runs[0].Place
	events, stop := b.listen(path, "")
	if s := events.next(t, "points"); s.id == "" {
		t.Fatal("points without an id")
	} else {
		got = s.steps(t, got)
	}
	if s := events.next(t, "status"); !strings.Contains(s.data, `"running"`) {
		t.Errorf("status %s", s.data)
	}
	step(20)
	last := events.next(t, "points")
	got = last.steps(t, got)
	stop()
	b.end()

	step(40) // while there is no server
	state, err := l.State()
	if err != nil {
		t.Fatal(err)
	}
	b = newRunsBench(t, root)
	events, stop = b.listen(path, last.id)
	got = events.next(t, "points").steps(t, got)
	step(3)
	for len(got) < int(at) {
		got = events.next(t, "points").steps(t, got)
	}
	for i, x := range got {
		if x != float64(i+1) {
			t.Fatalf("steps %v: number %d is %v", got, i+1, x)
		}
	}
	if len(got) != int(at) {
		t.Errorf("%d steps were told of, want %d", len(got), at)
	}

	at -= 3
	if err := l.SetState(state); err != nil {
		t.Fatal(err)
	}
	l.Event(&train.Resumed{Step: at, From: "x"})
	step(6)
	if e := events.next(t, "rewind"); !strings.Contains(e.data, run.ID) {
		t.Errorf("rewind %s", e.data)
	}
	stop()

	b.get("/api/runs/"+run.ID+"/curves?metric=loss", &d)
	events, stop = b.listen("/api/runs/"+run.ID+"/live?metric=loss&from="+d.Runs[0].Place, "")
	defer stop()
	if s := events.next(t, "status"); !strings.Contains(s.data, `"running"`) {
		t.Errorf("status %s", s.data)
	}
	l.Event(&train.Finished{Result: &train.Result{Reason: train.ReasonSteps, Steps: at}})
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := run.Close(); err != nil {
		t.Fatal(err)
	}
	if s := events.next(t, "status"); !strings.Contains(s.data, `"finished"`) {
		t.Errorf("status %s", s.data)
	}
	events.next(t, "end")
}

// Who follows a run that is paused and goes on from its last step misses nothing and
// is told nothing twice, but for the mark of a checkpoint that the log has no more.
func TestRunsLiveGoesOn(t *testing.T) {
	root := t.TempDir()
	run, l := beginRun(t, root, "paused", morning)
	at := int64(0)
	step := func(n int) []byte {
		t.Helper()
		for range n {
			at++
			l.Event(&train.Step{Step: at, Loss: 1 / float64(at)})
		}
		state, err := l.State()
		if err != nil {
			t.Fatal(err)
		}
		return state
	}
	l.Event(&train.Started{Steps: 1000})
	step(10)
	b := newRunsBench(t, root)
	events, stop := b.listen("/api/runs/"+run.ID+"/live?metric=loss&smooth=0.9", "")
	defer stop()
	var got, smooth []float64
	var marks []string
	place := ""
	hear := func(until func() bool) {
		t.Helper()
		for !until() {
			e := events.next(t, "points")
			var p live
			if err := json.Unmarshal([]byte(e.data), &p); err != nil {
				t.Fatal(err)
			}
			if p.From != place || e.id != p.To {
				t.Fatalf("from %q to %q, the last place was %q", p.From, p.To, place)
			}
			place = p.To
			got = e.steps(t, got)
			for _, c := range p.Curves {
				smooth = append(smooth, c.Smooth.Y...)
			}
			marks = marks[:len(marks)-p.Void]
			for _, m := range p.Marks {
				marks = append(marks, m.Kind+" "+m.Text)
			}
		}
	}
	hear(func() bool { return len(got) == 10 })
	for pause := range 3 {
		state := step(5)
		name := fmt.Sprint("step-", at)
		l.Event(&train.Checkpointed{Step: at, Name: name})
		hear(func() bool { return len(marks) == pause+1 })
		if err := l.SetState(state); err != nil {
			t.Fatal(err)
		}
		l.Event(&train.Resumed{Step: at, From: name})
		step(5)
		hear(func() bool { return len(got) == int(at) })
		if want := "resumed " + name; len(marks) != pause+1 || marks[pause] != want {
			t.Fatalf("marks %q, want %q at the end", marks, want)
		}
	}
	for i, x := range got {
		if x != float64(i+1) {
			t.Fatalf("steps %v: number %d is %v", got, i+1, x)
		}
	}
	var d runsDrawn
	b.get("/api/runs/"+run.ID+"/curves?metric=loss&smooth=0.9", &d)
	if want := d.Runs[0].Curves[0].Smooth.Y; !slices.Equal([]float64(want), smooth) {
		t.Errorf("averages %v, want %v", smooth, want)
	}
	if slices.ContainsFunc(events.held, func(e heard) bool { return e.name == "rewind" }) {
		t.Error("the stream was rewound")
	}
	if err := errors.Join(l.Close(), run.Close()); err != nil {
		t.Fatal(err)
	}
}

// A place that is none of the run's, and one too many.
func TestRunsLiveRefuses(t *testing.T) {
	root := t.TempDir()
	b := newRunsBench(t, root)
	run := makeRun(t, root, "0.1", morning, 1, 2)
	if status := b.call("GET", "/api/runs/live?id="+run.ID+"&from=a,b", nil, nil); status != http.StatusBadRequest {
		t.Errorf("two places for one run: %d", status)
	}
	if status := b.call("GET", "/api/runs/live?id=nope", nil, nil); status != http.StatusNotFound {
		t.Errorf("no such run: %d", status)
	}
	events, stop := b.listen("/api/runs/"+run.ID+"/live?metric=loss&from=99-0badf00d", "")
	defer stop()
	events.next(t, "rewind")
}
