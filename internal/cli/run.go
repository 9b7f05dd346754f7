package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/lab"
)

// runFlags are what the command line of descent run says.
type runFlags struct {
	function, schedule, start string
	optimizers                []string
	lr, noise                 float64
	steps                     int64
	gif                       bool
	look                      drawing
}

func newRun(a *app) *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:     "run",
		GroupID: "do",
		Short:   "Let optimizers descend a function and draw their paths",
		Long: `Run lets one optimizer or several descend a function. It tells where each went and
what the end point is, and draws contours with the paths, the surface, and the
loss against the step.

The function is a name (descent functions lists them), a name with parameters, or
an expression in x and y. Those of n variables have no contours.

--optimizer
` + optimizerHelp + scheduleHelp,
		Example: `  descent run --function rosenbrock --optimizer adam --lr 0.1 --steps 2000
  descent run --optimizer sgd,momentum:lr=0.001,adam:beta2=0.99,lr=0.1 --gif
  descent run --function '(1-x)^2 + 100*(y-x^2)^2' --start -1.2,1
  descent run --function saddle --start 1,0 --noise 0.01 --optimizer momentum --lr 0.01
  descent run --function quadratic:n=100,kappa=1000 --optimizer nesterov --json`,
		Args: positional(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			e, err := a.planRun(f, cmd.Flags().Changed("lr"))
			if err != nil {
				return err
			}
			return a.run(cmd, e)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVarP(&f.function, "function", "f", "rosenbrock", "the `function`: a name, name:parameter=value, or an expression in x and y")
	flags.StringArrayVar(&f.optimizers, "optimizer", []string{"adam"}, "`rules` with options, separated by commas")
	flags.Float64Var(&f.lr, "lr", 0, "learning rate of all rules (default: each rule's own)")
	flags.Int64Var(&f.steps, "steps", 1000, "number of steps")
	flags.StringVar(&f.schedule, "schedule", "", "`schedule` of the rate, such as cosine (default: constant)")
	flags.Float64Var(&f.noise, "noise", 0, "standard deviation of the noise added to gradients")
	flags.StringVar(&f.start, "start", "", "`point` to start from, such as -1.2,1 (default: the function's own)")
	flags.BoolVar(&f.gif, "gif", false, "draw an animation too")
	f.look.skip(flags)
	f.look.flag(flags)
	return cmd
}

// An expedition is a run that has been read from the command line and checked.
type expedition struct {
	*lab.Descent
	contenders []lab.Pace
	gif, blank bool // an animation too; nothing at all
	style      figure.Style
}

// planRun checks everything that can be checked before the first step.
func (a *app) planRun(f runFlags, rated bool) (*expedition, error) {
	e := &expedition{gif: f.gif, blank: f.look.none}
	var err error
	if e.style, err = f.look.style(); err != nil {
		return nil, err
	}
	if e.contenders, err = parseContenders(f.optimizers, f.lr, rated); err != nil {
		return nil, err
	}
	o := lab.DescentOptions{Function: f.function, Schedule: f.schedule, Steps: f.steps, Noise: f.noise, Seed: a.seed}
	if f.start != "" {
		if o.Start, err = parsePoint(f.start); err != nil {
			return nil, badFlag("start", f.start, err)
		}
	}
	e.Descent, err = lab.NewDescent(o)
	var bad *lab.OptionError
	switch {
	case errors.As(err, &bad) && bad.Option == "start":
		return nil, badFlag("start", f.start, bad.Err)
	case errors.As(err, &bad):
		return nil, badFlag(bad.Option, bad.Value, bad.Err)
	case err != nil:
		return nil, err
	}
	for _, c := range e.contenders {
		if _, err := e.CurveOf(c); errors.As(err, &bad) {
			return nil, badFlag("optimizer", experiment.WithSchedule(c.Spec, c.Schedule), bad.Err)
		}
	}
	if f.gif && e.Plane == nil {
		return nil, usagef("--gif: %s has %d variables, and an animation shows two", e.Problem.Name(), e.Problem.Dim())
	}
	return e, nil
}

// parsePoint reads coordinates separated by commas.
func parsePoint(text string) ([]float64, error) {
	var point []float64
	for part := range strings.SplitSeq(text, ",") {
		v, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil {
			return nil, fmt.Errorf("%q is not a number, want coordinates such as -1.2,1", part)
		}
		point = append(point, v)
	}
	return point, nil
}

// run descends, shows and draws. An interrupt keeps what there is by then.
func (a *app) run(cmd *cobra.Command, e *expedition) error {
	if err := a.writable(); err != nil {
		return err
	}
	var tracks []*lab.Track
	for i, c := range e.contenders {
		if cmd.Context().Err() != nil {
			break
		}
		name := c.Spec
		if len(e.contenders) > 1 {
			name = fmt.Sprintf("%s (%d/%d)", c.Spec, i+1, len(e.contenders))
		}
		t, err := a.descend(cmd.Context(), e, c, name)
		if err != nil {
			return fmt.Errorf("%s: %w", c.Spec, err)
		}
		tracks = append(tracks, t)
	}
	if len(tracks) == 0 {
		return errInterrupted
	}
	r, err := newRunReport(e, tracks)
	if err != nil {
		return err
	}
	if !e.blank {
		if r.Files, err = a.drawRun(e, tracks); err != nil {
			return err
		}
	}
	if err := a.finish(cmd, r, &r.Files); err != nil {
		return err
	}
	lost := 0
	for _, t := range tracks {
		if lab.HasDiverged(t.Result) {
			lost++
		}
	}
	switch {
	case cmd.Context().Err() != nil:
		return errInterrupted
	case lost == len(tracks):
		return errDiverged
	}
	return nil
}

// descend lets one contender go.
func (a *app) descend(ctx context.Context, e *expedition, p lab.Pace, name string) (*lab.Track, error) {
	bar := a.newBar(name)
	defer bar.close()
	return e.Run(ctx, p, lab.Keeping{Points: mostKept, Clock: time.Now}, bar)
}

// mostKept bounds the points of a path that figures draw; mostPrinted is the
// largest dimension whose points reports show.
const (
	mostKept    = 1 << 17
	mostPrinted = 1000
)
