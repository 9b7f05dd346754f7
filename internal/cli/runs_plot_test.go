package cli

import (
	"encoding/csv"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/descent-go/descent/export"
)

// learnedRuns makes runs of two rules and two seeds, and returns their IDs.
func learnedRuns(t *testing.T) []string {
	t.Helper()
	folder(t)
	t.Setenv(runsEnv, "")
	for _, optimizer := range []string{"adam", "sgd"} {
		for _, seed := range []string{"1", "2"} {
			succeed(t, "", "train", "--data", "points.csv", "--model", "softmax", "--epochs", "3", "--no-figures", "-q", "--optimizer", optimizer, "--seed", seed)
		}
	}
	ids := strings.Fields(succeed(t, "", "runs", "-q", "--sort", "created").stdout)
	if len(ids) != 4 {
		t.Fatalf("runs %v", ids)
	}
	return ids
}

func TestRunsPlot(t *testing.T) {
	ids := learnedRuns(t)
	for name, c := range map[string]struct {
		args []string
		want []string
	}{
		"one":     {[]string{ids[0]}, []string{ids[0], "epoch"}},
		"several": {append([]string{"--x", "step"}, ids...), []string{"adam, seed 1", "sgd, seed 2", "step"}},
		"groups":  {append([]string{"--group", "optimizer"}, ids...), []string{"optimizer adam", "optimizer sgd", "median of 2 runs", "epoch"}},
		"twice":   {[]string{ids[0], ids[0], "--x", "seconds", "--log-x", "--log-loss", "--theme", "dark"}, []string{"seconds"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := object(t, "", append([]string{"runs", "plot", "--out", "made", "--resolution", "0.5"}, c.args...)...)
			if n := len(m["files"].([]any)); n != 2 {
				t.Errorf("%d files", n)
			}
			svg, err := os.ReadFile("made/runs.svg")
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range c.want {
				if !strings.Contains(string(svg), want) {
					t.Errorf("the figure has no %q", want)
				}
			}
		})
	}
	for _, c := range []struct{ args, want string }{
		{"--x weeks", "--x weeks: want step, epoch"},
		{"--group colour", "--group colour: run " + ids[0]},
		{"--log-loss --linear-loss", "one of them"},
		{"--smoothing 1", "[0, 1)"},
	} {
		args := append([]string{"runs", "plot", ids[0]}, strings.Fields(c.args)...)
		if o := command(t, "", args...); o.code != exitUsage || !strings.Contains(o.stderr, c.want) {
			t.Errorf("%s: code %d, %s", c.args, o.code, o.stderr)
		}
	}
}

func TestRunsExport(t *testing.T) {
	ids := learnedRuns(t)
	o := succeed(t, "", "runs", "export", ids[0], ids[1])
	rows, err := csv.NewReader(strings.NewReader(o.stdout)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	steps := object(t, "", "runs", "show", ids[0])["metrics"].(map[string]any)["steps"].(float64)
	if want := 1 + 2*int(steps); len(rows) != want || rows[0][0] != "run" || rows[1][0] != ids[0] || rows[want-1][0] != ids[1] {
		t.Errorf("%d rows, want %d: %v", len(rows), want, rows[0])
	}
	succeed(t, "", "runs", "export", ids[0], "--to", "steps.parquet")
	read, err := parquet.ReadFile[export.StepRow]("steps.parquet")
	if err != nil {
		t.Fatal(err)
	}
	loss, err := strconv.ParseFloat(rows[1][4], 64)
	if err != nil || len(read) != int(steps) || read[0].Loss != loss {
		t.Errorf("Parquet has %d rows and begins with %+v; CSV with %v", len(read), read[0], rows[1])
	}
	if o := succeed(t, "", "runs", "export", ids[0], "--table", "evaluations", "--format", "jsonl"); strings.Count(o.stdout, `"set":"validation"`) != 3 {
		t.Errorf("evaluations: %s", o.stdout)
	}
	for _, c := range []struct{ args, want string }{
		{"--table tables", "table"},
		{"--format xlsx", "xlsx"},
		{"--to steps.xlsx", "--to steps.xlsx"},
		{"--to missing/steps.csv", "missing/steps.csv"},
	} {
		if o := command(t, "", append([]string{"runs", "export", ids[0]}, strings.Fields(c.args)...)...); o.code == exitOK || !strings.Contains(o.stderr, c.want) {
			t.Errorf("%s: code %d, %s", c.args, o.code, o.stderr)
		}
	}
}
