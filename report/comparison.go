package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/lab"
)

// Repeat says how a reader can do it all again.
type Repeat struct {
	// Command is the command line that did it; may be empty.
	Command string
	// Redraw returns the command that draws a figure again, named by its file
	// without extension. Nil: Command does.
	Redraw func(file string) string
}

func (r Repeat) redraw(file string) string {
	if r.Redraw == nil {
		return r.Command
	}
	return r.Redraw(file)
}

// Comparison makes the document of a comparison: the verdicts, then for each task
// what came of the contenders, what they cost, how they got there, how much their
// learning rates matter and what tuning them takes; at last the protocol.
//
// Its figures are named by task: rosenbrock-convergence, rosenbrock-sensitivity,
// rosenbrock-tuning; rosenbrock-paths, with an animation, of a function of two
// variables; rosenbrock-schedule, where a rate follows one; and profiles, where there
// are performance profiles.
func Comparison(c *lab.Comparison, again Repeat) (*Document, error) {
	if len(c.Tasks) == 0 || len(c.Protocol.Contenders) == 0 {
		return nil, fmt.Errorf("report: a comparison of %d contenders on %d tasks, want at least one of each", len(c.Protocol.Contenders), len(c.Tasks))
	}
	d := &Document{
		Title: fmt.Sprintf("%s on %s", list(c.Protocol.Contenders, 4), list(taskNames(c), 4)),
		Lead:  c.Summary,
	}
	files := &writer{map[string]bool{}}
	d.Sections = append(d.Sections, verdicts(c, again, files))
	for i := range c.Tasks {
		t := task{TaskComparison: &c.Tasks[i], contenders: c.Protocol.Contenders, again: again, file: files.place(c.Tasks[i].Name)}
		d.Sections = append(d.Sections, t.section())
	}
	d.Sections = append(d.Sections, protocol(c, again))
	return d, nil
}

func taskNames(c *lab.Comparison) []string {
	names := make([]string, len(c.Tasks))
	for i, t := range c.Tasks {
		names[i] = t.Name
	}
	return names
}

// list joins names for people; of more than most it counts the rest.
func list(names []string, most int) string {
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most-1], ", "), len(names)-most+1)
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// verdicts are what the reader came for: one for each task, and how the
// contenders did over all of them.
func verdicts(c *lab.Comparison, again Repeat, files *writer) Section {
	s := Section{Title: "Verdict"}
	for _, t := range c.Tasks {
		v := Verdict{Kind: Open, Title: t.Name + ": no clear difference", Text: t.Verdict.Text}
		if len(t.Rows) == 1 {
			v.Title = t.Name + ": one contender"
		}
		if t.Verdict.Winner != "" {
			v.Kind, v.Title = Clear, t.Name+": "+t.Verdict.Winner+" is the best"
		} else if len(t.Rows) > 0 && !finite(t.Rows[0].Final.Median) {
			v.Kind, v.Title = Warning, t.Name+": everything diverged"
		}
		s.Blocks = append(s.Blocks, v)
	}
	if len(c.Tasks) > 1 {
		s.Blocks = append(s.Blocks, overview(c, files.place("overview")))
	}
	if len(c.Profiles) > 0 {
		s.Blocks = append(s.Blocks, profiles(c, again, files.place("profiles")))
	}
	return s
}

