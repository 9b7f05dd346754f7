package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/descent-go/descent/checkpoint"
	"github.com/descent-go/descent/record"
	"github.com/descent-go/descent/train"
)

// recordRun makes the folder of a run that ended with an accuracy; a negative
// one has no end.
func recordRun(t *testing.T, root, experiment string, minute int, accuracy float64, tags ...string) *record.Run {
	t.Helper()
	r, err := record.Create(root, record.CreateOptions{
		Name: "mlp adamw", Now: time.Date(2026, 11, 22, 12, minute, 0, 0, time.UTC), Experiment: []byte(experiment), Tags: tags,
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := r.Log(nil)
	if err != nil {
		t.Fatal(err)
	}
	l.Event(&train.Started{Optimizer: "adamw", Parameters: 1234, PerEpoch: 100})
	for epoch := 1; epoch <= 2; epoch++ {
		step := int64(100 * epoch)
		l.Event(&train.EpochEnd{Epoch: epoch, Step: step, Loss: 1 / float64(epoch+minute)})
		l.Event(&train.Evaluation{Epoch: epoch, Step: step, Set: "validation", Loss: 0.5, Labelled: true, Accuracy: 0.125 * float64(epoch)})
	}
	if accuracy >= 0 {
		l.Event(&train.Finished{Result: &train.Result{
			Reason: train.ReasonEpochs, Verdict: "finished 2 epochs", Steps: 200, Epochs: 2, Seconds: 1.5, TestAccuracy: &accuracy,
			Evaluations: []train.Evaluation{{Set: "validation", Loss: 0.5, Labelled: true, Accuracy: 0.25}},
		}})
	}
	if err := errors.Join(l.Close(), r.Close()); err != nil {
		t.Fatal(err)
	}
	return r
}

// someRuns makes three runs in ./runs.
func someRuns(t *testing.T) (a, b, c *record.Run) {
	t.Helper()
	folder(t)
	t.Setenv(runsEnv, "")
	a = recordRun(t, "runs", "data: digits\nmodel: mlp:64\noptimizer: adamw\nlr: 0.01\nseed: 1\nrecorded:\n  id: a\n  hardware:\n    cpu: some\n", 1, 0.97, "best", "baseline")
	b = recordRun(t, "runs", "data: digits\nmodel: mlp:64\noptimizer: \"sgd:momentum=0.9\"\nlr: 0.1\nseed: 1\n", 2, 0.9)
	c = recordRun(t, "runs", "function: \"x\\e[31m\"\noptimizer: adam\nlr: 1.0e-3\n", 3, -1)
	return a, b, c
}

func TestRunsList(t *testing.T) {
	a, b, c := someRuns(t)
	ids := func(args ...string) string {
		t.Helper()
		return strings.Join(strings.Fields(succeed(t, "", append([]string{"runs", "--quiet"}, args...)...).stdout), " ")
	}
	names := strings.NewReplacer(a.ID, "a", b.ID, "b", c.ID, "c")
	for args, want := range map[string]string{
		"":                                    "c b a",
		"--where optimizer=adamw":             "a",
		"-w lr<0.05 -w optimizer~adam":        "c a",
		"--tag best,baseline":                 "a",
		"--tag best --tag draft":              "",
		"--status finished":                   "b a",
		"--status finished,crashed --limit 1": "c",
		"--sort -test_accuracy":               "a b c",
		"--where test_accuracy>=0.97":         "a",
		"--runs nowhere":                      "No runs in nowhere.",
	} {
		got := names.Replace(ids(strings.Fields(args)...))
		if want == "" {
			want = "No runs in runs."
		}
		if got != want && !(strings.HasPrefix(want, "No runs") && got == "") {
			t.Errorf("runs %s: %q, want %q", args, got, want)
		}
	}
	o := succeed(t, "", "runs")
	for _, want := range []string{"id  ", "created", a.ID + "  2026-11-22T12:01:00Z  finished", "digits", "mlp:64", "97.00 %", "25.00 %", "1.5 s", "baseline best", "crashed", `x\x1b[31m`} {
		if !strings.Contains(o.stdout, want) {
			t.Errorf("the list has no %q:\n%s", want, o.stdout)
		}
	}
	if strings.Contains(o.stdout, "\x1b") || strings.Contains(o.stdout, "…") || strings.Count(o.stdout, "\n") != 4 {
		t.Errorf("the list is not for a pipe:\n%s", o.stdout)
	}
	m := object(t, "", "runs", "--where", "status=finished")
	runs := m["runs"].([]any)
	if len(runs) != 2 || runs[1].(map[string]any)["metrics"].(map[string]any)["test_accuracy"] != 0.97 || m["root"] != "runs" {
		t.Errorf("%v", m)
	}
	if err := os.Rename("runs", "elsewhere"); err != nil {
		t.Fatal(err)
	}
	t.Setenv(runsEnv, "elsewhere")
	if got := names.Replace(ids()); got != "c b a" {
		t.Errorf("by the environment: %q", got)
	}
	if got := ids("--runs", "nowhere"); got != "" {
		t.Errorf("the flag does not win over the environment: %q", got)
	}
}

// On a screen, columns that say nothing are left out and long values cut.
func TestRunsOnScreen(t *testing.T) {
	someRuns(t)
	all, err := listRuns("runs", record.Query{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		all[i].Tags = nil
		all[i].Settings["model"] = strings.Repeat("é", 30)
	}
	p := &page{width: 100}
	(&runsReport{Runs: all, screen: true, now: all[0].Created.Add(3 * time.Hour)}).text(p)
	text := p.b.String()
	for _, want := range []string{"age", "  3 h  ", strings.Repeat("é", 17) + "…  "} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "tags") {
		t.Errorf("a column without anything:\n%s", text)
	}
	for d, want := range map[time.Duration]string{-time.Hour: "now", 59 * time.Second: "59 s", time.Hour - 1: "59 min", 47 * time.Hour: "47 h", 240 * time.Hour: "10 d"} {
		if got := age(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}

func TestRunsShow(t *testing.T) {
	a, _, _ := someRuns(t)
	store, err := a.Checkpoints(2)
	if err != nil {
		t.Fatal(err)
	}
	write := func(w io.Writer) error { _, err := w.Write([]byte("x")); return err }
	for _, step := range []int64{100, 200} {
		if _, err := store.Save(checkpoint.Info{Step: step, Epoch: int(step / 100)}, []checkpoint.Part{{Name: "p", Write: write}}); err != nil {
			t.Fatal(err)
		}
	}
	figures, err := a.Figures()
	if err != nil {
		t.Fatal(err)
	}
	write2 := func(name string) {
		if err := os.WriteFile(name, []byte("x"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write2(filepath.Join(figures, "learning.png"))
	write2(a.Path(record.ModelFile))
	o := succeed(t, "", "runs", "show", a.ID)
	for _, want := range []string{
		a.ID + ": finished\nFinished 2 epochs.\n", "folder  " + a.Dir, "tags    baseline best", "test_accuracy  97.00 %", "parameters     1,234",
		"optimizer  adamw", "hardware.cpu  some", "-step-200", "figures/learning.png", "model.safetensors", "events.jsonl",
		"To go on:  descent resume " + a.ID + "\n", "To repeat: descent repeat " + a.ID + "\n",
	} {
		if !strings.Contains(o.stdout, want) {
			t.Errorf("no %q in\n%s", want, o.stdout)
		}
	}
	if strings.Contains(o.stdout, "manifest") || strings.Contains(o.stdout, ".lock") {
		t.Errorf("files that are nobody's business:\n%s", o.stdout)
	}
	m := object(t, "", "runs", "show", "20261122-1201", "--runs", "runs")
	if m["id"] != a.ID || m["resume"] != "descent resume "+a.ID+" --runs runs" || len(m["checkpoints"].([]any)) != 2 || m["recorded"].(map[string]any)["hardware.cpu"] != "some" {
		t.Errorf("%v", m)
	}
	if got := succeed(t, "", "runs", "show", "latest"); !strings.Contains(got.stdout, ": crashed\n") || strings.Contains(got.stdout, "To go on") {
		t.Errorf("a run without checkpoints:\n%s", got.stdout)
	}
	if m := object(t, "", "runs", "show", a.Dir); m["id"] != a.ID {
		t.Errorf("by its folder: %v", m["id"])
	}
}

func TestRunsCompare(t *testing.T) {
	a, b, c := someRuns(t)
	o := succeed(t, "", "runs", "compare", a.ID, b.ID, c.ID)
	for _, want := range []string{
		"A  " + a.ID + "  finished\n", "optimizer", "sgd:momentum=0.9", "seed", "test_accuracy", "97.00 %  90.00 %        -",
		"epoch    A loss  A val accuracy", "    2  0.333333         25.00 %", `x\x1b[31m`,
	} {
		if !strings.Contains(o.stdout, want) {
			t.Errorf("no %q in\n%s", want, o.stdout)
		}
	}
	if o := succeed(t, "", "runs", "compare", a.ID, b.ID); strings.Contains(o.stdout, "seed") || strings.Contains(o.stdout, "digits") {
		t.Errorf("settings that do not differ:\n%s", o.stdout)
	}
	if o := succeed(t, "", "runs", "compare", a.ID, a.Dir); !strings.Contains(o.stdout, "No setting differs.") {
		t.Errorf("a run with itself:\n%s", o.stdout)
	}
	m := object(t, "", "runs", "compare", a.ID, b.ID)
	curve := m["curves"].([]any)[1].([]any)
	if m["by"] != "epoch" || len(curve) != 2 || curve[0].(map[string]any)["val_accuracy"] != 0.125 {
		t.Errorf("%v", m["curves"])
	}
	first := m["settings"].([]any)[0].(map[string]any)
	if first["field"] != "lr" || first["values"].([]any)[1] != "0.1" {
		t.Errorf("%v", m["settings"])
	}
}

func TestRunsTag(t *testing.T) {
	a, _, _ := someRuns(t)
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "baseline best"},
		{[]string{"+new", "-best", "-none"}, "baseline new"},
		{[]string{"-new", "-q", "--quiet"}, "baseline"},
		{[]string{"+q"}, "baseline q"},
		{[]string{"-q", "-baseline"}, "no tags"},
	} {
		o := succeed(t, "", append([]string{"runs", "tag", a.ID}, c.args...)...)
		if o.stdout != a.ID+": "+c.want+"\n" {
			t.Errorf("%q: %q, want %q", c.args, o.stdout, c.want)
		}
	}
	m := object(t, "", "runs", "tag", "--runs", "runs", a.ID, "+x")
	if m["id"] != a.ID || len(m["tags"].([]any)) != 1 {
		t.Errorf("%v", m)
	}
}

func TestRunsDelete(t *testing.T) {
	a, b, c := someRuns(t)
	if o := command(t, "y\n", "runs", "delete", a.ID); o.code != exitUsage || !strings.Contains(o.stderr, "--yes") {
		t.Errorf("in a pipe: %+v", o)
	}
	busy, err := record.OpenForWork(b.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if o := command(t, "", "runs", "delete", a.ID, b.ID, "--yes"); o.code != exitFailure || !strings.Contains(o.stderr, b.ID+" is running, nothing is deleted") {
		t.Errorf("a running run: %+v", o)
	}
	if err := busy.Close(); err != nil {
		t.Fatal(err)
	}
	exists(t, a.Path("experiment.yaml"), b.Path("experiment.yaml"))
	o := succeed(t, "", "runs", "delete", a.ID, b.Dir, a.ID, "-y")
	if o.stdout != "Deleted "+a.ID+".\nDeleted "+b.ID+".\n" {
		t.Errorf("%q", o.stdout)
	}
	if m := object(t, "", "runs"); len(m["runs"].([]any)) != 1 {
		t.Errorf("left %v", m)
	}
	if m := object(t, "", "runs", "reindex"); m["runs"] != 1.0 {
		t.Errorf("%v", m)
	}
	if m := object(t, "", "runs", "delete", "latest", "--yes"); m["deleted"].([]any)[0] != c.ID {
		t.Errorf("%v", m)
	}
	for answer, want := range map[string]bool{"y\n": true, "YES": true, " y \n": true, "": false, "\n": false, "n\n": false, "yesterday\n": false, strings.Repeat("y", 1000): false} {
		var diag strings.Builder
		asked := &app{in: strings.NewReader(answer), diag: &diag}
		if got := asked.agreed([]*record.Run{a}); got != want || !strings.Contains(diag.String(), a.Dir) {
			t.Errorf("%q: %v, %q", answer, got, diag.String())
		}
	}
}

func TestRunsRefuse(t *testing.T) {
	a, _, _ := someRuns(t)
	if err := os.WriteFile("file", nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"shwo"}, exitUsage, "no command \"shwo\" (there are: compare delete export plot reindex show tag)"},
		{[]string{"--where", "lr"}, exitUsage, "--where lr: record: condition"},
		{[]string{"--where", "a\x1b=1"}, exitUsage, `no run has a field "a\x1b"`},
		{[]string{"--where", "speed>1"}, exitUsage, `no run has a field "speed", there are best_loss`},
		{[]string{"--sort", "speed"}, exitUsage, "no run has a field"},
		{[]string{"--status", "done"}, exitUsage, `no status "done"`},
		{[]string{"--limit", "-1"}, exitUsage, "Limit = -1"},
		{[]string{"--runs", "file"}, exitFailure, "file is not a folder"},
		{[]string{"show"}, exitUsage, "want 1 run: an ID"},
		{[]string{"show", "nothing"}, exitUsage, `no run "nothing" in runs, there are 2026`},
		{[]string{"show", "2026"}, exitUsage, "begins more than one run: 20261122-1203"},
		{[]string{"show", a.ID, a.ID}, exitUsage, "unexpected argument"},
		{[]string{"compare", a.ID}, exitUsage, "want 2 runs"},
		{append([]string{"compare"}, slices.Repeat([]string{a.ID}, 27)...), exitUsage, "27 runs, want at most 26"},
		{[]string{"tag"}, exitUsage, "want 1 run"},
		{[]string{"tag", a.ID, "best"}, exitUsage, `"best", want +TAG to add or -TAG to remove`},
		{[]string{"tag", a.ID, "+-best"}, exitUsage, "want +TAG"},
		{[]string{"tag", a.ID, "+a b"}, exitFailure, `tag "a b" has ' '`},
		{[]string{"tag", a.ID, "--none"}, exitUsage, "unknown flag"},
		{[]string{"delete", "--yes"}, exitUsage, "want 1 run"},
		{[]string{"delete", "--yes", "../x"}, exitUsage, "no such file"},
		{[]string{"reindex", "x"}, exitUsage, "unexpected argument"},
	} {
		o := command(t, "", append([]string{"runs"}, c.args...)...)
		if o.code != c.code || o.stdout != "" || !strings.Contains(o.stderr, c.want) {
			t.Errorf("runs %q: code %d, %q, want %q", c.args, o.code, o.stderr, c.want)
		}
	}
}

// The commands below runs explain themselves as those of the root do.
func TestRunsHelp(t *testing.T) {
	root := newRoot(&app{})
	runs, _, err := root.Find([]string{"runs"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range runs.Commands() {
		o := succeed(t, "", "runs", c.Name(), "--help")
		for _, want := range []string{"Usage:\n", "Examples:\n", "--runs", "--json"} {
			if !strings.Contains(o.stdout, want) {
				t.Errorf("%s --help has no %q", c.Name(), want)
			}
		}
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: short description %q", c.Name(), c.Short)
		}
		checkExamples(t, root, c)
	}
}

// What is written is one line of printable characters, and printable text is
// itself.
func TestVisible(t *testing.T) {
	for text, want := range map[string]string{
		"plain é …": "plain é …", "a\nb": `a\nb`, "\x1b[2J": `\x1b[2J`, "\xff": `\xff`, "a\u202eb": `a\u202eb`, "\ufffd": "\ufffd", "\u009b": `\u009b`,
	} {
		if got := visible(text); got != want {
			t.Errorf("visible(%q) = %q, want %q", text, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		got := visible(text)
		if again := visible(got); again != got {
			t.Errorf("visible(%q) = %q, then %q", text, got, again)
		}
	})
}
