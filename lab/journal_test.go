package lab

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/descent-go/descent/internal/durable"
	"github.com/descent-go/descent/internal/durable/faulty"
	"github.com/descent-go/descent/train"
)

func journal(t *testing.T, path string) *Journal {
	t.Helper()
	j, err := OpenJournal(durable.OS, path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	return j
}

// What a journal has is not done again, after a torn line at its end neither.
func TestJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "below", "j.trials")
	k := task(t, "function: rosenbrock\nsteps: 50")
	trials := []Trial{
		{Settings: Settings{"optimizer": "adam", "lr": "0.1"}, Curve: true},
		{Settings: Settings{"optimizer": "sgd", "lr": "1e9"}, Seed: 1, Curve: true},
		{Settings: Settings{"optimizer": "sgd", "lr": "0.001"}, Seed: 1, Steps: 20},
	}
	run := func(j *Journal, trials []Trial) (outcomes []Outcome, known int) {
		t.Helper()
		p := Pool{Parallel: 2, Journal: j, Sink: func(e Event) {
			if e.(*TrialDone).Known {
				known++
			}
		}}
		outcomes, err := p.Run(context.Background(), k, trials)
		if err != nil {
			t.Fatal(err)
		}
		return outcomes, known
	}
	j := journal(t, path)
	first, known := run(j, trials[:2])
	if known != 0 || j.Len() != 2 {
		t.Fatalf("%d known of an empty journal, %d kept", known, j.Len())
	}
	if _, err := OpenJournal(durable.OS, path); !errors.Is(err, durable.ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if err := j.add(k, &first[0]); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("added to a closed journal: %v", err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(whole, `{"task":"x","outc`...), 0o666); err != nil {
		t.Fatal(err)
	}
	j = journal(t, path)
	again, known := run(j, trials)
	if known != 2 || j.Len() != 3 {
		t.Errorf("%d known, %d kept, want 2, 3", known, j.Len())
	}
	equal(t, "from the journal", again[:2], first)
	if again[0].Seconds != first[0].Seconds {
		t.Error("the time is not that of the journal")
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if _, known := run(journal(t, path), trials); known != 3 {
		t.Errorf("%d known, want 3", known)
	}
	other := task(t, "function: rosenbrock\nsteps: 50\nclip-norm: 1")
	if other.key == k.key || task(t, "function: rosenbrock\nsteps: 50").key != k.key {
		t.Error("tasks are told apart by something else than what they are")
	}
}

// What is written is there for another process before the journal is closed.
func TestJournalWrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.trials")
	k := task(t, "function: rosenbrock\nsteps: 5")
	j := journal(t, path)
	p := Pool{Journal: j}
	if _, err := p.Run(t.Context(), k, []Trial{{}, {Seed: 1}, {Seed: 2}}); err != nil {
		t.Fatal(err)
	}
	for {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Count(string(text), "\n") == 4 {
			return
		}
		if t.Context().Err() != nil {
			t.Fatalf("the file is %q", text)
		}
		time.Sleep(writeEvery / 5)
	}
}

// A disk that fails is told of when the next outcome comes, or at the end.
func TestJournalFails(t *testing.T) {
	k := task(t, "function: rosenbrock\nsteps: 5")
	disk := faulty.New()
	j, err := OpenJournal(disk, filepath.Join(t.TempDir(), "j.trials"))
	if err != nil {
		t.Fatal(err)
	}
	disk.FailAt(disk.Operations()+1, faulty.IO)
	if err := j.add(k, &Outcome{}); err != nil {
		t.Errorf("before anything was written: %v", err)
	}
	for err == nil && t.Context().Err() == nil {
		time.Sleep(writeEvery / 5)
		err = j.add(k, &Outcome{})
	}
	if err == nil {
		t.Error("outcomes are kept that are not written")
	}
	if other := j.Close(); other == nil || !errors.Is(other, err) {
		t.Errorf("closed with %v, want %v", other, err)
	}
}

// A curve is read as it was written, to the bit.
func TestJournalCurve(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.trials")
	k := task(t, "function: rosenbrock\nsteps: 5")
	o := Outcome{Curve: []Point{
		{0, 1.5}, {7, -2e-9}, {1 << 40, 1e21}, {3, train.Real(math.NaN())}, {4, train.Real(math.Inf(1))}, {5, train.Real(math.Copysign(0, -1))},
	}}
	j := journal(t, path)
	if err := errors.Join(j.add(k, &o), j.Close()); err != nil {
		t.Fatal(err)
	}
	back, ok := journal(t, path).find(k, o.Trial)
	if !ok || len(back.Curve) != len(o.Curve) {
		t.Fatalf("found %v %v, want %v", ok, back.Curve, o.Curve)
	}
	for i, p := range o.Curve {
		q := back.Curve[i]
		if q.Step != p.Step || math.Float64bits(float64(q.Loss)) != math.Float64bits(float64(p.Loss)) {
			t.Errorf("point %d is %v, want %v", i, q, p)
		}
	}
}

func TestJournalBroken(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct{ text, want string }{
		"other":  {"something else\n", "is not a journal of this version"},
		"middle": {journalFormat + "\n{\"task\":3}\n", ":2: "},
		"curve":  {journalFormat + "\n" + `{"task":"a","outcome":{},"curve":"AQID"}` + "\n", "half a point"},
		"torn":   {journalFormat[:9], ""},
		"empty":  {"", ""},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(c.text), 0o666); err != nil {
			t.Fatal(err)
		}
		j, err := OpenJournal(durable.OS, path)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if err != nil {
			continue
		}
		if err := j.Close(); err != nil {
			t.Error(err)
		}
		if text, err := os.ReadFile(path); err != nil || string(text) != journalFormat+"\n" {
			t.Errorf("%s: the file is %q, %v", name, text, err)
		}
	}
}

func FuzzJournal(f *testing.F) {
	f.Add(journalFormat + "\n" + `{"task":"a","outcome":{"settings":{"lr":"1"},"seed":1,"steps":2,"final":"+Inf"},"curve":"AQAAAAAAAPA/"}` + "\n")
	f.Add(journalFormat)
	f.Add("\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "j")
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		j, err := OpenJournal(durable.OS, path)
		if err != nil {
			return
		}
		n := j.Len()
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		if j, err = OpenJournal(durable.OS, path); err != nil || j.Len() != n {
			t.Fatalf("%d outcomes, then %v", n, err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
