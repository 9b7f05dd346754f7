package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/internal/shell"
	"github.com/descent-go/descent/record"
)

// A trigger is a standard error that ends the context when a text comes along.
type trigger struct {
	bytes.Buffer
	text string
	pull func()
}

func (w *trigger) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(w.text)) {
		w.pull()
	}
	return w.Buffer.Write(p)
}

// interrupt runs a command until it says something.
func interrupt(t *testing.T, text string, args ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var out bytes.Buffer
	diag := &trigger{text: text, pull: cancel}
	code := execute(ctx, args, strings.NewReader(""), &out, diag)
	if code != exitInterrupted {
		t.Fatalf("%q: exit code %d, want %d\n%s", args, code, exitInterrupted, diag.String())
	}
	return outcome{code, out.String(), diag.String()}
}

// fail runs a command that is expected to end with a code and a message that has
// all of some words.
func fail(t *testing.T, code int, words []string, args ...string) {
	t.Helper()
	o := command(t, "", args...)
	if o.code != code || o.stdout != "" && code != exitFailure {
		t.Errorf("%q: exit code %d, want %d: %s", args, o.code, code, o.stdout)
	}
	for _, want := range words {
		if !strings.Contains(o.stderr, want) {
			t.Errorf("%q: no %q in\n%s", args, want, o.stderr)
		}
	}
}

// brief training: eight steps an epoch.
var trained = []string{"train", "--data", "spirals:n=300", "--model", "dense:12,bn,dropout:0.1", "--batch", "27", "--resolution", "0.5", "--checkpoint-every", "3"}

// onlyRun returns the folder of the only run in a root.
func onlyRun(t *testing.T, root string) string {
	t.Helper()
	all, err := listRuns(root, record.Query{})
	if err != nil || len(all) != 1 {
		t.Fatalf("%d runs in %s, %v, want one", len(all), root, err)
	}
	return all[0].Dir
}

// A run is found by its ID, the beginning of it, as the latest, and by its path,
// from other folders too, and ends with the files of one that was not
// interrupted, down to the figures.
func TestResume(t *testing.T) {
	here := folder(t)
	epochs := append(slices.Clone(trained), "--epochs", "6", "--schedule", "onecycle", "--ema", "0.9")
	succeed(t, "", append(epochs, "--out", "whole")...)
	o := interrupt(t, "epoch 2/6", epochs...)
	dir := onlyRun(t, "runs")
	id := filepath.Base(dir)
	stopped := regexp.MustCompile(`interrupted after step ([0-9]+); go on with: descent resume ` + id + "\n").FindStringSubmatch(o.stderr)
	if stopped == nil {
		t.Fatalf("it does not say how to go on: %s", o.stderr)
	}
	recorded := object(t, "", "runs", "show", id)["recorded"].(map[string]any)
	if want := "descent " + shell.Line(epochs...); recorded["command"] != want {
		t.Errorf("the command is %v, want %s", recorded["command"], want)
	}
	kept := t.TempDir()
	if err := os.CopyFS(filepath.Join(kept, "it"), os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, run, runs string }{
		{here, id, ""},
		{here, id[:17], "runs"},
		{here, record.Latest, "runs"},
		{here, "./runs/" + id, ""},
		{filepath.Join(here, "runs"), "../runs/" + id, ""},
		{t.TempDir(), filepath.Join(here, "runs", id), ""},
		{t.TempDir(), id, filepath.Join(here, "runs")},
	} {
		t.Chdir(here)
		if err := errors.Join(os.RemoveAll(dir), os.CopyFS(dir, os.DirFS(filepath.Join(kept, "it")))); err != nil {
			t.Fatal(err)
		}
		t.Chdir(c.from)
		args := []string{"resume", c.run, "--resolution", "0.5"}
		if c.runs != "" {
			args = append(args, "--runs", c.runs)
		}
		o := succeed(t, "", args...)
		if !strings.Contains(o.stderr, "going on from step "+stopped[1]+", ") || (c.from != here) != strings.Contains(o.stderr, "working in "+here) {
			t.Errorf("%s from %s: %s", c.run, c.from, o.stderr)
		}
		t.Chdir(here)
		if differ := sameRun(t, "whole", dir); differ != "" {
			t.Errorf("%s from %s: %s", c.run, c.from, differ)
		}
		for _, figure := range []string{"figures/learning.png", "figures/learning.svg"} {
			if a, b := timeless(t, "whole")[figure], timeless(t, dir)[figure]; a != b || a == "" {
				t.Errorf("%s differs", figure)
			}
		}
	}
	// Once more: there is nothing to do.
	succeed(t, "", "resume", id, "--no-figures")
	if differ := sameRun(t, "whole", dir); differ != "" {
		t.Errorf("resumed when it was over: %s", differ)
	}
}

