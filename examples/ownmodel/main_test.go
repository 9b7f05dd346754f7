package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/descent-go/descent/data"
)

// asProgram makes the test binary the program itself.
const asProgram = "OWNMODEL_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// program returns a process of the program.
func program(t *testing.T, dir string, args ...string) (cmd *exec.Cmd, stdout, stderr *bytes.Buffer) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr = new(bytes.Buffer), new(bytes.Buffer)
	cmd = exec.Command(exe, args...)
	cmd.Args[0] = "ownmodel"
	cmd.Dir, cmd.Env = dir, append(os.Environ(), asProgram+"=1", "DESCENT_RUNS=")
	cmd.Stdout, cmd.Stderr = stdout, stderr
	return cmd, stdout, stderr
}

// succeed runs the program to its end.
func succeed(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd, stdout, stderr := program(t, dir, args...)
	if err := cmd.Run(); err != nil {
		t.Fatalf("ownmodel %s: %v\n%s", strings.Join(args, " "), err, stderr)
	}
	return stdout.String()
}

// object runs the program with --json and reads what it writes.
func object(t *testing.T, into any, dir string, args ...string) {
	t.Helper()
	text := succeed(t, dir, append(args, "--json", "-q")...)
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("ownmodel %s: %v\n%s", strings.Join(args, " "), err, text)
	}
}

// Nobody can predict the noise; the model comes within a tenth of it, and repeats
// itself to the bit.
func TestLearns(t *testing.T) {
	dir := t.TempDir()
	var trained struct {
		Model string  `json:"model"`
		Test  float64 `json:"test_loss"`
	}
	object(t, &trained, dir, "train", "--optimizer", "adamw", "--lr", "0.02", "--epochs", "30", "--schedule", "onecycle")
	if rmse := math.Sqrt(trained.Test); rmse < 0.95*noise || rmse > 1.1*noise {
		t.Errorf("root mean square error %.4f on the test set, want the noise's %v, and at most a tenth more", rmse, noise)
	}
	if want := "factors:users=300,items=200,rank=3"; trained.Model != want {
		t.Errorf("model %q, want %q", trained.Model, want)
	}
	if text := succeed(t, dir, "repeat", "latest", "-q", "--no-figures"); !strings.HasPrefix(text, "The same bits") {
		t.Errorf("repeated:\n%s", text)
	}
	if text := succeed(t, dir, "runs"); strings.Count(text, "finished") != 2 || strings.Count(text, trained.Model) != 2 {
		t.Errorf("two runs are not listed:\n%s", text)
	}
	if found, _ := filepath.Glob(filepath.Join(dir, "runs", "*", "figures", "learning.svg")); len(found) != 1 {
		t.Errorf("learning curves of the first run: %v", found)
	}
}

