package checkpoint

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/descent-go/descent/internal/durable/faulty"
)

const folder = "/runs/x/checkpoints"

// savedBefore returns a file system in which these steps have been saved.
func savedBefore(t testing.TB, keep int, steps ...int64) func() *faulty.FS {
	return func() *faulty.FS {
		f := faulty.New()
		save(t, open(t, f, folder, keep), steps...)
		return f
	}
}

func saveStep(f *faulty.FS, keep int, step int64) error {
	s, err := OpenFS(f, folder, keep)
	if err != nil {
		return err
	}
	_, err = s.Save(Info{Step: step, Epoch: int(step / 100), Meta: map[string]string{"rule": "adam", "seed": fmt.Sprint(step)}}, parts(step))
	return err
}

// Every operation of a Save fails in every way, and every kind of crash follows:
// the newest checkpoint is the one before or the one being saved, whole, and the
// latter for certain when Save has said so; and the next Save works.
func TestSaveTorture(t *testing.T) {
	for _, c := range []struct {
		name   string
		keep   int
		before []int64
	}{
		{"one is dropped", 2, []int64{100, 201}},
		{"one is kept", 1, []int64{100, 201}},
		{"the first", 2, nil},
	} {
		failed := 0
		n := faulty.Every(savedBefore(t, c.keep, c.before...), func(f *faulty.FS) error {
			return saveStep(f, c.keep, 303)
		}, func(trial faulty.Trial) {
			what := c.name + ": " + trial.What
			if trial.Fault == -1 && trial.Err != nil {
				t.Fatalf("%s: %v", what, trial.Err)
			}
			if trial.Err != nil {
				failed++
			}
			s := open(t, trial.After, folder, c.keep)
			last, rejected, err := s.Newest()
			if err != nil || rejected != nil {
				t.Fatalf("%s: Newest: %v, %v\n%s", what, rejected, err, trial.After)
			}
			switch {
			case last == nil && (trial.Err == nil || c.before != nil):
				t.Fatalf("%s: Save = %v, and there is no checkpoint\n%s", what, trial.Err, trial.After)
			case last == nil:
			case trial.Err == nil && last.Info.Step != 303, last.Info.Step != 303 && last.Info.Step != 201:
				t.Fatalf("%s: Save = %v, and the newest is %s\n%s", what, trial.Err, last.Name, trial.After)
			default:
				whole(t, what, last)
			}
			for i, step := range c.before { // a Save that fails drops nothing
				old, err := s.Load(nameOf(int64(i+1), step))
				dropped := len(c.before)-i >= c.keep
				switch {
				case err == nil:
					whole(t, what, old)
				case trial.Err != nil && len(c.before)-i <= c.keep,
					trial.Err == nil && !dropped:
					t.Fatalf("%s: Save = %v, and of the older ones: %v\n%s", what, trial.Err, err, trial.After)
				}
			}
			if err := saveStep(trial.After, c.keep, 404); err != nil {
				t.Fatalf("%s: the next Save: %v", what, err)
			}
			after := trial.After.Crash(faulty.Nothing)
			if last, _ := newest(t, open(t, after, folder, c.keep)); last.Info.Step != 404 {
				t.Fatalf("%s: after the next Save the newest is %s", what, last.Name)
			}
			if tree := trial.After.String(); strings.Contains(tree, stateWriting) || strings.Contains(tree, stateRemoved) {
				t.Fatalf("%s: after the next Save:\n%s", what, tree)
			}
		})
		if n < 20 || failed < n {
			t.Errorf("%s: %d operations, %d trials failed: the torture is none", c.name, n, failed)
		}
	}
}

// Faults while the newest is looked for: what is returned is whole, and nothing
// is lost by it.
func TestNewestTorture(t *testing.T) {
	var c *Checkpoint
	n := faulty.Every(savedBefore(t, 2, 100, 201), func(f *faulty.FS) (err error) {
		c, _, err = open(t, f, folder, 2).Newest()
		return err
	}, func(trial faulty.Trial) {
		if trial.Err == nil {
			if c == nil {
				t.Fatalf("%s: none is found", trial.What)
			}
			whole(t, trial.What, c)
		}
		c, rejected, err := open(t, trial.After, folder, 2).Newest()
		if err != nil || c == nil || rejected != nil {
			t.Fatalf("%s: afterwards: %v, %v, %v", trial.What, c, rejected, err)
		}
		whole(t, trial.What, c)
		tree := trial.After.String()
		if !strings.Contains(tree, nameOf(2, 201)+"/") && !strings.Contains(tree, nameOf(2, 201)+stateInvalid+"/") {
			t.Fatalf("%s: lost the newest:\n%s", trial.What, tree)
		}
	})
	if n < 10 {
		t.Errorf("%d operations: the torture is none", n)
	}
}

