package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What is drawn again from the numbers is what the command drew.
func TestRedraw(t *testing.T) {
	folder(t)
	succeed(t, "", "train", "--data", "points.csv", "--model", "mlp:6", "--epochs", "3", "--optimizer", "adam", "--seed", "4", "--no-figures")
	for _, c := range []struct {
		args    []string
		figures string // the folder that they are in
		want    []string
	}{
		{compareArgs("--problem", "rosenbrock", "--optimizer", "sgd,adam", "--schedule", "cosine"), "figures",
			[]string{"rosenbrock-convergence", "rosenbrock-paths", "rosenbrock-schedule", "rosenbrock-sensitivity", "rosenbrock-tuning"}},
		{[]string{"tune", "--function", "booth", "--trials", "4", "--seeds", "1", "--fresh-seeds", "2", "--steps", "20"}, "figures", []string{"history", "slices"}},
		{[]string{"find-lr", "--function", "booth", "--optimizer", "sgd", "--steps", "40"}, "", []string{"find-lr"}},
		{[]string{"landscape", "latest", "--grid", "25", "--surface"}, "", []string{"landscape", "landscape-surface"}},
		{[]string{"show", "edge"}, "", []string{"edge-alpha", "edge-loss", "edge-path"}},
	} {
		name := c.args[0]
		succeed(t, "", append(c.args, "--out", name, "--resolution", "0.5")...)
		m := object(t, "", "redraw", name, "--out", "again", "--resolution", "0.5")
		var figures []string
		for _, f := range m["figures"].([]any) {
			figures = append(figures, f.(string))
		}
		slices.Sort(figures)
		if !slices.Equal(figures, c.want) {
			t.Errorf("%s: figures %q, want %q", name, figures, c.want)
		}
		for _, f := range figures {
			for _, ext := range []string{".png", ".svg"} {
				was, err := os.ReadFile(filepath.Join(name, c.figures, f+ext))
				if err != nil {
					t.Fatal(err)
				}
				is, err := os.ReadFile(filepath.Join("again", f+ext))
				if err != nil || string(is) != string(was) {
					t.Errorf("%s: %s%s is another picture (%v)", name, f, ext, err)
				}
			}
		}
		if list := strings.Fields(succeed(t, "", "redraw", filepath.Join(name, name+".json"), "--list").stdout); len(list) != len(figures) {
			t.Errorf("%s: lists %q", name, list)
		}
	}

	// The page says the command, and the command does it.
	page, err := os.ReadFile("compare/report.html")
	if err != nil || !strings.Contains(string(page), "descent redraw compare/compare.json rosenbrock-paths") {
		t.Errorf("the page does not say how to redraw (%v)", err)
	}
	o := succeed(t, "", "redraw", "compare/compare.json", "rosenbrock-paths", "--format", "gif,svg", "--width", "400", "--theme", "dark", "--resolution", "1", "--out", "one")
	if strings.Fields(o.stdout)[0] != filepath.Join("one", "rosenbrock-paths.gif") || len(strings.Fields(o.stdout)) != 2 {
		t.Errorf("wrote %q", o.stdout)
	}
	if got := sniff(t, "one/rosenbrock-paths.gif"); got != "gif" {
		t.Errorf("rosenbrock-paths.gif is %q", got)
	}
	write(t, "other.json", `{"files":[]}`)
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{nil, exitUsage, "want the file of a result"},
		{[]string{"nowhere.json"}, exitUsage, "want a result"},
		{[]string{"points.csv"}, exitFailure, "want the JSON of a result"},
		{[]string{"other.json"}, exitFailure, "no result that has figures"},
		{[]string{"."}, exitUsage, "has 0 results"},
		{[]string{"compare", "rosenbrock"}, exitUsage, "want one of rosenbrock-convergence, rosenbrock-paths"},
		{[]string{"compare", "--format", "bmp"}, exitUsage, "want png, svg or gif"},
		{[]string{"compare", "rosenbrock-tuning", "--format", "gif"}, exitUsage, "nothing of this moves"},
		{[]string{"compare", "--width", "100"}, exitUsage, "want 240 to 8192"},
	} {
		o := command(t, "", append([]string{"redraw"}, c.args...)...)
		if o.code != c.code || !strings.Contains(o.stderr, c.want) {
			t.Errorf("%q: code %d, %q, want %d, %s", c.args, o.code, o.stderr, c.code, c.want)
		}
	}
}
