package train_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/descent-go/descent/checkpoint"
	"github.com/descent-go/descent/internal/cpu"
	"github.com/descent-go/descent/internal/durable"
	"github.com/descent-go/descent/internal/durable/faulty"
	"github.com/descent-go/descent/train"
)

// store opens checkpoints in a folder.
func store(t testing.TB, fsys durable.FS, dir string, keep int) *checkpoint.Store {
	t.Helper()
	s, err := checkpoint.OpenFS(fsys, dir, keep)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// resumable returns checkpoints that a run goes on from, in memory.
func resumable(t testing.TB, fsys durable.FS) *train.Checkpoints {
	return &train.Checkpoints{Store: store(t, fsys, "/run", 3), Resume: true}
}

// patience is a sink that gives what is being written the time that it takes.
// It looks after each step that comes next to one that every divides.
func patience(disk *faulty.FS, every int64) train.Sink {
	return train.SinkFunc(func(e train.Event) {
		if e, ok := e.(*train.Step); !ok || (e.Step-1)%every != 0 {
			return
		}
		for seen := -1; seen != disk.Operations(); time.Sleep(200 * time.Microsecond) {
			seen = disk.Operations()
		}
	})
}

// Environment of a process that goes on with the runs of another.
const (
	childDir   = "DESCENT_TEST_RESUME" // the folder of all runs
	childSteps = "DESCENT_TEST_STEPS"  // to take in each, 0 to the end
)

// Every rule, every schedule and everything else is interrupted within an epoch,
// goes on in a process with another number of threads and another level of
// vector instructions, is interrupted there, goes on in a third one, and ends
// with the bits of a run that was never interrupted.
func TestResumeElsewhere(t *testing.T) {
	if dir := os.Getenv(childDir); dir != "" {
		resumeChild(t, dir)
		return
	}
	t.Parallel()
	dir := t.TempDir()
	whole := map[string]string{}
	for _, s := range subjects() {
		whole[s.name] = s.whole(t)
		_, from, err := s.part(t, folder(t, dir, s.name), 5)
		if err != nil || from != "" {
			t.Fatalf("%s: from %q, %v", s.name, from, err)
		}
	}
	best := cpu.Best().String()
	child(t, dir, 14, "GOMAXPROCS=1", "DESCENT_SIMD=generic")
	got := child(t, dir, 0, "GOMAXPROCS=3", "DESCENT_SIMD="+map[bool]string{true: "avx2", false: best}[best == "avx512"])
	for name, want := range whole {
		if got[name] != want {
			t.Errorf("%s: resumed twice:\n%swant\n%s", name, got[name], want)
		}
	}
}

func folder(t testing.TB, dir, name string) *train.Checkpoints {
	return &train.Checkpoints{Store: store(t, durable.OS, filepath.Join(dir, strings.ReplaceAll(name, " ", "-")), 1), Resume: true}
}

// child goes on with all runs in a new process, and returns their bits.
func child(t *testing.T, dir string, steps int, env ...string) map[string]string {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestResumeElsewhere$")
	cmd.Env = append(os.Environ(), append(env, childDir+"="+dir, childSteps+"="+strconv.Itoa(steps))...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", env, err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "bits.json"))
	if err != nil {
		t.Fatal(err)
	}
	bits := map[string]string{}
	if err := json.Unmarshal(text, &bits); err != nil {
		t.Fatal(err)
	}
	return bits
}

func resumeChild(t *testing.T, dir string) {
	steps, err := strconv.Atoi(os.Getenv(childSteps))
	if err != nil {
		t.Fatal(err)
	}
	bits := map[string]string{}
	for _, s := range subjects() {
		var from string
		if bits[s.name], from, err = s.part(t, folder(t, dir, s.name), steps); err != nil || from == "" {
			t.Errorf("%s: from %q, %v", s.name, from, err)
		}
	}
	text, err := json.Marshal(bits)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "bits.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A run that is killed goes on from whichever checkpoint is left.
func TestResumeAfterKill(t *testing.T) {
	for _, name := range []string{"EMA", "accumulate", "best", "skipped steps", "function", "noise", "oscillation"} {
		s := subjectNamed(t, name)
		whole := s.whole(t)
		if strings.Contains(whole, `"oscillating"`) != (name == "oscillation") {
			t.Errorf("%s: %s", name, whole)
		}
		disk := faulty.New()
		c := resumable(t, disk)
		c.Store, c.Every = store(t, disk, "/run", 1000), 3
		if bits, _, err := s.part(t, c, 0, patience(disk, 3)); err != nil || bits != whole {
			t.Fatalf("%s: with checkpoints %v:\n%swant\n%s", name, err, bits, whole)
		}
		list, err := c.Store.List()
		if err != nil || len(list) < 2 {
			t.Fatal(list, err)
		}
		for i := len(list) - 1; i >= 0; i-- {
			left := disk.Crash(faulty.Everything)
			for _, gone := range list[i+1:] {
				if err := left.RemoveAll("/run/" + gone.Name); err != nil {
					t.Fatal(err)
				}
			}
			bits, from, err := s.part(t, resumable(t, left), 0)
			if err != nil || from != list[i].Name || bits != whole {
				t.Errorf("%s: from %s, want %s, %v:\n%swant\n%s", name, from, list[i].Name, err, bits, whole)
			}
		}
	}
}
