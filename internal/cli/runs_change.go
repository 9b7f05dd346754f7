package cli

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/descent-go/descent/record"
)

func newRunsTag(a *app, where *runsFlag) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "tag RUN +TAG... -TAG...",
		Short: "Add tags to a run and remove them from it; without tags show them",
		Example: `  descent runs tag latest +best -draft
  descent runs tag latest`,
		Args:              runArgs(1),
		ValidArgsFunction: where.complete,
		RunE: func(cmd *cobra.Command, args []string) error {
			add, remove, err := tagArgs(cmd, args[1:])
			if err != nil {
				return err
			}
			run, err := where.find(args[0])
			if err != nil {
				return err
			}
			tags, err := run.Tag(add, remove)
			if err != nil {
				return err
			}
			return a.show(cmd, &tagReport{run.ID, tags}, nil)
		},
	}
	cmd.Flags().SetInterspersed(false) // -draft is a tag
	return cmd
}

// tagArgs sorts what follows the run: +TAG, -TAG, and flags that begin with two
// dashes.
func tagArgs(cmd *cobra.Command, args []string) (add, remove []string, err error) {
	for _, arg := range args {
		tag := strings.TrimLeft(arg, "+-")
		switch {
		case strings.HasPrefix(arg, "--"):
			if err := cmd.Flags().Parse([]string{arg}); err != nil {
				return nil, nil, flagError(cmd, err)
			}
		case strings.HasPrefix(arg, "+") && tag == arg[1:]:
			add = append(add, tag)
		case strings.HasPrefix(arg, "-") && tag == arg[1:]:
			remove = append(remove, tag)
		default:
			return nil, nil, usagef("%s: %+q, want +TAG to add or -TAG to remove", cmd.CommandPath(), arg)
		}
	}
	return add, remove, nil
}

type tagReport struct {
	ID   string   `json:"id"`
	Tags []string `json:"tags"`
}

func (r *tagReport) text(p *page) {
	if len(r.Tags) == 0 {
		p.line("%s: no tags", visible(r.ID))
		return
	}
	p.line("%s: %s", visible(r.ID), visible(strings.Join(r.Tags, " ")))
}

func newRunsDelete(a *app, where *runsFlag) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "delete RUN...",
		Short: "Delete runs with all that is in their folders, after asking",
		Example: `  descent runs delete 20261122-0315
  descent runs delete latest --yes`,
		Args:              runArgs(1),
		ValidArgsFunction: where.complete,
		RunE: func(cmd *cobra.Command, args []string) error {
			r := &deleteReport{Deleted: []string{}}
			var runs []*record.Run
			for _, arg := range args {
				run, err := where.find(arg)
				if err != nil {
					return err
				}
				if running, err := run.Running(); err != nil {
					return err
				} else if running {
					return fmt.Errorf("run %s is running, nothing is deleted", run.ID)
				}
				if !slices.ContainsFunc(runs, func(r *record.Run) bool { return r.Dir == run.Dir }) {
					runs = append(runs, run)
				}
			}
			if !yes {
				if !a.terminal(a.in) {
					return usagef("%s: want --yes where nobody can be asked", cmd.CommandPath())
				}
				if !a.agreed(runs) {
					return a.show(cmd, r, nil)
				}
			}
			for _, run := range runs {
				if err := record.Delete(run.Dir); err != nil {
					if len(r.Deleted) > 0 {
						a.warn("deleted before that: %s", visible(strings.Join(r.Deleted, " ")))
					}
					return err
				}
				r.Deleted = append(r.Deleted, run.ID)
			}
			return a.show(cmd, r, nil)
		},
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return cmd
}

// agreed asks whether runs are to be deleted.
func (a *app) agreed(runs []*record.Run) bool {
	for _, run := range runs {
		fmt.Fprintf(a.diag, "%s\n", visible(run.Dir))
	}
	fmt.Fprintf(a.diag, "Delete %s with all that is in it? [y/N] ", plural(int64(len(runs)), "folder"))
	answer, err := bufio.NewReader(io.LimitReader(a.in, 100)).ReadString('\n')
	if err != nil && err != io.EOF {
		return false
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return true
	}
	return false
}

type deleteReport struct {
	Deleted []string `json:"deleted"`
}

func (r *deleteReport) text(p *page) {
	if len(r.Deleted) == 0 {
		p.line("Nothing is deleted.")
	}
	for _, id := range r.Deleted {
		p.line("Deleted %s.", visible(id))
	}
}

func newRunsReindex(a *app, where *runsFlag) *cobra.Command {
	return &cobra.Command{
		Use:   "reindex",
		Short: "Read all folders again and make the index anew",
		Long: `Reindex reads the folders of all runs and writes the index anew. It is hardly ever
needed: the index follows the folders by itself, and is made anew when it is missing
or damaged.`,
		Example: `  descent runs reindex`,
		Args:    positional(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			x, err := record.OpenIndex(where.root())
			if err != nil {
				return err
			}
			defer x.Close()
			n, err := x.Rebuild()
			if err != nil {
				return err
			}
			return a.show(cmd, &reindexReport{where.root(), n}, nil)
		},
	}
}

type reindexReport struct {
	Root string `json:"root"`
	Runs int    `json:"runs"`
}

func (r *reindexReport) text(p *page) {
	p.line("%s in %s", plural(int64(r.Runs), "run"), visible(r.Root))
}
