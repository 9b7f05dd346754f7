package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// newRoot returns the command line: this is its table of contents.
func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   a.program,
		Short: "A lab for gradient descent",
		Long: `Descent draws the paths that optimizers take on functions, trains small networks,
keeps what happened, and shows every rule, schedule and function that there is.

` + exitCodes,
		Example: `  descent run --function rosenbrock --optimizer adam --lr 0.1
  descent train --data digits --model mlp:64,32 --schedule onecycle
  descent resume latest
  descent rules adamw`,
		Args:              unknownCommand,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceErrors:     true,
		SilenceUsage:      true,
		Version:           version(),
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},

		SuggestionsMinimumDistance: 2,
	}
	root.SetFlagErrorFunc(flagError)
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".FlagUsages", ".FlagUsagesWrapped 96"))
	a.globals(root.PersistentFlags())
	root.AddGroup(&cobra.Group{ID: "do", Title: "Do:"}, &cobra.Group{ID: "look", Title: "Look up:"})
	root.AddCommand(
		newTrain(a),
		newResume(a),
		newRepeat(a),
		newCompare(a),
		newFindLR(a),
		newTune(a),
		newRuns(a),
		newLandscape(a),
		newRedraw(a),
		newInit(a),
		newRules(a),
		newSchedules(a),
		newServe(a),
	)
	if a.own != nil {
		root.Short, root.Long, root.Example = "Train the model of this program", ownLong, ownExample
		a.rename(root)
		return root
	}
	root.AddCommand(
		newRun(a),
		newShow(a),
		newPredict(a),
		newFunctions(a),
		newMemory(a),
		newBench(a),
	)
	return root
}

// execute runs the command line until it ends or the context does.
func execute(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return (&app{program: "descent", in: stdin, out: stdout, diag: stderr}).execute(ctx, args)
}

func (a *app) execute(ctx context.Context, args []string) int {
	a.args = args
	root := newRoot(a)
	root.SetArgs(args)
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.diag)
	cmd, err := root.ExecuteContextC(ctx)
	code := exitCode(err)
	if err == nil || code == exitUnread || errors.Is(err, errDiverged) || errors.Is(err, errInterrupted) || errors.Is(err, errDiffers) {
		return code // shown already, or to nobody
	}
	for _, e := range complaints(err) {
		fmt.Fprintf(a.diag, "%s: %v\n", a.program, e)
	}
	if code == exitUsage {
		fmt.Fprintf(a.diag, "Try: %s --help\n", cmd.CommandPath())
	}
	return code
}

// complaints returns the errors that errors.Join has made one of.
func complaints(err error) []error {
	var all []error
	if many, ok := err.(interface{ Unwrap() []error }); ok && errors.Join(many.Unwrap()...).Error() == err.Error() {
		for _, e := range many.Unwrap() {
			all = append(all, complaints(e)...)
		}
		return all
	}
	return []error{err}
}

func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	near := ""
	if s := cmd.SuggestionsFor(args[0]); len(s) > 0 {
		near = ", did you mean " + strings.Join(s, " or ") + "?"
	}
	names := ""
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names += " " + c.Name()
		}
	}
	return usagef("no command %q%s (there are:%s)", args[0], near, names)
}

// version returns the version that the module was built at.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(unknown)"
}
