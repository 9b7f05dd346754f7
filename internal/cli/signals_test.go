//go:build unix

package cli

import (
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/descent-go/descent/checkpoint"
	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/record"
)

// lengthy is a training that takes a second or so.
var lengthy = []string{"train", "--out", "made", "--data", "spirals:n=600", "--model", "dense:24,bn,dropout:0.2", "--schedule", "cosine", "--epochs", "600", "--no-figures"}

// SIGINT and SIGTERM end a training after the step at work; it says how to go on,
// and then ends with the bits of one that was left in peace.
func TestSignals(t *testing.T) {
	heedInterrupts(t)
	whole := t.TempDir()
	complete(t, whole, nil, exitOK, lengthy...)
	for _, c := range []struct {
		signal syscall.Signal
		code   int
		args   []string
	}{
		{syscall.SIGINT, exitInterrupted, nil},
		{syscall.SIGTERM, exitTerminated, []string{"--json"}},
	} {
		dir := t.TempDir()
		p := launch(t, dir, nil, append(lengthy[:len(lengthy):len(lengthy)], c.args...)...)
		p.says("epoch 2/600")
		p.signal(c.signal)
		if code := p.wait(); code != c.code {
			t.Fatalf("%v: exit code %d, want %d\n%s", c.signal, code, c.code, p.stderr.String())
		}
		said := p.stderr.String()
		if !strings.Contains(said, "interrupted after step ") || !strings.Contains(said, "; go on with: descent resume ./made\n") {
			t.Errorf("%v: %s", c.signal, said)
		}
		if c.args != nil {
			if m := parse(t, p.stdout.String()); m["verdict"] != "interrupted" || m["model_file"] == nil {
				t.Errorf("verdict %v, model %v", m["verdict"], m["model_file"])
			}
		}
		if said := complete(t, dir, nil, exitOK, "resume", "./made", "--no-figures"); !strings.HasPrefix(said, "going on from step ") {
			t.Errorf("%v, resumed: %s", c.signal, said)
		}
		if differ := sameRun(t, filepath.Join(whole, "made"), filepath.Join(dir, "made")); differ != "" {
			t.Errorf("%v: %s", c.signal, differ)
		}
	}
}

// heedInterrupts lets processes start with SIGINT as usual, though the test may
// run in the background of a shell script, where it is ignored.
func heedInterrupts(t *testing.T) {
	c := make(chan os.Signal, 1)
	if signal.Ignored(os.Interrupt) {
		signal.Notify(c, os.Interrupt)
		t.Cleanup(func() { signal.Stop(c) })
	}
}

// Where SIGINT is ignored when the process starts, it remains so.
func TestIgnoredInterrupt(t *testing.T) {
	p := launch(t, t.TempDir(), []string{undisturbed + "=1"}, lengthy...)
	p.says("epoch 2/600")
	p.signal(syscall.SIGINT)
	if code := p.wait(); code != exitOK {
		t.Errorf("exit code %d\n%s", code, p.stderr.String())
	}
}

// A slow model takes a millisecond for a step, and for ever to be saved unless it is
// steady.
type slow struct {
	x, grad []float64
	steps   int
	steady  bool
}

func (m *slow) Params() []optim.Param[float64] {
	return []optim.Param[float64]{{Name: "x", Shape: []int{1}, Data: m.x, Grad: m.grad}}
}

func (m *slow) Loss(*data.Batch) (float64, error) {
	if m.steps++; m.steps == 10 {
		fmt.Fprintln(os.Stderr, "learning")
	}
	time.Sleep(time.Millisecond)
	m.grad[0] = 2 * m.x[0]
	return m.x[0] * m.x[0], nil
}

func (m *slow) State() ([]byte, error) {
	if m.steps > 0 && !m.steady {
		fmt.Fprintln(os.Stderr, "saving")
		time.Sleep(time.Hour)
	}
	return nil, nil
}

func (m *slow) SetState([]byte) error { return nil }

// slowly offers a slow model to the command line.
func slowly(steady bool) *experiment.Own {
	own, err := experiment.NewOwn(&slow{x: []float64{1}, grad: []float64{0}, steady: steady}, nil)
	if err != nil {
		panic(err)
	}
	return own
}

// The second signal ends the process at once, in the middle of a save too.
func TestSecondSignal(t *testing.T) {
	heedInterrupts(t)
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		p := launch(t, t.TempDir(), []string{asProcess + "=own"}, "train", "--steps", "1000000", "--lr", "1e-6")
		p.says("learning")
		p.signal(s)
		p.says("saving")
		p.signal(s)
		if code := p.wait(); code != -int(s) {
			t.Errorf("%v twice: %d, want the process killed by it\n%s", s, code, p.stderr.String())
		}
	}
}

// A reader that has gone away, of the results or of the progress, does not keep a
// training from its end.
func TestNobodyReads(t *testing.T) {
	short := []string{"train", "--out", "made", "--data", "spirals:n=200", "--model", "mlp:8", "--epochs", "20", "--no-figures"}
	for _, c := range []struct {
		stream string
		code   int
	}{{"stdout", exitUnread}, {"stderr", exitOK}} {
		dir := t.TempDir()
		p := prepare(t, dir, nil, short...)
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Close()
		if c.stream == "stdout" {
			p.cmd.Stdout = w
		} else {
			p.cmd.Stderr = w
		}
		p.start()
		_ = w.Close()
		if code := p.wait(); code != c.code {
			t.Errorf("nobody reads %s: exit code %d, want %d", c.stream, code, c.code)
		}
		if said := p.stderr.String(); strings.Contains(said, "pipe") {
			t.Errorf("nobody reads %s: %s", c.stream, said)
		}
		exists(t, filepath.Join(dir, "made", record.ModelFile), filepath.Join(dir, "made", record.ReportFile))
		run, err := record.OpenForWork(filepath.Join(dir, "made"))
		if err != nil {
			t.Fatal(err)
		}
		if s := run.Summary(); s.Status != record.StatusFinished {
			t.Errorf("nobody reads %s: the run is %s", c.stream, s.Status)
		}
		if err := run.Close(); err != nil {
			t.Error(err)
		}
	}
}

