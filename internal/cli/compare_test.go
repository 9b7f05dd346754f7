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

// smallCompare makes a comparison that takes no time.
var smallCompare = []string{"--trials", "3", "--seeds", "7", "--steps", "30"}

func compareArgs(args ...string) []string {
	return append(append([]string{"compare"}, args...), smallCompare...)
}

func TestCompare(t *testing.T) {
	folder(t)
	write(t, "exp.yaml", "function: rosenbrock-n:n=3\nsteps: 20\nname: three\nschedule: cosine\n")
	args := compareArgs("--problem", "rosenbrock", "--problem", "x^2+y^2", "--problem", "points.csv/softmax", "--problem", "exp.yaml",
		"--optimizer", "sgd,adam:beta1=0.8,lr=0.01,momentum", "--optimizer", "sgd", "--resolution", "0.5")
	o := succeed(t, "", args...)
	for _, want := range []string{
		"rosenbrock: value after 30 gradients", "x^2+y^2: value", "points.csv/softmax: test loss", "three: value",
		"adam:beta1=0.8", "sgd (2)", "untuned", "steps to target", "accuracy", "to the best", "trainings of",
	} {
		if !strings.Contains(o.stdout, want) {
			t.Errorf("no %q in\n%s", want, o.stdout)
		}
	}
	for line := range strings.Lines(o.stdout) {
		if n := len([]rune(strings.TrimRight(line, "\n"))); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if !strings.Contains(o.stderr, "rosenbrock, tuning 12/12") || !strings.Contains(o.stderr, "wrote to out: report.html, compare.json, 16 figures in figures") {
		t.Errorf("standard error %q", o.stderr)
	}
	exists(t, "out/compare.json", "out/report.html", "out/compare.trials", "out/figures/rosenbrock-paths.gif", "out/figures/three-schedule.png", "out/figures/profiles.png", "out/figures/rosenbrock-sensitivity.svg")
	page, err := os.ReadFile("out/report.html")
	if err != nil || !strings.Contains(string(page), "descent compare --problem rosenbrock --problem ") {
		t.Errorf("the report does not say how to repeat it (%v)", err)
	}

	// Again: nothing is trained, and the result is the same.
	again := object(t, "", args...)
	text, err := os.ReadFile("out/compare.json")
	if err != nil {
		t.Fatal(err)
	}
	var c lab.Comparison
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Tasks) != 4 || len(c.Profiles) != 4 || len(c.Tasks[3].Rows) != 4 || c.Tasks[3].Name != "three" {
		t.Errorf("%d tasks, %d profiles", len(c.Tasks), len(c.Profiles))
	}
	if again["seconds"] != parse(t, string(text))["seconds"] || again["summary"] != c.Summary {
		t.Error("trained again")
	}
	succeed(t, "", append(args, "--out", "fresh", "--parallel", "1", "--no-figures")...)
	fresh, err := os.ReadFile("fresh/compare.json")
	if err != nil {
		t.Fatal(err)
	}
	var other lab.Comparison
	if err := json.Unmarshal(fresh, &other); err != nil {
		t.Fatal(err)
	}
	for i := range c.Tasks {
		if a, b := c.Tasks[i].Rows[0].Final, other.Tasks[i].Rows[0].Final; a != b {
			t.Errorf("%s: %v and %v, in parallel and not", c.Tasks[i].Name, a, b)
		}
	}
	if _, err := os.Stat("fresh/report.html"); err == nil {
		t.Error("a report though --no-figures")
	}
	if o := succeed(t, "", append(args, "--quiet")...); strings.Contains(o.stdout, "steps to target") || o.stderr != "" {
		t.Errorf("not quiet: %q, %q", o.stdout, o.stderr)
	}
}

// An interrupted comparison goes on where it was, and ends as if nothing had been.
func TestCompareInterrupted(t *testing.T) {
	folder(t)
	args := []string{"compare", "--problem", "rosenbrock", "--optimizer", "sgd,adam", "--trials", "3", "--seeds", "7", "--steps", "20000", "--no-figures", "--parallel", "2"}
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Millisecond)
	defer cancel()
	var out, diag bytes.Buffer
	if code := execute(ctx, args, strings.NewReader(""), &out, &diag); code != exitInterrupted || !strings.Contains(diag.String(), "the same command goes on") {
		t.Fatalf("interrupted: code %d, %q, %q", code, diag.String(), out.String())
	}
	exists(t, "out/compare.trials")
	got, want := object(t, "", args...), object(t, "", append(args, "--out", "whole")...)
	for _, m := range []map[string]any{got, want} {
		if len(m["tasks"].([]any)) != 1 {
			t.Fatal(m)
		}
	}
	rows := func(m map[string]any) any {
		row := m["tasks"].([]any)[0].(map[string]any)["rows"].([]any)[0].(map[string]any)
		return row["final"].(map[string]any)["median"]
	}
	if rows(got) != rows(want) {
		t.Errorf("%v after an interrupt, %v without", rows(got), rows(want))
	}
}

func TestCompareDiverged(t *testing.T) {
	folder(t)
	o := command(t, "", compareArgs("--problem", "saddle", "--optimizer", "sgd:lr=1e9,momentum:lr=1e9", "--no-figures")...)
	if o.code != exitDiverged || !strings.Contains(o.stdout, "Nothing to compare") {
		t.Errorf("code %d, %q, %q", o.code, o.stdout, o.stderr)
	}
}

