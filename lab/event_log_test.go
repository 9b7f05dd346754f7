package lab

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

func eventLog(t *testing.T, path string) *EventLog {
	t.Helper()
	l, err := OpenEventLog(path, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// logged reads a log whole.
func logged(t *testing.T, path string) (all []Event, at []float64) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := ReadEvents(f, func(seconds float64, e Event) error {
		all, at = append(all, e), append(at, seconds)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all, at
}

// Events of many goroutines are in the file, whole, while they go on; the file only
// grows, and what a killed process left is kept.
func TestEventLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	const torn = `{"event":"failed","t":1,"error":"before"}` + "\n" + `{"event":"trial_do`
	if err := os.WriteFile(path, []byte(torn), 0o666); err != nil {
		t.Fatal(err)
	}
	l := eventLog(t, path)
	l.Event(&SearchStarted{Task: "x"})
	seen := func(text string) func() bool {
		return func() bool {
			b, err := os.ReadFile(path)
			return err == nil && strings.Contains(string(b), text)
		}
	}
	for began := time.Now(); !seen("search_started")(); time.Sleep(time.Millisecond) {
		if time.Since(began) > 20*time.Second {
			t.Fatal("an event is not in the file while the log is open")
		}
	}
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for k := range 500 {
				l.Event(&Searching{Stage: strings.Repeat("s", i), Spent: int64(k)})
			}
		})
	}
	all.Wait()
	l.Event(&Finished{Summary: "done"})
	if err := errors.Join(l.Close(), l.Close()); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil || !bytes.HasPrefix(whole, []byte(torn+"\n")) {
		t.Errorf("what was there has changed: %q, %v", whole[:min(len(whole), 80)], err)
	}
	got, at := logged(t, path)
	if len(got) != 2003 {
		t.Fatalf("%d events, want 2003", len(got))
	}
	next := map[string]int64{}
	for i, e := range got[2:2002] {
		s := e.(*Searching)
		if s.Spent != next[s.Stage] || at[i+2] < at[i+1] {
			t.Fatalf("event %d: %+v at %v after %v, want %d", i, s, at[i+2], at[i+1], next[s.Stage])
		}
		next[s.Stage]++
	}
	if e, ok := got[2002].(*Finished); !ok || e.Summary != "done" {
		t.Errorf("the last is %v", got[2002])
	}
}

