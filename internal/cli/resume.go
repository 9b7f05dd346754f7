package cli

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/record"
)

func newResume(a *app) *cobra.Command {
	e := experiment.DefaultOf(a.own)
	var look drawing
	var where runsFlag
	var w watching
	cmd := &cobra.Command{
		Use:     "resume RUN",
		GroupID: "do",
		Short:   "Go on with a run that was interrupted or killed",
		Long: `Resume goes on with a run from its newest checkpoint that is whole, and ends with
the same parameters, curve and report, to the bit, as if it had never stopped. A
checkpoint that is damaged is named, set aside and passed over.

What only ends a run may be changed: --epochs, --steps, --patience, --target and
--max-seconds. So resume also makes a finished run longer, unless its schedule
depends on the length.

RUN is an ID, the beginning of one, latest, or the path of a run's folder. The
command works in the folder that the run was started in.`,
		Example: `  descent resume latest
  descent resume 20261122-03 --epochs 20`,
		Args: oneRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("seed") || cmd.Flags().Changed("out") {
				return usagef("resume takes neither --seed nor --out: a run goes on as it began, in its own folder")
			}
			run, err := where.find(args[0])
			if err != nil {
				return err
			}
			if run, err = record.OpenForWork(run.Dir); err != nil {
				return err
			}
			j, err := a.reopen(cmd, run, e, &look)
			if err != nil {
				return errors.Join(err, run.Close())
			}
			j.watching, j.where = w, &where
			return a.finishJob(cmd, j)
		},
		ValidArgsFunction: where.complete,
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	all := pflag.NewFlagSet("", pflag.ContinueOnError)
	e.Flags(all)
	for _, s := range experiment.Settings() {
		if f := all.Lookup(s.Key); f != nil && s.Free && s.Key != "name" && s.Key != "tags" {
			flags.AddFlag(f)
		}
	}
	where.flag(flags)
	w.flag(flags)
	look.skip(flags)
	look.flag(flags)
	return cmd
}

// oneRun is a check of arguments: one, that names a run.
func oneRun(cmd *cobra.Command, args []string) error {
	if err := runArgs(1)(cmd, args); err != nil {
		return err
	}
	return positional(1)(cmd, args)
}

// reopen makes a training of the experiment in a run's folder, with the settings
// that flags have changed.
func (a *app) reopen(cmd *cobra.Command, run *record.Run, flags *experiment.Experiment, look *drawing) (*job, error) {
	then, rec, err := readExperiment(run)
	if err != nil {
		return nil, err
	}
	e := flags.Over(then)
	if err := a.goThere(run, rec); err != nil {
		return nil, err
	}
	t, err := a.openTraining(cmd.Context(), e, look)
	if err != nil {
		return nil, err
	}
	if !t.Resumable() {
		return nil, usagef("run %s learned from rows that arrived once: they cannot be had again", run.ID)
	}
	j := &job{training: t, run: run, resume: true}
	if rec != nil {
		j.settings = experiment.WithRecord(t.Experiment.YAML(), *rec)
	}
	return j, nil
}

// readExperiment reads the experiment of a run, and what was recorded with it.
func readExperiment(run *record.Run) (*experiment.Experiment, *experiment.Record, error) {
	text, err := run.Experiment()
	if err != nil {
		return nil, nil, err
	}
	path := run.Path(record.ExperimentFile)
	e, err := experiment.Parse(path, text)
	if err != nil {
		return nil, nil, err
	}
	rec, err := experiment.ParseRecord(path, text)
	return e, rec, err
}

// goThere makes the folder in which a run was started the working directory, so
// that relative paths mean what they did. Where it is gone, all stays as it is.
func (a *app) goThere(run *record.Run, rec *experiment.Record) error {
	here, err := os.Getwd()
	if err != nil || rec == nil || rec.Folder == "" || rec.Folder == here {
		return err
	}
	if run.Dir, err = filepath.Abs(run.Dir); err != nil {
		return err
	}
	if err := os.Chdir(rec.Folder); err != nil {
		a.note("the run was started in %s, which cannot be entered: paths are taken from here", rec.Folder)
		return nil
	}
	a.note("working in %s, where the run was started", rec.Folder)
	return nil
}
