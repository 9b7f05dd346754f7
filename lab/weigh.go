package lab

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/descent-go/descent/lab/internal/stats"
	"github.com/descent-go/descent/train"
)

// within is how near to the best objective a rate is tolerated.
const within = 0.05

// profiled is the number of tasks from which on there are performance profiles.
const profiled = 4

// weigh says what came of the race.
func (r *race) weigh() (TaskComparison, error) {
	c := TaskComparison{Name: r.task.name, Budget: r.budget, Experiment: string(r.task.prepared.First().Experiment.YAML())}
	c.Objective, c.Measure = r.task.objective(), r.task.measure()
	for _, l := range r.lanes {
		row := l.row()
		row.Schedule = cmp.Or(l.fresh[0].Settings["schedule"], r.task.prepared.First().Experiment.Schedule)
		row.Updates = r.task.updates(l.fresh[0].Settings, r.budget)
		c.Rows = append(c.Rows, row)
	}
	if f := r.task.onPlane(); f != nil {
		c.Function, c.Paths = r.task.prepared.First().Model, r.paths
	}
	c.Accuracy = c.Rows[0].Accuracy != nil
	slices.SortStableFunc(c.Rows, byFinal)
	c.aim(r.o.Target)
	return c, c.judge(r.o.Confidence, r.o.Seed)
}

// byFinal sorts by the median, then by the upper quartile, as stats.Judge does.
func byFinal(a, b Row) int {
	return cmp.Or(cmp.Compare(a.Final.Median, b.Final.Median), cmp.Compare(a.Final.High, b.Final.High))
}

// objective names what the outcomes of a task are about.
func (t *Task) objective() string {
	s := t.prepared.First()
	switch {
	case s.Options.Validation != nil:
		return "validation loss"
	case s.Function != nil:
		return "value"
	}
	return "training loss"
}

// measure names what results on it are about.
func (t *Task) measure() string {
	if t.prepared.First().Options.Test != nil {
		return "test loss"
	}
	return t.objective()
}

// row says what came of a contender.
func (l *lane) row() Row {
	tried := l.search.all()
	row := Row{
		Name: l.Name, Optimizer: l.Optimizer, Rate: l.chosen.rate, Values: l.chosen.values, Usual: l.Usual, Edge: edge(tried, l.chosen.rate),
		Final: summarize(measures(l.fresh)), Objective: summarize(objectives(l.fresh)), Accuracy: accuracies(l.fresh),
		Runs: l.fresh,
		Untuned: Untuned{
			Rate: l.Usual, Final: summarize(measures(l.untuned)), Objective: summarize(objectives(l.untuned)),
			Accuracy: accuracies(l.untuned), Diverged: countDiverged(l.untuned),
		},
	}
	var seconds []float64
	for i := range l.fresh {
		row.StateBytes = max(row.StateBytes, l.fresh[i].StateBytes)
		seconds = append(seconds, l.fresh[i].Seconds)
	}
	row.Seconds = summarize(seconds)
	if row.Rates = l.points(tried); l.space != nil {
		row.Places, row.Rates = row.Rates, l.points(l.alone(tried))
	}
	var rates, ends []float64
	for _, p := range row.Rates {
		rates, ends = append(rates, p.Rate), append(ends, float64(p.Losses[0]))
	}
	t := stats.RateTolerance(rates, ends, within)
	row.Tolerance, row.ToleranceLow, row.ToleranceHigh = t.Decades, t.Low, t.High
	row.ToleranceOpen = t.LowOpen || t.HighOpen
	var losses []float64
	for _, a := range tried {
		losses = append(losses, a.loss)
	}
	row.Cost = tuningCost(losses)
	l.divergences(&row, "tuning", l.tuning)
	l.divergences(&row, "selection", l.ranking)
	l.divergences(&row, "final", l.fresh)
	if !l.chosen.is(l.usual) {
		l.divergences(&row, "untuned", l.untuned)
	}
	return row
}

// alone returns attempts that differ in the rate alone, around the chosen one.
func (l *lane) alone(tried []attempt) []attempt {
	all := slices.Clone(l.sweep)
	for _, a := range tried {
		if a.is(l.chosen) {
			all = append(all, a)
		}
	}
	slices.SortFunc(all, func(a, b attempt) int { return cmp.Compare(a.rate, b.rate) })
	return slices.CompactFunc(all, func(a, b attempt) bool { return a.rate == b.rate })
}

// points gathers what tuning and selection have found of places.
func (l *lane) points(tried []attempt) []RatePoint {
	var points []RatePoint
	for _, a := range tried {
		p := RatePoint{Rate: a.rate, Values: a.values, Losses: []train.Real{train.Real(a.loss)}}
		if k := slices.IndexFunc(l.ranked, a.is); k >= 0 {
			seeds := len(l.ranking) / len(l.ranked)
			for i := range l.ranking[k*seeds : (k+1)*seeds] {
				p.Losses = append(p.Losses, l.ranking[k*seeds+i].Final)
			}
		}
		points = append(points, p)
	}
	return points
}

func (l *lane) divergences(row *Row, stage string, outcomes []Outcome) {
	for i := range outcomes {
		o := &outcomes[i]
		if o.Diverged == nil {
			continue
		}
		rate, _ := number(o.Settings["lr"]) // a trial has written it
		row.Divergences = append(row.Divergences, Divergence{Stage: stage, Rate: rate, Seed: o.Seed, Diverged: *o.Diverged})
	}
}