// Of a survey no more is logged than can be seen, and its end.
func TestEventLogThins(t *testing.T) {
	path := filepath.Join(t.TempDir(), "e")
	now := time.Unix(0, 0)
	l, err := OpenEventLog(path, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	for _, stage := range []string{"training adam", "grid"} {
		for i := range int64(10_000) {
			now = now.Add(time.Millisecond)
			l.Event(&Surveying{Stage: stage, Done: i + 1, Total: 10_000})
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	got, _ := logged(t, path)
	if n := len(got); n < 300 || n > 500 || *got[n-1].(*Surveying) != (Surveying{Stage: "grid", Done: 10_000, Total: 10_000}) {
		t.Errorf("%d events, the last %v", n, got[n-1])
	}
}

// fickle is a disk that takes a part of what it is given, and then nothing for a while.
type fickle struct {
	bytes.Buffer
	refusals int
}

func (f *fickle) Write(p []byte) (int, error) {
	if f.refusals == 0 {
		return f.Buffer.Write(p)
	}
	f.refusals--
	n, _ := f.Buffer.Write(p[:len(p)/3])
	return n, errors.New("disk full")
}
func (f *fickle) Close() error { return nil }

// What the disk refuses is written once there is room.
func TestEventLogTriesAgain(t *testing.T) {
	write := func(refusals, n int) (*fickle, error) {
		disk := &fickle{refusals: refusals}
		l := &EventLog{path: "x", clock: time.Now, file: disk}
		for i := range n {
			l.Event(&Searching{Spent: int64(i)})
			if i%10 == 0 {
				l.flush()
			}
		}
		return disk, l.Close()
	}
	disk, err := write(5, 100)
	if err != nil {
		t.Fatal(err)
	}
	n := int64(0)
	if err := ReadEvents(disk, func(_ float64, e Event) error {
		if e.(*Searching).Spent != n {
			t.Fatalf("%v, want %d", e, n)
		}
		n++
		return nil
	}); err != nil || n != 100 {
		t.Errorf("%d events, %v", n, err)
	}
	if _, err := write(1000, 100); err == nil || !strings.Contains(err.Error(), "x: disk full") {
		t.Errorf("a disk that takes nothing: %v", err)
	}
	l := &EventLog{path: "x", clock: time.Now, file: &fickle{refusals: 1 << 30}, armed: true}
	big := &Failed{Error: strings.Repeat("x", MaxEventLine/2)}
	for range 3 * mostUnlogged / MaxEventLine {
		l.Event(big)
	}
	if len(l.waiting) > mostUnlogged {
		t.Errorf("%d bytes wait", len(l.waiting))
	}
	if err := l.Close(); err == nil || !strings.Contains(err.Error(), "takes no events") {
		t.Error(err)
	}
}

func TestOpenEventLogRefuses(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "none", "e"), ""} {
		if l, err := OpenEventLog(path, nil); err == nil {
			t.Errorf("%q: opened, %v", path, l.Close())
		}
	}
}

// What protocols tell is enough to follow them, and can be logged.
func TestProtocolsTell(t *testing.T) {
	k := task(t, "function: rosenbrock\nsteps: 60")
	space, err := ParseSpace([]string{"lr=1e-5..1e-1 log", "optimizer={adam,sgd}"})
	if err != nil {
		t.Fatal(err)
	}
	journal := journal(t, filepath.Join(t.TempDir(), "j"))
	for name, protocol := range map[string]func(sink func(Event)) error{
		"comparison_started trial_done stage_started rate_chosen task_compared": func(sink func(Event)) error {
			o := DefaultCompare()
			o.Tasks, o.Contenders, o.Trials, o.Seeds, o.Sink, o.Journal, o.Parallel = []*Task{k}, Classic()[:2], 3, 7, sink, journal, 2
			_, err := Compare(context.Background(), o)
			return err
		},
		"tuning_started trial_done stage_started try_looked try_chosen": func(sink func(Event)) error {
			o := DefaultTune()
			o.Space, o.Trials, o.Seeds, o.Pruner, o.Sink, o.Journal, o.Parallel = space, 12, 7, ASHA, sink, journal, 2
			_, err := Tune(context.Background(), k, o)
			return err
		},
		"search_started searching range_tested rates_suggested rate_tried trial_done rate_answered": func(sink func(Event)) error {
			_, err := FindRate(context.Background(), k, FindOptions{Sink: sink, Journal: journal, Parallel: 2})
			return err
		},
	} {
		for _, again := range []bool{false, true} {
			path := filepath.Join(t.TempDir(), "e")
			l := eventLog(t, path)
			var told []Event
			if err := protocol(func(e Event) { told = append(told, e); l.Event(e) }); err != nil {
				t.Fatal(err)
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			got, _ := logged(t, path)
			if len(got) != len(told) || len(got) < 20 {
				t.Fatalf("%s: %d events of %d", name, len(got), len(told))
			}
			counts := map[string]int{}
			for i, e := range got {
				kind := eventNames[reflect.TypeOf(e).Elem()]
				if counts[kind]++; i == 0 && !strings.HasPrefix(name, kind) || i > 0 && strings.HasSuffix(kind, "_started") && kind != "stage_started" {
					t.Errorf("event %d is %s", i, kind)
				}
				if d, ok := e.(*TrialDone); ok && d.Known != again && d.Try != 0 {
					t.Errorf("known: %v, want %v: %+v", d.Known, again, d)
				}
				if d, ok := e.(*TryLooked); ok && (d.Known != again || len(d.Values) != 2 || len(d.Losses) != 1 || d.Configuration["lr"] == "") {
					t.Errorf("again %v: %+v", again, d)
				}
				if d, ok := e.(*TrialDone); ok && strings.HasPrefix(name, "comparison") && (d.Contender == "" || !(d.Rate > 0)) {
					t.Errorf("whose is %+v", d)
				}
			}
			for _, kind := range strings.Fields(name) {
				if counts[kind] == 0 {
					t.Errorf("%s: none of %s", name, kind)
				}
				delete(counts, kind)
			}
			if len(counts) > 0 {
				t.Errorf("%s: and %v", name, counts)
			}
		}
	}
}

// A log takes little of the time that trials take.
func BenchmarkEventLog(b *testing.B) {
	l := &EventLog{clock: time.Now, file: nopCloser{io.Discard}}
	o := &Outcome{Trial: Trial{Settings: Settings{"optimizer": "adam", "lr": "0.0123"}, Seed: 7, Steps: 2000}, Final: 1e-3, Seconds: 0.01}
	for i := range int64(200) {
		o.Curve = append(o.Curve, Point{i, 0.123456789})
	}
	b.ReportAllocs()
	for b.Loop() {
		l.Event(&TrialDone{Task: "rosenbrock", Stage: "final", Done: 1, Total: 2, Outcome: o})
	}
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }
