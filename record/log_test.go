package record

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/internal/durable/faulty"
	"github.com/descent-go/descent/nn"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/train"
)

var _ train.Stateful = (*Log)(nil)

// noon is when the runs of the tests are made.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// ticking returns a clock that goes on by a step with every look at it.
func ticking(step time.Duration) func() time.Time {
	now := noon
	return func() time.Time {
		now = now.Add(step)
		return now
	}
}

func newTestRun(t *testing.T, o CreateOptions) *Run {
	t.Helper()
	if o.Now.IsZero() {
		o.Now = noon
	}
	r, err := Create(t.TempDir(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func openLog(t *testing.T, r *Run, clock func() time.Time) *Log {
	t.Helper()
	l, err := r.Log(clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// small returns a network, what it learns and how, in 40 steps.
func small(t *testing.T) (*nn.Net, *data.Batches, train.Options) {
	t.Helper()
	all, err := data.Digits(300, 1)
	if err != nil {
		t.Fatal(err)
	}
	net, err := nn.Parse("mlp:8", all.Dim, len(all.Classes), nn.Classify)
	if err != nil {
		t.Fatal(err)
	}
	net.Init(1)
	batches, err := data.NewBatches(all.Head(200), 20, 1)
	if err != nil {
		t.Fatal(err)
	}
	o := train.Defaults(optim.NewAdam())
	o.LR, o.Epochs, o.Validation, o.Test = 0.01, 4, all.Tail(60), all.Tail(40)
	return net, batches, o
}

// learn trains a small network, whose events the sinks get.
func learn(t *testing.T, sinks ...train.Sink) *train.Result {
	t.Helper()
	net, batches, o := small(t)
	o.ClipNorm, o.Clock = 1, ticking(time.Millisecond)
	res, err := train.Run(context.Background(), net, batches, o, sinks...)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// A history that hears a run from its log is the one that heard it live.
func TestHistoryFromLog(t *testing.T) {
	r := newTestRun(t, CreateOptions{})
	l := openLog(t, r, ticking(time.Millisecond))
	live, replayed := &train.History{Every: 3}, &train.History{Every: 3}
	result := learn(t, live, l)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	last := -1.0
	err := r.Events(func(at float64, e train.Event) error {
		if at <= last {
			return fmt.Errorf("%T at %v s, after %v s", e, at, last)
		}
		last = at
		replayed.Event(e)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(live, replayed) || !reflect.DeepEqual(replayed.Result, result) {
		t.Errorf("live\n%+v\nreplayed\n%+v", live, replayed)
	}
	if len(replayed.Evaluations) < 5 || replayed.Started.Optimizer == "" || replayed.Result.TestAccuracy == nil {
		t.Errorf("replayed only %+v", replayed)
	}
}

// steps sends n steps, numbered from first.
func steps(s train.Sink, first, n int) {
	for i := range n {
		s.Event(&train.Step{Step: int64(first + i), Loss: 0.1, Rate: 1})
	}
}

// heard returns what a log holds: steps by their numbers, other events by type.
func heard(t *testing.T, r *Run) string {
	t.Helper()
	var b strings.Builder
	err := r.Events(func(_ float64, e train.Event) error {
		if e, ok := e.(*train.Step); ok {
			fmt.Fprintf(&b, "%d ", e.Step)
			return nil
		}
		fmt.Fprintf(&b, "%s ", strings.TrimPrefix(fmt.Sprintf("%T", e), "*train."))
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return strings.TrimSpace(b.String())
}

// A run that goes on from a checkpoint forgets what came after it, keeps its
// time, and its log ends as if it had not been interrupted.
func TestLogGoesOn(t *testing.T) {
	r := newTestRun(t, CreateOptions{})
	l := openLog(t, r, ticking(time.Second))
	l.Event(&train.Started{})
	steps(l, 1, 3)
	state, err := l.State()
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Sync(); err != nil {
		t.Fatal(err)
	}
	steps(l, 4, 2)
	l.Event(&train.Finished{})
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if got := heard(t, r); got != "Started 1 2 3 4 5 Finished" {
		t.Errorf("before: %s", got)
	}
	again := openLog(t, r, ticking(time.Second))
	if err := again.SetState(state); err != nil {
		t.Fatal(err)
	}
	again.Event(&train.Resumed{Step: 3})
	steps(again, 4, 1)
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	if got := heard(t, r); got != "Started 1 2 3 Resumed 4" {
		t.Errorf("after: %s", got)
	}
	var times []float64
	if err := r.Events(func(at float64, _ train.Event) error { times = append(times, at); return nil }); err != nil {
		t.Fatal(err)
	}
	if want := []float64{0, 1, 2, 3, 4, 5}; !reflect.DeepEqual(times, want) {
		t.Errorf("seconds %v, want %v", times, want)
	}

	for name, begin := range map[string]func(l *Log) error{
		"without a state": func(l *Log) error { return l.SetState(nil) },
		"with a start":    func(l *Log) error { l.Event(&train.Started{}); return l.Err() },
	} {
		l := openLog(t, r, nil)
		if err := begin(l); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		steps(l, 7, 1)
		if err := l.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := strings.TrimPrefix(heard(t, r), "Started "); got != "7" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestBadLogState(t *testing.T) {
	r := newTestRun(t, CreateOptions{})
	l := openLog(t, r, nil)
	steps(l, 1, 3)
	if _, err := l.State(); err != nil {
		t.Fatal(err)
	}
	for state, want := range map[string]string{
		"":                             "unexpected end",
		"7":                            "cannot unmarshal",
		`{"bytes":-1}`:                 "-1 bytes",
		`{"bytes":0,"seconds":-1}`:     "after -1 s",
		`{"bytes":1000000}`:            "the checkpoint was taken after 1000000: this is not its log",
		`{"bytes":12,"seconds":"NaN"}`: "cannot unmarshal",
	} {
		if err := l.SetState([]byte(state)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", state, err, want)
		}
	}
	if got := heard(t, r); got != "1 2 3" {
		t.Errorf("a refused state changed the log: %s", got)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if _, err := l.State(); err == nil {
		t.Error("the state of a closed log")
	}
	if err := l.Sync(); err == nil {
		t.Error("a closed log was synced")
	}
	if err := l.SetState(nil); err == nil {
		t.Error("a closed log was set")
	}
	l.Event(&train.Step{})
	if err := l.Close(); err != nil || heard(t, r) != "1 2 3" {
		t.Errorf("closed again: %v", err)
	}
}

// Steps come to the disk once a second, everything else at once.
func TestLogIsWritten(t *testing.T) {
	r := newTestRun(t, CreateOptions{})
	l := openLog(t, r, ticking(100*time.Millisecond))
	l.Event(&train.Started{})
	if got := heard(t, r); got != "Started" {
		t.Errorf("after the start: %q", got)
	}
	steps(l, 1, 9)
	if got := heard(t, r); got != "Started" {
		t.Errorf("after 0.9 s: %q", got)
	}
	steps(l, 10, 2)
	if got := heard(t, r); got != "Started 1 2 3 4 5 6 7 8 9 10" {
		t.Errorf("after 1.1 s: %q", got)
	}
	l.Event(&train.Evaluation{})
	if got := heard(t, r); !strings.HasSuffix(got, "10 11 Evaluation") {
		t.Errorf("after an evaluation: %q", got)
	}
	quiet := openLog(t, r, nil)
	if err := quiet.SetState(nil); err != nil {
		t.Fatal(err)
	}
	steps(quiet, 1, 2000)
	if n := len(strings.Fields(heard(t, r))); n < 1000 || n == 2000 {
		t.Errorf("without a clock %d steps were written, want 64 KiB of them", n)
	}
}

// A disk that is full for a while costs no event, a checkpoint taken meanwhile
// fails, and the log has whole lines at any time.
func TestDiskFull(t *testing.T) {
	for _, kind := range []faulty.Kind{faulty.NoSpace, faulty.Short, faulty.IO} {
		fsys := faulty.New()
		r, err := Create("runs", CreateOptions{FS: fsys, Now: noon})
		if err != nil {
			t.Fatal(err)
		}
		l := openLog(t, r, nil)
		l.Event(&train.Started{})
		steps(l, 1, 3)
		fsys.FailAt(1, kind)
		if _, err := l.State(); err == nil || !strings.Contains(err.Error(), "events.jsonl") {
			t.Errorf("%v: state: %v", kind, err)
		}
		if got := heard(t, r); kind != faulty.IO && (!strings.HasPrefix("Started 1 2 3", got) || l.Err() == nil) {
			t.Errorf("%v: meanwhile %q, %v", kind, got, l.Err())
		}
		steps(l, 4, 2)
		fsys.Heal()
		if _, err := l.State(); err != nil {
			t.Errorf("%v: healed: %v", kind, err)
		}
		if got := heard(t, r); got != "Started 1 2 3 4 5" || l.Err() != nil {
			t.Errorf("%v: healed: %q, %v", kind, got, l.Err())
		}
	}
	// A checkpoint whose place in the log is written stands, though later events wait.
	fsys := faulty.New()
	r, err := Create("runs", CreateOptions{FS: fsys, Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	l := openLog(t, r, nil)
	steps(l, 1, 3)
	if _, err := l.State(); err != nil {
		t.Fatal(err)
	}
	fsys.FailAt(1, faulty.NoSpace)
	l.Event(&train.Evaluation{})
	if err := l.Err(); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("a full disk: %v", err)
	}
	fsys.Heal()
	if err := l.Sync(); err != nil || l.Err() == nil {
		t.Errorf("after a later event was refused: %v, and the log: %v", err, l.Err())
	}
	// One that cannot be made durable does not, and nothing makes up for it.
	fsys.FailAt(1, faulty.IO)
	for range 2 {
		if err := l.Sync(); !errors.Is(err, syscall.EIO) {
			t.Errorf("a disk that is broken: %v", err)
		}
	}
	fsys.Heal()

	fsys = faulty.New()
	if r, err = Create("runs", CreateOptions{FS: fsys, Now: noon}); err != nil {
		t.Fatal(err)
	}
	l = openLog(t, r, nil)
	fsys.FailAt(1, faulty.NoSpace)
	e := &train.Step{Point: make([]float64, 100_000)}
	for range 100 {
		l.Event(e)
	}
	if len(l.waiting) > 2*lostLog {
		t.Errorf("%d bytes wait for the disk", len(l.waiting))
	}
	fsys.Heal()
	if _, err := l.State(); !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "lost") {
		t.Errorf("after events were given up: %v", err)
	}
}

// Whatever fails, and however the machine crashes: what State and Sync have
// confirmed is there, and the log can be read.
func TestLogTorture(t *testing.T) {
	confirmed := false
	n := faulty.Every(func() *faulty.FS {
		confirmed = false
		return faulty.New()
	}, func(fsys *faulty.FS) error {
		r, err := Create("runs", CreateOptions{FS: fsys, Dir: "runs/r", Now: noon, Experiment: []byte("lr: 1\n"), Tags: []string{"a"}})
		if err != nil {
			return err
		}
		l, err := r.Log(nil)
		if err != nil {
			return err
		}
		l.Event(&train.Started{})
		steps(l, 1, 2)
		_, stateErr := l.State()
		syncErr := l.Sync()
		confirmed = stateErr == nil && syncErr == nil
		steps(l, 3, 2)
		l.Event(&train.Evaluation{})
		steps(l, 5, 2)
		return l.Close()
	}, func(trial faulty.Trial) {
		r := &Run{Dir: "runs/r", fsys: trial.After}
		if text, err := r.Experiment(); err == nil && string(text) != "lr: 1\n" {
			t.Errorf("%s: experiment %q", trial.What, text)
		}
		got := heard(t, r)
		const all = "Started 1 2 3 4 Evaluation 5 6"
		if !strings.HasPrefix(all, got) || confirmed && !strings.HasPrefix(got, "Started 1 2") || trial.Err == nil && trial.Fault < 0 && got != all {
			t.Errorf("%s: %q, confirmed %v, error %v", trial.What, got, confirmed, trial.Err)
		}
	})
	if n < 10 {
		t.Errorf("%d operations", n)
	}
}

// A result that is too long for a line loses the evaluations, which have theirs.
func TestLongEvents(t *testing.T) {
	r := newTestRun(t, CreateOptions{})
	l := openLog(t, r, nil)
	l.Event(&train.Finished{Result: &train.Result{Steps: 7, Evaluations: make([]train.Evaluation, longest/60)}})
	if err := l.Err(); err != nil {
		t.Fatal(err)
	}
	err := r.Events(func(_ float64, e train.Event) error {
		if got := e.(*train.Finished).Result; got.Steps != 7 || len(got.Evaluations) != 0 {
			t.Errorf("%d steps, %d evaluations", got.Steps, len(got.Evaluations))
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	l.Event(&train.Step{Point: make([]float64, longest)})
	if _, err := l.State(); err == nil || !strings.Contains(err.Error(), "an event of more than") {
		t.Errorf("a step that is too long: %v", err)
	}
}
