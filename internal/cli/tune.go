package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/internal/durable"
	"github.com/descent-go/descent/internal/shell"
	"github.com/descent-go/descent/lab"
	paper "github.com/descent-go/descent/report"
)

// tuneFlags are what the command line of descent tune says.
type tuneFlags struct {
	lab.TuneOptions
	space  []string
	events eventsFlag
	look   drawing
}

func newTune(a *app) *cobra.Command {
	e := experiment.DefaultOf(a.own)
	f := tuneFlags{TuneOptions: lab.DefaultTune()}
	f.Trials = 0
	cmd := &cobra.Command{
		Use:     "tune [FILE]",
		GroupID: "do",
		Short:   "Search for the settings that train a model well",
		Long:    tuneLong,
		Example: `  descent tune
  descent tune --function rosenbrock --optimizer sgd --space 'lr=1e-5..1e-2 log' --space 'optimizer.momentum=0..0.99'
  descent tune --data train.csv --space 'lr=1e-4..1 log' --space 'batch={16,32,64,128}' --trials 60 --parallel 4
  descent tune --space 'optimizer={adamw,sgd:nesterov}' --space 'lr=1e-4..1 log' --space 'width=16..256 int log' --pruner asha
  descent tune experiment.yaml --pruner hyperband --budget 30000 --seeds 3 --json`,
		Args: positional(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			chosen, err := a.settled(e, args)
			if err != nil {
				return err
			}
			return a.tune(cmd, chosen, &f)
		},
	}
	if a.own != nil {
		cmd.Example = ""
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringArrayVar(&f.space, "space", nil, "a `dimension` to search, as above; again for another one (default: the rate, four decades around the usual one)")
	flags.IntVar(&f.Trials, "trials", 0, "tries at most; 0: as many as --budget allows")
	flags.Int64Var(&f.Budget, "budget", 0, "gradient evaluations of all tries together, on one seed (default: what --trials take, else those of 30 whole trainings)")
	flags.StringVar(&f.Sampler, "sampler", f.Sampler, "where to look next: random, sobol, halton or tpe")
	flags.StringVar(&f.Pruner, "pruner", f.Pruner, "who is trained to the end: none (of them is pruned), asha or hyperband")
	flags.IntVar(&f.Eta, "eta", f.Eta, "with a pruner: one try in so many goes on")
	flags.IntVar(&f.Rungs, "rungs", f.Rungs, "with a pruner: how often tries are looked at, at most")
	flags.IntVar(&f.SearchSeeds, "seeds", f.SearchSeeds, "seeds of a try, whose median counts")
	flags.IntVar(&f.Finalists, "finalists", f.Finalists, "best tries that run again on three other seeds")
	flags.IntVar(&f.Seeds, "fresh-seeds", f.Seeds, "fresh seeds that the chosen settings run on")
	flags.IntVar(&f.Workers, "workers", f.Workers, "tries under way before the next one is decided upon: a part of the search")
	flags.IntVar(&f.Parallel, "parallel", runtime.GOMAXPROCS(0), "trainings at a time; the result is the same for any number")
	f.events.flag(flags)
	f.look.skip(flags)
	f.look.flag(flags)
	e.Flags(flags)
	return cmd
}

const tuneLong = `Tune searches a space of settings. The best tries run again on seeds that the search
has not seen; the one that does best there is chosen, and runs on fresh seeds beside
the settings as they were. What it says of the result comes from these last runs: the
best score of a search is the luckiest of many. The chosen settings are written as
best.yaml, an experiment for descent train.

A dimension of the space is one of
  lr=1e-4..1 log                        a number, evenly by its logarithm
  optimizer.beta1=0.5..0.99             a hyper-parameter of the rule
  width=8..256 int log                  a whole number
  batch={16,32,64}                      a choice
  optimizer={adam,sgd}                  a choice of rules
  optimizer={adam|sgd:momentum=0.9,nesterov}     a bar parts what has commas
  optimizer.momentum=0..0.99 if optimizer=sgd    only where a choice was made

--sampler tpe learns from the tries before; random, sobol and halton do not. With
--pruner asha (asynchronous successive halving) or hyperband most tries end early, and
the better ones go on from where they are. With --epochs a try with larger batches
takes fewer steps, with --steps all take as many.

FILE and the other flags are those of descent train. What was trained is kept in the
folder of --out, so that an interrupted search goes on when it is called again.`

// tuneJournal is the file of what was trained, bestName that of the chosen settings.
const (
	tuneJournal = "tune.trials"
	bestName    = "best.yaml"
)

// usualTrainings is the budget of a search that is not told any, in whole trainings.
const usualTrainings = 30

// tune searches, shows and draws.
func (a *app) tune(cmd *cobra.Command, e *experiment.Experiment, f *tuneFlags) (err error) {
	style, err := f.look.style()
	if err != nil {
		return err
	}
	if err := f.settle(a, e); err != nil {
		return err
	}
	if err := e.Check(); err != nil {
		return badSetting(err)
	}
	if err := a.writable(); err != nil {
		return err
	}
	ctx := cmd.Context()
	task, err := lab.NewTask(ctx, e, experiment.Inputs{Stdin: a.in, Note: a.note, Clock: time.Now})
	switch {
	case err != nil && ctx.Err() != nil:
		return errInterrupted
	case err != nil:
		return badSetting(err)
	case f.Budget > 0 && f.Budget < task.Steps():
		return badFlag("budget", f.Budget, fmt.Errorf("want at least %d: a whole training", task.Steps()))
	}
	if err := f.place(task); err != nil {
		return err
	}
	if f.Trials == 0 && f.Budget == 0 {
		f.Budget = usualTrainings * task.Steps()
	}
	f.Journal, err = lab.OpenJournal(durable.OS, filepath.Join(a.dir, tuneJournal))
	if err != nil {
		return fmt.Errorf("--out %s: %w", a.dir, err)
	}
	defer func() { err = errors.Join(err, f.Journal.Close()) }()
	if n := f.Journal.Len(); n > 0 {
		a.note("%s there from before: %s", plural(int64(n), "training"), filepath.Join(a.dir, tuneJournal))
	}
	bar := a.newTrialBar()
	on, err := a.stage(&f.events, bar)
	if err != nil {
		return err
	}
	defer func() { on.close(err) }()
	f.Sink = on.event
	began := time.Now()
	found, err := lab.Tune(ctx, task, f.TuneOptions)
	bar.close()
	if err != nil {
		if ctx.Err() != nil {
			a.note("interrupted with %s done; the same command goes on", plural(int64(f.Journal.Len()), "training"))
			return errInterrupted
		}
		return badSpace(err)
	}
	on.summary = found.Summary
	r := &tuningReport{Tuning: found, Elapsed: number(time.Since(began).Seconds()), Parallel: f.Parallel, Command: a.commandLine(), Files: []string{}}
	if found.Best > 0 {
		path := filepath.Join(a.dir, bestName)
		if err := writeFile(path, []byte(found.BestExperiment)); err != nil {
			return outError(a.dir, err)
		}
		r.Files = append(r.Files, path)
		r.Try = a.program + " train " + shell.Word(path)
	}
	if !f.look.none {
		again := redrawn(a.program, filepath.Join(a.dir, "tune.json"))
		again.Command = r.Command
		doc, err := paper.Tuning(found, again)
		if err != nil {
			return err
		}
		files, err := a.publishDocument(doc, style)
		if err != nil {
			return err
		}
		r.Files = append(r.Files, files...)
	}
	object := filepath.Join(a.dir, cmd.Name()+".json")
	r.Files = append(r.Files, object)
	if _, err := a.saveReport(cmd, r); err != nil {
		return err
	}
	if err := a.print(r); err != nil {
		return err
	}
	r.tell(a, !f.look.none)
	if found.Best == 0 {
		return errDiverged
	}
	return nil
}

// settle fills in what the flags leave open, and says what is wrong with them.
func (f *tuneFlags) settle(a *app, e *experiment.Experiment) error {
	f.Seed = e.Seed
	batched := e.Function == "" && (a.own == nil || a.own.HasExamples())
	if !batched && e.Steps == 0 {
		e.Steps = usualSteps
	}
	f.Passes = batched && e.Steps == 0
	if !slices.Contains(lab.Samplers(), f.Sampler) {
		return badFlag("sampler", f.Sampler, errors.New("want "+strings.Join(lab.Samplers(), ", ")))
	}
	if !slices.Contains(lab.Pruners(), f.Pruner) {
		return badFlag("pruner", f.Pruner, errors.New("want none, asha or hyperband"))
	}
	for _, c := range []struct {
		name        string
		value       int
		least, most int
	}{
		{"trials", f.Trials, 0, 100_000}, {"eta", f.Eta, 2, 100}, {"rungs", f.Rungs, 1, 12}, {"seeds", f.SearchSeeds, 1, 250},
		{"finalists", f.Finalists, 1, 100_000}, {"fresh-seeds", f.Seeds, 1, 499}, {"workers", f.Workers, 1, 1 << 16}, {"parallel", f.Parallel, 1, 1 << 16},
	} {
		if c.value < c.least || c.value > c.most {
			return badFlag(c.name, c.value, fmt.Errorf("want %d to %d", c.least, c.most))
		}
	}
	if f.Budget < 0 {
		return badFlag("budget", f.Budget, errors.New("want at least 0"))
	}
	specs := f.space
	if len(specs) == 0 {
		rule, err := experiment.ParseRule(e.Optimizer)
		if err != nil {
			return badFlag("optimizer", e.Optimizer, err)
		}
		usual := rule.Or(e.LR)
		if usual == 0 {
			return usagef("--lr 0: want a rate above 0, to search around, or --space")
		}
		specs = []string{fmt.Sprintf("lr=%s..%s log", short(usual/100), short(usual*100))}
	}
	space, err := lab.ParseSpace(specs)
	if err != nil {
		return spaceError(err)
	}
	f.Space = space
	return nil
}

// place lets the space vary the settings of the task, if it can.
func (f *tuneFlags) place(task *lab.Task) error {
	f.Space = task.Space(f.Space)
	if err := f.Space.Check(); err != nil {
		return spaceError(err)
	}
	if _, err := lab.NewSampler(f.Sampler, f.Space, f.Seed); err != nil {
		return badFlag("sampler", f.Sampler, err)
	}
	return nil
}

// badSpace turns a setting that a place of the space has wrong into wrong usage.
func badSpace(err error) error {
	var bad *experiment.Error
	if errors.As(err, &bad) {
		return spaceError(err)
	}
	return err
}

// spaceError says what is wrong with --space; the lab names the dimension.
func spaceError(err error) error {
	return usagef("--space: %s", strings.TrimPrefix(err.Error(), "lab: "))
}
