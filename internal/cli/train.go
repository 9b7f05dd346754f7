package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/nn"
	"github.com/descent-go/descent/train"
)

func newTrain(a *app) *cobra.Command {
	e := experiment.Default()
	var look drawing
	cmd := &cobra.Command{
		Use:     "train [FILE]",
		GroupID: "do",
		Short:   "Train a network, test it, save it and draw its learning curve",
		Long: `Train trains a network on a data set. It writes the learning curve and the model,
which descent predict applies.

FILE is an experiment: a YAML file that says what flags say, under the same names;
a flag wins over it. Descent init writes one to begin with. Paths in it are
relative to the folder that descent is called in.

--data is one of
` + formsText() + `
A table on standard input is learned from as it arrives, each row once, unless
--epochs asks for several passes over it.

--model is one of
` + indent(nn.Specs) + `

With --function there are neither data nor a network: the optimizer descends the
function for --steps.`,
		Example: `  descent train
  descent train experiment.yaml --lr 0.01
  descent train --data train.csv --test test.csv --target-column class --model mlp:64,32
  descent train --data mnist:DIR --model mlp:256,128 --optimizer adamw --lr 0.005 --schedule onecycle
  descent train --data house.csv --model linear --optimizer sgd:momentum=0.9 --batch 0 --patience 5
  descent train --function rosenbrock --optimizer adam --lr 0.1 --steps 2000
  tail -f log.csv | descent train --data - --model softmax --batch 8`,
		Args: positional(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			chosen, err := settled(e, args)
			if err != nil {
				return err
			}
			t, err := a.openTraining(cmd.Context(), chosen, &look)
			if err != nil {
				return err
			}
			return a.train(cmd, t)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	e.Flags(flags)
	look.skip(flags)
	look.flag(flags)
	return cmd
}

// formsText describes what --data can be.
func formsText() string {
	forms, width := data.Forms(), 0
	for _, f := range forms {
		width = max(width, len(f.Spec))
	}
	var b strings.Builder
	for _, f := range forms {
		fmt.Fprintf(&b, "  %-*s  %s\n", width, f.Spec, f.Doc)
	}
	return b.String()
}

func indent(text string) string { return "  " + strings.ReplaceAll(text, "\n", "\n  ") }

// settled returns the experiment of the flags, over that of a file if there is
// one.
func settled(flags *experiment.Experiment, args []string) (*experiment.Experiment, error) {
	if len(args) == 0 {
		return flags, nil
	}
	base, err := experiment.Read(args[0])
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w; want an experiment file, as descent init writes it (what to learn from goes behind --data)", err)
	}
	if err != nil {
		return nil, err
	}
	return flags.Over(base), nil
}

// badSetting turns what is wrong with a setting into wrong usage, unless it is
// wrong in a file.
func badSetting(err error) error {
	var bad *experiment.Error
	if errors.As(err, &bad) && bad.File == "" {
		return usagef("%s", bad.Flag())
	}
	return err
}

// A training is a session of the command.
type training struct {
	*experiment.Session
	look  *drawing
	style figure.Style
}

// openTraining checks the settings, then reads the data and makes the model.
func (a *app) openTraining(ctx context.Context, e *experiment.Experiment, look *drawing) (*training, error) {
	style, err := look.style()
	if err != nil {
		return nil, err
	}
	if err := e.Check(); err != nil {
		return nil, badSetting(err)
	}
	if err := a.writable(); err != nil {
		return nil, err
	}
	if e.Data == "-" && a.terminal(a.in) {
		a.note("reading rows from the terminal; Ctrl-D at the beginning of a line ends them")
	}
	s, err := e.Open(ctx, experiment.Inputs{Stdin: a.in, Note: a.note, Clock: time.Now})
	switch {
	case err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return nil, errInterrupted
	case err != nil:
		return nil, badSetting(err)
	}
	return &training{Session: s, look: look, style: style}, nil
}

// train runs, saves and shows. An interrupt keeps what there is by then.
func (a *app) train(cmd *cobra.Command, t *training) error {
	h := &train.History{Limit: mostKept}
	b := a.newBar(t.Rule.Spec)
	res, err := t.Train(cmd.Context(), h, b)
	b.close()
	if err != nil {
		return err
	}
	r := newTrainReport(t, h, res)
	if res.Diverged == nil {
		err = a.saveModel(t, r)
	} else if t.Function == nil {
		a.warn("the run diverged, so no model is saved")
	}
	if err != nil {
		return err
	}
	if !t.look.none {
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
	case diverged(res):
		return errDiverged
	}
	return nil
}

// saveModel writes the network with what descent predict needs, or the
// parameters of another model; a function has none worth a file.
func (a *app) saveModel(t *training, r *trainReport) error {
	if t.Function != nil {
		return nil
	}
	path, err := a.file("model.safetensors")
	if err != nil {
		return err
	}
	notes := map[string]string{
		"optimizer": r.Optimizer, "lr": fmt.Sprint(float64(r.LR)), "schedule": r.Schedule,
		"data": r.Data, "seed": fmt.Sprint(r.Seed), "steps": fmt.Sprint(r.Steps),
	}
	if t.Net != nil {
		m := &model{net: t.Net, scaler: t.Data.Scaler, schema: t.Data.Schema, classes: t.Data.Classes}
		err = m.write(path, notes)
	} else {
		err = writeParameters(path, t.Session, notes)
	}
	if err != nil {
		return outError(a.dir, err)
	}
	r.ModelFile = path
	r.Files = append(r.Files, path)
	return nil
}