// An interrupted run can go on from a folder of its own, and says how.
func TestResumeHint(t *testing.T) {
	folder(t)
	t.Setenv(runsEnv, "")
	for args, want := range map[string]string{
		"--out made":              "descent resume ./made\n",
		"--out some/made":         "descent resume ./some/made\n",
		"--out ../" + t.Name():    "descent resume ./../" + t.Name() + "\n",
		"--runs all":              " --runs all\n",
		"--runs all --out all/it": "descent resume it --runs all\n",
		"--checkpoint-every 0 --checkpoint-seconds 0": ", and there are no checkpoints to go on from\n",
	} {
		o := interrupt(t, "epoch 1/9", append(append(slices.Clone(trained), "--epochs", "9", "--no-figures"), strings.Fields(args)...)...)
		if !strings.HasSuffix(o.stderr, want) {
			t.Errorf("%s: no %q in\n%s", args, want, o.stderr)
		}
		if m := regexp.MustCompile(`go on with: descent (resume .*)\n`).FindStringSubmatch(o.stderr); m != nil {
			succeed(t, "", append(strings.Fields(m[1]), "--no-figures")...)
		}
	}
	o := interrupt(t, "epoch 1/9", append(append(slices.Clone(trained), "--epochs", "9", "--plain", "--json"), "--out", "report")...)
	if m := parse(t, o.stdout); m["verdict"] != "interrupted" || m["folder"] != "report" {
		t.Errorf("%v in %v", m["verdict"], m["folder"])
	}
}

// What only ends a run may be changed: a finished run is made longer, and is the
// run that was as long from the beginning.
func TestResumeLonger(t *testing.T) {
	folder(t)
	succeed(t, "", append(slices.Clone(trained), "--epochs", "7", "--out", "whole")...)
	succeed(t, "", append(slices.Clone(trained), "--epochs", "3", "--out", "made")...)
	m := object(t, "", "resume", "./made", "--epochs", "7", "--resolution", "0.5")
	if m["epochs"] != 7.0 || len(m["curve"].([]any)) != 7 {
		t.Errorf("%v epochs, a curve of %d", m["epochs"], len(m["curve"].([]any)))
	}
	was, is := timeless(t, "whole"), timeless(t, "made")
	for _, name := range []string{record.ExperimentFile, record.ModelFile, "figures/learning.svg"} {
		if was[name] != is[name] {
			t.Errorf("%s differs", name)
		}
	}
	if a, b := reported(t, "whole"), reported(t, "made"); a != b {
		t.Errorf("the reports differ:\n%s%s", a, b)
	}
	if r := object(t, "", "repeat", "./made", "--no-figures"); r["same"] != true || r["whole"] != true || r["parameters_compared"] != true {
		t.Errorf("repeated: %v %v %v", r["same"], r["deviation"], r["parameters_differ"])
	}
	succeed(t, "", append(slices.Clone(trained), "--epochs", "3", "--schedule", "cosine", "--out", "curved")...)
	before := timeless(t, "curved")
	fail(t, exitFailure, []string{"setting schedule was ", `"total":24`, " when saved, is ", `"total":56`}, "resume", "./curved", "--epochs", "7")
	for name, content := range timeless(t, "curved") {
		if before[name] != content {
			t.Errorf("refused, and %s has changed", name)
		}
	}
}

// edit changes a file.
func edit(t *testing.T, name, old, new string) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil || !strings.Contains(string(text), old) {
		t.Fatalf("%s has no %q (%v)", name, old, err)
	}
	write(t, name, strings.Replace(string(text), old, new, 1))
}

// flip changes one bit in the middle of a file.
func flip(t *testing.T, name string) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	write(t, name, string(b))
}

