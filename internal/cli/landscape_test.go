package cli

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLandscape(t *testing.T) {
	folder(t)
	succeed(t, "", "train", "--data", "points.csv", "--model", "mlp:6", "--epochs", "8", "--optimizer", "adam", "--lr", "0.02", "--seed", "4", "--no-figures")
	o := command(t, "", "landscape", "latest", "--optimizer", "sgd:lr=0.1,lion", "--grid", "25", "--surface", "--json", "--out", "o")
	if o.code != exitOK {
		t.Fatalf("code %d: %s", o.code, o.stderr)
	}
	m := parse(t, o.stdout)
	if m["plane"] != "path" || m["set"] != "train" || m["examples"].(float64) < 30 || m["model_differs"] != nil {
		t.Errorf("plane %v, set %v, %v examples, differs: %v", m["plane"], m["set"], m["examples"], m["model_differs"])
	}
	if rows := m["loss"].([]any); len(rows) != 25 || len(rows[7].([]any)) != 25 || len(m["x"].([]any)) != 25 || len(m["y"].([]any)) != 25 {
		t.Errorf("%d rows", len(rows))
	}
	paths := m["paths"].([]any)
	if len(paths) != 3 {
		t.Fatalf("%d paths", len(paths))
	}
	for i, want := range []string{"adam", "sgd", "lion"} {
		if got := paths[i].(map[string]any)["optimizer"]; got != want {
			t.Errorf("path %d is of %v, want %s", i, got, want)
		}
	}
	if share := m["projection"].(map[string]any)["share"].(float64); !(share > 0.5 && share <= 1) {
		t.Errorf("share %v", share)
	}
	for _, stage := range []string{"training adam", "training sgd", "training lion", "grid"} {
		if !strings.Contains(o.stderr, stage) {
			t.Errorf("no %q in\n%s", stage, o.stderr)
		}
	}
	exists(t, "o/landscape.json", "o/landscape.png", "o/landscape.svg", "o/landscape-surface.png", "o/landscape-surface.svg")
	for _, name := range []string{"o/landscape.svg", "o/landscape-surface.svg"} {
		svg, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"variance", "beside it", "the model", "loss", "lion, lr"} {
			if !strings.Contains(string(svg), want) {
				t.Errorf("%s lacks %q", name, want)
			}
		}
	}
	if got := sniff(t, "o/landscape.png"); got != "png" {
		t.Errorf("landscape.png is %q", got)
	}

	// In text, of another plane and set; the same for any number at a time.
	var kept string
	for _, n := range []string{"1", "3"} {
		o := succeed(t, "", "landscape", "latest", "--plane", "random", "--set", "validation", "--grid", "25", "--seed", "8", "--parallel", n, "--no-figures")
		if kept != "" && o.stdout != kept {
			t.Errorf("--parallel %s says\n%s, not\n%s", n, o.stdout, kept)
		}
		kept = o.stdout
	}
	for _, want := range []string{"Loss around the model of run ", "for validation", "25 × 25 points", "the plane holds ", "adam", "step "} {
		if !strings.Contains(kept, want) {
			t.Errorf("no %q in\n%s", want, kept)
		}
	}
	quiet := succeed(t, "", "landscape", "latest", "--grid", "25", "--quiet", "--no-figures")
	if quiet.stderr != "" || strings.Count(quiet.stdout, "\n") != 2 {
		t.Errorf("quiet: %q, %q", quiet.stdout, quiet.stderr)
	}
}

