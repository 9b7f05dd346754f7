package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/nn"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/schedule"
	"github.com/descent-go/descent/train"
)

// trainFlags are what the command line of descent train says.
type trainFlags struct {
	data                dataFlags
	model, optimizer    string
	lr                  float64
	schedule, plateau   string
	cycle               bool
	epochs              int
	steps               int64
	batch, accumulate   int
	clipNorm, clipValue float64
	nonFinite           string
	ema                 float64
	swa                 bool
	averageFrom         int64
	patience            int
	minDelta            float64
	target, maxSeconds  float64
	look                drawing
	set                 func(name string) bool // whether a flag was given
}

func newTrain(a *app) *cobra.Command {
	var f trainFlags
	cmd := &cobra.Command{
		Use:     "train",
		GroupID: "do",
		Short:   "Train a network, test it, save it and draw its learning curve",
		Long: `Train trains a network on a data set. It writes the learning curve and the model,
which descent predict applies.

--data is one of
` + formsText() + `
A table on standard input is learned from as it arrives, each row once, unless
--epochs asks for several passes over it.

--model is one of
` + indent(nn.Specs),
		Example: `  descent train
  descent train --data train.csv --test test.csv --target-column class --model mlp:64,32
  descent train --data mnist:DIR --model mlp:256,128 --optimizer adamw --lr 0.005 --schedule onecycle
  descent train --data house.csv --model linear --optimizer sgd:momentum=0.9 --batch 0 --patience 5
  tail -f log.csv | descent train --data - --model softmax --batch 8`,
		Args: positional(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.set = cmd.Flags().Changed
			t, err := a.planTraining(cmd, f)
			if err != nil {
				return err
			}
			return a.train(cmd, t)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	f.data.flags(flags)
	flags.StringVarP(&f.model, "model", "m", "mlp:128,64", "the `network`: softmax, linear, or mlp with the widths of its hidden layers")
	flags.StringVar(&f.optimizer, "optimizer", "adamw", "a `rule` with options, such as sgd:momentum=0.9 (descent rules lists them)")
	flags.Float64Var(&f.lr, "lr", 0, "learning rate (default: the rule's own)")
	flags.StringVar(&f.schedule, "schedule", "", "`schedule` of the rate, such as onecycle or warmup:steps=100+cosine (default: constant)")
	flags.BoolVar(&f.cycle, "cycle-momentum", true, "let schedules that can cycle the momentum against the rate")
	flags.StringVar(&f.plateau, "plateau", "", "lower the rate when the loss stops falling, such as factor=0.5,patience=3")
	flags.IntVarP(&f.epochs, "epochs", "e", 10, "passes over the training set; 0: as --steps says")
	flags.Int64Var(&f.steps, "steps", 0, "most steps; 0: as --epochs says")
	flags.IntVarP(&f.batch, "batch", "b", 32, "examples of a step; 0: the whole set")
	flags.IntVar(&f.accumulate, "accumulate", 1, "batches of one step")
	flags.Float64Var(&f.clipNorm, "clip-norm", 0, "largest norm of the gradient; 0: any")
	flags.Float64Var(&f.clipValue, "clip-value", 0, "largest magnitude of a gradient value; 0: any")
	flags.StringVar(&f.nonFinite, "non-finite", "fail", "what a NaN or infinite gradient does: fail, skip (the step) or zero (the value)")
	flags.Float64Var(&f.ema, "ema", 0, "evaluate and save an exponential average of the parameters with this decay; 0: none")
	flags.BoolVar(&f.swa, "swa", false, "evaluate and save the mean of the parameters of all steps")
	flags.Int64Var(&f.averageFrom, "average-from", 0, "steps before --ema or --swa begin")
	flags.IntVar(&f.patience, "patience", 0, "stop after so many epochs without a lower validation loss, and keep the best parameters; 0: do not")
	flags.Float64Var(&f.minDelta, "min-delta", 0, "what --patience counts as lower")
	flags.Float64Var(&f.target, "target", 0, "stop when the validation loss is at most this (default: do not)")
	flags.Float64Var(&f.maxSeconds, "max-seconds", 0, "stop after so much time; 0: do not")
	f.look.skip(flags)
	f.look.flag(flags)
	return cmd
}

// A training has been read from the command line, checked, and has its data.
type training struct {
	flags   trainFlags
	rule    contender
	curve   schedule.Schedule
	source  data.Source
	sets    *material
	net     *nn.Net
	options train.Options
	style   figure.Style
}

// planTraining checks the flags, then reads the data and makes the network.
func (a *app) planTraining(cmd *cobra.Command, f trainFlags) (*training, error) {
	t := &training{flags: f}
	var err error
	if t.style, err = f.look.style(); err != nil {
		return nil, err
	}
	if err := t.optionsOf(f); err != nil {
		return nil, err
	}
	if err := f.data.check(); err != nil {
		return nil, err
	}
	if err := nn.Check(f.model); err != nil {
		return nil, badFlag("model", f.model, err)
	}
	if f.schedule != "" { // the length of the run is not known yet
		if _, err := parseSchedule(f.schedule, max(f.steps, 1_000_000)); err != nil {
			return nil, err
		}
	}
	if err := a.writable(); err != nil {
		return nil, err
	}
	if f.data.source == "-" && !f.set("epochs") {
		err = a.openStream(cmd.Context(), t)
	} else {
		err = a.openSets(t)
	}
	if err != nil {
		return nil, err
	}
	s := t.sets
	if t.net, err = nn.ParseShape(f.model, s.shape, s.out, s.task); err != nil {
		return nil, badFlag("model", f.model, err)
	}
	t.net.Init(a.seed)
	total := train.PlannedSteps(t.source, t.options)
	if f.schedule != "" {
		if t.curve, err = parseSchedule(f.schedule, total); err != nil {
			return nil, err
		}
		t.options.Schedule = t.curve
	}
	return t, nil
}

// optionsOf checks the flags of the loop and turns them into its options.
func (t *training) optionsOf(f trainFlags) error {
	if len(splitSpecs(f.optimizer)) > 1 && !isSpec(f.optimizer) {
		return usagef("--optimizer %s: train takes one rule; descent run compares several", f.optimizer)
	}
	var err error
	if f.set("lr") {
		if err := checkRate(f.lr); err != nil {
			return badFlag("lr", f.lr, err)
		}
	}
	if t.rule, err = parseContender(f.optimizer, f.lr, f.set("lr")); err != nil {
		return badFlag("optimizer", f.optimizer, err)
	}
	for _, n := range []struct {
		name  string
		value float64
		least float64
	}{
		{"epochs", float64(f.epochs), 0}, {"steps", float64(f.steps), 0}, {"batch", float64(f.batch), 0},
		{"accumulate", float64(f.accumulate), 1}, {"clip-norm", f.clipNorm, 0}, {"clip-value", f.clipValue, 0},
		{"average-from", float64(f.averageFrom), 0}, {"patience", float64(f.patience), 0},
		{"min-delta", f.minDelta, 0}, {"max-seconds", f.maxSeconds, 0},
	} {
		if !(n.value >= n.least) || n.value > 1e18 {
			return badFlag(n.name, n.value, fmt.Errorf("want a finite number of at least %g", n.least))
		}
	}
	switch {
	case f.epochs == 0 && f.steps == 0 && f.data.source != "-":
		return usagef("--epochs 0 and no --steps: want at least 1 of one of them")
	case f.set("steps") && f.steps == 0 && f.epochs == 0:
		return badFlag("steps", f.steps, errors.New("want at least 1"))
	case f.ema != 0 && !(f.ema > 0 && f.ema < 1):
		return badFlag("ema", f.ema, errors.New("want a decay in (0, 1), or 0 for none"))
	case f.ema != 0 && f.swa:
		return usagef("--ema and --swa: want one of them")
	case f.set("target") && f.target != f.target:
		return badFlag("target", f.target, errors.New("want a number"))
	}
	o := train.Defaults(t.rule.rule)
	o.LR, o.CycleMomentum = t.rule.rate, f.cycle
	o.Epochs, o.Steps, o.Accumulate = f.epochs, f.steps, f.accumulate
	o.ClipNorm, o.ClipValue = f.clipNorm, f.clipValue
	o.EMA, o.SWA, o.AverageFrom = f.ema, f.swa, f.averageFrom
	o.Patience, o.MinDelta, o.KeepBest = f.patience, f.minDelta, f.patience > 0
	o.TimeBudget = time.Duration(f.maxSeconds * float64(time.Second))
	o.Clock = time.Now
	if f.set("target") {
		o.TargetLoss = &f.target
	}
	if o.NonFinite, err = optim.ParseNonFinite(f.nonFinite); err != nil || o.NonFinite == optim.Unchecked {
		return badFlag("non-finite", f.nonFinite, errors.New("want fail, skip or zero"))
	}
	if f.plateau != "" {
		spec := f.plateau
		if !strings.HasPrefix(spec, "plateau") {
			spec = "plateau:" + spec
		}
		if o.Plateau, err = schedule.ParsePlateau(spec); err != nil {
			return badFlag("plateau", f.plateau, err)
		}
	}
	t.options = o
	return nil
}

// isSpec reports whether text is one rule, though it has commas.
func isSpec(text string) bool {
	_, err := parseContender(text, 0, false)
	return err == nil
}

// train runs, saves and shows. An interrupt keeps what there is by then.
func (a *app) train(cmd *cobra.Command, t *training) error {
	h := &train.History{Limit: mostKept}
	b := a.newBar(t.rule.spec)
	res, err := train.Run(cmd.Context(), t.net, t.source, t.options, h, b)
	b.close()
	if err != nil {
		return err
	}
	r := newTrainReport(t, h, res, a.seed)
	if res.Diverged == nil {
		path, err := a.saveModel(t, r)
		if err != nil {
			return err
		}
		r.ModelFile = path
		r.Files = append(r.Files, path)
	} else {
		a.warn("the run diverged, so no model is saved")
	}
	if !t.flags.look.none {
		files, err := a.drawTraining(t, h, r)
		if err != nil {
			return err
		}
		r.Files = append(r.Files, files...)
	}
	if err := a.finish(cmd, r, &r.Files); err != nil {
		return err
	}
	switch {
	case res.Reason == train.ReasonInterrupted || cmd.Context().Err() != nil:
		return errInterrupted
	case res.Diverged != nil:
		return errDiverged
	}
	return nil
}

// saveModel writes the network with what descent predict needs.
func (a *app) saveModel(t *training, r *trainReport) (string, error) {
	path, err := a.file("model.safetensors")
	if err != nil {
		return "", err
	}
	m := &model{net: t.net, scaler: t.sets.scaler, schema: t.sets.schema, classes: t.sets.classes}
	notes := map[string]string{
		"optimizer": r.Optimizer, "lr": fmt.Sprint(float64(r.LR)), "schedule": r.Schedule,
		"data": r.Data, "seed": fmt.Sprint(r.Seed), "steps": fmt.Sprint(r.Steps),
	}
	if err := m.write(path, notes); err != nil {
		return "", outError(a.dir, err)
	}
	return path, nil
}
