package cli

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/descent-go/descent/lab"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/train"
)

// A runReport tells how one contender fared, or a list of several.
type runReport struct {
	Function   string            `json:"function"`
	Expression string            `json:"expression,omitempty"`
	Variables  int               `json:"variables"`
	Start      []number          `json:"start,omitempty"`
	Schedule   string            `json:"schedule,omitempty"`
	Noise      number            `json:"noise"`
	Seed       uint64            `json:"seed"`
	*runResult                   // of a single contender
	Runs       []*runResult      `json:"runs,omitempty"`
	Files      []string          `json:"files"`
	function   *problem.Function // nil for n variables
	results    []*runResult
}

type runResult struct {
	Optimizer   string             `json:"optimizer"`
	LR          number             `json:"lr"`
	Own         string             `json:"own_schedule,omitempty"` // of its rate, in place of that of all
	FinalLoss   number             `json:"final_loss"`
	Steps       int64              `json:"steps"`
	Seconds     number             `json:"seconds"`
	Verdict     string             `json:"verdict"`
	Why         string             `json:"why"`
	Summary     string             `json:"summary"`
	Reason      train.Reason       `json:"reason"`
	End         []number           `json:"end"`
	GradNorm    number             `json:"gradient_norm"`
	Eigenvalues []number           `json:"eigenvalues,omitempty"`
	Condition   number             `json:"condition"`
	Distance    *number            `json:"distance_to_minimum,omitempty"`
	Oscillating *train.Oscillating `json:"oscillating,omitempty"`
	Diverged    *train.Diverged    `json:"diverged,omitempty"`
	Milestones  []milestone        `json:"milestones"`
	nearest     *problem.Minimum
}

// A milestone is a point of the table of the path.
type milestone struct {
	Step     int64    `json:"step"`
	Point    []number `json:"point,omitempty"`
	Value    number   `json:"f"`
	GradNorm number   `json:"gradient_norm"`
}

func newRunReport(e *expedition, tracks []*lab.Track) (*runReport, error) {
	r := &runReport{
		Function: e.DescentOptions.Function, Variables: e.Problem.Dim(), Schedule: e.Schedule, Noise: number(e.Noise), Seed: e.Seed,
		Files: []string{}, function: e.Plane,
	}
	if e.Plane != nil {
		r.Expression = e.Plane.String()
	}
	if len(e.From) <= mostPrinted {
		r.Start = numbersOf(e.From)
	}
	for _, t := range tracks {
		one, err := judge(e, t)
		if err != nil {
			return nil, err
		}
		r.results = append(r.results, one)
	}
	if r.Runs = r.results; len(e.contenders) == 1 {
		r.runResult, r.Runs = r.results[0], nil
	}
	return r, nil
}

// judge says what the point is at which a track ended.
func judge(e *expedition, t *lab.Track) (*runResult, error) {
	res := t.Result
	l, err := e.Judge(res)
	if err != nil {
		return nil, err
	}
	r := &runResult{
		Optimizer: t.Spec, LR: number(t.Rate), Own: t.Pace.Schedule,
		FinalLoss: number(res.FinalLoss), Steps: res.Steps, Seconds: number(res.Seconds),
		Verdict: l.Verdict, Why: l.Why, Summary: res.Verdict, Reason: res.Reason,
		GradNorm: number(math.NaN()), Condition: number(math.NaN()),
		Oscillating: res.Oscillating, Diverged: res.Diverged, nearest: l.Nearest,
	}
	if l.Known {
		r.GradNorm, r.Condition = number(l.Point.GradNorm), number(l.Point.Condition)
		if len(res.Point) <= mostPrinted {
			r.End, r.Eigenvalues = numbersOf(res.Point), numbersOf(l.Point.Eigenvalues)
		}
		if l.Nearest != nil {
			d := number(l.Distance)
			r.Distance = &d
		}
	}
	for _, m := range t.Milestones {
		shown := milestone{Step: m.Step, Value: number(m.Value), GradNorm: number(m.GradNorm)}
		if len(m.Point) <= mostPrinted {
			shown.Point = numbersOf(m.Point)
		}
		r.Milestones = append(r.Milestones, shown)
	}
	return r, nil
}

func (r *runReport) text(p *page) {
	if !p.quiet {
		r.header(p)
	}
	if len(r.results) == 1 && len(r.Runs) == 0 {
		r.results[0].text(p, r.function != nil)
		return
	}
	r.compare(p)
}

