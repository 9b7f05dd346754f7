package report

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/lab"
)

// searched is a search on Rosenbrock, with a rule that may diverge.
func searched(t *testing.T, change func(o *lab.TuneOptions), specs ...string) *lab.Tuning {
	t.Helper()
	e, err := experiment.Parse("test.yaml", []byte("function: rosenbrock\nsteps: 60\noptimizer: sgd\nlr: 1e-5\n"))
	if err != nil {
		t.Fatal(err)
	}
	k, err := lab.NewTask(context.Background(), e, experiment.Inputs{})
	if err != nil {
		t.Fatal(err)
	}
	o := lab.DefaultTune()
	if o.Space, err = lab.ParseSpace(specs); err != nil {
		t.Fatal(err)
	}
	o.Trials, o.Seeds, o.Pruner, o.Sampler = 40, 7, lab.ASHA, "sobol"
	if change != nil {
		change(&o)
	}
	r, err := lab.Tune(context.Background(), k, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func tuningOf(t *testing.T, r *lab.Tuning) *Document {
	t.Helper()
	d, err := Tuning(r, Repeat{Command: "descent tune -f a", Redraw: func(file string) string { return "descent tune --figure " + file }})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTuning(t *testing.T) {
	r := searched(t, nil, "lr=1e-6..1 log", "optimizer.momentum=0..0.95", "clip-norm={0,1,10}")
	r.Importance = &lab.Importance{Shares: []lab.Share{{Key: "lr", Share: 0.2, Spread: 0.01}, {Key: "clip-norm", Share: 0.7, Spread: 0.02}}, Interactions: 0.1, Fit: 0.8, Log: true}
	r.ImportanceAt = r.Shares[0]
	d := tuningOf(t, r)
	p := read(t, write(t, d))
	best := r.Tries[r.Best-1]
	for _, want := range append([]string{
		fmt.Sprintf("Try %d is better than the settings as they were", r.Best), "clearly better",
		"Seed by seed the settings as they were end ", " times as high (", "is the luckiest of many and no result", "500 to 506",
		"11.11 %, 33.33 %, the whole budget", "the logarithm of the loss", "explains 80.00 % of what it has not seen", best.Configuration["lr"],
	}, r.Protocol...) {
		if !strings.Contains(p.texts, want) {
			t.Errorf("the report does not say %q", want)
		}
	}
	if want := []string{"1 Settings for rosenbrock, of 40 tries", "2 Result", "2 Search", "2 How it was searched"}; !slices.Equal(p.headings, want) {
		t.Errorf("headings %q", p.headings)
	}
	if got := p.tables["importance.csv"]; len(got) < 6 || got[3] != "clip-norm" || got[4] != "70.00 %" {
		t.Errorf("importance %q, want the highest first", got)
	}
	if got := string(p.files["tries.csv"]); strings.Count(got, "\n") != 41 || !strings.Contains(got, "+Inf") {
		t.Errorf("the tries are\n%s", got)
	}
	if got := string(p.files["result.csv"]); !strings.HasPrefix(got, "settings,median,") || !strings.Contains(got, fmt.Sprintf("\ntry %d,%v,", r.Best, float64(r.Tuned.Final.Median))) {
		t.Errorf("the result is\n%s", got)
	}
	if got := p.tables["finalists.csv"]; got[7] != fmt.Sprint(r.Best) {
		t.Errorf("the first finalist is %q", got[7:14])
	}
	if !slices.Contains(p.codes, "descent tune -f a") || !slices.ContainsFunc(p.codes, func(s string) bool { return strings.Contains(s, "function: rosenbrock") }) {
		t.Errorf("commands %q", p.codes)
	}
	var files []string
	for _, f := range d.Figures() {
		files = append(files, f.File)
		if !slices.Contains(p.codes, "descent tune --figure "+f.File) || p.files[f.File+".svg"] == nil {
			t.Errorf("nothing says how to draw %s again, or it cannot be downloaded", f.File)
		}
	}
	if want := []string{"history", "slices", "heat", "parallel"}; !slices.Equal(files, want) {
		t.Errorf("figures %q", files)
	}
}

func TestTuningVerdicts(t *testing.T) {
	r := searched(t, nil, "lr=1e-6..1e-4 log")
	if p := read(t, write(t, tuningOf(t, r))); len(r.Edges) != 1 || !strings.Contains(p.texts, "At the edge of the space") || !strings.Contains(p.texts, "upper edge") {
		t.Errorf("nothing is said of the edge: %+v", r.Edges)
	}
	r.Clear = false
	if p := read(t, write(t, tuningOf(t, r))); !strings.Contains(p.texts, "No clear difference to the settings as they were") {
		t.Error("nothing is said of no clear difference")
	}
	r.Clear, r.Improved = true, false
	if p := read(t, write(t, tuningOf(t, r))); !strings.Contains(p.texts, "The settings as they were are better") || !strings.Contains(p.texts, "the chosen settings end ") {
		t.Error("nothing is said of settings that are worse")
	}
	r.Tuned.Final.Median = inf
	if p := read(t, write(t, tuningOf(t, r))); !strings.Contains(p.texts, "The best try diverges on fresh seeds") {
		t.Error("nothing is said of divergence on fresh seeds")
	}
	r = searched(t, nil, "lr=1e8..1e9 log")
	if p := read(t, write(t, tuningOf(t, r))); !strings.Contains(p.texts, "Every try diverged") {
		t.Error("nothing is said where everything diverged")
	}
	if _, err := Tuning(&lab.Tuning{}, Repeat{}); err == nil || !strings.Contains(err.Error(), "want at least one") {
		t.Errorf("no tries: %v", err)
	}
}

// The figures say where the star is not what was chosen, and narrow ones show as many
// dimensions as there is room for, those that matter most.
func TestTuningFigures(t *testing.T) {
	r := searched(t, nil, "lr=1e-6..1 log", "optimizer.momentum=0..0.95", "clip-norm={0,1,10}", "clip-value={0,5}", "ema=0.1..0.9", "non-finite={fail,skip}", "swa={false}")
	r.Importance, r.ImportanceAt = &lab.Importance{}, r.Shares[0]
	for i, d := range r.Space.Params {
		r.Importance.Shares = append(r.Importance.Shares, lab.Share{Key: d.Key, Share: float64(i) / 100})
	}
	view := tuning{Tuning: r}
	if got := view.keys(view.foremost(2)); got != "non-finite and swa" {
		t.Errorf("the foremost are %s", got)
	}
	best := slices.MinFunc(r.Tries, func(a, b *lab.Try) int {
		if a.Pruned != b.Pruned {
			return map[bool]int{true: 1, false: -1}[a.Pruned]
		}
		return cmp.Compare(a.Loss(), b.Loss())
	})
	for number, want := range map[int]string{best.Number: "", best.Number%40 + 1: fmt.Sprintf("is try %d.", best.Number%40+1)} {
		if r.Best = number; !strings.HasSuffix(view.star(), want) || want == "" && view.star() != "" {
			t.Errorf("try %d: %q", number, view.star())
		}
	}
	for _, f := range view.figures() {
		for _, width := range []int{0, 960, 400} {
			if _, err := f.Draw(figure.Style{Width: width}); err != nil {
				t.Errorf("%s, %d wide: %v", f.File, width, err)
			}
		}
	}
}
