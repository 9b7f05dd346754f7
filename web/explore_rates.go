package web

import (
	"fmt"
	"math"
	"net/http"
	"runtime"
	"slices"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/internal/shell"
	"github.com/descent-go/descent/lab"
	"github.com/descent-go/descent/train"
)

// mostTuned bounds the gradients that a search for good rates takes.
const mostTuned = 40_000_000

// A RatesQuery asks for a learning rate for each rule.
type RatesQuery struct {
	Conditions
	Optimizers []Explorer `json:"optimizers"` // their rates play no part
}

// Rates answers a RatesQuery: the outcome of a comparison of the lab.
type Rates struct {
	// Rates has one entry for each rule of the query, in its order.
	Rates   []RateMeta `json:"rates"`
	Verdict string     `json:"verdict"`
	// How says what was done, Protocol all of it.
	How      string   `json:"how"`
	Protocol []string `json:"protocol"`
	Trials   int      `json:"trials"`
	Seconds  float64  `json:"seconds"`
	// Command does the same on the command line.
	Command string `json:"command"`
}

// RateMeta is the rate that was chosen for a rule.
type RateMeta struct {
	Spec     string       `json:"spec"`
	LR       float64      `json:"lr"`
	Usual    float64      `json:"usual"` // around which tuning began
	Edge     bool         `json:"edge"`  // the lowest or highest that was tried: the best may lie beyond
	Final    train.Real   `json:"final"` // median of fresh seeds
	Untuned  train.Real   `json:"untuned"`
	Diverged int          `json:"diverged"` // of the fresh seeds
	Tried    []TriedPoint `json:"tried"`    // in ascending order of the rates
}

// TriedPoint is a rate that was tried, with the loss that it came to.
type TriedPoint struct {
	LR   float64    `json:"lr"`
	Loss train.Real `json:"loss"`
}

func (s *Server) exploreRates(w http.ResponseWriter, r *http.Request) error {
	q, err := readJSON[RatesQuery](r)
	if err != nil {
		return err
	}
	d, err := q.descent()
	if err != nil {
		return err
	}
	rules, err := paces(d, q.Optimizers)
	if err != nil {
		return err
	}
	if len(rules) == 0 {
		return refuse(http.StatusUnprocessableEntity, "optimizers", "no rule, want one to find a rate for")
	}
	o := lab.DefaultCompare()
	o.Schedule, o.Steps, o.Seed, o.Parallel = q.Schedule, q.Steps, q.Seed, runtime.GOMAXPROCS(0)
	args := append([]string{s.Program, "compare"}, q.arguments("--problem")...)
	for _, p := range rules {
		spec := experiment.WithSchedule(p.Spec, p.Schedule)
		if slices.ContainsFunc(o.Contenders, func(c lab.Contender) bool { return c.Name == spec }) {
			continue
		}
		c, err := lab.ParseContender(spec)
		if err != nil {
			return err
		}
		o.Contenders = append(o.Contenders, c)
		args = append(args, "--optimizer", spec)
	}
	each := o.Trainings()
	if gradients := int64(each) * int64(len(o.Contenders)) * q.Steps; gradients > mostTuned {
		return refuse(http.StatusUnprocessableEntity, "steps", "%d trials of %d rules with %d steps take %d gradients, and the page takes at most %d: fewer steps or rules, or the command %s",
			each, len(o.Contenders), q.Steps, gradients, mostTuned, shell.Line(args...))
	}
	e := experiment.Default()
	e.Function, e.Start, e.Noise, e.Steps = q.Function, experiment.PointText(q.Start), q.Noise, q.Steps
	task, err := lab.NewTask(r.Context(), e, experiment.Inputs{})
	if err != nil {
		return err
	}
	o.Tasks = []*lab.Task{task}
	c, err := lab.Compare(r.Context(), o)
	if err != nil {
		return err
	}
	out := ratesMeta(c, rules)
	out.Command = shell.Line(args...)
	out.How = fmt.Sprintf("Each rule got the same: %d learning rates of %d steps each from one start, the best %d again from %d others, "+
		"and the one with the lowest median was chosen. It then ran on %d fresh starts, which its result is of.",
		o.Trials, q.Steps, o.Finalists, o.FinalistSeeds, o.Seeds)
	if q.Noise > 0 {
		out.How = fmt.Sprintf("Each rule got the same: %d learning rates of %d steps each with one seed of the noise, the best %d again with %d others, "+
			"and the one with the lowest median was chosen. It then ran with %d fresh seeds, which its result is of.",
			o.Trials, q.Steps, o.Finalists, o.FinalistSeeds, o.Seeds)
	}
	return writeJSON(w, out)
}

func ratesMeta(c *lab.Comparison, rules []lab.Pace) *Rates {
	t := c.Tasks[0]
	out := &Rates{Verdict: t.Verdict.Text, Protocol: c.Protocol.Text, Trials: c.Trials, Seconds: c.Seconds}
	for _, p := range rules {
		i := slices.IndexFunc(t.Rows, func(r lab.Row) bool { return r.Name == experiment.WithSchedule(p.Spec, p.Schedule) })
		row := &t.Rows[i] // every contender has one
		m := RateMeta{
			Spec: row.Name, LR: row.Rate, Usual: row.Usual, Edge: row.Edge, Final: row.Final.Median, Untuned: row.Untuned.Final.Median,
			Tried: []TriedPoint{},
		}
		for _, run := range row.Runs {
			if run.Diverged != nil {
				m.Diverged++
			}
		}
		for _, rate := range row.Rates {
			loss := train.Real(math.NaN())
			if len(rate.Losses) > 0 {
				loss = rate.Losses[0]
			}
			m.Tried = append(m.Tried, TriedPoint{rate.Rate, loss})
		}
		out.Rates = append(out.Rates, m)
	}
	return out
}