// Histories of saves, faults and crashes, one after another.
func TestHistories(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		keep := rapid.IntRange(1, 3).Draw(r, "keep")
		f := faulty.New()
		s := open(t, f, folder, keep)
		var saved, tried int64 // the last step that Save has acknowledged, and the last that it was given
		for range rapid.IntRange(1, 12).Draw(r, "saves") {
			kind := rapid.SampledFrom(faulty.Kinds).Draw(r, "fault")
			if n := rapid.IntRange(0, 80).Draw(r, "operation"); n > 0 {
				f.FailAt(n, kind)
			}
			tried++
			info := Info{Step: tried, Meta: map[string]string{"rule": "adam", "seed": fmt.Sprint(tried)}}
			if _, err := s.Save(info, parts(tried)); err == nil {
				saved = tried
			}
			if rapid.Bool().Draw(r, "crash") {
				f = f.Crash(rapid.SampledFrom(faulty.Survivals).Draw(r, "what survives"))
				s = open(t, f, folder, keep)
			}
			after := f.Crash(rapid.SampledFrom(faulty.Survivals).Draw(r, "what would survive"))
			c, rejected, err := open(t, after, folder, keep).Newest()
			switch {
			case err != nil || rejected != nil || c == nil && saved > 0:
				r.Fatalf("saved %d, tried %d: Newest = %v, %v, %v\n%s", saved, tried, c, rejected, err, after)
			case c == nil:
			case c.Info.Step < saved || c.Info.Step > tried:
				r.Fatalf("saved %d, tried %d: the newest is %s\n%s", saved, tried, c.Name, after)
			default:
				whole(t, "history", c)
			}
		}
	})
}

// An old checkpoint that cannot be dropped fails no Save; it is said, and the
// next one drops it.
func TestUndropped(t *testing.T) {
	setup := savedBefore(t, 1, 1)
	f := setup()
	s := open(t, f, folder, 1)
	before := f.Operations()
	save(t, s, 2)
	n := f.Operations() - before
	said := 0
	for at := 1; at <= n; at++ {
		f := setup()
		s := open(t, f, folder, 1)
		f.FailAt(at, faulty.IO)
		saved, err := s.Save(Info{Step: 2}, parts(2))
		if err != nil || saved.Undropped == nil {
			continue
		}
		said++
		save(t, s, 3)
		if tree := f.String(); strings.Contains(tree, "-step-1") || strings.Contains(tree, "-step-2") {
			t.Errorf("fault at %d: after the next Save:\n%s", at, tree)
		}
	}
	if said < 4 {
		t.Errorf("of %d operations, %d leave an old checkpoint", n, said)
	}
}

// A disk that is full while a large part is written.
func TestDiskFull(t *testing.T) {
	setup := savedBefore(t, 2, 7)
	full := 0
	for at := 1; ; at++ {
		f := setup()
		s := open(t, f, folder, 2)
		f.FailAt(at, faulty.NoSpace)
		_, err := s.Save(Info{Step: 8}, []Part{{"model", func(w io.Writer) error {
			for range 10 {
				if _, err := w.Write(make([]byte, 100_000)); err != nil {
					return err
				}
			}
			return nil
		}}})
		if err == nil {
			break
		}
		if c, _ := newest(t, s); c.Info.Step != 7 && !strings.Contains(f.String(), nameOf(2, 8)+"/") {
			t.Errorf("fault at %d: newest is %s", at, c.Name)
		}
		if tree := f.String(); strings.Contains(tree, stateWriting) {
			t.Errorf("fault at %d: left behind:\n%s", at, tree)
		}
		if strings.HasPrefix(err.Error(), "checkpoint: save 000002-step-8: part model: ") && strings.HasSuffix(err.Error(), ": no space left on device") {
			full++
		}
		f.Heal()
		save(t, s, 9)
	}
	if full < 10 {
		t.Errorf("the disk was full during %d writes, want 10 and more", full)
	}
}
