package report

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/descent-go/descent/lab"
)

// A task is a part of a comparison on its way into a document.
type task struct {
	*lab.TaskComparison
	contenders []string // in the order of their looks
	again      Repeat
	file       string // that names of files begin with
}

// section says what came of the task.
func (t *task) section() Section {
	s := Section{Title: t.Name, Blocks: []Block{
		Facts{
			{"measured by", t.Measure},
			{"tuned by", t.Objective},
			{"budget of a run", grouped(t.Budget) + " gradient evaluations"},
			{"target", t.target()},
		},
		t.results(), t.untuned(), t.costs(),
	}}
	for _, f := range []*Figure{t.convergence(), t.paths(), t.schedules(), t.sensitivity(), t.tuning()} {
		if f != nil {
			s.Blocks = append(s.Blocks, f)
		}
	}
	s.Blocks = append(s.Blocks, t.divergences(), Folded{"Every rate that was tried", []Block{t.rates()}})
	if len(t.keys()) > 0 {
		s.Blocks = append(s.Blocks, Folded{"Every place that was tried", []Block{t.places()}})
	}
	return s
}

// target is the loss whose reaching is timed, if there is one.
func (t *task) target() string {
	if !finite(t.Target) {
		return "none"
	}
	return short(float64(t.Target))
}

// results is the table that the verdict is about.
func (t *task) results() *Table {
	ratio := slices.ContainsFunc(t.Rows, func(r lab.Row) bool { return r.Difference != nil && r.Difference.Ratio })
	than := "more than the best"
	if ratio {
		than = "times the best"
	}
	table := &Table{
		Caption: fmt.Sprintf("%s of tuned contenders on fresh seeds, the best first", sentence(t.Measure)), File: t.file + "-results",
		Columns: []Column{
			{"contender", false}, {"learning rate", true}, {"median", true}, {"lower quartile", true}, {"upper quartile", true},
			{than, true}, {"from", true}, {"to", true}, {"clear", false},
		},
		Notes: []string{fmt.Sprintf("%s: the median over the seeds, each paired with the same seed of the best, and its confidence interval. The difference is clear where the interval has no %s in it.", sentence(than), map[bool]string{true: "1", false: "0"}[ratio])},
	}
	if t.Accuracy {
		table.Columns = append(table.Columns, Column{"accuracy", true})
	}
	keys := t.keys()
	table.Columns = slices.Insert(table.Columns, 2, columnsOf(keys)...)
	if len(keys) > 0 {
		table.Notes = append(table.Notes, "Behind the rate stands what was tuned beside it; –: the contender does not have it, or says it itself.")
	}
	var edges []string
	for _, r := range t.Rows {
		cells := []Cell{Text(r.Name), Number(r.Rate), value(r.Final.Median), value(r.Final.Low), value(r.Final.High)}
		switch d := r.Difference; {
		case !finite(t.Rows[0].Final.Median): // the best is none
			cells = append(cells, Cell{}, Cell{}, Cell{}, Cell{})
		case d == nil:
			cells = append(cells, Cell{}, Cell{}, Cell{}, Text("best"))
		default:
			clear := "no"
			if d.Clear {
				clear = "yes"
			}
			cells = append(cells, times(d, d.Median), times(d, d.Low), times(d, d.High), Text(clear))
		}
		if t.Accuracy {
			cells = append(cells, accuracy(r.Accuracy))
		}
		cells = slices.Insert(cells, 2, valuesOf(r.Values, keys)...)
		if r.Edge {
			edges = append(edges, r.Name)
		}
		table.Rows = append(table.Rows, Row{Cells: cells, Strong: r.Name == t.Verdict.Winner})
	}
	if len(edges) > 0 {
		table.Notes = append(table.Notes, "At the edge of the rates that were tried, so that a better one may lie beyond: "+list(edges, len(edges))+".")
	}
	return table
}

// untuned is what the contenders come to at the rate that tuning began with.
func (t *task) untuned() *Table {
	table := &Table{
		Caption: fmt.Sprintf("%s without tuning, at the default rate", sentence(t.Measure)), File: t.file + "-untuned",
		Columns: []Column{{"contender", false}, {"learning rate", true}, {"median", true}, {"lower quartile", true}, {"upper quartile", true}, {"seeds diverged", true}, {"tuned", true}},
		Notes:   []string{"Tuned: the median of the table above, to compare with."},
	}
	if t.Accuracy {
		table.Columns = append(table.Columns, Column{"accuracy", true})
	}
	for _, r := range t.Rows {
		u := r.Untuned
		cells := []Cell{Text(r.Name), Number(u.Rate), value(u.Final.Median), value(u.Final.Low), value(u.Final.High), Count(int64(u.Diverged)), value(r.Final.Median)}
		if t.Accuracy {
			cells = append(cells, accuracy(u.Accuracy))
		}
		table.Rows = append(table.Rows, Row{Cells: cells})
	}
	slices.SortStableFunc(table.Rows, func(a, b Row) int { return a.Cells[2].compare(b.Cells[2]) })
	return table
}

