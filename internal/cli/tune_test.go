package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/lab"
	"github.com/descent-go/descent/nn"
)

// smallTune makes a search that takes no time.
func smallTune(args ...string) []string {
	return append(append([]string{"tune"}, args...), "--trials", "14", "--fresh-seeds", "7", "--finalists", "2", "--resolution", "0.5")
}

func tuned(t *testing.T, path string) *lab.Tuning {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r := new(lab.Tuning)
	if err := json.Unmarshal(text, r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTune(t *testing.T) {
	folder(t)
	args := smallTune("--data", "points.csv", "--model", "mlp:6", "--epochs", "8", "--batch", "4", "--seed", "5", "--pruner", "asha",
		"--space", "lr=1e-4..10 log", "--space", "optimizer={sgd,adam}", "--space", "optimizer.momentum=0..0.99 if optimizer=sgd", "--space", "width=2..16 int log")
	o := succeed(t, "", args...)
	for _, want := range []string{"points.csv", "loss after", "other seeds", "on fresh seeds", "as it was", "whole trainings", "Try: descent train out/best.yaml"} {
		if !strings.Contains(o.stdout, want) {
			t.Errorf("no %q in\n%s", want, o.stdout)
		}
	}
	for line := range strings.Lines(o.stdout) {
		if n := len([]rune(strings.TrimRight(line, "\n"))); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if !strings.Contains(o.stderr, ", search ") || !strings.Contains(o.stderr, "wrote to out: best.yaml, report.html, tune.json, ") {
		t.Errorf("standard error %q", o.stderr)
	}
	exists(t, "out/best.yaml", "out/tune.json", "out/report.html", "out/tune.trials")
	page, err := os.ReadFile("out/report.html")
	if err != nil || !strings.Contains(string(page), "descent tune --data points.csv") {
		t.Errorf("the report does not say how to repeat it (%v)", err)
	}

	// What it chose can be trained, and does what the search says.
	r := tuned(t, "out/tune.json")
	e, err := experiment.Read("out/best.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := short(*e.LR), r.Tries[r.Best-1].Configuration["lr"]; got != short(parseNumber(t, want)) {
		t.Errorf("best.yaml has the rate %s, want %s", got, want)
	}
	succeed(t, "", "train", "out/best.yaml", "--out", "trained", "--no-figures")

	// Again, on other threads: the same; and again from the journal.
	want := r.Tuned.Final
	for _, more := range [][]string{{"--parallel", "1", "--out", "fresh", "--no-figures"}, {"--no-figures"}} {
		o := object(t, "", append(args, more...)...)
		final := o["tuned"].(map[string]any)["final"].(map[string]any)
		if final["median"] != float64(want.Median) || o["best"] != float64(r.Best) {
			t.Errorf("%v: try %v, %v, want %d, %v", more, o["best"], final["median"], r.Best, want.Median)
		}
	}
	if _, err := os.Stat("fresh/report.html"); err == nil {
		t.Error("a report though --no-figures")
	}
	if o := succeed(t, "", append(args, "--quiet")...); strings.Contains(o.stdout, "other seeds") || o.stderr != "" || !strings.Contains(o.stdout, "Try ") {
		t.Errorf("not quiet: %q, %q", o.stdout, o.stderr)
	}
}

func parseNumber(t *testing.T, text string) float64 {
	t.Helper()
	var v float64
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// Without a space it searches the rate around the usual one, and warns where that ends
// too early.
func TestTuneUsualSpace(t *testing.T) {
	folder(t)
	o := succeed(t, "", smallTune("--function", "rosenbrock", "--optimizer", "sgd:lr=1e-7", "--steps", "100", "--pruner", "hyperband", "--no-figures")...)
	if !strings.Contains(strings.Join(strings.Fields(o.stdout), " "), "upper edge of the space, 1e-5: better ones may lie beyond.") {
		t.Errorf("no warning in\n%s", o.stdout)
	}
	if r := tuned(t, "out/tune.json"); len(r.Space.Params) != 1 || r.Space.Params[0].Key != "lr" || r.Space.Params[0].Low != 1e-9 {
		t.Errorf("the space is %+v", r.Space)
	}
}

// An interrupted search goes on where it was, and ends as if nothing had been.
func TestTuneInterrupted(t *testing.T) {
	folder(t)
	args := smallTune("--function", "rosenbrock", "--steps", "60000", "--pruner", "asha", "--no-figures", "--parallel", "2")
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Millisecond)
	defer cancel()
	var out, diag bytes.Buffer
	if code := execute(ctx, args, strings.NewReader(""), &out, &diag); code != exitInterrupted || !strings.Contains(diag.String(), "the same command goes on") {
		t.Fatalf("interrupted: code %d, %q, %q", code, diag.String(), out.String())
	}
	got, want := object(t, "", args...), object(t, "", append(args, "--out", "whole")...)
	if got["summary"] != want["summary"] || got["best"] != want["best"] {
		t.Errorf("%v after an interrupt, %v without", got["summary"], want["summary"])
	}
}

func TestTuneDiverged(t *testing.T) {
	folder(t)
	o := command(t, "", smallTune("--function", "rosenbrock", "--optimizer", "sgd", "--steps", "50", "--space", "lr=1e8..1e9 log")...)
	if o.code != exitDiverged || !strings.Contains(o.stdout, "Nothing to choose from") {
		t.Errorf("code %d, %q, %q", o.code, o.stdout, o.stderr)
	}
	if _, err := os.Stat("out/best.yaml"); err == nil {
		t.Error("best.yaml though everything diverged")
	}
}

func TestTuneBadInput(t *testing.T) {
	folder(t)
	write(t, "file", "in the way")
	write(t, "bad.yaml", "function: rosenbrock\nsteps: -4\n")
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--space", "lr=1..x"}, exitUsage, `--space: dimension "lr=1..x": "x" is not an end`},
		{[]string{"--space", "rate=1..2"}, exitUsage, "rate"},
		{[]string{"--space", "optimizer.beta7=0..0.9"}, exitUsage, "beta7"},
		{[]string{"--space", "data={a,b}"}, exitUsage, "data"},
		{[]string{"--sampler", "grid"}, exitUsage, "--sampler grid"},
		{[]string{"--pruner", "median"}, exitUsage, "--pruner median: want none, asha or hyperband"},
		{[]string{"--trials", "-1"}, exitUsage, "--trials -1"},
		{[]string{"--eta", "1"}, exitUsage, "--eta 1: want 2 to 100"},
		{[]string{"--budget", "-1"}, exitUsage, "--budget -1"},
		{[]string{"--function", "rosenbrock", "--steps", "50", "--budget", "49"}, exitUsage, "want at least 50: a whole training"},
		{[]string{"--seeds", "0"}, exitUsage, "--seeds 0"},
		{[]string{"--fresh-seeds", "500"}, exitUsage, "--fresh-seeds 500"},
		{[]string{"--parallel", "0"}, exitUsage, "--parallel 0"},
		{[]string{"--optimizer", "adamm"}, exitUsage, "adamm"},
		{[]string{"--lr", "0"}, exitUsage, "want a rate above 0"},
		{[]string{"--theme", "blue"}, exitUsage, "--theme blue"},
		{[]string{"bad.yaml"}, exitFailure, "bad.yaml:2:8"},
		{[]string{"none.yaml"}, exitFailure, "none.yaml"},
		{[]string{"--out", "file"}, exitFailure, "--out file"},
	} {
		o := command(t, "", append([]string{"tune"}, c.args...)...)
		if o.code != c.code || o.stdout != "" || !strings.Contains(o.stderr, c.want) {
			t.Errorf("%v: code %d, %q, %q; want %d, %q", c.args, o.code, o.stdout, o.stderr, c.code, c.want)
		}
	}
}

// A program tunes the training of its own model.
func TestTuneOwn(t *testing.T) {
	folder(t)
	sets, err := data.Open("digits:n=200", data.Options{Holdout: 0.2})
	if err != nil {
		t.Fatal(err)
	}
	net, err := nn.ParseShape("mlp:5", sets.Train.Shape, len(sets.Train.Classes), nn.Classify)
	if err != nil {
		t.Fatal(err)
	}
	own, err := experiment.NewOwn[float32](net, sets)
	if err != nil {
		t.Fatal(err)
	}
	var out, diag bytes.Buffer
	if code := ExecuteOwn("mine", own, smallTune("--steps", "30", "--no-figures"), strings.NewReader(""), &out, &diag); code != exitOK {
		t.Errorf("code %d, %q, %q", code, out.String(), diag.String())
	}
	if !strings.Contains(out.String(), "Try: mine train out/best.yaml") {
		t.Errorf("no command to train in %q", out.String())
	}
}
