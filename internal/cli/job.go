package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/internal/shell"
	"github.com/descent-go/descent/lab"
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
		if dir == "" {
			return nil, fmt.Errorf("--runs %s: %w, want a folder that can be written", root, err)
		}
		if _, there := record.Open(dir); there == nil {
			return nil, fmt.Errorf("--out %s: %w (--resume goes on with the run that is there)", dir, err)
		}
		return nil, outError(dir, err)
	}
	here, err := os.Getwd()
	if err == nil {
		err = run.WriteExperiment(experiment.WithRecord(e.YAML(), experiment.Record{
			ID: run.ID, Created: now, Model: e.OwnModel(), Command: append([]string{a.program}, a.args...), Folder: here,
			Versions: experiment.Versions(), Hardware: experiment.Machine(), Data: t.Files,
		}))
	}
	if err != nil {
		return nil, errors.Join(err, discard(run))
	}
	return &job{training: t, run: run}, nil
}

// discard gives the lock of a run back that has not begun, and removes its folder.
func discard(run *record.Run) error {
	return errors.Join(run.Close(), os.RemoveAll(run.Dir))
}

// nameOf is what the ID of a run tells of it.
func nameOf(t *training) string {
	if t.Experiment.Name != "" {
		return t.Experiment.Name
	}
	model, _, _ := strings.Cut(t.Model, ":")
	return model + " " + t.Rule.Info().Name
}

// finishJob trains to the end, or as far as it gets, and tells how it went.
func (a *app) finishJob(cmd *cobra.Command, j *job) error {
	r, err := a.work(cmd.Context(), j)
	if r != nil {
		err = errors.Join(err, a.tell(j, r))
	}
	if err = errors.Join(err, j.run.Close()); err != nil {
		return err
	}
	switch {
	case j.interrupted(), cmd.Context().Err() != nil:
		return errInterrupted
	case lab.HasDiverged(j.result):
		return errDiverged
	}
	return nil
}

func (j *job) interrupted() bool { return j.result.Reason == train.ReasonInterrupted }

// work trains. It returns a report whenever there is something to tell, though
// something else may have failed. Of a run that has not begun nothing is left.
func (a *app) work(ctx context.Context, j *job) (*trainReport, error) {
	a.dir = j.run.Dir
	h := &recall{app: a, job: j, history: train.History{Limit: mostKept}}
	err := a.watched(ctx, j, h)
	if j.result == nil {
		if !j.resume {
			err = errors.Join(err, discard(j.run))
		}
		return nil, err
	}
	r := newTrainReport(j.training, &h.history, j.result)
	r.Run, r.Folder, r.Diagnosis = j.run.ID, j.run.Dir, h.seen
	return r, errors.Join(err, h.err)
}

// watched trains, while the log, the history and all that the flags ask for look
// on.
func (a *app) watched(ctx context.Context, j *job, h *recall) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // who looks on from outside looks no longer
	store, err := j.run.Checkpoints(j.Experiment.Keep)
	if err != nil {
		return err
	}
	if err := j.Checkpoint(store, j.resume); err != nil {
		return err
	}
	log, err := j.run.Log(time.Now)
	if err != nil {
		return err
	}
	b := a.newBar(j.Rule.Spec)
	b.plain, h.say = j.plain, b.say
	sinks, err := a.audience(ctx, j)
	if err == nil {
		j.result, err = j.Train(ctx, append(sinks, log, h, b)...)
	}
	b.close()
	for _, s := range sinks {
		if c, ok := s.(io.Closer); ok {
			err = errors.Join(err, c.Close())
		}
	}
	if closing := log.Close(); err == nil { // else most likely for the same reason
		err = closing
	}
	return err
}

// tell keeps what came out and prints the report.
func (a *app) tell(j *job, r *trainReport) error {
	err := a.keep(j, r)
	if printing := a.print(r); err == nil {
		err = printing
	}
	a.wrote(r.Files)
	if j.interrupted() {
		a.note("%s", j.goOn(a, r.Steps))
	}
	return err
}

// keep saves the model, draws and writes the report, as far as all of it can be.
func (a *app) keep(j *job, r *trainReport) error {
	var errs []error
	if j.result.Diverged == nil {
		errs = append(errs, a.saveModel(j.training, r))
	} else if j.Function == nil {
		a.warn("the run diverged, so no model is saved")
	}
	if !j.look.none {
		files, err := j.draw(r)
		r.Files, errs = append(r.Files, files...), append(errs, err)
	}
	path := filepath.Join(a.dir, record.ReportFile)
	r.Files = append(r.Files, path)
	object, err := encode(r)
	if err == nil {
		err = writeFile(path, object)
	}
	if err != nil {
		r.Files = r.Files[:len(r.Files)-1]
	}
	return errors.Join(append(errs, err)...)
}

// goOn says how to go on with a run that was interrupted.
func (j *job) goOn(a *app, steps int64) string {
	at := fmt.Sprintf("interrupted after step %d", steps)
	if j.Options.Checkpoints == nil {
		return at + ", and there are no checkpoints to go on from"
	}
	return fmt.Sprintf("%s; go on with: %s resume %s", at, a.program, j.handle(a))
}

// handle is how a command line names the run.
func (j *job) handle(a *app) string {
	dir := a.path(j.run.Dir)
	switch {
	case filepath.Dir(dir) == a.path(j.where.root()):
		return j.run.ID + j.where.hint()
	case filepath.IsAbs(dir):
		return shell.Word(dir)
	}
	return shell.Word("." + string(filepath.Separator) + dir)
}

// A recall is a sink that knows the whole run: when it goes on from a checkpoint,
// what came before is read from the log.
type recall struct {
	app     *app
	job     *job
	history train.History
	seen    *train.Diagnosis // the last one
	say     func(format string, args ...any)
	err     error
}

// Event records an event.
func (h *recall) Event(e train.Event) {
	switch e := e.(type) {
	case *train.Started:
		if h.job.resume {
			h.remark("there is no checkpoint: the run begins anew")
			h.settle()
		}
	case *train.Resumed:
		h.resumed(e)
		return
	}
	h.see(e)
}

// see takes an event of the run, live or from the log.
func (h *recall) see(e train.Event) {
	if d, ok := e.(*train.Diagnosis); ok {
		last := *d
		last.Params = slices.Clone(d.Params)
		h.seen = &last
	}
	h.history.Event(e)
}

func (h *recall) resumed(e *train.Resumed) {
	for _, why := range e.Rejected {
		h.say("%s: checkpoint %s", h.app.program, why)
	}
	if e.From == "" {
		h.remark("no checkpoint is whole: the run begins anew")
	} else {
		h.remark("going on from step %d, %s", e.Step, e.From)
	}
	h.settle()
	h.history, h.seen = train.History{Limit: h.history.Limit}, nil
	h.err = errors.Join(h.err, h.job.run.Events(func(_ float64, e train.Event) error {
		h.see(e)
		return nil
	}))
}

// settle writes the settings that the run goes on with.
func (h *recall) settle() {
	if h.job.settings != nil {
		h.err = h.job.run.WriteExperiment(h.job.settings)
	}
}

// remark says something that --quiet silences.
func (h *recall) remark(format string, args ...any) {
	if !h.app.quiet {
		h.say(format, args...)
	}
}
