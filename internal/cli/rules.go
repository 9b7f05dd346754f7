package cli

import (
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/descent-go/descent/optim"
)

func newRules(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "rules [NAME]",
		GroupID: "look",
		Short:   "List the update rules, or explain one: formula, options, source",
		Example: `  descent rules
  descent rules adamw
  descent rules --json`,
		Args: positional(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				list := ruleList{}
				for _, info := range optim.Rules() {
					list.Rules = append(list.Rules, describeRule(info))
				}
				return a.show(cmd, list, nil)
			}
			info, err := optim.Lookup(args[0])
			if err != nil {
				return &usageError{err}
			}
			return a.show(cmd, describeRule(info), nil)
		},
	}
}

type ruleList struct {
	Rules []ruleReport `json:"rules"`
}

type ruleReport struct {
	Name       string       `json:"name"`
	Title      string       `json:"title"`
	Summary    string       `json:"summary"`
	Citation   string       `json:"citation"`
	Notes      []string     `json:"notes,omitempty"`
	LR         number       `json:"lr"`
	StateBytes int          `json:"state_bytes_float32"`
	Options    []ruleOption `json:"options"`
	Forms      []ruleForm   `json:"forms"`
}

type ruleOption struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Default any    `json:"default"`
	Domain  string `json:"domain"`
	Symbol  string `json:"symbol,omitempty"`
	Doc     string `json:"doc"`
}

type ruleForm struct {
	Name       string   `json:"name"`
	Default    bool     `json:"default"`
	Slots      []string `json:"slots"`
	StateBytes int      `json:"state_bytes_float32"`
	TeX        []string `json:"tex"`
}

func describeRule(info *optim.Info) ruleReport {
	usual := optim.FormOf(info.New())
	r := ruleReport{
		Name: info.Name, Title: info.Title, Summary: info.Summary, Citation: info.Citation, Notes: info.Notes,
		LR: number(info.Rate), StateBytes: usual.StateBytes(4),
		Options: []ruleOption{},
	}
	for _, h := range info.Hypers {
		o := ruleOption{Name: h.Name, Type: "number", Default: number(h.Default), Domain: h.Domain.String(), Symbol: h.Symbol, Doc: h.Doc}
		if h.Bool {
			o.Type, o.Default, o.Domain = "switch", h.Default != 0, "true, false"
		}
		r.Options = append(r.Options, o)
	}
	for i := range info.Forms {
		f := &info.Forms[i]
		r.Forms = append(r.Forms, ruleForm{
			Name: f.Name, Default: f == usual, Slots: append([]string{}, f.Slots...), StateBytes: f.StateBytes(4), TeX: f.TeX,
		})
	}
	return r
}

func (l ruleList) text(p *page) {
	var rows [][]string
	for _, r := range l.Rules {
		rows = append(rows, []string{r.Name, short(float64(r.LR)), strconv.Itoa(r.StateBytes), r.Summary})
	}
	p.table([]column{words("rule"), numbers("lr"), numbers("state"), words("summary")}, rows)
	if !p.quiet {
		p.blank()
		p.line("lr: default rate; state: bytes per float32 parameter. %s rules NAME tells more.", p.program)
	}
}

func (r ruleReport) text(p *page) {
	p.heading("%s (%s)", r.Title, r.Name)
	p.wrap("", r.Summary)
	p.blank()
	p.wrap("Source: ", r.Citation)
	for _, note := range r.Notes {
		p.blank()
		p.wrap("", note)
	}
	for _, f := range r.Forms {
		p.blank()
		title := "Update"
		if len(r.Forms) > 1 {
			title += ", form " + f.Name
			if f.Default {
				title += " (the default)"
			}
		}
		p.heading("%s", title)
		for _, line := range f.TeX {
			p.line("  %s", line)
		}
		state := "none"
		if len(f.Slots) > 0 {
			state = strings.Join(f.Slots, ", ")
		}
		p.line("  state: %s; %d bytes per float32 parameter", state, f.StateBytes)
	}
	p.blank()
	rows := [][]string{{"lr", short(float64(r.LR)), "[0, +Inf)", `\eta`, "learning rate"}}
	for _, o := range r.Options {
		value := ""
		switch v := o.Default.(type) {
		case number:
			value = short(float64(v))
		case bool:
			value = strconv.FormatBool(v)
		}
		rows = append(rows, []string{o.Name, value, o.Domain, o.Symbol, o.Doc})
	}
	p.table([]column{words("option"), numbers("default"), words("domain"), words("TeX"), words("meaning")}, rows)
}
