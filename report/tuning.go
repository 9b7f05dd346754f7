package report

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/descent-go/descent/lab"
)

// Tuning makes the document of a search for settings: what the chosen ones come to
// on fresh seeds beside those of the task, the finalists, the figures of the search,
// every try, and how it was searched.
func Tuning(r *lab.Tuning, again Repeat) (*Document, error) {
	if len(r.Tries) == 0 || r.Space == nil {
		return nil, fmt.Errorf("report: a search of %d tries, want at least one, and its space", len(r.Tries))
	}
	t := tuning{Tuning: r, again: again, best: map[int]bool{}}
	for _, f := range r.Finalists {
		t.best[f.Number] = true
	}
	return &Document{
		Title:    fmt.Sprintf("Settings for %s, of %d tries", r.Task, len(r.Tries)),
		Lead:     r.Summary,
		Sections: []Section{t.outcome(), t.search(), t.how()},
	}, nil
}

// A tuning is a search on its way into a document.
type tuning struct {
	*lab.Tuning
	again Repeat
	best  map[int]bool // the numbers of the finalists
}

// outcome is what came of it, on seeds that the search has not seen.
func (t *tuning) outcome() Section {
	v := Verdict{Kind: Open, Title: "No clear difference to the settings as they were", Text: t.Summary}
	switch {
	case t.Best == 0:
		v.Kind, v.Title = Warning, "Every try diverged"
	case !finite(t.Tuned.Final.Median):
		v.Kind, v.Title = Warning, "The best try diverges on fresh seeds"
	case t.Clear && t.Improved:
		v.Kind, v.Title = Clear, fmt.Sprintf("Try %d is better than the settings as they were", t.Best)
	case t.Clear:
		v.Kind, v.Title = Warning, "The settings as they were are better"
	}
	s := Section{Title: "Result", Blocks: []Block{v}}
	if len(t.Edges) > 0 {
		s.Blocks = append(s.Blocks, Verdict{Kind: Warning, Title: "At the edge of the space", Text: t.edges()})
	}
	if t.Best > 0 {
		s.Blocks = append(s.Blocks, t.chosen(), t.fresh(), t.finalists(),
			Folded{"The chosen experiment, for descent train", []Block{Command{Text: t.BestExperiment}}})
	}
	return s
}

func (t *tuning) edges() string {
	var all []string
	for _, e := range t.Edges {
		side := "lower"
		if e.High {
			side = "upper"
		}
		all = append(all, fmt.Sprintf("%s = %s lies at the %s edge, %s", e.Key, e.Value, side, short(e.Limit)))
	}
	return list(all, len(all)) + ": better ones may lie beyond."
}

// chosen are the settings of the best try.
func (t *tuning) chosen() Facts {
	var facts Facts
	c := t.Tries[t.Best-1].Configuration
	for _, key := range slices.Sorted(maps.Keys(c)) {
		facts = append(facts, Fact{key, c[key]})
	}
	return facts
}

// fresh is the table that the verdict is about.
func (t *tuning) fresh() *Table {
	table := &Table{
		Caption: sentence(t.Measure) + " on fresh seeds", File: "result",
		Columns: []Column{
			{"settings", false}, {"median", true}, {"lower quartile", true}, {"upper quartile", true}, {"seeds diverged", true},
		},
	}
	other := t.Objective != t.Measure
	if other {
		table.Columns = append(table.Columns, Column{t.Objective, true})
	}
	row := func(name string, f *lab.Final, strong bool) Row {
		cells := []Cell{Text(name), value(f.Final.Median), value(f.Final.Low), value(f.Final.High), Count(int64(f.Diverged))}
		if other {
			cells = append(cells, value(f.Objective.Median))
		}
		if t.Tuned.Accuracy != nil || t.Untuned.Accuracy != nil {
			cells = append(cells, accuracy(f.Accuracy))
		}
		return Row{Cells: cells, Strong: strong}
	}
	if t.Tuned.Accuracy != nil || t.Untuned.Accuracy != nil {
		table.Columns = append(table.Columns, Column{"accuracy", true})
	}
	table.Rows = []Row{
		row(fmt.Sprintf("try %d", t.Best), &t.Tuned, t.Clear && t.Improved),
		row("as they were", &t.Untuned, t.Clear && !t.Improved),
	}
	if d := t.Difference; d != nil {
		worse, how := "settings as they were", "higher by %s (%s to %s)"
		if !t.Improved {
			worse = "chosen settings"
		}
		if d.Ratio {
			how = "%s times as high (%s to %s)"
		}
		table.Notes = append(table.Notes, fmt.Sprintf("Seed by seed the "+worse+" end "+how+".", short(float64(d.Median)), short(float64(d.Low)), short(float64(d.High))))
	}
	table.Notes = append(table.Notes, fmt.Sprintf("The score of the search, %s for try %d, is the luckiest of many and no result.", short(t.Tries[t.Best-1].Loss()), t.Best))
	return table
}

