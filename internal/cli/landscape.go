package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/internal/safetensors"
	"github.com/descent-go/descent/lab"
	"github.com/descent-go/descent/record"
)

const landscapeLong = `Landscape draws the loss on a plane through the model of a run, and the path that
training took. The experiment of the run is trained again for it, which ends at the
same bits; the run itself stays as it is.

--plane path is the plane nearest to the path: its principal components about the
model. --plane random has two random directions in which every neuron or filter is as
long as the model's own; biases do not change along them. How much of the path a
plane holds is written on the figure: of what happens beside it, nothing is seen.

--optimizer trains other rules from the same start, each at the rate that it names or
at its default, and draws all paths on one plane.

RUN is an ID, the beginning of one, latest, or the path of a run's folder. The
command works in the folder that the run was started in.`

func newLandscape(a *app) *cobra.Command {
	var o lab.LandscapeOptions
	var look drawing
	var where runsFlag
	var others string
	var surface bool
	var events eventsFlag
	cmd := &cobra.Command{
		Use:     "landscape RUN",
		GroupID: "look",
		Short:   "Draw the loss around the model of a run, and the path to it",
		Long:    landscapeLong,
		Example: `  descent landscape latest
  descent landscape latest --optimizer adam,sgd:lr=0.1 --surface
  descent landscape 20261122-03 --plane random --set validation --grid 61 --json`,
		Args:              oneRun,
		ValidArgsFunction: where.complete,
		RunE: func(cmd *cobra.Command, args []string) error {
			run, err := where.find(args[0])
			if err != nil {
				return err
			}
			if others != "" {
				o.Optimizers = experiment.SplitRules(others)
			}
			o.Seed = a.seed
			return a.landscape(cmd, run, o, &events, &look, surface)
		},
	}
	if a.own != nil {
		cmd.Example = ""
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&o.Plane, "plane", lab.PathPlane, "`plane` to look at: path or random; --seed draws random directions")
	flags.StringVar(&others, "optimizer", "", "other `rules` to train from the same start, such as adam,sgd:lr=0.1")
	flags.StringVar(&o.Set, "set", "", "`examples` whose loss it is: train, at most 2,000 of them, or validation (default: train)")
	flags.IntVar(&o.Grid, "grid", lab.DefaultGrid, fmt.Sprintf("points along each side, %d to %d", lab.MinGrid, lab.MaxGrid))
	flags.Float64Var(&o.Span, "span", 1, "of a random plane: how far to look, in lengths of the directions")
	flags.IntVar(&o.Parallel, "parallel", runtime.GOMAXPROCS(0), "points evaluated at a time; the result is the same for any number")
	flags.BoolVar(&surface, "surface", false, "draw it as a surface too")
	where.flag(flags)
	events.flag(flags)
	look.skip(flags)
	look.flag(flags)
	return cmd
}

// checkLandscape says what is wrong with the flags.
func checkLandscape(o *lab.LandscapeOptions) error {
	switch {
	case o.Plane != lab.PathPlane && o.Plane != lab.RandomPlane:
		return badFlag("plane", o.Plane, fmt.Errorf("want %s or %s", lab.PathPlane, lab.RandomPlane))
	case o.Set != "" && o.Set != "train" && o.Set != "validation":
		return badFlag("set", o.Set, errors.New("want train or validation"))
	case o.Grid < lab.MinGrid || o.Grid > lab.MaxGrid:
		return badFlag("grid", o.Grid, fmt.Errorf("want %d to %d", lab.MinGrid, lab.MaxGrid))
	case !(o.Span > 0 && o.Span <= 1e6):
		return badFlag("span", o.Span, errors.New("want (0, 1e6], such as 1"))
	case o.Parallel < 1:
		return badFlag("parallel", o.Parallel, errors.New("want at least 1"))
	}
	for _, spec := range o.Optimizers {
		if _, err := experiment.ParseRule(spec); err != nil {
			return badFlag("optimizer", spec, err)
		}
	}
	return nil
}

// landscape surveys, shows and draws.
func (a *app) landscape(cmd *cobra.Command, run *record.Run, o lab.LandscapeOptions, events *eventsFlag, look *drawing, surface bool) (err error) {
	style, err := look.style()
	if err != nil {
		return err
	}
	if err := checkLandscape(&o); err != nil {
		return err
	}
	if a.dir, err = filepath.Abs(a.dir); err != nil {
		return err
	}
	if err := events.absolute(); err != nil {
		return err
	}
	if err := a.writable(); err != nil {
		return err
	}
	ctx := cmd.Context()
	task, err := a.taskOf(ctx, run)
	if err != nil {
		return err
	}
	bar := a.newSurveyBar()
	on, err := a.stage(events, bar)
	if err != nil {
		return err
	}
	defer func() { on.close(err) }()
	o.Sink = on.event
	l, err := lab.Survey(ctx, task, o)
	bar.close()
	switch {
	case err != nil && ctx.Err() != nil:
		return errInterrupted
	case err != nil:
		return fmt.Errorf("run %s: %w", run.ID, badSetting(err))
	}
	on.summary = fmt.Sprintf("The loss of run %s on a %s plane, at %d points", run.ID, l.Plane, len(l.X)*len(l.Y))
	r := &landscapeReport{Run: run.ID, Landscape: l, Files: []string{}}
	if err := r.compare(run); err != nil {
		return err
	}
	if r.Differs != "" {
		a.warn("training again did not come to the model of run %s: %s", run.ID, visible(r.Differs))
	}
	if !look.none {
		pictures, err := r.draw(style, surface)
		if err != nil {
			return err
		}
		if r.Files, err = a.save(pictures); err != nil {
			return err
		}
	}
	return a.finish(cmd, r, &r.Files)
}

// taskOf returns what a run trained, with the data that it had.
func (a *app) taskOf(ctx context.Context, run *record.Run) (*lab.Task, error) {
	then, rec, err := readExperiment(run)
	if err != nil {
		return nil, err
	}
	e := experiment.DefaultOf(a.own).Over(then)
	if e.Data == "-" {
		return nil, usagef("run %s learned from standard input, which cannot be had again", run.ID)
	}
	if err := a.goThere(run, rec); err != nil {
		return nil, err
	}
	if err := e.Check(); err != nil {
		return nil, badSetting(err)
	}
	task, err := lab.NewTask(ctx, e, experiment.Inputs{Stdin: a.in, Note: a.note, Clock: time.Now})
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, errInterrupted
	case err != nil:
		return nil, badSetting(err)
	}
	if rec != nil {
		if err := sameData(task.Files(), rec.Data); err != nil {
			return nil, fmt.Errorf("run %s: %w", run.ID, err)
		}
	}
	return task, nil
}

// compare says in what the model differs from that of the run, if it has one.
func (r *landscapeReport) compare(run *record.Run) error {
	path := run.Path(record.ModelFile)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	was, err := safetensors.ReadFile(path)
	if err != nil {
		return err
	}
	r.Differs, err = safetensors.Difference(was, r.Model())
	return err
}
