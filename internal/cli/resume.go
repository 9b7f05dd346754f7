package cli

import (
	"errors"
	"fmt"
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
	if streams(then) {
		return nil, usagef("run %s learned from rows that arrived once: they cannot be had again", run.ID)
	}
	if err := a.goThere(run, rec); err != nil {
		return nil, err
	}
	t, err := a.openTraining(cmd.Context(), flags.Over(then), look)
	if err != nil {
		return nil, err
	}
	return again(t, run, rec)
}

// streams reports whether an experiment learns from rows as they arrive, each once.
func streams(e *experiment.Experiment) bool {
	return e.Data == "-" && (e.Epochs == nil || *e.Epochs == 0)
}

// again makes a training go on with a run, unless its model or its data are others now.
func again(t *training, run *record.Run, rec *experiment.Record) (*job, error) {
	j := &job{training: t, run: run, resume: true}
	if rec == nil {
		return j, nil
	}
	if err := t.fits(rec); err != nil {
		return nil, fmt.Errorf("run %s: %w", run.ID, err)
	}
	j.settings = experiment.WithRecord(t.Experiment.YAML(), *rec)
	return j, nil
}

// unfinished returns the newest run of the same settings that is neither running
// nor over, or the run in dir if that is not "". It is nil when there is none.
func (a *app) unfinished(t *training, root, dir string) (*job, error) {
	if dir != "" {
		if _, err := record.Open(dir); err != nil {
			return nil, nil // begin says what is wrong with the folder, if anything
		}
		return a.goOnIn(t, dir)
	}
	all, err := listRuns(root, record.Query{})
	if err != nil {
		return nil, err
	}
	for i := range all {
		if !ended(&all[i]) && t.began(all[i].Dir) {
			j, err := a.goOnIn(t, all[i].Dir)
			if err == nil {
				return j, nil
			}
			a.note("passed over: %v", err)
		}
	}
	return nil, nil
}

// ended reports whether nothing is left to do for a run.
func ended(s *record.Summary) bool {
	switch s.Status {
	case record.StatusInterrupted, record.StatusCrashed:
		return false
	case record.StatusFinished, record.StatusConverged, record.StatusStopped, record.StatusDiverged:
		return isFile(filepath.Join(s.Dir, record.ReportFile)) // else killed before it could tell
	}
	return true
}

// began reports whether the run in a folder has the settings of the training, but
// for those that may differ.
func (t *training) began(dir string) bool {
	run, err := record.Open(dir)
	if err != nil {
		return false
	}
	then, _, err := readExperiment(run)
	return err == nil && len(t.Experiment.Differs(then)) == 0
}

// goOnIn makes a training go on with the run in a folder.
func (a *app) goOnIn(t *training, dir string) (*job, error) {
	run, err := record.OpenForWork(dir)
	if err != nil {
		return nil, err
	}
	_, rec, err := readExperiment(run)
	if err == nil {
		var j *job
		if j, err = again(t, run, rec); err == nil {
			return j, nil
		}
	}
	return nil, errors.Join(err, run.Close())
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
	if err := os.Chdir(rec.Folder); err != nil {
		a.note("the run was started in %s, which cannot be entered: paths are taken from here", rec.Folder)
		return nil
	}
	a.here = here
	run.Dir = a.path(run.Dir)
	a.note("working in %s, where the run was started", rec.Folder)
	return nil
}

// path returns a path of the command line, cleaned: in the folder that the
// command was called in, wherever it works now.
func (a *app) path(path string) string {
	if a.here != "" && !filepath.IsAbs(path) {
		return filepath.Join(a.here, path)
	}
	return filepath.Clean(path)
}
