package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/record"
)

func newRunsPlot(a *app, where *runsFlag) *cobra.Command {
	var f plotFlags
	cmd := &cobra.Command{
		Use:   "plot RUN...",
		Short: "Draw the learning curves of runs on the same axes",
		Long: `Plot draws losses, accuracies and rates of runs below one another. With --group, runs
that have the same value of a setting become one curve: the median with a band.`,
		Example: `  descent runs plot latest --x seconds --log-loss
  descent runs plot 20261122-0315 20261122-0317 --out figures
  descent runs plot 20261122-0315 20261122-0317 20261122-0319 --group optimizer`,
		Args:              runArgs(1),
		ValidArgsFunction: where.complete,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := f.learning(where, args)
			if err != nil {
				return err
			}
			if err := a.writable(); err != nil {
				return err
			}
			drawn, err := c.Figure()
			if err != nil {
				return err
			}
			r := &plotReport{Runs: []string{}}
			for _, run := range c.Runs {
				r.Runs = append(r.Runs, run.Name)
			}
			if r.Files, err = a.save([]picture{{"runs", drawn}}); err != nil {
				return err
			}
			return a.print(r)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.x, "x", "", "`axis`: "+strings.Join(axes, ", ")+" (default: epoch if all runs have them, else step)")
	flags.BoolVar(&f.logX, "log-x", false, "logarithmic axis")
	flags.BoolVar(&f.logLoss, "log-loss", false, "logarithmic losses")
	flags.BoolVar(&f.linearLoss, "linear-loss", false, "linear losses (default: as they range)")
	flags.BoolVar(&f.logRate, "log-rate", false, "logarithmic rates")
	flags.Float64Var(&f.smoothing, "smoothing", 0, "decay of the average over the losses of steps, in [0, 1); 0: as their number asks for")
	flags.StringVar(&f.group, "group", "", "`setting` whose equal values make one curve with a band, such as optimizer")
	f.look.flag(flags)
	return cmd
}

type plotFlags struct {
	x, group                           string
	logX, logLoss, linearLoss, logRate bool
	smoothing                          float64
	look                               drawing
}

// learning reads the curves of the runs that arguments name.
func (f *plotFlags) learning(where *runsFlag, args []string) (*figure.Learning, error) {
	style, err := f.look.style()
	switch {
	case err != nil:
		return nil, err
	case f.x != "" && !slices.Contains(axes, f.x):
		return nil, badFlag("x", f.x, fmt.Errorf("want %s", strings.Join(axes, ", ")))
	case f.logLoss && f.linearLoss:
		return nil, usagef("--log-loss and --linear-loss: want one of them")
	case !(f.smoothing >= 0 && f.smoothing < 1):
		return nil, badFlag("smoothing", f.smoothing, fmt.Errorf("want a decay in [0, 1)"))
	}
	var runs []*record.Run
	var summaries []record.Summary
	for _, arg := range args {
		run, err := where.find(arg)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(runs, func(r *record.Run) bool { return r.ID == run.ID }) {
			continue
		}
		runs, summaries = append(runs, run), append(summaries, run.Summary())
	}
	by := f.x
	if by == "" {
		by = "epoch"
		for _, s := range summaries {
			if s.Metrics["epochs"] == 0 {
				by = "step"
			}
		}
	}
	title := "Learning curves"
	if len(runs) == 1 {
		title = runs[0].ID
	}
	c := &figure.Learning{Style: titled(style, title, ""), XLabel: by, LogX: f.logX, Smoothing: f.smoothing}
	if f.logLoss {
		c.LossScale = figure.Log
	} else if f.linearLoss {
		c.LossScale = figure.Linear
	}
	if f.logRate {
		c.RateAxis = figure.Log
	}
	names := differences(summaries)
	for i, run := range runs {
		curve, err := curveOf(run, by)
		if err != nil {
			return nil, err
		}
		if curve.Name = names[i]; f.group != "" {
			value, ok := summaries[i].Field(f.group)
			if !ok {
				return nil, badFlag("group", f.group, fmt.Errorf("run %s has no such setting", run.ID))
			}
			curve.Group = f.group + " " + value
		}
		c.Runs = append(c.Runs, curve)
	}
	return c, nil
}

// differences names runs by the few settings that differ between them, or by
// their IDs.
func differences(all []record.Summary) []string {
	names := make([]string, len(all))
	keys := map[string]bool{}
	for _, s := range all {
		for key, value := range s.Settings {
			if value != all[0].Settings[key] {
				keys[key] = true
			}
		}
		for key := range all[0].Settings {
			if _, ok := s.Settings[key]; !ok {
				keys[key] = true
			}
		}
	}
	for _, key := range []string{"name", "tags"} {
		delete(keys, key)
	}
	sorted := make([]string, 0, len(keys))
	for key := range keys {
		sorted = append(sorted, key)
	}
	slices.Sort(sorted)
	for i, s := range all {
		var parts []string
		for _, key := range sorted {
			if value := s.Settings[key]; key == "optimizer" || key == "model" || key == "data" {
				parts = append(parts, value)
			} else {
				parts = append(parts, key+" "+value)
			}
		}
		if names[i] = strings.Join(parts, ", "); names[i] == "" || len(sorted) > 3 {
			names[i] = s.ID
		}
		if slices.Contains(names[:i], names[i]) {
			names[i] += " " + s.ID[max(0, len(s.ID)-4):]
		}
	}
	return names
}

// A plotReport tells what was drawn.
type plotReport struct {
	Runs  []string `json:"runs"`
	Files []string `json:"files"`
}

func (r *plotReport) text(p *page) {
	for _, f := range r.Files {
		p.line("%s", f)
	}
}
