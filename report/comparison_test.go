package report

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/lab"
	"github.com/descent-go/descent/train"
)

var inf = train.Real(math.Inf(1))

// compared is a comparison of three contenders, of which the last is bad, on so
// many tasks.
func compared(tasks int) *lab.Comparison {
	c := &lab.Comparison{
		Protocol: lab.Protocol{
			Contenders: []string{"sgd", "adam", evil}, Trials: 3, Finalists: 2, FinalistSeeds: []uint64{1, 2}, FreshSeeds: []uint64{500, 501, 502},
			Confidence: 0.95, Text: []string{"First sentence.", "Second sentence."},
		},
		Summary: "sgd is the best on 1 of 2 tasks.", Trials: 54321, Seconds: 12.5,
	}
	for k := range tasks {
		t := lab.TaskComparison{
			Name: fmt.Sprintf("task %d", k), Objective: "validation loss", Measure: "test loss", Budget: 12000, Accuracy: true,
			Target: 0.5, TargetRule: "given", Experiment: "data: digits\nmodel: mlp:8\n",
			Verdict: lab.Verdict{Best: "adam", Tied: []string{"sgd"}, MoreSeeds: 30, Text: "About 30 seeds would settle it."},
		}
		if k == 0 {
			t.Verdict = lab.Verdict{Winner: "adam", Best: "adam", Text: "adam ends lowest."}
		}
		for i, name := range []string{"adam", "sgd", evil} {
			t.Rows = append(t.Rows, row(name, i))
		}
		c.Tasks = append(c.Tasks, t)
	}
	return c
}

// row is the i-th best.
func row(name string, i int) lab.Row {
	x := train.Real(i + 1)
	around := func(v train.Real) lab.Summary { return lab.Summary{Median: v, Low: 0.9 * v, High: 1.1 * v} }
	share := around(0.9 / x)
	r := lab.Row{
		Name: name, Optimizer: name, Rate: 0.1, Usual: 0.01, StateBytes: int64(2048 * i), Final: around(0.123456 * x), Objective: around(0.1 * x), Accuracy: &share,
		StepsToTarget: around(800 * x), SecondsToTarget: around(0.02), Reached: 3 - i, Seconds: around(0.5), Tolerance: 0.75,
		Untuned: lab.Untuned{Rate: 0.01, Final: around(3 / x), Objective: around(3 / x), Accuracy: &share, Diverged: i},
	}
	if i > 0 {
		r.Difference = &lab.Difference{Ratio: true, Median: x, Low: 0.9, High: 2 * x, Clear: i > 1}
	}
	for k, rate := range []float64{0.01, 0.1, 1} {
		r.Rates = append(r.Rates, lab.RatePoint{Rate: rate, Losses: []train.Real{train.Real(k + 1), 0.5}[:1+k%2]})
		r.Cost = append(r.Cost, lab.CostPoint{Trials: k + 1, Best: x / train.Real(k+1), Low: 0.1, High: 5})
	}
	for seed := range 3 {
		o := lab.Outcome{Trial: lab.Trial{Seed: uint64(500 + seed)}, Final: 0.1 * x}
		for step := range 10 {
			o.Curve = append(o.Curve, lab.Point{Step: int64(100 * step), Loss: x / train.Real(step+1)})
		}
		r.Runs = append(r.Runs, o)
	}
	if i == 2 { // it diverges wherever it can
		d := train.Diverged{Step: 12, Cause: train.CauseLoss, Loss: inf}
		r.Rates[2].Losses[0], r.Cost[0] = inf, lab.CostPoint{Trials: 1, Best: inf, Low: inf, High: inf}
		r.StepsToTarget, r.SecondsToTarget = lab.Summary{Median: inf, Low: inf, High: inf}, lab.Summary{Median: inf, Low: inf, High: inf}
		r.Runs[1].Diverged, r.Runs[1].Final, r.Runs[1].Curve = &d, inf, r.Runs[1].Curve[:3]
		r.Divergences = []lab.Divergence{{Stage: "tuning", Rate: 1, Seed: 0, Diverged: d}, {Stage: "final", Rate: 0.1, Seed: 501, Diverged: d}}
		r.Edge, r.Accuracy, r.Difference.High = true, nil, inf
	}
	return r
}

