package cli

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/descent-go/descent/lab"
)

// A tuningReport is what came of tuning.
type tuningReport struct {
	*lab.Tuning
	Elapsed  number   `json:"elapsed_seconds"`
	Parallel int      `json:"parallel"`
	Command  string   `json:"command"`
	Try      string   `json:"try"` // the command that trains with the chosen settings
	Files    []string `json:"files"`
}

func (r *tuningReport) text(p *page) {
	if !p.quiet {
		p.heading("%s: %s after %s", r.Task, r.Objective, plural(r.Budget, "gradient"))
		p.blank()
		if len(r.Finalists) > 0 {
			r.finalists(p)
			p.blank()
			r.outcome(p)
			p.blank()
		}
	}
	p.heading("%s", strings.Join(wrapped(r.Summary, p.width), "\n"))
	if !p.quiet {
		for _, e := range r.Edges {
			p.wrap("", edgeWarning(e))
		}
		tries := "1 try"
		if n := len(r.Tries); n > 1 {
			tries = grouped(int64(n)) + " tries"
		}
		whole := "whole trainings"
		if r.Spent == 1 {
			whole = "whole training"
		}
		p.line("%s, as much as %s %s; %s together, in %s", tries, brief(r.Spent), whole,
			secondsText(duration(r.Seconds)), secondsText(duration(float64(r.Elapsed))))
	}
	if r.Try != "" && (r.Improved || !r.Clear) { // what it was is no news
		p.line("Try: %s", r.Try)
	}
}

// finalists are the tries that ran again on seeds of their own.
func (r *tuningReport) finalists(p *page) {
	columns := []column{numbers("try"), numbers("search"), numbers("other seeds"), numbers("quartiles"), words("settings")}
	var rows [][]string
	for _, f := range r.Finalists {
		t := r.Tries[f.Number-1]
		rows = append(rows, []string{
			strconv.Itoa(f.Number), brief(t.Loss()), lossText(f.Objective.Median), spanText(f.Objective), configurationText(t.Configuration),
		})
	}
	p.table(columns, rows)
}

// outcome is what fresh seeds say.
func (r *tuningReport) outcome(p *page) {
	columns := []column{words("on fresh seeds"), numbers(r.Measure), numbers("quartiles")}
	classes := r.Tuned.Accuracy != nil || r.Untuned.Accuracy != nil
	if classes {
		columns = append(columns, numbers("accuracy"))
	}
	columns = append(columns, numbers("diverged"))
	row := func(name string, f lab.Final) []string {
		line := []string{name, lossText(f.Final.Median), spanText(f.Final)}
		if classes {
			line = append(line, accuracyText(f.Accuracy))
		}
		return append(line, fmt.Sprintf("%d/%d", f.Diverged, len(f.Runs)))
	}
	p.table(columns, [][]string{row(fmt.Sprintf("try %d", r.Best), r.Tuned), row("as it was", r.Untuned)})
}

// tell says what was written, on standard error.
func (r *tuningReport) tell(a *app, drawn bool) {
	if !drawn {
		a.wrote(r.Files)
		return
	}
	names := []string{}
	figures := 0
	for _, f := range r.Files {
		if filepath.Base(filepath.Dir(f)) == figureName {
			figures++
			continue
		}
		names = append(names, filepath.Base(f))
	}
	a.note("wrote to %s: %s, %s in %s", a.dir, strings.Join(names, ", "), plural(int64(figures)/2, "figure"), figureName)
}

// configurationText writes a place of a space in a line.
func configurationText(c lab.Configuration) string {
	var text []string
	for _, key := range slices.Sorted(maps.Keys(c)) {
		value := c[key]
		if v, err := strconv.ParseFloat(value, 64); err == nil {
			value = brief(v)
		}
		text = append(text, key+"="+value)
	}
	return strings.Join(text, " ")
}

// edgeWarning says that the space may be too small.
func edgeWarning(e lab.SpaceEdge) string {
	side := "lower"
	if e.High {
		side = "upper"
	}
	value := e.Value
	if v, err := strconv.ParseFloat(value, 64); err == nil {
		value = brief(v)
	}
	return fmt.Sprintf("%s = %s lies at the %s edge of the space, %s: better ones may lie beyond.", e.Key, value, side, brief(e.Limit))
}
