package cli

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/internal/safetensors"
	"github.com/descent-go/descent/record"
)

func newRepeat(a *app) *cobra.Command {
	var look drawing
	var where runsFlag
	var w watching
	cmd := &cobra.Command{
		Use:     "repeat RUN",
		GroupID: "do",
		Short:   "Run an experiment again, and say whether the result is the same bits",
		Long: `Repeat runs the experiment of a run again, as a run of its own, and compares all that
happened, event by event, and the parameters that came out, bit by bit. The data
must be those of that run: their checksums are compared first. Times may differ,
and so may the machine.

RUN is an ID, the beginning of one, latest, or the path of a run's folder. The
command works in the folder that the run was started in.

It ends with code 1 when something differs.`,
		Example: `  descent repeat latest
  descent repeat 20261122-03 --json | jq .same`,
		Args: oneRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("seed") {
				return usagef("repeat takes no --seed: the run's own makes the same bits (%s train FILE --seed begins another)", a.program)
			}
			run, err := where.find(args[0])
			if err != nil {
				return err
			}
			then, rec, err := readExperiment(run)
			if err != nil {
				return err
			}
			dir := ""
			if cmd.Flags().Changed("out") {
				dir = a.dir
			}
			e := experiment.DefaultOf(a.own).Over(then)
			if e.Data == "-" {
				return usagef("run %s learned from standard input, which cannot be had again", run.ID)
			}
			if err := a.goThere(run, rec); err != nil {
				return err
			}
			if dir != "" {
				dir = a.path(dir)
			}
			t, err := a.openTraining(cmd.Context(), e, &look)
			if err != nil {
				return err
			}
			if rec != nil {
				if err := t.fits(rec); err != nil {
					return fmt.Errorf("run %s: %w", run.ID, err)
				}
			}
			j, err := a.begin(t, a.path(where.root()), dir)
			if err != nil {
				return err
			}
			j.watching, j.where = w, &where
			return a.repeat(cmd, run, j)
		},
		ValidArgsFunction: where.complete,
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	where.flag(flags)
	w.flag(flags)
	look.skip(flags)
	look.flag(flags)
	return cmd
}

// fits says why the training cannot be the one that was recorded.
func (t *training) fits(rec *experiment.Record) error {
	switch mine := t.Experiment.OwnModel(); {
	case rec.Model == mine:
		return sameData(t.Files, rec.Data)
	case mine == "":
		return fmt.Errorf("it trained %s, the model of another program", rec.Model)
	default:
		return fmt.Errorf("it trained %s, this program has %s", cmp.Or(rec.Model, "what descent trains"), mine)
	}
}

// sameData says which data are not those of a run.
func sameData(now, then []experiment.File) error {
	for _, f := range then {
		i := slices.IndexFunc(now, func(g experiment.File) bool { return g.Path == f.Path })
		switch {
		case i < 0:
			return fmt.Errorf("it learned from %s, which is not read now", f.Path)
		case now[i].SHA256 != f.SHA256:
			return fmt.Errorf("%s has changed: it has %d bytes and SHA-256 %.12s…, and had %d bytes and %.12s…", f.Path, now[i].Bytes, now[i].SHA256, f.Bytes, f.SHA256)
		}
	}
	return nil
}

// repeat trains and compares with the run that was before.
func (a *app) repeat(cmd *cobra.Command, before *record.Run, j *job) error {
	r, err := a.work(cmd.Context(), j)
	if r != nil {
		err = errors.Join(err, a.keep(j, r))
	}
	if err = errors.Join(err, j.run.Close()); err != nil {
		return err
	}
	if j.interrupted() {
		a.note("nothing was compared: %s", j.goOn(a, r.Steps))
		return errInterrupted
	}
	c, err := compareRuns(before, j.run)
	if err != nil {
		return err
	}
	c.Result = r
	if err := a.print(c); err != nil {
		return err
	}
	if !c.Same {
		return errDiffers
	}
	return nil
}

// A repeatReport says whether a run came out the same again.
type repeatReport struct {
	Run        string            `json:"run"`    // that was repeated
	Repeat     string            `json:"repeat"` // the new one
	Same       bool              `json:"same"`
	Whole      bool              `json:"whole"` // both were compared to their end
	Deviation  *record.Deviation `json:"deviation,omitempty"`
	Compared   bool              `json:"parameters_compared"`
	Difference string            `json:"parameters_differ,omitempty"` // where
	Result     *trainReport      `json:"result"`
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func compareRuns(before, now *record.Run) (*repeatReport, error) {
	c := &repeatReport{Run: before.ID, Repeat: now.ID}
	var err error
	if c.Deviation, c.Whole, err = record.Deviate(before, now); err != nil {
		return nil, err
	}
	was, is := before.Path(record.ModelFile), now.Path(record.ModelFile)
	if c.Compared = c.Whole && isFile(was) && isFile(is); c.Compared {
		if c.Difference, err = compareModels(was, is); err != nil {
			return nil, err
		}
	}
	c.Same = c.Deviation == nil && c.Difference == ""
	return c, nil
}

// compareModels says in what the tensors of two files differ, "" for nothing.
func compareModels(before, now string) (string, error) {
	a, err := safetensors.ReadFile(before)
	if err != nil {
		return "", err
	}
	b, err := safetensors.ReadFile(now)
	if err != nil {
		return "", err
	}
	return safetensors.Difference(a, b)
}

func (c *repeatReport) text(p *page) {
	if !p.quiet {
		c.Result.text(p)
		p.blank()
	}
	switch {
	case c.Deviation != nil:
		p.heading("Not the same: it differs from step %d on", c.Deviation.Step)
		p.line("  then  %s", visible(c.Deviation.A))
		p.line("  now   %s", visible(c.Deviation.B))
	case !c.Same:
		p.heading("Not the same: the parameters differ")
	case !c.Whole:
		p.heading("The same bits as far as one can tell: run %s did not come to its end", visible(c.Run))
	case !c.Compared:
		p.heading("The same bits: every event of run %s", visible(c.Run))
	default:
		p.heading("The same bits: every event and all parameters of run %s", visible(c.Run))
	}
	if c.Difference != "" {
		p.wrap("  ", "parameters: "+visible(c.Difference))
	}
}