// costs is what the contenders take: steps, time, memory, tuning.
func (t *task) costs() *Table {
	table := &Table{
		Caption: "What it takes", File: t.file + "-cost",
		Columns: []Column{
			{"contender", false}, {"steps to target", true}, {"time to target", true}, {"seeds that reach it", true},
			{"time of a run", true}, {"memory of state", true}, {"tolerance, decades", true}, {"trials diverged", true},
		},
		Notes: []string{"Steps, times: medians of the fresh seeds; ∞ where most of them miss the target. Tolerance: how many decades of learning rates end within 5 % of the best."},
	}
	if finite(t.Target) {
		table.Notes = append(table.Notes, fmt.Sprintf("The target is a %s of %s: %s.", t.Objective, short(float64(t.Target)), t.TargetRule))
	} else {
		table.Notes = append(table.Notes, "There is no target: "+t.TargetRule+".")
	}
	for _, r := range t.Rows {
		of := fmt.Sprintf("%d of %d", r.Reached, len(r.Runs))
		table.Rows = append(table.Rows, Row{Cells: []Cell{
			Text(r.Name), value(r.StepsToTarget.Median), seconds(r.SecondsToTarget.Median), Shown(float64(r.Reached), of),
			seconds(r.Seconds.Median), Shown(float64(r.StateBytes), size(r.StateBytes)),
			Shown(r.Tolerance, fmt.Sprintf("%.2f", r.Tolerance)), Count(int64(len(r.Divergences))),
		}})
	}
	return table
}

// divergences lists what diverged, or says that nothing did.
func (t *task) divergences() Block {
	table := &Table{
		Caption: "Trials that diverged", File: t.file + "-divergences",
		Columns: []Column{{"contender", false}, {"stage", false}, {"learning rate", true}, {"seed", true}, {"step", true}, {"cause", false}},
	}
	for _, r := range t.Rows {
		for i := range r.Divergences {
			d := &r.Divergences[i]
			table.Rows = append(table.Rows, Row{Cells: []Cell{
				Text(r.Name), Text(d.Stage), Number(d.Rate), Count(int64(d.Seed)), Count(d.Step), Text(d.Diverged.String()),
			}})
		}
	}
	switch n := len(table.Rows); n {
	case 0:
		return Paragraph("No trial diverged.")
	case 1:
		return Folded{"One trial diverged", []Block{table}}
	default:
		return Folded{fmt.Sprintf("%s trials diverged", grouped(int64(n))), []Block{table}}
	}
}

// rates lists what every rate came to in tuning and selection.
func (t *task) rates() *Table {
	table := t.trials("rates", fmt.Sprintf("%s by learning rate", sentence(t.Objective)), nil, func(r *lab.Row) []lab.RatePoint { return r.Rates })
	table.Notes = []string{"Run 1 is that of tuning, the others those of selection. ∞: it diverged."}
	if keys := t.keys(); len(keys) > 0 {
		table.Notes = append(table.Notes, "Where more than the rate was tuned, all else is as it was chosen, and run 1 was made for this table.")
	}
	return table
}

// places lists what was tried where more than the rate was tuned.
func (t *task) places() *Table {
	table := t.trials("places", fmt.Sprintf("%s by what was tuned, in tuning and selection", sentence(t.Objective)), t.keys(), func(r *lab.Row) []lab.RatePoint { return r.Places })
	table.Notes = []string{"Run 1 is that of tuning, the others those of selection. ∞: it diverged. A place without values is the contender as it was."}
	return table
}

// trials lists what trials came to.
func (t *task) trials(name, caption string, keys []string, points func(*lab.Row) []lab.RatePoint) *Table {
	table := &Table{Caption: caption, File: t.file + "-" + name, Columns: []Column{{"contender", false}, {"learning rate", true}}}
	table.Columns = append(table.Columns, columnsOf(keys)...)
	table.Columns = append(table.Columns, Column{"run", true}, Column{t.Objective, true}, Column{"chosen", false})
	for i := range t.Rows {
		r := &t.Rows[i]
		for _, p := range points(r) {
			for k, loss := range p.Losses {
				chosen := Cell{}
				if p.Rate == r.Rate && (len(keys) == 0 || maps.Equal(p.Values, r.Values)) {
					chosen = Text("chosen")
				}
				cells := append([]Cell{Text(r.Name), Number(p.Rate)}, valuesOf(p.Values, keys)...)
				table.Rows = append(table.Rows, Row{Cells: append(cells, Count(int64(k+1)), value(loss), chosen)})
			}
		}
	}
	return table
}

// keys are those of what was tuned beside the rate, in order.
func (t *task) keys() []string {
	all := map[string]bool{}
	for _, r := range t.Rows {
		for _, p := range r.Places {
			for key := range p.Values {
				all[key] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// columnsOf are the columns of what was tuned.
func columnsOf(keys []string) []Column {
	columns := make([]Column, len(keys))
	for i, key := range keys {
		columns[i] = Column{strings.TrimPrefix(key, "optimizer."), true}
	}
	return columns
}

// valuesOf are the cells of what was tuned; nothing where it is not.
func valuesOf(c lab.Configuration, keys []string) []Cell {
	cells := make([]Cell, len(keys))
	for i, key := range keys {
		text, ok := c[key]
		switch v, err := strconv.ParseFloat(text, 64); {
		case !ok:
		case err == nil:
			cells[i] = Number(v)
		default:
			cells[i] = Text(text)
		}
	}
	return cells
}

// value is a number of the lab, NaN as diverged.
func value[F ~float64](v F) Cell {
	if v != v {
		return Number(math.Inf(1))
	}
	return Number(float64(v))
}

func seconds[F ~float64](v F) Cell { return Shown(float64(v), duration(float64(v))) }

// times is a difference to the best.
func times[F ~float64](d *lab.Difference, v F) Cell {
	text := short(float64(v))
	switch {
	case !finite(v):
	case d.Ratio:
		text = "×" + text
	case v > 0:
		text = "+" + text
	}
	return Shown(float64(v), text)
}

func accuracy(s *lab.Summary) Cell {
	if s == nil {
		return Cell{}
	}
	return Percent(float64(s.Median))
}

// sentence begins with a capital letter.
func sentence(s string) string {
	if s != "" && s[0] >= 'a' && s[0] <= 'z' {
		return string(s[0]-'a'+'A') + s[1:]
	}
	return s
}
