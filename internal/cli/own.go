package cli

import (
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// calls finds the commands of descent in texts.
var calls = regexp.MustCompile(`\bdescent (train|resume|repeat|runs|init|rules|schedules|serve|compare|tune|find-lr|landscape)\b`)

// speak returns a text that says how descent is called for the program that is
// run.
func (a *app) speak(text string) string {
	if a.program == "descent" {
		return text
	}
	return calls.ReplaceAllStringFunc(text, func(call string) string {
		return a.program + strings.TrimPrefix(call, "descent")
	})
}

// rename makes the help of a command and of those below it speak of the program.
func (a *app) rename(cmd *cobra.Command) {
	cmd.Short, cmd.Long, cmd.Example = a.speak(cmd.Short), a.speak(cmd.Long), a.speak(cmd.Example)
	flag := func(f *pflag.Flag) { f.Usage = a.speak(f.Usage) }
	cmd.Flags().VisitAll(flag)
	cmd.PersistentFlags().VisitAll(flag)
	for _, c := range cmd.Commands() {
		a.rename(c)
	}
}

const ownLong = `This program trains a model of its own. Every run has a folder, from which it can
go on after whatever has ended it, and be repeated, compared and drawn.

` + exitCodes

const ownExample = `  descent train --optimizer sgd:momentum=0.9 --lr 0.01 --schedule onecycle
  descent resume latest
  descent runs
  descent rules adamw`

const ownTrainLong = `Train trains the model of this program. Every run has a folder of its own in that of
--runs, or it is that of --out: with the experiment, all events, checkpoints, the
learning curve and the parameters.

FILE is an experiment: a YAML file that says what flags say, under the same names;
a flag wins over it. Init writes one to begin with, and every run has one.

A run that was interrupted or killed goes on by descent resume, and ends with the
same bits as if nothing had happened.`

const ownTrainExample = `  descent train --optimizer sgd:momentum=0.9 --lr 0.01 --steps 2000
  descent train experiment.yaml --seed 2
  descent train --checkpoint-every 500 --keep 3 --resume`
