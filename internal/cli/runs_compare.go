package cli

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/descent-go/descent/lab"
	"github.com/descent-go/descent/record"
)

func newRunsCompare(a *app, where *runsFlag) *cobra.Command {
	return &cobra.Command{
		Use:   "compare RUN RUN...",
		Short: "Compare runs: the settings that differ, results and learning curves side by side",
		Example: `  descent runs compare 20261122-0315 latest
  descent runs compare runs/a runs/b runs/c --json`,
		Args:              runArgs(2),
		ValidArgsFunction: where.complete,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 26 {
				return usagef("%s: %d runs, want at most 26", cmd.CommandPath(), len(args))
			}
			var runs []*record.Run
			for _, arg := range args {
				run, err := where.find(arg)
				if err != nil {
					return err
				}
				runs = append(runs, run)
			}
			c, err := record.Compare(runs...)
			if err != nil {
				return err
			}
			return a.show(cmd, newCompareReport(c), nil)
		},
	}
}

// A compareReport sets runs side by side.
type compareReport struct {
	Runs     []record.Summary    `json:"runs"`
	Settings []record.Difference `json:"settings"` // those that differ
	Metrics  []record.Difference `json:"metrics"`
	By       string              `json:"by"` // what the points of curves are: epoch or step
	Curves   [][]comparedPoint   `json:"curves"`
}

// A comparedPoint is one point of a run's learning curve.
type comparedPoint struct {
	Epoch  int     `json:"epoch"`
	Step   int64   `json:"step"`
	Loss   *number `json:"loss,omitempty"`
	Val    *number `json:"val_loss,omitempty"`
	ValAcc *number `json:"val_accuracy,omitempty"`
}

func newCompareReport(c *record.Comparison) *compareReport {
	r := &compareReport{Runs: c.Runs, Settings: c.Settings, Metrics: c.Metrics, By: "epoch"}
	if r.Settings == nil {
		r.Settings = []record.Difference{}
	}
	if r.Metrics == nil {
		r.Metrics = []record.Difference{}
	}
	finite := func(v *float64) *number {
		if v == nil {
			return nil
		}
		return pointer(*v)
	}
	for _, curve := range c.Curves {
		points := []comparedPoint{}
		for _, p := range curve {
			points = append(points, comparedPoint{p.Epoch, p.Step, finite(p.Loss), finite(p.ValLoss), finite(p.ValAccuracy)})
			if p.Epoch == 0 {
				r.By = "step"
			}
		}
		r.Curves = append(r.Curves, points)
	}
	return r
}

// letter is what a run is called in the tables.
func letter(i int) string { return string(rune('A' + i)) }

func (r *compareReport) text(p *page) {
	for i := range r.Runs {
		s := &r.Runs[i]
		p.line("%s  %s  %s", letter(i), visible(s.ID), s.Status)
	}
	if !p.quiet || len(r.Settings) == 0 {
		p.blank()
	}
	if len(r.Settings) == 0 {
		p.line("No setting differs.")
	} else if !p.quiet {
		r.differences(p, "setting", r.Settings, func(_ int, text string) string { return visible(text) })
	}
	p.blank()
	r.differences(p, "result", r.Metrics, nil)
	if !p.quiet {
		r.curves(p)
	}
}

// differences writes fields with a column for each run; without a way to show
// them they are metrics.
func (r *compareReport) differences(p *page, title string, list []record.Difference, show func(run int, text string) string) {
	columns := []column{words(title)}
	for i := range r.Runs {
		columns = append(columns, numbers(letter(i)))
	}
	var rows [][]string
	for _, d := range list {
		row := []string{visible(d.Field)}
		for i, v := range d.Values {
			switch {
			case v == nil:
				row = append(row, "-")
			case show == nil:
				row = append(row, metricText(&r.Runs[i], d.Field))
			default:
				row = append(row, show(i, *v))
			}
		}
		rows = append(rows, row)
	}
	p.table(columns, rows)
}

// curves writes the learning curves after epochs 1, 2, 5, 10, … and the last of
// each run.
func (r *compareReport) curves(p *page) {
	at := func(c *comparedPoint) int64 {
		if r.By == "step" {
			return c.Step
		}
		return int64(c.Epoch)
	}
	var places []int64
	last := map[int64]bool{}
	for _, curve := range r.Curves {
		for i := range curve {
			places = append(places, at(&curve[i]))
		}
		if len(curve) > 0 {
			last[at(&curve[len(curve)-1])] = true
		}
	}
	slices.Sort(places)
	if places = slices.Compact(places); len(places) > 12 {
		places = slices.DeleteFunc(places, func(x int64) bool { return !lab.IsMilestone(x) && !last[x] })
	}
	if len(places) == 0 {
		return
	}
	columns := []column{numbers(r.By)}
	rows := make([][]string, len(places))
	for k, x := range places {
		rows[k] = []string{strconv.FormatInt(x, 10)}
	}
	for i, curve := range r.Curves {
		byPlace := map[int64]*comparedPoint{}
		for j := range curve {
			byPlace[at(&curve[j])] = &curve[j]
		}
		name, val := validationOf(curve)
		columns = append(columns, numbers(letter(i)+" loss"))
		if name != "" {
			columns = append(columns, numbers(fmt.Sprintf("%s %s", letter(i), name)))
		}
		for k, x := range places {
			loss, validation := "-", "-"
			if c := byPlace[x]; c != nil {
				if c.Loss != nil {
					loss = short(float64(*c.Loss))
				}
				validation = val(c)
			}
			if rows[k] = append(rows[k], loss); name != "" {
				rows[k] = append(rows[k], validation)
			}
		}
	}
	p.blank()
	p.table(columns, rows)
}

// validationOf says what a curve knows of the validation set, and writes it.
func validationOf(curve []comparedPoint) (name string, text func(c *comparedPoint) string) {
	has := func(of func(c comparedPoint) *number) bool {
		return slices.ContainsFunc(curve, func(c comparedPoint) bool { return of(c) != nil })
	}
	show := func(v *number, format func(float64) string) string {
		if v == nil {
			return "-"
		}
		return format(float64(*v))
	}
	switch {
	case has(func(c comparedPoint) *number { return c.ValAcc }):
		return "val accuracy", func(c *comparedPoint) string { return show(c.ValAcc, percent) }
	case has(func(c comparedPoint) *number { return c.Val }):
		return "val loss", func(c *comparedPoint) string { return show(c.Val, short) }
	}
	return "", func(*comparedPoint) string { return "-" }
}
