package descent

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/internal/cli"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/train"
)

// Main makes a program of a model and the data it learns from: it runs the
// command line in os.Args and exits. The commands are those of descent for a
// model that descent does not know:
//
//	train      train, by flags or a file of settings, in a folder of its own
//	resume     go on with a run that was interrupted or killed, to the same bits
//	repeat     run again, and say whether the result is the same bits
//	runs       list, show, compare, plot, export, tag and delete runs
//	init       write a file of settings to begin with
//	rules      the optimizers
//	schedules  the learning-rate schedules
//	serve      the page: the lab in a browser
//
// A model with a method Init(seed uint64) is initialized by it; any other begins
// every run where its parameters are when Main is called. Examples to test on
// and to validate with, which --val sets apart from the training set, need a
// [train.Evaluator]. Sets that are nil make the model a function of its
// parameters alone: Loss is called with a nil batch, and --steps says how long.
//
// What a model is called in runs comes from its method Spec() string or String()
// string; without either it is its type. Resuming compares the type and the
// spec, names and shapes of all parameters, a checksum of the examples and, of a
// model that has the method Settings() map[string]string, what that returns:
// whatever else decides the loss belongs there. For the promise of the same bits
// Loss must be a function of parameters, batch and the streams of a
// [train.Randomised]; see also [train.Buffered].
//
// The program ends with code 0 for success, 1 for a failure, 2 for wrong usage, 3
// for a run that diverged, and 130 or 143 for one that SIGINT or SIGTERM has
// interrupted, when it can be resumed.
func Main[F optim.Float](model train.Model[F], sets *data.Sets) {
	os.Exit(Execute(model, sets, os.Args, os.Stdin, os.Stdout, os.Stderr))
}

// Execute is Main with arguments and streams of the caller's, args[0] being the
// name of the program; it returns the exit code. It catches SIGINT and SIGTERM
// while it runs. Commands that go on with a run change the working directory to
// the one in which the run was started.
func Execute[F optim.Float](model train.Model[F], sets *data.Sets, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	name := "program"
	if len(args) > 0 && args[0] != "" {
		name, args = programName(args[0]), args[1:]
	}
	own, err := experiment.NewOwn(model, sets)
	if err != nil {
		fmt.Fprintf(stderr, "%s: %v\n", name, err)
		return 1
	}
	return cli.ExecuteOwn(name, own, args, stdin, stdout, stderr)
}

// programName returns what a program is called by those who call it.
func programName(path string) string {
	return strings.TrimSuffix(filepath.Base(path), ".exe")
}