// When the disk is full, training goes on to its end without checkpoints and says
// so; the earlier ones are whole, and with room again the run goes on from there.
func TestDiskFull(t *testing.T) {
	args := []string{"train", "--out", "made", "--data", "digits:n=300", "--model", "mlp:8", "--optimizer", "sgd:momentum=0.9", "--epochs", "300", "--checkpoint-every", "10", "--no-figures"}
	whole, dir := t.TempDir(), t.TempDir()
	complete(t, whole, nil, exitOK, args...)

	// The log is the file that becomes too large, when there are checkpoints.
	p := launch(t, dir, nil, args...)
	p.says("epoch 2/300")
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != exitTerminated {
		t.Fatalf("exit code %d\n%s", code, p.stderr.String())
	}
	made := filepath.Join(dir, "made")
	room := int64(0)
	for _, name := range []string{record.EventsFile, record.ModelFile} { // which is a bit larger than any part
		info, err := os.Stat(filepath.Join(made, name))
		if err != nil {
			t.Fatal(err)
		}
		room = max(room, info.Size()) + 8<<10
	}
	resume := []string{"resume", "./made", "--no-figures"}
	noRoom(t, dir, room, []string{"going on from step ", "made/events.jsonl: file too large", "descent: no checkpoint at step ", "\ndescent: train: the last checkpoint, after 2100 steps: "}, resume...)
	store, err := checkpoint.Open(filepath.Join(made, "checkpoints"), 3)
	if err != nil {
		t.Fatal(err)
	}
	if kept, bad, err := store.Newest(); kept == nil || bad != nil || err != nil {
		t.Errorf("the newest checkpoint: %v, damaged %v, %v", kept, bad, err)
	}
	if said := complete(t, dir, nil, exitOK, resume...); !strings.HasPrefix(said, "going on from step ") {
		t.Errorf("with room again: %s", said)
	}
	if differ := sameRun(t, filepath.Join(whole, "made"), made); differ != "" {
		t.Errorf("with room again: %s", differ)
	}

	// No checkpoint can be written, from the beginning on, and no model.
	if err := os.RemoveAll(made); err != nil {
		t.Fatal(err)
	}
	noRoom(t, dir, 8<<10, []string{"descent: no checkpoint at step 10: ", "\ndescent: the model cannot be saved: ", "file too large"}, args...)
	if said := complete(t, dir, nil, exitOK, resume...); !strings.HasPrefix(said, "there is no checkpoint: the run begins anew\n") {
		t.Errorf("with room again: %s", said)
	}
	if differ := sameRun(t, filepath.Join(whole, "made"), made); differ != "" {
		t.Errorf("with room again: %s", differ)
	}
}

// noRoom runs descent to its end in a process whose files are limited, and fails
// unless it says all of some words.
func noRoom(t *testing.T, dir string, room int64, words []string, args ...string) {
	t.Helper()
	p := launch(t, dir, []string{fmt.Sprintf("%s=%d", fileSize, room)}, args...)
	code, said := p.wait(), p.stderr.String()
	if code != exitFailure || !strings.Contains(p.stdout.String(), "Finished 300 epochs") {
		t.Errorf("no room: exit code %d, %s", code, p.stdout.String())
	}
	for _, want := range words {
		if !strings.Contains(said, want) {
			t.Errorf("no room: no %q in\n%s", want, said)
		}
	}
}

// In a folder that cannot be written nothing begins and nothing goes on, and the
// message says which folder.
func TestReadOnlyFolder(t *testing.T) {
	dir := t.TempDir()
	args := []string{"train", "--out", "made", "--data", "spirals:n=100", "--model", "softmax", "--epochs", "2", "--no-figures"}
	complete(t, dir, nil, exitOK, args...)
	made := filepath.Join(dir, "made")
	before := timeless(t, made)
	var env []string
	if os.Geteuid() == 0 { // whom no mode stops
		env = []string{otherUser + "=65534"}
		if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, folder := range []string{made, dir} {
		if err := os.Chmod(folder, 0o555); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(folder, 0o755) }) // so that it can be removed
	}
	if err := os.Chmod(filepath.Join(made, ".lock"), 0o444); err != nil {
		t.Fatal(err)
	}
	args[2] = "new"
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"resume", "./made"}, "made/.lock: permission denied"},
		{args, "--out new: "},
		{append([]string{"train", "--runs", "all"}, args[3:]...), "--runs all: "},
	} {
		said := complete(t, dir, env, exitFailure, c.args...)
		if !strings.Contains(said, c.want) || !strings.Contains(said, "permission denied") || strings.Contains(said, "is running") {
			t.Errorf("%q: %s", c.args, said)
		}
	}
	for name, content := range timeless(t, made) {
		if before[name] != content {
			t.Errorf("%s has changed", name)
		}
	}
}
