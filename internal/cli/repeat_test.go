package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/record"
)

// small is a training on points.csv that takes no time.
var small = []string{"train", "--data", "points.csv", "--model", "mlp:6", "--batch", "8", "--epochs", "4", "--no-figures", "--checkpoint-every", "5"}

// An experiment that is run again is another run, with the same bits.
func TestRepeat(t *testing.T) {
	here := folder(t)
	m := object(t, "", small...)
	id := m["run"].(string)
	r := object(t, "", "repeat", record.Latest, "--no-figures")
	again := r["repeat"].(string)
	if r["run"] != id || again == id || r["same"] != true || r["whole"] != true || r["parameters_compared"] != true || r["deviation"] != nil {
		t.Errorf("%v", r)
	}
	if result := r["result"].(map[string]any); result["run"] != again || result["test_loss"] != m["test_loss"] || result["test_loss"] == nil {
		t.Errorf("the result is that of %v: %v", result["run"], result["test_loss"])
	}
	if differ := sameRun(t, filepath.Join("runs", id), filepath.Join("runs", again)); differ != "" {
		t.Error(differ)
	}
	o := succeed(t, "", "repeat", id, "--no-figures", "--quiet")
	if o.stdout != "The same bits: every event and all parameters of run "+id+"\n" || o.stderr != "" {
		t.Errorf("%q, %q", o.stdout, o.stderr)
	}
	// From elsewhere: the new run is in the folders that are meant there.
	there := t.TempDir()
	t.Chdir(there)
	one := object(t, "", "repeat", filepath.Join(here, "runs", id), "--no-figures", "--out", "mine")
	if one["same"] != true {
		t.Errorf("elsewhere: %v", one)
	}
	t.Chdir(there)
	two := object(t, "", "repeat", filepath.Join(here, "runs", id), "--no-figures", "--runs", "all")
	exists(t, filepath.Join(there, "mine", record.ModelFile), filepath.Join(there, "all", two["repeat"].(string), record.ModelFile))
}

// A function has no parameters in a file: what happened is compared.
func TestRepeatFunction(t *testing.T) {
	folder(t)
	succeed(t, "", "train", "--function", "rosenbrock", "--noise", "0.1", "--steps", "300", "--no-figures", "--out", "made", "--seed", "5")
	r := object(t, "", "repeat", "./made", "--no-figures")
	if r["same"] != true || r["whole"] != true || r["parameters_compared"] != false {
		t.Errorf("%v", r)
	}
}