func (r *runReport) header(p *page) {
	if f := r.function; f != nil {
		p.heading("%s", title(f))
		text := f.String()
		for i, param := range f.Params {
			sep := ", "
			if i == 0 {
				sep = ",  "
			}
			text += sep + param.Name + " = " + short(param.Value)
		}
		p.wrap("f(x, y) = ", text)
	} else {
		p.heading("%s, %d variables", r.Function, r.Variables)
	}
	var conditions []string
	if n := len(r.Start); n > 0 && n <= 4 {
		conditions = append(conditions, "start "+pointText(r.Start))
	}
	if r.runResult != nil && r.Own != "" {
		conditions = append(conditions, "schedule "+r.Own)
	} else if r.Schedule != "" {
		conditions = append(conditions, "schedule "+r.Schedule)
	}
	if r.Noise > 0 {
		conditions = append(conditions, fmt.Sprintf("gradient noise %s, seed %d", short(float64(r.Noise)), r.Seed))
	}
	if len(conditions) > 0 {
		p.wrap("", strings.Join(conditions, "; "))
	}
	p.blank()
}

func pointText(point []number) string {
	parts := make([]string, len(point))
	for i, v := range point {
		parts[i] = short(float64(v))
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// text tells of one contender: the milestones of its path and its end.
func (r *runResult) text(p *page, plane bool) {
	if !p.quiet {
		p.heading("%s, lr %s", r.Optimizer, short(float64(r.LR)))
		columns := []column{numbers("step")}
		if plane {
			columns = append(columns, numbers("x"), numbers("y"))
		}
		columns = append(columns, numbers("f"), numbers("|g|"))
		var rows [][]string
		for _, m := range r.Milestones {
			row := []string{strconv.FormatInt(m.Step, 10)}
			if plane {
				row = append(row, short(float64(m.Point[0])), short(float64(m.Point[1])))
			}
			rows = append(rows, append(row, short(float64(m.Value)), short(float64(m.GradNorm))))
		}
		p.table(columns, rows)
		p.blank()
	}
	p.heading("%s", capital(r.Verdict))
	if n := len(r.End); n > 0 && n <= 4 {
		p.line("  at    %s after %s, %s", pointText(r.End), plural(r.Steps, "step"), secondsText(time.Duration(float64(r.Seconds)*1e9)))
	}
	p.line("  f     %s", short(float64(r.FinalLoss)))
	if r.Diverged == nil {
		p.line("  |g|   %s", short(float64(r.GradNorm)))
	}
	if n := len(r.Eigenvalues); n > 0 && n <= 4 && r.Diverged == nil {
		p.line("  curvature %s, condition %s", pointText(r.Eigenvalues), short(float64(r.Condition)))
	}
	p.wrap("  why   ", r.Why)
	if m := r.nearest; m != nil && r.Diverged == nil {
		kind := "local"
		if m.Global {
			kind = "global"
		}
		p.line("  the nearest known minimum, a %s one, is (%s, %s); distance %s", kind, short(m.X), short(m.Y), short(float64(*r.Distance)))
	}
	if o := r.Oscillating; o != nil && !o.Ceased {
		p.wrap("  note  ", o.String())
	}
}

// compare tells of several contenders, one in a line.
func (r *runReport) compare(p *page) {
	columns := []column{words("optimizer"), numbers("lr")}
	own := slices.ContainsFunc(r.results, func(one *runResult) bool { return one.Own != "" })
	if own {
		columns = append(columns, words("schedule"))
	}
	var at []int64
	if !p.quiet {
		for step := int64(10); ; step *= 10 {
			reached := false
			for _, one := range r.results {
				reached = reached || one.Steps > step
			}
			if !reached {
				break
			}
			at = append(at, step)
			columns = append(columns, numbers(fmt.Sprintf("f at %d", step)))
		}
	}
	columns = append(columns, numbers("steps"), numbers("final f"), numbers("|g|"), words("verdict"))
	var rows [][]string
	for _, one := range r.results {
		row := []string{one.Optimizer, short(float64(one.LR))}
		if own {
			row = append(row, cmp.Or(one.Own, r.Schedule, "constant"))
		}
		for _, step := range at {
			cell := "-"
			for _, m := range one.Milestones {
				if m.Step == step {
					cell = brief(float64(m.Value))
				}
			}
			row = append(row, cell)
		}
		rows = append(rows, append(row, strconv.FormatInt(one.Steps, 10), brief(float64(one.FinalLoss)), brief(float64(one.GradNorm)), one.Verdict))
	}
	p.table(columns, rows)
	for _, one := range r.results {
		if one.Diverged != nil && !p.quiet {
			p.blank()
			p.wrap(one.Optimizer+": ", one.Why)
		}
	}
}
