package cli

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/internal/durable"
	"github.com/descent-go/descent/internal/shell"
	"github.com/descent-go/descent/lab"
)

func newFindLR(a *app) *cobra.Command {
	e := experiment.DefaultOf(a.own)
	o := lab.FindOptions{Seeds: 3, Within: 0.1}
	var look drawing
	var events eventsFlag
	cmd := &cobra.Command{
		Use:     "find-lr [FILE]",
		GroupID: "do",
		Short:   "Find the learning rates that train a model well",
		Long:    findLRLong,
		Example: `  descent find-lr
  descent find-lr --function rosenbrock --optimizer sgd --steps 500
  descent find-lr --data train.csv --model mlp:64,32 --optimizer sgd:momentum=0.9
  descent find-lr experiment.yaml --budget 20000 --seeds 5 --json`,
		Args: positional(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			chosen, err := a.settled(e, args)
			if err != nil {
				return err
			}
			return a.findLR(cmd, args, chosen, o, &events, &look)
		},
	}
	if a.own != nil {
		cmd.Example = ""
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.Int64Var(&o.Budget, "budget", 0, "most gradient evaluations in all (default: what 30 rates take)")
	flags.Int64Var(&o.Steps, "run-steps", 0, "gradient evaluations of a run that validates (default: of the training, at most 500)")
	flags.IntVar(&o.Seeds, "seeds", o.Seeds, "runs that validate a rate, 3 at least")
	flags.Float64Var(&o.Within, "within", o.Within, "`share` of the best loss by which that of a good rate is worse at most")
	flags.IntVar(&o.Parallel, "parallel", runtime.GOMAXPROCS(0), "runs at a time; the result is the same for any number")
	events.flag(flags)
	look.skip(flags)
	look.flag(flags)
	e.Flags(flags)
	return cmd
}

const findLRLong = `Find-lr answers with an interval of learning rates, or says why there is no answer:
the loss never falls, what it does is too noisy, or training diverges at once.

A range test raises the rate from step to step until the loss leaves. It suggests
two rates: that of the steepest descent, and a tenth of that of the lowest loss. The
curvature at the start suggests a third, the edge of stability; for rules that divide
gradients, such as adam, that of the preconditioned Hessian. Then short real runs
on several seeds validate these and other rates; the answer is what they found: the
rates whose median loss is within --within of the best, or not told from it by the
seeds. Rates on which a run diverged are none of them, and the best one has to lower
the loss on seven fresh seeds; where it does so on most of them, but not on all, it
is called risky, and a lower one is asked.

FILE and the other flags are those of descent train. The rate holds for runs of the
length that was validated: with a schedule it is the base rate. What was trained is
kept in the folder of --out, so that an interrupted search goes on when it is called
again.`

// rateJournal is the file of what was trained.
const rateJournal = "find-lr.trials"

// findLR searches, shows and draws.
func (a *app) findLR(cmd *cobra.Command, args []string, e *experiment.Experiment, o lab.FindOptions, events *eventsFlag, look *drawing) (err error) {
	style, err := look.style()
	if err != nil {
		return err
	}
	if err := checkFind(&o); err != nil {
		return err
	}
	defaulted := e.Steps == 0 && (e.Function != "" || a.own != nil && !a.own.HasExamples())
	if defaulted {
		e.Steps = usualSteps
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
	}
	o.Journal, err = lab.OpenJournal(durable.OS, filepath.Join(a.dir, rateJournal))
	if err != nil {
		return fmt.Errorf("--out %s: %w", a.dir, err)
	}
	defer func() { err = errors.Join(err, o.Journal.Close()) }()
	if n := o.Journal.Len(); n > 0 {
		a.note("%s there from before: %s", plural(int64(n), "training"), filepath.Join(a.dir, rateJournal))
	}
	bar := a.newSearchBar()
	on, err := a.stage(events, bar)
	if err != nil {
		return err
	}
	defer func() { on.close(err) }()
	o.Seed, o.Sink = e.Seed, on.event
	began := time.Now()
	found, err := lab.FindRate(ctx, task, o)
	bar.close()
	switch {
	case err != nil && ctx.Err() != nil:
		a.note("interrupted with %s done; the same command goes on", plural(int64(o.Journal.Len()), "training"))
		return errInterrupted
	case err != nil:
		return badSetting(badBudget(err))
	}
	r := &rateReport{FoundRate: found, Seed: e.Seed, Elapsed: number(time.Since(began).Seconds()), Files: []string{}}
	if found.Answer != nil {
		r.Try = a.trainCommand(cmd.Flags(), args, found, defaulted, e.Steps)
	}
	on.summary = r.headline()
	if !look.none {
		drawn, err := r.draw(style)
		if err != nil {
			return err
		}
		if r.Files, err = a.save([]picture{{"find-lr", drawn}}); err != nil {
			return err
		}
	}
	if err := a.finish(cmd, r, &r.Files); err != nil {
		return err
	}
	if no := found.No; no != nil && no.Reason == lab.NoStanding {
		return errDiverged
	}
	return nil
}

// checkFind says what is wrong with the flags of the search.
func checkFind(o *lab.FindOptions) error {
	switch {
	case o.Budget < 0:
		return badFlag("budget", o.Budget, errors.New("want at least 0"))
	case o.Steps < 0:
		return badFlag("run-steps", o.Steps, errors.New("want at least 0"))
	case o.Seeds < 3:
		return badFlag("seeds", o.Seeds, errors.New("want at least 3"))
	case !(o.Within > 0 && o.Within <= 1):
		return badFlag("within", o.Within, errors.New("want (0, 1], such as 0.1"))
	case o.Parallel < 1:
		return badFlag("parallel", o.Parallel, errors.New("want at least 1"))
	}
	return nil
}

// badBudget turns a budget that does not suffice into wrong usage.
func badBudget(err error) error {
	var small *lab.BudgetError
	if errors.As(err, &small) {
		return badFlag("budget", small.Budget, fmt.Errorf("want at least %d: %s", small.Least, small.For))
	}
	return err
}

// trainCommand is the command that trains with the rate that was found: the flags
// of the experiment as they were given, and the rate.
func (a *app) trainCommand(flags *pflag.FlagSet, args []string, found *lab.FoundRate, defaulted bool, steps int64) string {
	words := []string{a.program, "train"}
	for _, arg := range args {
		words = append(words, shell.Word(arg))
	}
	keys := map[string]bool{}
	for _, s := range experiment.Settings() {
		keys[s.Key] = true
	}
	flags.Visit(func(f *pflag.Flag) {
		value := f.Value.String()
		switch {
		case !keys[f.Name] || f.Name == "lr" || f.Name == "optimizer":
		case f.Value.Type() == "bool":
			words = append(words, "--"+f.Name+"="+value)
		default:
			words = append(words, "--"+f.Name, shell.Word(value))
		}
	})
	words = append(words, "--optimizer", shell.Word(found.Optimizer))
	if defaulted {
		words = append(words, "--steps", strconv.FormatInt(steps, 10))
	}
	return strings.Join(append(words, "--lr", short(found.Answer.Best)), " ")
}

// draw shows the search.
func (r *rateReport) draw(style figure.Style) (*figure.Figure, error) {
	var subtitle string
	if r.Answer != nil {
		subtitle = fmt.Sprintf("%s to %s; lowest loss at %s", brief(r.Answer.Low), brief(r.Answer.High), brief(r.Answer.Best))
	} else {
		subtitle = "no answer: " + string(r.No.Reason)
	}
	c := figure.RangeTest{
		Style: titled(style, "Learning rate of "+r.Optimizer+" on "+r.Task, subtitle),
		Left:  r.Ramp.Left, Limit: math.NaN(),
		YLabel: "loss after " + plural(r.Steps, "step"),
	}
	for i, rate := range r.Ramp.Rates {
		add(&c.Ramp, rate, float64(r.Ramp.Losses[i]))
		add(&c.Smoothed, rate, float64(r.Ramp.Smoothed[i]))
	}
	for _, t := range r.Tried {
		v := figure.Validated{Rate: t.Rate, Diverged: t.Diverged > 0}
		for _, l := range t.Losses {
			v.Losses = append(v.Losses, float64(l))
		}
		c.Tried = append(c.Tried, v)
	}
	for _, s := range r.Suggestions {
		c.Suggestions = append(c.Suggestions, r.mark(s))
	}
	if a := r.Answer; a != nil {
		c.Low, c.High, c.Best, c.Limit = a.Low, a.High, a.Best, float64(a.Limit)
	}
	return c.Figure()
}

// mark is a suggestion in the figure.
func (r *rateReport) mark(s lab.Suggestion) figure.RateMark {
	m := figure.RateMark{Name: s.Criterion, Rate: s.Rate}
	if s.Rate == 0 {
		m.Note = "none: " + s.Why
	}
	return m
}
