package cli

import (
	"math"
	"time"

	"github.com/spf13/cobra"

	"github.com/descent-go/descent/lab"
)

func newShow(a *app) *cobra.Command {
	var look drawing
	cmd := &cobra.Command{
		Use:     "show [NAME]",
		GroupID: "look",
		Short:   "Show one thing at a time: small experiments with figures",
		Long: `Show does a small experiment that makes one thing visible, draws it, and says in two
lines what to see. Without NAME it lists the experiments.

Every number that it tells was measured in that run. Where there is noise, --seed
gives other numbers.`,
		Example: `  descent show
  descent show edge
  descent show decay --out pictures --theme dark
  descent show averaging --seed 7 --json`,
		Args: positional(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.show(cmd, showingList{lab.Showings()}, nil)
			}
			return a.showOne(cmd, args[0], &look)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	look.skip(flags)
	look.flag(flags)
	return cmd
}

// showOne does an experiment, draws it and tells of it.
func (a *app) showOne(cmd *cobra.Command, name string, look *drawing) error {
	style, err := look.style()
	if err != nil {
		return err
	}
	s, err := lab.LookupShowing(name)
	if err != nil {
		return &usageError{err}
	}
	if err := a.writable(); err != nil {
		return err
	}
	began := time.Now()
	shown, err := s.Run(cmd.Context(), a.seed)
	switch {
	case err != nil && cmd.Context().Err() != nil:
		return errInterrupted
	case err != nil:
		return err
	}
	r := &shownReport{Shown: shown, Elapsed: number(time.Since(began).Seconds()), Files: []string{}}
	if !look.none {
		pictures, err := drawShown(shown, style)
		if err != nil {
			return err
		}
		if r.Files, err = a.save(pictures); err != nil {
			return err
		}
	}
	return a.finish(cmd, r, &r.Files)
}

type showingList struct {
	Showings []lab.Showing `json:"showings"`
}

func (l showingList) text(p *page) {
	var rows [][]string
	for _, s := range l.Showings {
		rows = append(rows, []string{s.Name, s.Doc})
	}
	p.table([]column{words("name"), words("what it asks")}, rows)
	if !p.quiet {
		p.blank()
		p.line("descent show NAME answers, and draws the answer.")
	}
}

// A shownReport is what an experiment has come to.
type shownReport struct {
	*lab.Shown
	Elapsed number   `json:"seconds"`
	Files   []string `json:"files"`
}

func (r *shownReport) text(p *page) {
	p.heading("%s", r.Title)
	for i, line := range r.See {
		p.wrap([]string{"1. ", "2. "}[i], line)
	}
	if p.quiet {
		return
	}
	p.blank()
	columns := []column{words(r.Columns[0])}
	for _, c := range r.Columns[1:] {
		columns = append(columns, numbers(c))
	}
	var rows [][]string
	for _, row := range r.Rows {
		cells := []string{row.Name}
		for _, v := range row.Values {
			cell := brief(float64(v))
			if math.IsNaN(float64(v)) {
				cell = "-"
			}
			cells = append(cells, cell)
		}
		rows = append(rows, cells)
	}
	p.table(columns, rows)
	p.blank()
	p.wrap("", r.Setup)
	p.wrap("Source: ", r.Source)
}