// A run that would not end is killed after a checkpoint; it goes on to the bits
// of one that is not killed.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	settings := []string{"train", "--batch", "0", "--epochs", "1000000", "--lr", "0.02", "--seed", "3", "--ema", "0.9", "--checkpoint-every", "50", "-q"}
	cmd, _, stderr := program(t, dir, append(settings, "--out", "killed")...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for saved := false; !saved; {
		select {
		case err := <-ended:
			t.Fatalf("it ended before it could be killed: %v\n%s", err, stderr)
		case <-time.After(time.Millisecond):
			found, _ := filepath.Glob(filepath.Join(dir, "killed", "checkpoints", "*-step-*[0-9]"))
			saved = len(found) > 0
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	var died *exec.ExitError
	if err := <-ended; !errors.As(err, &died) {
		t.Fatalf("it was to be killed: %v\n%s", err, stderr)
	}

	var shown struct {
		Status      string                 `json:"status"`
		Checkpoints []struct{ Step int64 } `json:"checkpoints"`
	}
	object(t, &shown, dir, "runs", "show", "./killed")
	if len(shown.Checkpoints) == 0 || shown.Status != "crashed" {
		t.Fatalf("killed after a checkpoint: %+v", shown)
	}
	steps := int64(100)
	for _, c := range shown.Checkpoints {
		steps = max(steps, c.Step+100)
	}
	end := []string{"--steps", strconv.FormatInt(steps, 10), "--no-figures"}

	again, _, stderr := program(t, dir, append([]string{"resume", "./killed"}, end...)...)
	if err := again.Run(); err != nil || !strings.Contains(stderr.String(), "going on from step ") {
		t.Fatalf("%v\n%s", err, stderr)
	}
	succeed(t, dir, slices.Concat(settings, end, []string{"--out", "whole"})...)
	var models [2][]byte
	for i, run := range []string{"killed", "whole"} {
		var err error
		if models[i], err = os.ReadFile(filepath.Join(dir, run, "model.safetensors")); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(models[0], models[1]) {
		t.Error("the run that was killed has other parameters than the one that was not")
	}
}

// The gradient is that of finite differences, for users and items that are in the
// batch, and zero for others.
func TestGradient(t *testing.T) {
	m, err := newFactors(6, 5, 2)
	if err != nil {
		t.Fatal(err)
	}
	m.Init(4)
	r := rand.New(rand.NewPCG(5, 0))
	for _, p := range m.Params() {
		for i := range p.Data {
			p.Data[i] += r.Float64() - 0.5
		}
	}
	batch := data.Batch{N: 4, Dim: 2, Out: 1, X: []float32{0, 1, 3, 4, 3, 1, 5, 0}, Target: []float32{4, 2.5, 1, 5}}
	loss, err := m.Loss(&batch)
	if err != nil {
		t.Fatal(err)
	}
	if judged, _, err := m.Evaluate(&batch); err != nil || judged != loss {
		t.Errorf("Evaluate says %v, %v; Loss %v", judged, err, loss)
	}
	at := func() float64 {
		loss, _, err := m.Evaluate(&batch)
		if err != nil {
			t.Fatal(err)
		}
		return loss
	}
	zero := 0
	for _, p := range m.Params() {
		for i, x := range p.Data {
			const h = 1e-6
			p.Data[i] = x + h
			above := at()
			p.Data[i] = x - h
			below := at()
			p.Data[i] = x
			if want := (above - below) / (2 * h); math.Abs(p.Grad[i]-want) > 1e-8 {
				t.Errorf("%s, element %d: gradient %v, want %v", p.Name, i, p.Grad[i], want)
			}
			if p.Grad[i] == 0 {
				zero++
			}
		}
	}
	if want := 3*(1+2) + 2*(1+2); zero != want { // users 1, 2, 4 and items 2, 3
		t.Errorf("%d derivatives are zero, want %d", zero, want)
	}
}

// Ratings of users and items that there are not, and models without any, are
// refused.
func TestRefuses(t *testing.T) {
	m, err := newFactors(2, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range [][]float32{{2, 0}, {0, 2}, {-1, 0}, {0, -1}} {
		batch := data.Batch{N: 1, Dim: 2, Out: 1, X: x, Target: []float32{1}}
		if _, err := m.Loss(&batch); err == nil {
			t.Errorf("Loss takes %v", x)
		}
		if _, _, err := m.Evaluate(&batch); err == nil {
			t.Errorf("Evaluate takes %v", x)
		}
	}
	for _, n := range [][3]int{{0, 1, 1}, {1, 0, 1}, {1, 1, 0}} {
		if _, err := newFactors(n[0], n[1], n[2]); err == nil {
			t.Errorf("a model of %v", n)
		}
	}
}

// A batch touches few of the factors, so a range test of one sweep sees no fall. The
// rates that work are found all the same, far below the edge of stability.
func TestFindLR(t *testing.T) {
	for _, rule := range []string{"adamw", "sgd"} {
		var found struct {
			Suggestions []struct {
				Criterion string
				Rate      float64
			}
			Answer struct{ Low, High, Best, Loss, Limit float64 }
			Start  float64 `json:"start_loss"`
		}
		object(t, &found, t.TempDir(), "find-lr", "--optimizer", rule, "--no-figures")
		a := found.Answer
		if !(0 < a.Low && a.Low <= a.Best && a.Best <= a.High) || a.Loss > 0.5*found.Start || a.Limit > found.Start {
			t.Errorf("%s: %+v", rule, found)
		}
		for _, s := range found.Suggestions {
			if s.Criterion == "stability edge" && rule == "adamw" && a.High > s.Rate/10 {
				t.Errorf("%s: %+v, and the edge is %v", rule, a, s.Rate)
			}
		}
	}
}