func documentOf(t *testing.T, c *lab.Comparison) *Document {
	t.Helper()
	d, err := Comparison(c, Repeat{Command: "descent compare -p a", Redraw: func(file string) string { return "descent compare --figure " + file }})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestComparison(t *testing.T) {
	d := documentOf(t, compared(2))
	p := read(t, write(t, d))
	for _, want := range []string{
		"sgd, adam and " + evil + " on task 0 and task 1", "task 0: adam is the best", "adam ends lowest.",
		"task 1: no clear difference", "About 30 seeds would settle it.", "Second sentence.", "The target is a validation loss of 0.5: given.",
		"a better one may lie beyond: " + evil, "2 trials diverged", "2 of 3", "12,000 gradient evaluations", "seeds 500 to 502", "54,321", "12.5 s", "95 %",
		"Test loss of tuned contenders", "diverged at step 12: the loss is +Inf", "4.0 KiB",
	} {
		if !strings.Contains(p.texts, want) {
			t.Errorf("the report does not say %q", want)
		}
	}
	if want := []string{"1 sgd, adam and " + evil + " on task 0 and task 1", "2 Verdict", "2 task 0", "2 task 1", "2 How it was compared"}; !slices.Equal(p.headings, want) {
		t.Errorf("headings %q", p.headings)
	}
	results := p.tables["task-0-results.csv"]
	if got := results[10:20]; !slices.Equal(got, []string{"adam", "0.1", "0.1235", "0.1111", "0.1358", "–", "–", "–", "best", "90.00 %"}) {
		t.Errorf("the best row is %q", got)
	}
	if got := results[20:]; !slices.Equal(got[5:10], []string{"×2", "×0.9", "×4", "no", "45.00 %"}) || !slices.Equal(got[15:], []string{"×3", "×0.9", "∞", "yes", "–"}) {
		t.Errorf("the other rows are %q", got)
	}
	if got := p.tables["task-0-untuned.csv"]; got[8] != evil || got[10] != "1" {
		t.Errorf("the best at its default rate is %q", got[8:])
	}
	if got := p.tables["task-1-cost.csv"]; !slices.Equal(got[16+8:16+16], []string{evil, "∞", "∞", "1 of 3", "500 ms", "4.0 KiB", "0.75", "2"}) {
		t.Errorf("the cost of the last is %q", got[16:])
	}
	if got := string(p.files["task-0-rates.csv"]); strings.Count(got, "\n") != 1+3*4 || !strings.Contains(got, ",1,1,+Inf,\n") || !strings.Contains(got, "sgd,0.1,2,0.5,chosen\n") {
		t.Errorf("the rates are\n%s", got)
	}
	var files []string
	for _, f := range d.Figures() {
		files = append(files, f.File)
		if !slices.Contains(p.codes, "descent compare --figure "+f.File) {
			t.Errorf("nothing says how to draw %s again", f.File)
		}
		if p.files[f.File+".svg"] == nil {
			t.Errorf("%s cannot be downloaded", f.File)
		}
	}
	if want := []string{"task-0-convergence", "task-0-sensitivity", "task-0-tuning", "task-1-convergence", "task-1-sensitivity", "task-1-tuning"}; !slices.Equal(files, want) {
		t.Errorf("figures %q", files)
	}
}

// A contender has one look in all figures, whatever its place in the table.
func TestLooksFollowTheContenders(t *testing.T) {
	c := compared(1)
	legends := func() (all []string) {
		for name, file := range read(t, write(t, documentOf(t, c))).files {
			if strings.HasSuffix(name, ".svg") {
				sgd, adam := strings.Index(string(file), ">sgd<"), strings.Index(string(file), ">adam<")
				if sgd < 0 || sgd > adam {
					all = append(all, name)
				}
			}
		}
		return all
	}
	if wrong := legends(); wrong != nil {
		t.Errorf("%q have adam first, which is the second contender", wrong)
	}
}

func TestProfilesOfManyTasks(t *testing.T) {
	c := compared(4)
	for i, name := range c.Protocol.Contenders {
		c.Profiles = append(c.Profiles, lab.Profile{Name: name, Ratios: []train.Real{train.Real(i + 1), 1, inf, 2}})
	}
	d := documentOf(t, c)
	first := d.Figures()[0]
	if first.File != "profiles" || !strings.Contains(first.Alt, "adam is the quickest on 1 and reaches the target on 3 of 4 tasks") {
		t.Errorf("the first figure is %s: %s", first.File, first.Alt)
	}
	read(t, write(t, d))
}

func asTask(t *lab.TaskComparison) *task { return &task{TaskComparison: t} }

// A contender alone is not said to be like others; percent signs stay with numbers.
func TestComparisonOfOne(t *testing.T) {
	c := compared(1)
	c.Tasks[0].Rows = c.Tasks[0].Rows[:1]
	c.Tasks[0].Verdict = lab.Verdict{Best: "adam", Text: "There is nothing to compare adam with, at 97 %."}
	html := write(t, documentOf(t, c))
	if p := read(t, html); !strings.Contains(p.texts, "task 0: one contender") || strings.Contains(p.texts, "no clear difference") {
		t.Error("the report does not say that there is one contender")
	}
	if !bytes.Contains(html, []byte("at 97\u00a0%.")) {
		t.Error("a percent sign may leave its number")
	}
}

// When everything diverged there is little to draw, and the report says so.
func TestComparisonThatDiverged(t *testing.T) {
	c := compared(1)
	task := &c.Tasks[0]
	task.Target, task.Verdict = inf, lab.Verdict{Text: "All of them diverged."}
	for i := range task.Rows {
		r := &task.Rows[i]
		r.Final.Median, r.Cost, r.Accuracy = inf, nil, nil
		for k := range r.Rates {
			r.Rates[k].Losses = []train.Real{inf}
		}
		for k := range r.Runs {
			r.Runs[k].Curve = nil
		}
	}
	d := documentOf(t, c)
	if f := d.Figures(); len(f) != 1 || f[0].File != "task-0-sensitivity" {
		t.Errorf("%d figures, want that of the sensitivity", len(f))
	}
	if p := read(t, write(t, d)); !strings.Contains(p.texts, "task 0: everything diverged") || !strings.Contains(p.texts, "There is no target") {
		t.Error("the report does not say that everything diverged")
	}
	results := asTask(task).results()
	for _, row := range results.Rows {
		for k, cell := range row.Cells[5:9] {
			if !cell.empty() {
				t.Errorf("%s: column %d of the comparison with the best is %q, but there is no best", row.Cells[0].Text(), 5+k, cell.Text())
			}
		}
	}
	for i := range task.Rows {
		task.Rows[i].Divergences = nil
	}
	if p := read(t, write(t, documentOf(t, c))); !strings.Contains(p.texts, "No trial diverged.") {
		t.Error("the report does not say that nothing diverged")
	}
}

func TestTasksOfOneName(t *testing.T) {
	c := compared(2)
	c.Tasks[0].Name, c.Tasks[1].Name = "x^2+y", "x*2-y"
	for _, f := range documentOf(t, c).Figures()[3:] {
		if !strings.HasPrefix(f.File, "x-2-y-2-") {
			t.Errorf("a figure of the second task is called %s", f.File)
		}
	}
	read(t, write(t, documentOf(t, c)))
}

func TestComparisonErrors(t *testing.T) {
	for _, c := range []*lab.Comparison{{}, {Protocol: lab.Protocol{Contenders: []string{"sgd"}}}} {
		if _, err := Comparison(c, Repeat{}); err == nil || !strings.Contains(err.Error(), "want at least one of each") {
			t.Errorf("%v", err)
		}
	}
	c := compared(1)
	c.Tasks[0].Rows[0].Rates[0].Rate = -1
	if err := documentOf(t, c).Write(&strings.Builder{}); err == nil || !strings.Contains(err.Error(), `figure: Sensitivity.Rules[1] ("adam").Rates[0] = -1`) {
		t.Errorf("%v", err)
	}
}

// Saved figures have a style of their own.
func TestFiguresTakeAStyle(t *testing.T) {
	for _, f := range documentOf(t, compared(1)).Figures() {
		fig, err := f.Draw(figure.Style{Title: "mine", Width: 700, Scale: 1, Theme: figure.Dark})
		if err != nil {
			t.Fatal(err)
		}
		var svg strings.Builder
		if err := fig.WriteSVG(&svg); err != nil {
			t.Fatal(err)
		}
		if w, _ := fig.Size(); w != 700 || !strings.Contains(svg.String(), ">mine<") {
			t.Errorf("%s is %d wide, or has no title", f.File, w)
		}
	}
}
