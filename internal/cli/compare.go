package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/internal/durable"
	"github.com/descent-go/descent/internal/shell"
	"github.com/descent-go/descent/lab"
)

// compareFlags are what the command line of descent compare says.
type compareFlags struct {
	problems   []string
	optimizers []string
	space      []string
	start      string
	noise      float64
	lab.CompareOptions
	target float64
	epochs int
	events eventsFlag
	look   drawing
}

// What is compared on when the command line does not say.
var usualProblems = []string{"rosenbrock", "digits/mlp:32"}

// usualSteps is the budget of functions that do not say.
const usualSteps = 2000

func newCompare(a *app) *cobra.Command {
	f := compareFlags{CompareOptions: lab.DefaultCompare()}
	cmd := &cobra.Command{
		Use:     "compare",
		GroupID: "do",
		Short:   "Compare optimizers fairly, each at the learning rate that suits it",
		Long:    compareLong,
		Example: `  descent compare
  descent compare --problem digits/mlp:64 --optimizer sgd:momentum=0.9,adamw,lion --epochs 10
  descent compare --problem train.csv/softmax --problem experiment.yaml --schedule onecycle
  descent compare --problem beale --problem '(1-x)^2 + 100*(y-x^2)^2' --steps 500 --trials 20
  descent compare --problem quadratic:n=100,kappa=1000 --optimizer momentum,nesterov --seeds 20 --json
  descent compare --optimizer sgd,momentum,adam --space optimizer.momentum=0.5..0.99 --space optimizer.beta1=0.5..0.95 --trials 30`,
		Args: positional(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.Seed = a.seed
			if cmd.Flags().Changed("target") {
				f.Target = &f.target
			}
			return a.compare(cmd, &f)
		},
	}
	if a.own != nil {
		cmd.Short, cmd.Long, cmd.Example = "Compare optimizers on the model of this program", ownCompareLong, ""
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	if a.own == nil {
		flags.StringArrayVarP(&f.problems, "problem", "p", usualProblems, "what to compare on; again for another one: a `problem` as above")
	}
	flags.StringArrayVar(&f.optimizers, "optimizer", nil, "`rules` with options, separated by commas; lr is where tuning begins (default: the classic family)")
	flags.StringVar(&f.Schedule, "schedule", "", "`schedule` of the rate, of all of them (default: the problem's, else constant)")
	if a.own == nil {
		flags.StringVar(&f.start, "start", "", "`point` about which seeds start the functions, such as -1.2,1 (default: the function's own)")
		flags.Float64Var(&f.noise, "noise", 0, "standard deviation of the noise added to gradients of the functions")
	}
	flags.Int64Var(&f.Steps, "steps", 0, "budget of a training in gradient evaluations (default: the problem's, else 2000 for functions)")
	flags.IntVar(&f.epochs, "epochs", 0, "budget in passes over the training set, of data (default: the problem's, else 10)")
	flags.IntVar(&f.Trials, "trials", f.Trials, "places that are tried for each rule: learning rates, with --space more")
	flags.StringArrayVar(&f.space, "space", nil, "a `dimension` that is tuned beside the rate, as above; again for another one")
	flags.IntVar(&f.Seeds, "seeds", f.Seeds, "fresh seeds that the tuned rules are compared on")
	flags.Float64Var(&f.target, "target", 0, "`loss` whose reaching is timed (default: what three rules of four end with)")
	flags.Float64Var(&f.Confidence, "confidence", f.Confidence, "of the intervals of a problem together, in (0, 1)")
	flags.IntVar(&f.Parallel, "parallel", runtime.GOMAXPROCS(0), "trainings at a time; the result is the same for any number")
	f.events.flag(flags)
	f.look.skip(flags)
	f.look.flag(flags)
	return cmd
}

const compareLong = `Compare tunes the learning rate of every rule in the same number of trials, runs the
best ones again on other seeds, and compares the winners on fresh seeds, with the
same initial parameters, order of batches, schedule and budget for all. It names a
winner only where the differences are clear, else it says what would settle it.

Without flags it compares the eight rules of the classic family on Rosenbrock's
valley and on generated digits.

A problem is one of
  rosenbrock       a function (descent functions lists them), an expression in x and
                   y, or a family with its options
  digits/mlp:32    data as in descent train --data, and the model to train
  experiment.yaml  an experiment, as descent init writes it and every run has one

--optimizer
` + optimizerHelp + scheduleHelp + `

` + compareSpaceHelp + `

What was trained is kept in the folder of --out, so that an interrupted comparison
goes on when it is called again, and one with more seeds does only what is new.`

const ownCompareLong = `Compare tunes the learning rate of every rule in the same number of trials, runs the
best ones again on other seeds, and compares the winners on fresh seeds, with the
same initial parameters, order of batches, schedule and budget for all. It names a
winner only where the differences are clear, else it says what would settle it.

` + compareSpaceHelp + `

What was trained is kept in the folder of --out, so that an interrupted comparison
goes on when it is called again, and one with more seeds does only what is new. The
program has one model, so trainings take turns, whatever --parallel says.`

const compareSpaceHelp = `--space names what is tuned beside the rate, in as many trials for every rule:
  optimizer.beta1=0.5..0.99                      of the rules that have it
  optimizer.momentum=0.5..0.99 if optimizer=sgd  of one of them
  schedule.min=0..0.5  clip-norm=0.1..10 log     of all
  lr=1e-4..1 log                                 where rates are looked for
What --optimizer says of a rule, other than its default, stays as it is.`

// journalName is the file of what was trained.
const journalName = "compare.trials"

// compare compares, shows and draws.
func (a *app) compare(cmd *cobra.Command, f *compareFlags) (err error) {
	style, err := f.look.style()
	if err != nil {
		return err
	}
	if err := f.check(); err != nil {
		return err
	}
	if f.Contenders, err = parseRivals(f.optimizers); err != nil {
		return err
	}
	if f.Space, err = lab.ParseDimensions(f.space); err != nil {
		return spaceError(err)
	}
	if err := a.writable(); err != nil {
		return err
	}
	if f.Tasks, err = a.tasks(cmd.Context(), f); err != nil {
		return err
	}
	if err := f.CheckSpace(); err != nil {
		return spaceError(err)
	}
	f.Journal, err = lab.OpenJournal(durable.OS, filepath.Join(a.dir, journalName))
	if err != nil {
		return fmt.Errorf("--out %s: %w", a.dir, err)
	}
	defer func() { err = errors.Join(err, f.Journal.Close()) }()
	if n := f.Journal.Len(); n > 0 {
		a.note("%s there from before: %s", plural(int64(n), "training"), filepath.Join(a.dir, journalName))
	}
	bar := a.newTrialBar()
	on, err := a.stage(&f.events, bar)
	if err != nil {
		return err
	}
	defer func() { on.close(err) }()
	f.Sink = on.event
	began := time.Now()
	c, err := lab.Compare(cmd.Context(), f.CompareOptions)
	bar.close()
	if err != nil {
		if cmd.Context().Err() != nil {
			a.note("interrupted with %s done; the same command goes on", plural(int64(f.Journal.Len()), "training"))
			return errInterrupted
		}
		return badSetting(err)
	}
	on.summary = c.Summary
	r := &comparisonReport{Comparison: c, Elapsed: number(time.Since(began).Seconds()), Parallel: f.Parallel, Command: a.commandLine(), Files: []string{}}
	if !f.look.none {
		if r.Files, err = a.publish(r, style); err != nil {
			return err
		}
	}
	object := filepath.Join(a.dir, cmd.Name()+".json")
	r.Files = append(r.Files, object)
	if _, err := a.saveReport(cmd, r); err != nil {
		return err
	}
	if err := a.print(r); err != nil {
		return err
	}
	if f.look.none {
		a.wrote(r.Files)
	} else {
		a.note("wrote to %s: %s, %s, %s in %s", a.dir, pageName, filepath.Base(object), plural(countFigures(r.Files), "figure"), figureName)
	}
	if r.lost() {
		return errDiverged
	}
	return nil
}

// countFigures counts the figures among files, each of which is there as PNG.
func countFigures(files []string) (n int64) {
	for _, f := range files {
		if filepath.Ext(f) == ".png" {
			n++
		}
	}
	return n
}

// check says what is wrong with flags that nothing else looks at.
func (f *compareFlags) check() error {
	least := func(name string, value, least int) error {
		if value < least {
			return badFlag(name, value, fmt.Errorf("want at least %d", least))
		}
		return nil
	}
	switch {
	case f.Steps < 0:
		return badFlag("steps", f.Steps, errors.New("want at least 0"))
	case f.Steps > 0 && f.epochs > 0:
		return usagef("--steps and --epochs: want one of them")
	case f.Seeds > 499:
		return badFlag("seeds", f.Seeds, errors.New("want at most 499"))
	case f.Target != nil && (math.IsNaN(*f.Target) || math.IsInf(*f.Target, 0)):
		return badFlag("target", *f.Target, errors.New("want a finite number"))
	case !(f.Confidence > 0 && f.Confidence < 1):
		return badFlag("confidence", f.Confidence, errors.New("want (0, 1), such as 0.95"))
	}
	if f.Trials < 2 && len(f.space) > 0 {
		return badFlag("trials", f.Trials, errors.New("want at least 2 with --space"))
	}
	return errors.Join(least("epochs", f.epochs, 0), least("trials", f.Trials, 1), least("seeds", f.Seeds, 1), least("parallel", f.Parallel, 1))
}

// parseRivals reads the values of --optimizer; without any, the classic family.
// Who comes twice has a number behind the name the second time.
func parseRivals(values []string) ([]lab.Contender, error) {
	if len(values) == 0 {
		return lab.Classic(), nil
	}
	var all []lab.Contender
	times := map[string]int{}
	for _, value := range values {
		for _, spec := range experiment.SplitRules(value) {
			c, err := lab.ParseContender(spec)
			if err != nil {
				return nil, badFlag("optimizer", spec, err)
			}
			if c.Usual == 0 {
				return nil, badFlag("optimizer", spec, errors.New("want a rate above 0, to tune around"))
			}
			if times[c.Name]++; times[c.Name] > 1 {
				c.Name = fmt.Sprintf("%s (%d)", c.Name, times[c.Name])
			}
			all = append(all, c)
		}
	}
	return all, nil
}

// tasks makes what is compared on.
func (a *app) tasks(ctx context.Context, f *compareFlags) ([]*lab.Task, error) {
	var tasks []*lab.Task
	names := map[string]string{}
	specs := f.problems
	if a.own != nil {
		specs = []string{""}
	}
	learns := false
	for _, spec := range specs {
		e, err := a.problemOf(spec, f)
		if err != nil {
			return nil, err
		}
		learns = learns || e.Epochs == &f.epochs
		t, err := lab.NewTask(ctx, e, experiment.Inputs{Stdin: a.in, Note: a.note, Clock: time.Now})
		switch {
		case err != nil && ctx.Err() != nil:
			return nil, errInterrupted
		case err != nil:
			return nil, badProblem(spec, err)
		case names[t.Name()] == spec && spec != "":
			return nil, usagef("--problem %s: it is there twice", spec)
		case names[t.Name()] != "":
			return nil, usagef("--problem %s: another problem is called %q too, want a name of its own in its experiment", spec, t.Name())
		}
		names[t.Name()] = spec
		tasks = append(tasks, t)
	}
	if f.epochs > 0 && !learns {
		return nil, badFlag("epochs", f.epochs, errors.New("no problem has examples to pass over; --steps is the budget of functions"))
	}
	return tasks, nil
}

func badProblem(spec string, err error) error {
	var bad *experiment.Error
	if errors.As(err, &bad) && bad.File == "" {
		return badFlag("problem", spec, errors.New(strings.TrimPrefix(bad.Flag(), "--")))
	}
	return err
}

// commandLine is how the command was called.
func (a *app) commandLine() string {
	return shell.Line(append([]string{a.program}, a.args...)...)
}
