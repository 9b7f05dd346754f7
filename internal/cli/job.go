package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/record"
	"github.com/descent-go/descent/train"
)

// A job is a training and the folder that it is recorded in.
type job struct {
	*training
	run      *record.Run
	resume   bool   // go on from the newest checkpoint
	settings []byte // the text of the experiment once it goes on; nil: as it is
	where    *runsFlag
	result   *train.Result
	watching
}

// begin makes the folder of a new run: dir or, if that is "", one in root.
func (a *app) begin(t *training, root, dir string) (*job, error) {
	e := t.Experiment
	now := time.Now()
	run, err := record.Create(root, record.CreateOptions{Dir: dir, Name: nameOf(t), Now: now, Tags: e.Tags})
	if err != nil {
		switch {
		case dir == "":
			return nil, fmt.Errorf("--runs %s: %w, want a folder that can be written", root, err)
		case errors.Is(err, os.ErrExist):
			return nil, fmt.Errorf("--out %s: %w (--resume goes on with the run that is there)", dir, err)
		}
		return nil, outError(dir, err)
	}
	here, err := os.Getwd()
	if err == nil {
		err = run.WriteExperiment(experiment.WithRecord(e.YAML(), experiment.Record{
			ID: run.ID, Created: now, Command: append([]string{a.program}, a.args...), Folder: here,
			Versions: experiment.Versions(), Hardware: experiment.Machine(), Data: t.Files,
		}))
	}
	if err != nil {
		return nil, errors.Join(err, run.Close(), record.Delete(run.Dir))
	}
	return &job{training: t, run: run}, nil
}

// nameOf is what the ID of a run tells of it.
func nameOf(t *training) string {
	if t.Experiment.Name != "" {
		return t.Experiment.Name
	}
	model, _, _ := strings.Cut(t.Model, ":")
	return model + " " + t.Rule.Info().Name
}

// unfinished returns the newest run of the same settings that is neither running
// nor over, or the run in dir if that is not "". It is nil when there is none.
func (a *app) unfinished(t *training, root, dir string) (*job, error) {
	if dir != "" {
		run, err := record.OpenForWork(dir)
		switch {
		case err == nil:
			return &job{training: t, run: run, resume: true}, nil
		case record.IsRunning(err):
			return nil, err
		}
		return nil, nil // begin says what is wrong with the folder, if anything
	}
	all, err := listRuns(root, record.Query{Statuses: []record.Status{record.StatusInterrupted, record.StatusCrashed}})
	if err != nil {
		return nil, err
	}
	for i := range all {
		run, err := record.Open(all[i].Dir)
		if err != nil {
			continue
		}
		text, err := run.Experiment()
		if err != nil {
			continue
		}
		other, err := experiment.Parse(run.Path(record.ExperimentFile), text)
		if err != nil || len(t.Experiment.Differs(other)) > 0 {
			continue
		}
		if run, err = record.OpenForWork(run.Dir); err == nil {
			return &job{training: t, run: run, resume: true}, nil
		}
	}
	return nil, nil
}

// finishJob trains to the end, or as far as it gets, and tells how it went.
func (a *app) finishJob(cmd *cobra.Command, j *job) error {
	r, err := a.work(cmd.Context(), j)
	if err == nil || r != nil {
		err = errors.Join(err, a.tell(j, r))
	}
	if closing := j.run.Close(); err == nil {
		err = closing
	}
	switch res := j.result; {
	case err != nil:
		return err
	case res.Reason == train.ReasonInterrupted || cmd.Context().Err() != nil:
		return errInterrupted
	case diverged(res):
		return errDiverged
	}
	return nil
}

// work trains. It returns a report whenever there is something to tell, though
// something else may have failed.
func (a *app) work(ctx context.Context, j *job) (r *trainReport, err error) {
	a.dir = j.run.Dir
	store, err := j.run.Checkpoints(j.Experiment.Keep)
	if err != nil {
		return nil, err
	}
	if err := j.Checkpoint(store, j.resume); err != nil {
		return nil, err
	}
	log, err := j.run.Log(time.Now)
	if err != nil {
		return nil, err
	}
	b := a.newBar(j.Rule.Spec)
	b.plain = j.plain
	h := &recall{job: j, history: train.History{Limit: mostKept}, say: b.say}
	sinks, err := a.audience(ctx, j)
	if err == nil {
		j.result, err = j.Train(ctx, append(sinks, log, h, b)...)
	}
	b.close()
	for _, s := range sinks {
		if c, ok := s.(interface{ Close() error }); ok {
			err = errors.Join(err, c.Close())
		}
	}
	err = errors.Join(err, log.Close())
	if j.result == nil { // it has not begun
		if !j.resume {
			err = errors.Join(err, j.run.Close(), record.Delete(j.run.Dir))
		}
		return nil, err
	}
	if h.err != nil {
		err = errors.Join(err, h.err)
	}
	r = newTrainReport(j.training, &h.history, j.result)
	r.Run, r.Folder, r.history = j.run.ID, j.run.Dir, &h.history
	return r, err
}

// tell keeps what came out and prints the report.
func (a *app) tell(j *job, r *trainReport) error {
	if err := a.keep(j, r); err != nil {
		return err
	}
	if err := a.print(r); err != nil {
		return err
	}
	a.wrote(r.Files)
	if j.result.Reason == train.ReasonInterrupted {
		a.note("interrupted after step %d; go on with: %s resume %s", r.Steps, a.program, j.handle())
	}
	return nil
}

// keep saves the model, draws and writes the report.
func (a *app) keep(j *job, r *trainReport) error {
	if j.result.Diverged == nil {
		if err := a.saveModel(j.training, r); err != nil {
			return err
		}
	} else if j.Function == nil {
		a.warn("the run diverged, so no model is saved")
	}
	if !j.look.none {
		files, err := j.draw(r)
		if err != nil {
			return err
		}
		r.Files = append(r.Files, files...)
	}
	r.Files = append(r.Files, filepath.Join(a.dir, record.ReportFile))
	object, err := encode(r)
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(a.dir, record.ReportFile), object)
}

// handle is how a command line names the run.
func (j *job) handle() string {
	if filepath.Dir(j.run.Dir) != filepath.Clean(j.where.root()) {
		return shellWord("./" + filepath.Clean(j.run.Dir))
	}
	return j.run.ID + j.where.hint()
}

// A recall is a sink that knows the whole run: when it goes on from a checkpoint,
// what came before is read from the log.
type recall struct {
	job     *job
	history train.History
	say     func(format string, args ...any)
	err     error
}

// Event records an event.
func (h *recall) Event(e train.Event) {
	if e, ok := e.(*train.Resumed); ok {
		for _, why := range e.Rejected {
			h.say("descent: checkpoint %s", why)
		}
		h.say("going on from step %d, %s", e.Step, e.From)
		if h.job.settings != nil {
			h.err = h.job.run.WriteExperiment(h.job.settings)
		}
		h.history = train.History{Limit: h.history.Limit}
		h.err = errors.Join(h.err, h.job.run.Events(func(_ float64, e train.Event) error {
			h.history.Event(e)
			return nil
		}))
		return
	}
	h.history.Event(e)
}
