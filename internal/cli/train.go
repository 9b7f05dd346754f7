package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/nn"
	"github.com/descent-go/descent/record"
)

func newTrain(a *app) *cobra.Command {
	e := experiment.DefaultOf(a.own)
	var look drawing
	var where runsFlag
	var w watching
	var goOn bool
	cmd := &cobra.Command{
		Use:     "train [FILE]",
		GroupID: "do",
		Short:   "Train a network, test it, save it and draw its learning curve",
		Long:    trainLong,
		Example: `  descent train
  descent train experiment.yaml --lr 0.01
  descent train --data train.csv --test test.csv --target-column class --model mlp:64,32
  descent train --data mnist:DIR --model mlp:256,128 --optimizer adamw --lr 0.005 --schedule onecycle
  descent train --data house.csv --model linear --optimizer sgd:momentum=0.9 --batch 0 --patience 5
  descent train --checkpoint-every 500 --keep 3 --resume
  descent train --function rosenbrock --optimizer adam --lr 0.1 --steps 2000
  tail -f log.csv | descent train --data - --model softmax --batch 8`,
		Args: positional(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			chosen, err := a.settled(e, args)
			if err != nil {
				return err
			}
			if goOn && streams(chosen) {
				return usagef("--resume: rows that arrive once cannot be had again, so nothing can be gone on with")
			}
			t, err := a.openTraining(cmd.Context(), chosen, &look)
			if err != nil {
				return err
			}
			dir := ""
			if cmd.Flags().Changed("out") {
				dir = a.dir
			}
			var j *job
			if goOn {
				if j, err = a.unfinished(t, where.root(), dir); err != nil {
					return err
				}
			}
			if j == nil {
				if j, err = a.begin(t, where.root(), dir); err != nil {
					return err
				}
			}
			j.watching, j.where = w, &where
			return a.finishJob(cmd, j)
		},
	}
	if a.own != nil {
		cmd.Short, cmd.Long, cmd.Example = "Train the model of this program", ownTrainLong, ownTrainExample
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	e.Flags(flags)
	flags.BoolVar(&goOn, "resume", false, "go on with the newest run of these settings that was not finished (with --out: that folder's), or begin one")
	where.flag(flags)
	w.flag(flags)
	look.skip(flags)
	look.flag(flags)
	return cmd
}

var trainLong = `Train trains a network on a data set. Every run has a folder of its own in that of
--runs, or it is that of --out: with the experiment, all events, checkpoints, the
learning curve and the model, which descent predict applies.

FILE is an experiment: a YAML file that says what flags say, under the same names;
a flag wins over it. Descent init writes one to begin with, and every run has one.
Paths in it are relative to the folder that descent is called in.

A run that was interrupted or killed goes on by descent resume, and ends with the
same bits as if nothing had happened.

--data is one of
` + formsText() + `
A table on standard input is learned from as it arrives, each row once, unless
--epochs asks for several passes over it.

--model is one of
` + indent(nn.Specs) + `

With --function there are neither data nor a network: the optimizer descends the
function for --steps.`

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
func (a *app) settled(flags *experiment.Experiment, args []string) (*experiment.Experiment, error) {
	if len(args) == 0 {
		return flags, nil
	}
	base, err := experiment.Read(args[0])
	if errors.Is(err, fs.ErrNotExist) {
		hint := " (what to learn from goes behind --data)"
		if a.own != nil {
			hint = ""
		}
		return nil, fmt.Errorf("%w; want an experiment file, as %s init writes it%s", err, a.program, hint)
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

// saveModel writes the network with what descent predict needs, or the
// parameters of another model; a function has none worth a file.
func (a *app) saveModel(t *training, r *trainReport) error {
	if t.Function != nil {
		return nil
	}
	path := filepath.Join(a.dir, record.ModelFile)
	notes := map[string]string{
		"optimizer": r.Optimizer, "lr": fmt.Sprint(float64(r.LR)), "schedule": r.Schedule,
		"data": r.Data, "seed": fmt.Sprint(r.Seed), "steps": fmt.Sprint(r.Steps),
	}
	var err error
	if t.Net != nil {
		m := &model{net: t.Net, scaler: t.Data.Scaler, schema: t.Data.Schema, classes: t.Data.Classes}
		err = m.write(path, notes)
	} else {
		err = writeParameters(path, t.Session, notes)
	}
	if err != nil {
		return fmt.Errorf("the model cannot be saved: %w", err)
	}
	r.ModelFile = path
	r.Files = append(r.Files, path)
	return nil
}