// Whatever has been altered since is found.
func TestRepeatDiffers(t *testing.T) {
	folder(t)
	succeed(t, "", append(slices.Clone(small), "--out", "made")...)
	original, err := os.ReadFile("points.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		alter func(dir string)
		words []string // on standard output
	}{
		{"a loss", func(dir string) { alterStep(t, dir, `"step":7,`, `"loss":`, `"loss":1`) }, []string{"Not the same: it differs from step 7 on\n", "\n  then  {", "\n  now   {"}},
		{"a step less", func(dir string) { alterStep(t, dir, `"step":9,`, `"event":"step"`, `"event":"other"`) }, []string{"Not the same: it differs from step 10 on"}},
		{"the end", func(dir string) { edit(t, dir+"/events.jsonl", `"test_loss":`, `"test_loss":2`) }, []string{"Not the same: it differs from step 24 on"}},
		{"a parameter", func(dir string) {
			name := dir + "/model.safetensors"
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			b[len(b)-1] ^= 1
			write(t, name, string(b))
		}, []string{"Not the same: the parameters differ\n", `parameters: "dense2.weight": 1 of 12 values differ, `}},
		{"a setting", func(dir string) { edit(t, dir+"/experiment.yaml", "lr: 0.001", "lr: 0.002") }, []string{"Not the same: it differs from step 0 on"}},
	} {
		dir := filepath.Join(t.TempDir(), "run")
		if err := os.CopyFS(dir, os.DirFS("made")); err != nil {
			t.Fatal(err)
		}
		c.alter(dir)
		o := command(t, "", "repeat", dir, "--no-figures")
		if o.code != exitFailure || strings.Contains(o.stderr, "descent: ") {
			t.Errorf("%s: exit code %d, %s", c.name, o.code, o.stderr)
		}
		for _, want := range c.words {
			if !strings.Contains(o.stdout, want) {
				t.Errorf("%s: no %q in\n%s", c.name, want, o.stdout)
			}
		}
		if r := parse(t, command(t, "", "repeat", dir, "--no-figures", "--json").stdout); r["same"] != false || r["deviation"] == nil && r["parameters_differ"] == nil {
			t.Errorf("%s: %v", c.name, r)
		}
	}
	before := len(runsIn(t))
	write(t, "points.csv", strings.Replace(string(original), "left", "right", 1))
	fail(t, exitFailure, []string{"run made: points.csv has changed: it has "}, "repeat", "./made")
	write(t, "points.csv", string(original))
	alterStep(t, "made", `"step":5,`, `"loss":`, `"loss";`)
	fail(t, exitFailure, []string{"events.jsonl:6: ", "want an event"}, "repeat", "./made", "--no-figures", "--out", "broken")
	fail(t, exitUsage, []string{"no --seed"}, "repeat", "./made", "--seed", "3")
	fail(t, exitUsage, []string{"want 1 run"}, "repeat")
	if after := len(runsIn(t)); after != before {
		t.Errorf("what was refused has left %d runs", after-before)
	}
}

// runsIn lists the folders of runs.
func runsIn(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob("runs/*-*")
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// alterStep changes the line of a step in the log of a run.
func alterStep(t *testing.T, dir, which, old, new string) {
	t.Helper()
	name := filepath.Join(dir, record.EventsFile)
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, `{"event":"step"`) && strings.Contains(line, which) && strings.Contains(line, old) {
			lines[i] = strings.Replace(line, old, new, 1)
			write(t, name, strings.Join(lines, ""))
			return
		}
	}
	t.Fatalf("no step %s with %s", which, old)
}

// Of a run that did not come to its end, what there is is compared; one that is
// interrupted itself compares nothing, and can go on.
func TestRepeatInterrupted(t *testing.T) {
	folder(t)
	interrupt(t, "epoch 2/4", append(slices.Clone(small), "--out", "made")...)
	r := object(t, "", "repeat", "./made", "--no-figures")
	if r["same"] != true || r["whole"] != false || r["parameters_compared"] != false || r["result"].(map[string]any)["verdict"] != "finished" {
		t.Errorf("%v", r)
	}
	o := succeed(t, "", "repeat", "./made", "--no-figures", "-q")
	if o.stdout != "The same bits as far as one can tell: run made did not come to its end\n" {
		t.Errorf("%q", o.stdout)
	}
	alterStep(t, "made", `"step":3,`, `"loss":`, `"loss":3`)
	if r := parse(t, command(t, "", "repeat", "./made", "--no-figures", "--json").stdout); r["same"] != false {
		t.Errorf("a step was altered: %v", r)
	}
	o = interrupt(t, "epoch 2/4", "repeat", "./made", "--no-figures", "--out", "again")
	if o.stdout != "" || !strings.Contains(o.stderr, "nothing was compared: interrupted after step ") || !strings.HasSuffix(o.stderr, "; go on with: descent resume ./again\n") {
		t.Errorf("%q, %s", o.stdout, o.stderr)
	}
	succeed(t, "", "resume", "./again", "--no-figures")
	succeed(t, "", append(slices.Clone(small), "--out", "whole")...)
	if differ := sameRun(t, "whole", "again"); differ != "" {
		t.Error(differ)
	}
}

