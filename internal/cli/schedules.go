package cli

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/schedule"
)

func newSchedules(a *app) *cobra.Command {
	var plot bool
	var total int64
	var lr float64
	var look drawing
	cmd := &cobra.Command{
		Use:     "schedules [NAME]",
		GroupID: "look",
		Short:   "List the schedules, or explain and draw one",
		Long: `Schedules lists the learning-rate schedules, or explains one of them: formula,
parameters, source, and the rate along a run of --total steps. NAME may be a whole
specification, as --schedule takes it. With --plot the curve is drawn, or without
NAME an example of each.`,
		Example: `  descent schedules
  descent schedules onecycle
  descent schedules warmup:steps=50+cosine --plot --total 500 --lr 0.1
  descent schedules --plot --out pictures`,
		Args: positional(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			style, err := look.style()
			switch {
			case err != nil:
				return err
			case total < 1:
				return badFlag("total", total, errors.New("want at least 1"))
			case experiment.CheckRate(lr) != nil:
				return badFlag("lr", lr, experiment.CheckRate(lr))
			}
			if len(args) == 0 {
				return a.listSchedules(cmd, plot, lr, style)
			}
			return a.explainSchedule(cmd, args[0], plot, total, lr, style)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.BoolVar(&plot, "plot", false, "draw into the folder of --out")
	flags.Int64Var(&total, "total", 100, "steps of the run")
	flags.Float64Var(&lr, "lr", 1, "base rate, which the schedule multiplies")
	look.flag(flags)
	return cmd
}

type scheduleList struct {
	Schedules []scheduleInfo `json:"schedules"`
	Files     []string       `json:"files,omitempty"`
}

type scheduleInfo struct {
	Name   string          `json:"name"`
	Title  string          `json:"title"`
	Doc    string          `json:"doc"`
	Cite   string          `json:"citation,omitempty"`
	TeX    string          `json:"tex"`
	Params []scheduleParam `json:"params"`
}

type scheduleParam struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Default string `json:"default,omitempty"`
	Domain  string `json:"domain,omitempty"`
	Symbol  string `json:"symbol,omitempty"`
	Doc     string `json:"doc"`
}

// A scheduleReport is one kind of schedule, or a specification, with its curve.
type scheduleReport struct {
	Spec     string          `json:"spec"`
	Info     *scheduleInfo   `json:"info,omitempty"`     // of a single kind
	Schedule json.RawMessage `json:"schedule,omitempty"` // as package schedule writes it
	Total    int64           `json:"total"`
	LR       number          `json:"lr"`
	Curve    []scheduleAt    `json:"curve,omitempty"`
	Files    []string        `json:"files,omitempty"`
}

type scheduleAt struct {
	Step     int64   `json:"step"`
	Rate     number  `json:"rate"`
	Momentum *number `json:"momentum,omitempty"`
}

func describeSchedule(i schedule.Info) scheduleInfo {
	s := scheduleInfo{Name: i.Name, Title: i.Title, Doc: i.Doc, Cite: i.Cite, TeX: i.TeX, Params: []scheduleParam{}}
	for _, p := range i.Params {
		s.Params = append(s.Params, scheduleParam{p.Name, p.Type, p.Default, p.Domain, p.Symbol, p.Doc})
	}
	return s
}

// kinds returns every kind of schedule, the plateau among them.
func kinds() []schedule.Info { return append(schedule.All(), schedule.PlateauInfo()) }

func (a *app) listSchedules(cmd *cobra.Command, plot bool, lr float64, style figure.Style) error {
	l := &scheduleList{}
	var pictures []picture
	for _, info := range kinds() {
		l.Schedules = append(l.Schedules, describeSchedule(info))
		if !plot || info.Example == nil {
			continue
		}
		drawn, err := drawSchedule(info.Title, info.Example, 100, lr, style)
		if err != nil {
			return err
		}
		pictures = append(pictures, picture{"schedule-" + info.Name, drawn})
	}
	var err error
	if l.Files, err = a.save(pictures); err != nil {
		return err
	}
	return a.show(cmd, l, l.Files)
}

func drawSchedule(title string, s schedule.Schedule, total int64, lr float64, style figure.Style) (*figure.Figure, error) {
	return figure.Schedules{
		Style:  titled(style, title, "base rate "+short(lr)),
		Curves: []figure.Curve{{Total: total, Rate: scaled(s, lr), Momentum: momentumOf(s)}},
	}.Figure()
}

func scaled(s schedule.Schedule, lr float64) func(int64) float64 {
	return func(step int64) float64 { return lr * s.At(step) }
}

func (a *app) explainSchedule(cmd *cobra.Command, spec string, plot bool, total int64, lr float64, style figure.Style) error {
	r := &scheduleReport{Spec: spec, Total: total, LR: number(lr)}
	var example schedule.Schedule
	for _, info := range kinds() {
		if info.Name == spec {
			d := describeSchedule(info)
			r.Info, example = &d, info.Example
		}
	}
	s, err := schedule.Parse(spec, total)
	switch {
	case err == nil:
	case r.Info == nil:
		return &usageError{err}
	default: // a kind whose parameters have no defaults is shown by its example
		s = example
	}
	if s == nil {
		if plot {
			return usagef("--plot: %s follows a metric, so it has no curve of its own", spec)
		}
		return a.show(cmd, r, r.Files)
	}
	if r.Schedule, err = schedule.Marshal(s); err != nil {
		return err
	}
	momentum := momentumOf(s)
	for i := range int64(11) {
		at := scheduleAt{Step: (total - 1) * i / 10}
		at.Rate = number(lr * s.At(at.Step))
		if momentum != nil {
			m := number(momentum(at.Step))
			at.Momentum = &m
		}
		if n := len(r.Curve); n == 0 || r.Curve[n-1].Step != at.Step {
			r.Curve = append(r.Curve, at)
		}
	}
	if plot {
		drawn, err := drawSchedule(spec, s, total, lr, style)
		if err != nil {
			return err
		}
		if r.Files, err = a.save([]picture{{"schedule", drawn}}); err != nil {
			return err
		}
	}
	return a.show(cmd, r, r.Files)
}

// momentumOf returns the momentum that a schedule cycles against the rate.
func momentumOf(s schedule.Schedule) func(int64) float64 {
	if c, ok := s.(interface{ Momentum() schedule.Schedule }); ok {
		return c.Momentum().At
	}
	return nil
}

func (l *scheduleList) text(p *page) {
	var rows [][]string
	for _, s := range l.Schedules {
		rows = append(rows, []string{s.Name, s.Doc})
	}
	p.table([]column{words("schedule"), words("what the rate does")}, rows)
	if !p.quiet {
		p.blank()
		p.line("%s schedules NAME tells more.", p.program)
	}
}

func (r *scheduleReport) text(p *page) {
	if i := r.Info; i != nil {
		p.heading("%s (%s)", i.Title, i.Name)
		p.wrap("", i.Doc)
		if i.Cite != "" {
			p.wrap("Source: ", i.Cite)
		}
		p.blank()
		p.wrap("TeX: ", i.TeX)
		if len(i.Params) > 0 {
			var rows [][]string
			for _, q := range i.Params {
				value := q.Default
				if value == "" {
					value = "-"
				}
				rows = append(rows, []string{q.Name, value, q.Domain, q.Symbol, q.Doc})
			}
			p.blank()
			p.table([]column{words("parameter"), numbers("default"), words("domain"), words("TeX"), words("meaning")}, rows)
		}
	} else {
		p.heading("%s", r.Spec)
	}
	if len(r.Curve) == 0 {
		return
	}
	p.blank()
	if !p.quiet {
		p.wrap("As JSON: ", string(r.Schedule))
		p.blank()
	}
	columns := []column{numbers("step"), numbers("rate")}
	if r.Curve[0].Momentum != nil {
		columns = append(columns, numbers("momentum"))
	}
	var rows [][]string
	for _, c := range r.Curve {
		row := []string{fmt.Sprint(c.Step), short(float64(c.Rate))}
		if c.Momentum != nil {
			row = append(row, short(float64(*c.Momentum)))
		}
		rows = append(rows, row)
	}
	p.table(columns, rows)
}