// finalists ran again on seeds of their own.
func (t *tuning) finalists() *Table {
	table := &Table{
		Caption: "The best tries of the search, run again on other seeds", File: "finalists",
		Columns: []Column{{"try", true}, {"score of the search", true}, {"median", true}, {"lower quartile", true}, {"upper quartile", true}, {"seeds diverged", true}, {"settings", false}},
	}
	for _, f := range t.Finalists {
		try := t.Tries[f.Number-1]
		table.Rows = append(table.Rows, Row{Strong: f.Number == t.Best, Cells: []Cell{
			Count(int64(f.Number)), Number(try.Loss()), value(f.Objective.Median), value(f.Objective.Low), value(f.Objective.High),
			Count(int64(f.Diverged)), Text(configuration(try.Configuration)),
		}})
	}
	return table
}

// configuration writes a place of a space in a line.
func configuration(c lab.Configuration) string {
	var text []string
	for _, key := range slices.Sorted(maps.Keys(c)) {
		text = append(text, key+"="+c[key])
	}
	return strings.Join(text, " ")
}

// tries has all of them, with what they came to.
func (t *tuning) tries() *Table {
	table := &Table{Caption: "Every try", File: "tries", Columns: []Column{{"try", true}}}
	for _, d := range t.Space.Params {
		table.Columns = append(table.Columns, Column{d.Key, len(d.Choices) == 0})
	}
	table.Columns = append(table.Columns, Column{"share of the budget", true}, Column{t.Objective, true}, Column{"seeds diverged", true})
	for _, try := range t.Tries {
		cells := []Cell{Count(int64(try.Number))}
		for _, d := range t.Space.Params {
			text, there := try.Configuration[d.Key]
			v, err := strconv.ParseFloat(text, 64)
			switch {
			case !there:
				cells = append(cells, Cell{})
			case len(d.Choices) > 0 || err != nil:
				cells = append(cells, Text(text))
			default:
				cells = append(cells, Number(v))
			}
		}
		share := math.NaN()
		if n := len(try.Rungs); n > 0 {
			share = try.Rungs[n-1].Share
		}
		cells = append(cells, Percent(share), Number(try.Loss()), Count(int64(try.Diverged)))
		table.Rows = append(table.Rows, Row{Cells: cells, Strong: t.best[try.Number]})
	}
	return table
}

// how says how it was searched, and how to do it again.
func (t *tuning) how() Section {
	var looks []string
	for _, s := range t.Shares[:max(len(t.Shares)-1, 0)] {
		looks = append(looks, Percent(s).Text())
	}
	looks = append(looks, budgetShare(1)) // the last one
	s := Section{Title: "How it was searched", Blocks: []Block{
		List(t.Protocol),
		Facts{
			{"sampler", t.Sampler},
			{"pruner", t.Pruner},
			{"looks after", strings.Join(looks, ", ")},
			{"budget of a training", grouped(t.Budget) + " gradient evaluations"},
			{"the search has taken", short(t.Spent) + " whole trainings on each seed"},
			{"seeds of the search", seeds(t.SearchSeeds)},
			{"seeds of the finalists", seeds(t.FinalistSeeds)},
			{"fresh seeds", seeds(t.FreshSeeds)},
			{"confidence", fmt.Sprintf("%g %%", math.Round(1e4*t.Confidence)/100)},
			{"time of all trainings", duration(t.Seconds)},
		},
	}}
	if t.again.Command != "" {
		s.Blocks = append(s.Blocks, Command{Text: t.again.Command, For: "This does all of it again, with the same numbers but for times:"})
	}
	s.Blocks = append(s.Blocks, Folded{"The experiment of " + t.Task, []Block{Command{Text: t.Experiment}}})
	return s
}

// search shows where it has looked and what it has found.
func (t *tuning) search() Section {
	s := Section{Title: "Search"}
	for _, f := range t.figures() {
		s.Blocks = append(s.Blocks, f)
	}
	if t.Importance != nil {
		s.Blocks = append(s.Blocks, t.importance())
	}
	s.Blocks = append(s.Blocks, Folded{"Every try", []Block{t.tries()}})
	return s
}

// importance says how much each dimension matters.
func (t *tuning) importance() *Table {
	m := t.Importance
	table := &Table{
		Caption: "How much each dimension matters", File: "importance",
		Columns: []Column{{"dimension", false}, {"share of the variance", true}, {"spread", true}},
	}
	of := "the loss"
	if m.Log {
		of = "the logarithm of the loss"
	}
	for _, i := range slices.SortedStableFunc(slices.Values(m.Shares), func(a, b lab.Share) int { return cmp.Compare(b.Share, a.Share) }) {
		table.Rows = append(table.Rows, Row{Cells: []Cell{Text(i.Key), Percent(i.Share), Percent(i.Spread)}})
	}
	table.Rows = append(table.Rows, Row{Cells: []Cell{Text("several together"), Percent(m.Interactions), {}}})
	table.Notes = []string{fmt.Sprintf("Functional analysis of variance of %s in a random forest, over the tries that came to %s; the spread is that of its trees. The forest explains %s of what it has not seen: the less, the less these shares say.",
		of, budgetShare(t.ImportanceAt), Percent(max(m.Fit, 0)).Text())}
	return table
}
