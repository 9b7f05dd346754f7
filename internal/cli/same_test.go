package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"testing"
)

// clocked are the fields and lines that depend on the clock.
var clocked = regexp.MustCompile(`(?m)"(seconds|examples_per_second)": [^,\n]*|, [0-9.e-]+ m?s$|^[0-9.e-]+ m?s, [0-9,]+ examples/s$`)

// results runs a command in a new folder and returns all that it wrote: files
// by name, and standard output as "".
func results(t *testing.T, args ...string) map[string]string {
	t.Helper()
	folder(t)
	o := succeed(t, "", args...)
	all := map[string]string{"": clocked.ReplaceAllString(o.stdout, "")}
	entries, err := os.ReadDir("made")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join("made", e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		text := string(b)
		if filepath.Ext(e.Name()) == ".json" {
			text = clocked.ReplaceAllString(text, "")
		}
		all[e.Name()] = text
	}
	return all
}

// The same command writes the same bytes, on any number of processors.
func TestSameBytes(t *testing.T) {
	commands := map[string]struct {
		args  []string
		files int
	}{
		"run":            {[]string{"run", "--optimizer", "adam,nesterov:lr=0.001", "--steps", "60", "--noise", "0.1", "--seed", "3", "--gif"}, 8},
		"run, n":         {[]string{"run", "--function", "quadratic:n=30,rotate=true", "--steps", "30"}, 3},
		"train":          {[]string{"train", "--data", "spirals:n=200", "--model", "mlp:16,8", "--epochs", "3", "--seed", "5", "--schedule", "onecycle"}, 4},
		"train, a table": {[]string{"train", "--data", "points.csv", "--model", "softmax", "--epochs", "2", "--theme", "dark", "--ema", "0.9"}, 4},
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
			first := results(t, args...)
			runtime.GOMAXPROCS(2)
			second := results(t, args...)
			runtime.GOMAXPROCS(threads)
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
	one := results(t, "train", "--data", "spirals:n=100,seed=1", "--model", "mlp:8", "--epochs", "1", "--seed", "1", "--out", "made", "--resolution", "0.5")
	two := results(t, "train", "--data", "spirals:n=100,seed=1", "--model", "mlp:8", "--epochs", "1", "--seed", "2", "--out", "made", "--resolution", "0.5")
	for _, file := range []string{"model.safetensors", "learning.png", "train.json"} {
		if one[file] == two[file] {
			t.Errorf("%s is the same for seeds 1 and 2", file)
		}
	}
}