func TestCompareBadInput(t *testing.T) {
	folder(t)
	write(t, "file", "in the way")
	write(t, "same.yaml", "function: rosenbrock\nname: bowl\n")
	write(t, "bad.yaml", "function: rosenbrock\nsteps: -4\n")
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--problem", "rosenbrok"}, exitUsage, "rosenbrok"},
		{[]string{"--problem", "digits/mlp:x"}, exitUsage, "digits/mlp:x"},
		{[]string{"--problem", "none.csv/softmax"}, exitFailure, "none.csv"},
		{[]string{"--problem", "none.csv/mlp"}, exitUsage, "no such file: none.csv\n"},
		{[]string{"--problem", "none.csv"}, exitUsage, "--problem none.csv: no such file\n"},
		{[]string{"--problem", "digits/mlpp:3"}, exitUsage, "digits is data, but nn: "},
		{[]string{"--problem", "x^2+*y"}, exitUsage, "nor a function: problem: column 5"},
		{[]string{"--problem", ""}, exitUsage, `--problem "": want a function`},
		{[]string{"--optimizer", ""}, exitUsage, `--optimizer "": `},
		{[]string{"--problem", "rosenbrock", "--epochs", "3"}, exitUsage, "--epochs 3: no problem has examples"},
		{[]string{"--problem", "none.yaml"}, exitFailure, "experiment file"},
		{[]string{"--problem", "bad.yaml"}, exitFailure, "bad.yaml:2:8"},
		{[]string{"--problem", "rosenbrock", "--problem", "rosenbrock"}, exitUsage, "it is there twice"},
		{[]string{"--problem", "bowl", "--problem", "same.yaml"}, exitUsage, "another problem is called"},
		{[]string{"--optimizer", "adamm"}, exitUsage, "adamm"},
		{[]string{"--optimizer", "adam:lr=0"}, exitUsage, "want a rate above 0"},
		{[]string{"--trials", "0"}, exitUsage, "--trials 0: want at least 1"},
		{[]string{"--seeds", "500"}, exitUsage, "--seeds 500: want at most 499"},
		{[]string{"--parallel", "0"}, exitUsage, "--parallel 0: want at least 1"},
		{[]string{"--steps", "5", "--epochs", "5"}, exitUsage, "want one of them"},
		{[]string{"--target", "NaN"}, exitUsage, "--target NaN"},
		{[]string{"--confidence", "1"}, exitUsage, "--confidence 1"},
		{[]string{"--schedule", "cosin"}, exitUsage, "--schedule cosin"},
		{[]string{"--out", "file"}, exitFailure, "--out file"},
	} {
		o := command(t, "", append([]string{"compare"}, c.args...)...)
		if o.code != c.code || o.stdout != "" || !strings.Contains(o.stderr, c.want) {
			t.Errorf("%v: code %d, %q, %q; want %d, %q", c.args, o.code, o.stdout, o.stderr, c.code, c.want)
		}
	}
}

// A program compares rules on its own model.
func TestCompareOwn(t *testing.T) {
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
	code := ExecuteOwn("mine", own, compareArgs("--optimizer", "sgd,adam", "--no-figures"), strings.NewReader(""), &out, &diag)
	if code != exitOK || !strings.Contains(out.String(), "test loss after 30 gradients") {
		t.Errorf("code %d, %q, %q", code, out.String(), diag.String())
	}
	if code := ExecuteOwn("mine", own, []string{"compare", "--problem", "beale"}, strings.NewReader(""), &out, &diag); code != exitUsage {
		t.Errorf("a problem beside the program's own: code %d", code)
	}
}

// On a terminal one line is drawn again and again, within its columns.
func TestTrialBar(t *testing.T) {
	var out bytes.Buffer
	now := time.Unix(0, 0)
	b := (&app{diag: &out}).newTrialBar()
	b.terminal, b.columns, b.clock = true, func() int { return 60 }, func() time.Time { return now }
	b.event(&lab.ComparisonStarted{Trials: 4})
	for i := range 4 {
		now = now.Add(time.Second)
		b.event(&lab.TrialDone{Task: "rosenbrock", Stage: "tuning", Done: i + 1, Total: 4, Outcome: &lab.Outcome{}})
	}
	b.close()
	for line := range strings.SplitSeq(out.String(), "\r") {
		if n := len([]rune(strings.TrimSuffix(line, "\x1b[K"))); n > 59 {
			t.Errorf("%d columns: %q", n, line)
		}
	}
	for _, want := range []string{"rosenbrock, tuning", "[=", "2/4", "2.0s left", "\r\x1b[J"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in %q", want, out.String())
		}
	}
}

// What is tuned beside the rate is told, and bad spaces are usage.
func TestCompareSpace(t *testing.T) {
	folder(t)
	args := compareArgs("--problem", "rosenbrock", "--optimizer", "sgd,adam:lr=0.1", "--space", "optimizer.beta1=0.5..0.95", "--no-figures")
	o := succeed(t, "", args...)
	for _, want := range []string{"tuned to", "beta1=0.", "rosenbrock, sensitivity"} {
		if !strings.Contains(o.stdout+o.stderr, want) {
			t.Errorf("no %q in\n%s%s", want, o.stdout, o.stderr)
		}
	}
	for space, want := range map[string]string{
		"beta1=0..1":           "--space: dimension beta1=0..1: no key",
		"optimizer.beta9=0..1": "--space: dimension optimizer.beta9=0..1: no contender leaves it open",
		"optimizer.beta1=0..7": "--space: contender adam: dimension optimizer.beta1=0..7: optimizer.beta1 = 7",
		"batch={1,2}":          "--space: dimension batch={1,2}: want lr",
		"nonsense":             `--space: dimension "nonsense": want KEY=`,
	} {
		o := command(t, "", compareArgs("--problem", "rosenbrock", "--optimizer", "sgd,adam", "--space", space)...)
		if o.code != exitUsage || !strings.Contains(o.stderr, want) {
			t.Errorf("%s: code %d, %q, want %s", space, o.code, o.stderr, want)
		}
	}
}