// Train --resume goes on with the newest run of the same settings that is not
// over, and begins one when there is none.
func TestTrainResume(t *testing.T) {
	folder(t)
	resume := append(slices.Clone(small), "--resume")
	first := object(t, "", resume...)
	if first["verdict"] != "finished" || len(runsIn(t)) != 1 {
		t.Fatalf("%v in %d runs", first["verdict"], len(runsIn(t)))
	}
	interrupt(t, "epoch 2/4", append(slices.Clone(small), "--lr", "0.5")...)
	interrupt(t, "epoch 2/4", small...)
	stopped := runsIn(t)
	if len(stopped) != 3 {
		t.Fatalf("%d runs", len(stopped))
	}
	o := succeed(t, "", append(resume, "--epochs", "5", "--name", "longer")...)
	if !strings.Contains(o.stderr, "going on from step ") || len(runsIn(t)) != 3 {
		t.Errorf("%d runs, %s", len(runsIn(t)), o.stderr)
	}
	m := object(t, "", "runs", "--where", "epochs=5")
	longer := m["runs"].([]any)
	if len(longer) != 1 || longer[0].(map[string]any)["status"] != "finished" || longer[0].(map[string]any)["name"] != "longer" {
		t.Errorf("the settings that it went on with: %v", m)
	}
	if again := object(t, "", resume...); again["run"] == first["run"] || len(runsIn(t)) != 4 {
		t.Errorf("all are over, and it is %v of %d", again["run"], len(runsIn(t)))
	}

	// Killed between the end and the report: it is not over.
	dir := first["folder"].(string)
	for _, name := range []string{record.ReportFile, record.ModelFile} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if again := object(t, "", resume...); again["run"] != first["run"] {
		t.Errorf("it is %v, want %v, which has no report", again["run"], first["run"])
	}
	exists(t, filepath.Join(dir, record.ReportFile), filepath.Join(dir, record.ModelFile))

	// Other data than those it began with: it is passed over.
	write(t, "points.csv", pointsCSV(61))
	o = succeed(t, "", append(resume, "--lr", "0.5")...)
	if !strings.Contains(o.stderr, "passed over: run ") || !strings.Contains(o.stderr, "points.csv has changed") || len(runsIn(t)) != 5 {
		t.Errorf("%d runs, %s", len(runsIn(t)), o.stderr)
	}
	write(t, "points.csv", pointsCSV(60))

	succeed(t, "", append(slices.Clone(small), "--out", "whole")...)
	interrupt(t, "epoch 2/4", append(resume, "--out", "made")...)
	fail(t, exitFailure, []string{"--out made: ", "--resume goes on with the run that is there"}, append(slices.Clone(small), "--out", "made")...)
	succeed(t, "", append(resume, "--out", "made")...)
	if differ := sameRun(t, "whole", "made"); differ != "" {
		t.Error(differ)
	}
	fail(t, exitFailure, []string{"setting lr was 0.001 when saved, is 0.5 now"}, append(resume, "--out", "made", "--lr", "0.5")...)
	write(t, "other/notes.txt", "mine")
	fail(t, exitFailure, []string{"--out other: ", "notes.txt", "want"}, append(resume, "--out", "other")...)
	fail(t, exitUsage, []string{"rows that arrive once"}, "train", "--data", "-", "--model", "softmax", "--resume")
}

// A training that cannot begin leaves no folder.
func TestNothingLeft(t *testing.T) {
	folder(t)
	for _, args := range [][]string{
		{"--metrics", "nowhere"},
		{"--metrics", "127.0.0.1:99999"},
		{"--lr", "1e400"},
		{"--steps", "-1"},
		{"--out", "made", "--metrics", "nowhere"},
	} {
		o := command(t, "", append(slices.Clone(small), args...)...)
		if o.code != exitUsage || o.stdout != "" {
			t.Errorf("%q: exit code %d, %s%s", args, o.code, o.stdout, o.stderr)
		}
		if left := runsIn(t); len(left) > 0 {
			t.Errorf("%q has left %q", args, left)
		}
		if _, err := os.Stat("made"); err == nil {
			t.Errorf("%q has left its folder", args)
		}
	}
}