// aim sets the target and finds when the runs have reached it.
func (c *TaskComparison) aim(given *float64) {
	c.TargetRule = "given"
	if given != nil {
		c.Target = train.Real(*given)
	} else {
		c.Target, c.TargetRule = c.common()
	}
	for i := range c.Rows {
		row := &c.Rows[i]
		var steps, seconds []float64
		for k := range row.Runs {
			o := &row.Runs[k]
			step := o.reaches(c.Target)
			if !math.IsInf(step, 1) {
				row.Reached++
			}
			steps = append(steps, step)
			seconds = append(seconds, step*o.Seconds/float64(max(o.Steps, 1)))
		}
		row.StepsToTarget, row.SecondsToTarget = summarize(steps), summarize(seconds)
	}
}

// common returns what most contenders come to, and says what that is. Those that
// diverge on more than a quarter of their runs come to nothing: with them, few
// contenders would have no target at all. It is +Inf, with the reason, when all of
// them do.
func (c *TaskComparison) common() (train.Real, string) {
	var ends []train.Real
	for _, row := range c.Rows {
		if !math.IsInf(float64(row.Objective.High), 1) {
			ends = append(ends, row.Objective.High)
		}
	}
	if len(ends) == 0 {
		return train.Real(math.Inf(1)), "every contender diverges on more than a quarter of its runs"
	}
	rule := "what three contenders of four end with in three runs of four"
	if len(ends) < len(c.Rows) {
		rule += ", without those that often diverge"
	}
	slices.Sort(ends)
	return ends[(3*len(ends)+3)/4-1], rule
}

// reaches returns the first step of the curve at which the objective is at most
// the target, +Inf if it never is. That everything diverged is no target.
func (o *Outcome) reaches(target train.Real) float64 {
	if math.IsInf(float64(target), 1) {
		return math.Inf(1)
	}
	for _, p := range o.Curve {
		if p.Loss <= target {
			return float64(p.Step)
		}
	}
	return math.Inf(1)
}

// objectives are the objectives at the end of trials, measures what the verdict is
// about: the test loss where there is one.
func objectives(all []Outcome) []float64 {
	v := make([]float64, len(all))
	for i := range all {
		v[i] = float64(all[i].Final)
	}
	return v
}

func measures(all []Outcome) []float64 {
	v := objectives(all)
	for i := range all {
		if all[i].Test != nil && all[i].Diverged == nil {
			v[i] = float64(*all[i].Test)
		}
	}
	return v
}

// accuracies summarizes the shares of examples classified rightly, of the test set
// if there is one, else of the validation set; nil when there are none.
func accuracies(all []Outcome) *Summary {
	var v []float64
	for i := range all {
		switch o := &all[i]; {
		case o.TestAccuracy != nil:
			v = append(v, float64(*o.TestAccuracy))
		case o.Accuracy != nil:
			v = append(v, float64(*o.Accuracy))
		case o.Diverged != nil:
			v = append(v, 0)
		}
	}
	if len(v) < len(all) || slices.Max(v) == 0 {
		return nil
	}
	s := summarize(v)
	return &s
}

func countDiverged(all []Outcome) int {
	n := 0
	for i := range all {
		if all[i].Diverged != nil {
			n++
		}
	}
	return n
}

// profile adds the performance profiles.
func (c *Comparison) profile() {
	if len(c.Tasks) < profiled {
		return
	}
	costs := make([][]float64, len(c.Protocol.Contenders))
	for i, name := range c.Protocol.Contenders {
		for k := range c.Tasks {
			costs[i] = append(costs[i], float64(c.Tasks[k].row(name).StepsToTarget.Median))
		}
	}
	for i, ratios := range stats.CostRatios(costs) {
		p := Profile{Name: c.Protocol.Contenders[i]}
		for _, r := range ratios {
			p.Ratios = append(p.Ratios, train.Real(r))
		}
		c.Profiles = append(c.Profiles, p)
	}
}

// row returns the row of a contender.
func (c *TaskComparison) row(name string) *Row {
	return &c.Rows[slices.IndexFunc(c.Rows, func(r Row) bool { return r.Name == name })]
}

// summarize says in a sentence how the contenders did.
func (c *Comparison) summarize() {
	wins, open := map[string]int{}, 0
	for _, t := range c.Tasks {
		if t.Verdict.Winner == "" {
			open++
			continue
		}
		wins[t.Verdict.Winner]++
	}
	if len(c.Tasks) == 1 {
		c.Summary = c.Tasks[0].Verdict.Text
		return
	}
	text := ""
	for _, name := range c.Protocol.Contenders {
		if wins[name] > 0 {
			text += fmt.Sprintf("%s is the best on %s; ", name, ofTasks(wins[name], len(c.Tasks)))
		}
	}
	switch {
	case open == len(c.Tasks):
		text = "No task has a clear winner."
	case open > 0:
		text += fmt.Sprintf("no clear difference on %s.", ofTasks(open, len(c.Tasks)))
	default:
		text = text[:len(text)-2] + "."
	}
	c.Summary = text
}

func ofTasks(n, all int) string {
	if n == all {
		return fmt.Sprintf("all %d tasks", all)
	}
	return fmt.Sprintf("%d of %d tasks", n, all)
}