// overview has the medians of all contenders on all tasks.
func overview(c *lab.Comparison, file string) *Table {
	t := &Table{Caption: "What every contender ends with: the median of its fresh seeds", File: file, Columns: []Column{{Name: "contender"}}}
	for _, task := range c.Tasks {
		t.Columns = append(t.Columns, Column{Name: task.Name + ": " + task.Measure, Numeric: true})
	}
	for _, name := range c.Protocol.Contenders {
		row := Row{Cells: []Cell{Text(name)}}
		for _, task := range c.Tasks {
			cell := Cell{}
			for _, r := range task.Rows {
				if r.Name == name {
					cell = Number(float64(r.Final.Median))
				}
			}
			row.Cells = append(row.Cells, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func profiles(c *lab.Comparison, again Repeat, file string) *Figure {
	p := figure.Profile{XLabel: "steps to the target, as a multiple of the best contender's", YLabel: "share of tasks"}
	var alt []string
	for _, q := range c.Profiles {
		ratios, first, solved := make([]float64, len(q.Ratios)), 0, 0
		for i, v := range q.Ratios {
			if ratios[i] = float64(v); ratios[i] == 1 {
				first++
			}
			if finite(v) {
				solved++
			}
		}
		p.Rules = append(p.Rules, figure.ProfileCurve{Name: q.Name, Ratios: ratios})
		alt = append(alt, fmt.Sprintf("%s is the quickest on %d and reaches the target on %d of %d tasks", q.Name, first, solved, len(ratios)))
	}
	return &Figure{
		Caption: "Performance profiles: the share of tasks on which a contender reaches the target in at most so many times the steps of the best one there. Higher and further to the left is better.",
		Alt:     "Performance profiles. " + strings.Join(alt, "; ") + ".",
		File:    file, Command: again.redraw(file), Chart: profileChart(p),
		Draw: func(st figure.Style) (*figure.Figure, error) {
			p := p
			p.Style = st
			return p.Figure()
		},
	}
}

// protocol says how it was compared, and how to do it again.
func protocol(c *lab.Comparison, again Repeat) Section {
	p := c.Protocol
	schedule := p.Schedule
	if schedule == "" {
		schedule = "that of the tasks"
	}
	s := Section{Title: "How it was compared", Blocks: []Block{
		List(p.Text),
		Facts{
			{"contenders", strings.Join(p.Contenders, ", ")},
			{"schedule", schedule},
			{"tuning", fmt.Sprintf("%d trials each, seed %d", p.Trials, p.TuningSeed)},
			{"tuned beside the rate", besides(p.Space)},
			{"selection", fmt.Sprintf("best %d rates, seeds %s", p.Finalists, seeds(p.FinalistSeeds))},
			{"result", "seeds " + seeds(p.FreshSeeds)},
			{"confidence", fmt.Sprintf("%g %% for all intervals of a task together", math.Round(1e4*p.Confidence)/100)},
			{"trials in all", grouped(int64(c.Trials))},
			{"time of all trials", duration(c.Seconds)},
		},
	}}
	if again.Command != "" {
		s.Blocks = append(s.Blocks, Command{Text: again.Command, For: "This does all of it again, with the same numbers but for times:"})
	}
	for _, t := range c.Tasks {
		if t.Experiment != "" {
			s.Blocks = append(s.Blocks, Folded{"The experiment of " + t.Name, []Block{Command{Text: t.Experiment}}})
		}
	}
	return s
}

// besides names what was tuned beside the rate.
func besides(space []string) string {
	if len(space) == 0 {
		return "nothing"
	}
	return strings.Join(space, ", ")
}

// seeds writes a list of seeds, consecutive ones as a range.
func seeds(all []uint64) string {
	n := len(all)
	if n > 2 && all[n-1] == all[0]+uint64(n-1) {
		return fmt.Sprintf("%d to %d", all[0], all[n-1])
	}
	text := make([]string, n)
	for i, s := range all {
		text[i] = fmt.Sprint(s)
	}
	if n == 0 {
		return "none"
	}
	return strings.Join(text, ", ")
}

// duration writes seconds for people.
func duration(s float64) string {
	switch {
	case !(s < math.MaxInt32):
		return "∞"
	case s >= 5400:
		return fmt.Sprintf("%.1f h", s/3600)
	case s >= 90:
		return fmt.Sprintf("%.1f min", s/60)
	case s >= 0.9995:
		return fmt.Sprintf("%.3g s", s)
	case s >= 0.9995e-3:
		return fmt.Sprintf("%.3g ms", 1e3*s)
	case s == 0:
		return "0 s"
	}
	return fmt.Sprintf("%.3g µs", 1e6*s)
}

// size writes a number of bytes for people.
func size(n int64) string {
	switch v := float64(n); {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", v/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", v/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f KiB", v/(1<<10))
	}
	return fmt.Sprintf("%d B", n)
}

func finite[F ~float64](v F) bool { return v-v == 0 }
