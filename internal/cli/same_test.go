package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/record"
	"github.com/descent-go/descent/train"
)

// clocked are the fields and lines that depend on the clock.
var clocked = regexp.MustCompile(`(?m)"(seconds|examples_per_second)": [^,\n]*|, [0-9.e-]+ m?s$|^[0-9.e-]+ m?s, [0-9,]+ examples/s$`)

// results runs a command in a new folder and returns all that it wrote: files
// by name, and standard output as "".
func results(t *testing.T, args ...string) map[string]string {
	t.Helper()
	folder(t)
	o := succeed(t, "", args...)
	all := timeless(t, "made")
	all[""] = clocked.ReplaceAllString(o.stdout, "")
	return all
}

// timeless returns all that is in a folder, by name, without what the clock and
// the machine have put there: times, the record of where a run was made, and of
// checkpoints all but the tensors.
func timeless(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Name() == ".lock" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		switch {
		case name == record.ExperimentFile:
			e, err := experiment.Parse(name, text)
			if err != nil {
				return err
			}
			text = e.YAML()
		case name == record.EventsFile:
			text = deeds(t, text)
		case strings.HasPrefix(name, "checkpoints/"):
			if filepath.Ext(name) != ".safetensors" {
				return nil
			}
		case filepath.Ext(name) == ".json":
			text = clocked.ReplaceAll(text, nil)
		}
		all[name] = string(text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// deeds returns a log without what belongs to the process: times, checkpoints,
// going on.
func deeds(t *testing.T, log []byte) []byte {
	t.Helper()
	var out []byte
	for line := range bytes.Lines(log) {
		_, e, err := record.ParseEvent(line)
		if err != nil {
			t.Fatal(err)
		}
		switch e := e.(type) {
		case *train.Checkpointed, *train.Resumed:
			continue
		case *train.Finished:
			e.Result.Seconds = 0
		}
		out = record.AppendEvent(out, 0, e)
	}
	return out
}

// reported returns the report of the run in a folder, without times and names.
func reported(t *testing.T, dir string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, record.ReportFile))
	if err != nil {
		t.Fatal(err)
	}
	m := parse(t, string(text))
	for _, key := range []string{"seconds", "examples_per_second", "run", "folder", "files", "model_file"} {
		delete(m, key)
	}
	text, err = json.MarshalIndent(m, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The same command writes the same bytes, on any number of processors.
func TestSameBytes(t *testing.T) {
	commands := map[string]struct {
		args  []string
		files int
	}{
		"run":            {[]string{"run", "--optimizer", "adam,nesterov:lr=0.001", "--steps", "60", "--noise", "0.1", "--seed", "3", "--gif"}, 8},
		"run, n":         {[]string{"run", "--function", "quadratic:n=30,rotate=true", "--steps", "30"}, 3},
		"train":          {[]string{"train", "--data", "spirals:n=200", "--model", "mlp:16,8", "--epochs", "3", "--seed", "5", "--schedule", "onecycle"}, 8},
		"train, a table": {[]string{"train", "--data", "points.csv", "--model", "softmax", "--epochs", "2", "--theme", "dark", "--ema", "0.9"}, 9},
		"rules":          {[]string{"rules", "adam"}, 1},
		"schedules":      {[]string{"schedules", "onecycle", "--plot"}, 3},
		"functions":      {[]string{"functions", "ackley"}, 1},
		"memory":         {[]string{"memory", "--params", "1e6"}, 1},
	}
	for name, c := range commands {
		t.Run(name, func(t *testing.T) {
			args := append(c.args, "--out", "made")
			if c.files > 1 {
				args = append(args, "--resolution", "0.5")
			}
			threads := runtime.GOMAXPROCS(1)
			defer runtime.GOMAXPROCS(threads)
			first := results(t, args...)
			runtime.GOMAXPROCS(2)
			second := results(t, args...)
			if len(first) != c.files+1 || len(second) != len(first) {
				t.Errorf("%d and %d files, want %d", len(first)-1, len(second)-1, c.files)
			}
			for file, content := range first {
				if second[file] != content {
					t.Errorf("%q differs between two runs", file)
				}
				if content == "" {
					t.Errorf("%q is empty", file)
				}
			}
		})
	}
}

// Another seed gives another result: the test above compares something.
func TestSeedMatters(t *testing.T) {
	args := []string{"train", "--data", "spirals:n=100,seed=1", "--model", "mlp:8", "--epochs", "1", "--out", "made", "--resolution", "0.5", "--seed"}
	one, two := results(t, append(args, "1")...), results(t, append(args, "2")...)
	for file := range one {
		if file != "" && one[file] == two[file] {
			t.Errorf("%s is the same for seeds 1 and 2", file)
		}
	}
	for _, file := range []string{"model.safetensors", "figures/learning.png", "train.json", "events.jsonl"} {
		if one[file] == "" {
			t.Errorf("no %s", file)
		}
	}
}

// sameRun says in what the runs in two folders differ, "" for nothing: parameters,
// what happened, the report, the state at the end.
func sameRun(t *testing.T, a, b string) string {
	t.Helper()
	was, is := timeless(t, a), timeless(t, b)
	for _, name := range []string{record.EventsFile, record.ModelFile, record.ExperimentFile} {
		if was[name] != is[name] {
			return name + " differs"
		}
	}
	if was[record.EventsFile] == "" {
		return "there are no events"
	}
	if reported(t, a) != reported(t, b) {
		return "the report differs:\n" + reported(t, a) + reported(t, b)
	}
	last, other := lastCheckpoint(was), lastCheckpoint(is)
	if len(last) == 0 || !maps.Equal(last, other) {
		return fmt.Sprintf("the last checkpoints differ: %d and %d files", len(last), len(other))
	}
	return ""
}

// lastCheckpoint returns the tensors of the last checkpoint among the files of a
// run.
func lastCheckpoint(files map[string]string) map[string]string {
	dir := ""
	for name := range files {
		if strings.HasPrefix(name, "checkpoints/") {
			dir = max(dir, path.Dir(name))
		}
	}
	tensors := map[string]string{}
	for name, content := range files {
		if dir != "" && path.Dir(name) == dir {
			tensors[path.Base(name)] = content
		}
	}
	return tensors
}