// A function has a landscape in any dimension. Infinite values are told of.
func TestLandscapeOfFunction(t *testing.T) {
	folder(t)
	succeed(t, "", "train", "--function", "rosenbrock-n:n=5", "--optimizer", "adam", "--lr", "0.02", "--steps", "150", "--no-figures")
	o := succeed(t, "", "landscape", "latest", "--grid", "25", "--optimizer", "sgd:lr=3")
	for _, want := range []string{"rosenbrock-n:n=5", "diverged after step", "step 150"} {
		if !strings.Contains(o.stdout, want) {
			t.Errorf("no %q in\n%s", want, o.stdout)
		}
	}
	exists(t, "out/landscape.png")
	succeed(t, "", "train", "--function", "log(x) + y^2", "--start", "1,1", "--optimizer", "sgd", "--lr", "0.02", "--steps", "4", "--no-figures")
	m := object(t, "", "landscape", "latest", "--grid", "25", "--plane", "random", "--span", "40")
	text := succeed(t, "", "landscape", "latest", "--grid", "25", "--plane", "random", "--span", "40").stdout
	if !strings.Contains(text, "not finite on ") || math.IsNaN(m["center"].(float64)) {
		t.Errorf("center %v\n%s", m["center"], text)
	}
}

// A model that has become another is told of; data that changed are an error.
func TestLandscapeOfAnother(t *testing.T) {
	folder(t)
	args := []string{"train", "--data", "points.csv", "--model", "softmax", "--epochs", "2", "--no-figures"}
	first := object(t, "", append(args, "--out", "a")...)["model_file"].(string)
	other := object(t, "", append(args, "--out", "b", "--seed", "3")...)["model_file"].(string)
	b, err := os.ReadFile(other)
	if err != nil {
		t.Fatal(err)
	}
	write(t, first, string(b))
	o := succeed(t, "", "landscape", "./a", "--grid", "25", "--no-figures", "--quiet")
	if !strings.Contains(o.stderr, "did not come to the model of run a") {
		t.Errorf("standard error %q", o.stderr)
	}
	write(t, "points.csv", pointsCSV(59))
	o = command(t, "", "landscape", "./b", "--grid", "25", "--no-figures")
	if o.code != exitFailure || !strings.Contains(o.stderr, "points.csv has changed") {
		t.Errorf("code %d: %s", o.code, o.stderr)
	}
}

// A landscape is written to the folder of --out where the command was called, also
// when the run was started elsewhere.
func TestLandscapeFromElsewhere(t *testing.T) {
	dir := folder(t)
	succeed(t, "", "train", "--data", "points.csv", "--model", "softmax", "--epochs", "2", "--no-figures")
	elsewhere := t.TempDir()
	t.Chdir(elsewhere)
	succeed(t, "", "landscape", "latest", "--runs", filepath.Join(dir, "runs"), "--grid", "25", "--out", "here")
	exists(t, filepath.Join(elsewhere, "here", "landscape.png"), filepath.Join(elsewhere, "here", "landscape.json"))
}

func TestLandscapeBadUse(t *testing.T) {
	folder(t)
	succeed(t, "", "train", "--function", "booth", "--optimizer", "sgd", "--lr", "0.01", "--steps", "5", "--no-figures", "--out", "good")
	if o := command(t, "", "train", "--function", "rosenbrock", "--optimizer", "sgd", "--lr", "9", "--steps", "9", "--no-figures", "--out", "bad"); o.code != exitDiverged {
		t.Fatalf("code %d", o.code)
	}
	for _, c := range []struct {
		args, want string
		code       int
	}{
		{"", "want 1 run", exitUsage},
		{"nobody", "nobody", exitUsage},
		{"./good --plane flat", "--plane flat: want path or random", exitUsage},
		{"./good --set test", "--set test: want train or validation", exitUsage},
		{"./good --grid 7", "--grid 7: want 25 to 101", exitUsage},
		{"./good --span 0", "--span 0: want (0, 1e6]", exitUsage},
		{"./good --parallel 0", "--parallel 0: want at least 1", exitUsage},
		{"./good --theme pink", "--theme pink", exitUsage},
		{"./good --optimizer adamm", "--optimizer adamm", exitUsage},
		{"./good --set train", "a function without examples", exitFailure},
		{"./bad", "training diverged after step", exitFailure},
	} {
		o := command(t, "", append([]string{"landscape"}, strings.Fields(c.args)...)...)
		if o.code != c.code || !strings.Contains(o.stderr, c.want) {
			t.Errorf("%s: code %d, %q, want %d, %q", c.args, o.code, o.stderr, c.code, c.want)
		}
	}
}
