package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/descent-go/descent/record"
)

func newRuns(a *app) *cobra.Command {
	var where runsFlag
	var f runsFilter
	cmd := &cobra.Command{
		Use:     "runs",
		GroupID: "look",
		Short:   "List the runs that were recorded; show, compare, draw, export, tag and delete them",
		Long: `Runs lists what descent train has recorded, the newest first.

RUN is an ID, the beginning of one, latest, or the path of a run's folder.

A condition of --where is a field, one of = != < <= > >= ~ and a value; ~ is
"contains". Fields are id, name, status, created, the settings of the experiment,
and of the results final_loss, best_loss, val_loss, val_accuracy, test_loss,
test_accuracy, steps, epochs, seconds, parameters and others (--json has them all).
Of settings and results with the same name, such as epochs, the result counts.`,
		Example: `  descent runs
  descent runs --where optimizer=adamw --where 'lr<0.01' --sort -test_accuracy --limit 10
  descent runs --tag baseline --status finished --json`,
		Args: noSubcommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			q, err := f.query()
			if err != nil {
				return err
			}
			all, err := listRuns(where.root(), q)
			if err != nil {
				return err
			}
			return a.show(cmd, &runsReport{Root: where.root(), Runs: all, screen: a.terminal(a.out), now: time.Now()}, nil)
		},
	}
	where.flag(cmd.PersistentFlags())
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringArrayVarP(&f.where, "where", "w", nil, "`condition` such as lr<0.01; all of several hold")
	flags.StringSliceVarP(&f.tags, "tag", "t", nil, "`tags` that a run must have")
	flags.StringSliceVar(&f.statuses, "status", nil, "`states` that a run may have: "+joined(record.Statuses()))
	flags.StringVar(&f.sort, "sort", "", "`field` to sort by, with - before it the highest first (default: -created)")
	flags.IntVarP(&f.limit, "limit", "n", 0, "most runs to list; 0: all")
	cmd.AddCommand(
		newRunsShow(a, &where),
		newRunsCompare(a, &where),
		newRunsPlot(a, &where),
		newRunsExport(a, &where),
		newRunsTag(a, &where),
		newRunsDelete(a, &where),
		newRunsReindex(a, &where),
	)
	return cmd
}

// noSubcommand refuses arguments of a command that has commands of its own.
func noSubcommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return usagef("%s: no command %q (there are: %s)", cmd.CommandPath(), args[0], strings.Join(names, " "))
}

// runsFilter is what the flags say of the runs to list.
type runsFilter struct {
	where, tags, statuses []string
	sort                  string
	limit                 int
}

func (f *runsFilter) query() (record.Query, error) {
	q := record.Query{Tags: f.tags, Sort: f.sort, Limit: f.limit}
	for _, text := range f.where {
		c, err := record.ParseCondition(text)
		if err != nil {
			return q, badFlag("where", visible(text), err)
		}
		q.Where = append(q.Where, c)
	}
	for _, s := range f.statuses {
		q.Statuses = append(q.Statuses, record.Status(s))
	}
	if err := q.Check(); err != nil {
		return q, &usageError{err}
	}
	return q, nil
}

// listRuns asks the index of a folder of runs.
func listRuns(root string, q record.Query) ([]record.Summary, error) {
	x, err := record.OpenIndex(root)
	if err != nil {
		return nil, err
	}
	defer x.Close()
	all, err := x.List(q)
	if bad, ok := errors.AsType[*record.FieldError](err); ok {
		return nil, &usageError{bad}
	}
	return all, err
}

// A runsReport lists runs.
type runsReport struct {
	Root   string           `json:"root"`
	Runs   []record.Summary `json:"runs"`
	screen bool             // the reader has a terminal: less is more
	now    time.Time
}

func (r *runsReport) text(p *page) {
	if p.quiet {
		for i := range r.Runs {
			p.line("%s", visible(r.Runs[i].ID))
		}
		return
	}
	if len(r.Runs) == 0 {
		p.line("No runs in %s.", visible(r.Root))
		return
	}
	columns := []column{
		words("id"), words("created"), words("status"), words("data"), words("model"), words("optimizer"), numbers("lr"),
		numbers("val"), numbers("test"), numbers("steps"), numbers("time"), words("tags"),
	}
	rows := make([][]string, len(r.Runs))
	for i := range r.Runs {
		rows[i] = r.row(&r.Runs[i])
	}
	if r.screen {
		columns[1].title = "age"
		columns, rows = withoutEmpty(columns, rows)
	}
	p.width = 1 << 20 // tags are not broken into lines
	p.table(columns, rows)
	for i := range r.Runs {
		if s := &r.Runs[i]; s.Problem != "" {
			p.line("%s: %s", visible(s.ID), visible(s.Problem))
		}
	}
}

func (r *runsReport) row(s *record.Summary) []string {
	created := s.Created.Format(time.RFC3339)
	if r.screen {
		created = age(r.now.Sub(s.Created))
	}
	if s.Created.IsZero() {
		created = ""
	}
	setting := func(keys ...string) string {
		for _, key := range keys {
			if v := s.Settings[key]; v != "" {
				return r.cell(v)
			}
		}
		return ""
	}
	return []string{
		visible(s.ID), created, string(s.Status), setting("data", "function"), setting("model"), setting("optimizer"), setting("lr"),
		score(s, "val"), score(s, "test"), metricText(s, "steps"), metricText(s, "seconds"), visible(strings.Join(s.Tags, " ")),
	}
}

// cell writes a setting, on a screen not more of it than tells it from others.
func (r *runsReport) cell(text string) string {
	text = visible(text)
	const most = 18
	if !r.screen || utf8.RuneCountInString(text) <= most {
		return text
	}
	runes := []rune(text)
	return string(runes[:most-1]) + "…"
}

// score returns the accuracy on a set or, without one, the loss.
func score(s *record.Summary, set string) string {
	if text := metricText(s, set+"_accuracy"); text != "" {
		return text
	}
	return metricText(s, set+"_loss")
}

// metricText writes a metric for people, "" when the run does not have it.
func metricText(s *record.Summary, name string) string {
	v, ok := s.Metrics[name]
	switch {
	case !ok:
		return ""
	case strings.HasSuffix(name, "_accuracy"):
		return percent(v)
	case name == "seconds":
		return secondsText(time.Duration(v * 1e9))
	case name == "state_bytes":
		return bytesText(int64(v))
	case strings.HasSuffix(name, "_loss"):
		return short(v)
	}
	return grouped(int64(v))
}

// withoutEmpty leaves out columns that say nothing.
func withoutEmpty(columns []column, rows [][]string) ([]column, [][]string) {
	var keep []int
	for i := range columns {
		if slices.ContainsFunc(rows, func(row []string) bool { return row[i] != "" }) {
			keep = append(keep, i)
		}
	}
	some := make([]column, len(keep))
	for j, i := range keep {
		some[j] = columns[i]
	}
	less := make([][]string, len(rows))
	for k, row := range rows {
		for _, i := range keep {
			less[k] = append(less[k], row[i])
		}
	}
	return some, less
}

// age writes how long ago something was.
func age(d time.Duration) string {
	switch {
	case d < 0:
		return "now"
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d d", int(d.Hours()/24))
}

// joined lists words.
func joined[T ~string](list []T) string {
	texts := make([]string, len(list))
	for i, v := range list {
		texts[i] = string(v)
	}
	return strings.Join(texts, ", ")
}