// checkpointsOf returns the names of a run's checkpoints, the newest last.
func checkpointsOf(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, "checkpoints"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// A damaged checkpoint is named, set aside and passed over; when none is whole,
// the run begins anew. Both come to the same end.
func TestResumeDamaged(t *testing.T) {
	folder(t)
	epochs := append(slices.Clone(trained), "--epochs", "5", "--keep", "2", "--no-figures")
	succeed(t, "", append(epochs, "--out", "whole")...)
	interrupt(t, "epoch 3/5", append(epochs, "--out", "made")...)
	for _, c := range []struct {
		damaged int // checkpoints, from the newest on
		says    string
	}{{1, "going on from step "}, {2, "no checkpoint is whole: the run begins anew\n"}} {
		dir := filepath.Join(t.TempDir(), "run")
		if err := os.CopyFS(dir, os.DirFS("made")); err != nil {
			t.Fatal(err)
		}
		names := checkpointsOf(t, dir)
		bad := names[len(names)-c.damaged:]
		for _, name := range bad {
			flip(t, filepath.Join(dir, "checkpoints", name, "parameters.safetensors"))
		}
		o := succeed(t, "", "resume", dir, "--no-figures")
		for _, name := range bad {
			if !strings.Contains(o.stderr, "descent: checkpoint "+name+": part parameters.safetensors: sha256 = ") {
				t.Errorf("%s is not named: %s", name, o.stderr)
			}
			if !slices.Contains(checkpointsOf(t, dir), name+".invalid") {
				t.Errorf("%s is not kept aside: %v", name, checkpointsOf(t, dir))
			}
		}
		if !strings.Contains(o.stderr, c.says) {
			t.Errorf("%d damaged: no %q in\n%s", c.damaged, c.says, o.stderr)
		}
		if err := os.RemoveAll(filepath.Join(dir, "checkpoints", bad[len(bad)-1]+".invalid")); err != nil {
			t.Fatal(err)
		}
		if differ := sameRun(t, "whole", dir); differ != "" && c.damaged == 1 {
			t.Errorf("%d damaged: %s", c.damaged, differ)
		}
		if r := object(t, "", "repeat", dir, "--no-figures"); r["same"] != true || r["whole"] != true {
			t.Errorf("%d damaged, repeated: %v", c.damaged, r["deviation"])
		}
	}
}

// fromTheFuture makes the newest checkpoint one of a format that is yet to come.
func fromTheFuture(t *testing.T, dir string) {
	names := checkpointsOf(t, dir)
	manifest := filepath.Join(dir, "checkpoints", names[len(names)-1], "manifest.json")
	edit(t, manifest, `"format": 1`, `"format": 2`)
	text, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	body, seal := bytes.LastIndex(text, []byte(`"sha256"`)), bytes.LastIndex(text, []byte(`,`))
	sum := regexp.MustCompile(`[0-9a-f]{64}`)
	copy(text[body:], sum.ReplaceAll(text[body:], fmt.Appendf(nil, "%x", sha256.Sum256(text[:seal]))))
	write(t, manifest, string(text))
}

// What cannot go on is refused with what is wrong, and left as it was.
func TestResumeRefused(t *testing.T) {
	folder(t)
	small := []string{"train", "--data", "points.csv", "--model", "softmax", "--epochs", "4", "--no-figures", "--checkpoint-every", "2"}
	interrupt(t, "epoch 2/4", append(small, "--out", "made")...)
	succeed(t, pointsCSV(60), "train", "--data", "-", "--model", "softmax", "--no-figures", "--out", "streamed")
	for _, c := range []struct {
		name  string
		spoil func(t *testing.T, dir string)
		code  int
		words []string
		args  []string
	}{
		{"a changed schedule", func(t *testing.T, dir string) { edit(t, dir+"/experiment.yaml", `schedule: ""`, "schedule: cosine") }, exitFailure,
			[]string{"checkpoint 0", "setting schedule was nothing when saved, is ", "cosine"}, nil},
		{"another rule", func(t *testing.T, dir string) { edit(t, dir+"/experiment.yaml", "adamw", "adam") }, exitFailure, []string{"Options.Rule was adamw when saved, is adam now"}, nil},
		{"a changed file", func(t *testing.T, _ string) { write(t, "points.csv", pointsCSV(61)) }, exitFailure, []string{"run made: points.csv has changed"}, nil},
		{"a missing file", func(t *testing.T, _ string) { _ = os.Remove("points.csv") }, exitFailure, []string{"points.csv", "no such file"}, nil},
		{"a future format", fromTheFuture, exitFailure, []string{"format 2", "newer"}, nil},
		{"no experiment", func(t *testing.T, dir string) { _ = os.Remove(dir + "/experiment.yaml") }, exitFailure, []string{"experiment.yaml: no such file"}, nil},
		{"a damaged experiment", func(t *testing.T, dir string) { edit(t, dir+"/experiment.yaml", "lr:", "rl:") }, exitFailure, []string{"experiment.yaml:", "rl"}, nil},
		{"a seed", nil, exitUsage, []string{"neither --seed nor --out"}, []string{"--seed", "2"}},
		{"a setting that decides", nil, exitUsage, []string{"unknown flag: --lr"}, []string{"--lr", "1"}},
		{"two runs", nil, exitUsage, []string{"at most 1"}, []string{"./other"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "made")
			if err := os.CopyFS(dir, os.DirFS("made")); err != nil {
				t.Fatal(err)
			}
			if c.spoil != nil {
				c.spoil(t, dir)
			}
			before := listing(t, dir)
			fail(t, c.code, c.words, append([]string{"resume", dir}, c.args...)...)
			if after := listing(t, dir); after != before {
				t.Errorf("the folder was\n%s and is\n%s", before, after)
			}
			write(t, "points.csv", pointsCSV(60))
		})
	}
	fail(t, exitUsage, []string{"rows that arrived once"}, "resume", "./streamed")
	fail(t, exitUsage, []string{`no run "nothing"`, "there are none in runs"}, "resume", "nothing")
	fail(t, exitUsage, []string{"want 1 run"}, "resume")
	run, err := record.OpenForWork("made")
	if err != nil {
		t.Fatal(err)
	}
	fail(t, exitFailure, []string{"run made is running", "(pid "}, "resume", "./made")
	fail(t, exitFailure, []string{"run made is running", "(pid "}, append(small, "--out", "made", "--resume")...)
	if err := run.Close(); err != nil {
		t.Fatal(err)
	}
	succeed(t, "", "resume", "./made", "--no-figures")
}

// listing returns the names and sums of all files in a folder.
func listing(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Name() == ".lock" {
			return err
		}
		text, err := os.ReadFile(path)
		fmt.Fprintf(&b, "%s %x\n", path, sha256.Sum256(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
