package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The exit codes. They are part of the interface: see the help of descent.
const (
	exitOK          = 0
	exitFailure     = 1
	exitUsage       = 2
	exitDiverged    = 3
	exitInterrupted = 130
	exitUnread      = 141
	exitTerminated  = 143
)

const exitCodes = `Exit codes: 0 success, 1 failure (a file, the data), 2 wrong usage, 3 every run
diverged (results are written all the same), 130 interrupted, 143 terminated (so
are they; descent resume goes on with the run), 141 nobody reads the output.`

// errDiverged, errInterrupted and errDiffers say that a command has shown its results, and
// which code it ends with.
var (
	errDiverged    = errors.New("diverged")
	errInterrupted = errors.New("interrupted")
	errDiffers     = errors.New("differs")
)

// A usageError is a mistake on the command line itself.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

// badFlag says that the value of a flag is wrong, and why.
func badFlag(name string, value any, err error) error {
	if value == "" {
		value = `""`
	}
	return usagef("--%s %v: %w", name, value, err)
}

// exitCode returns the code for what a command returned.
func exitCode(err error) int {
	var usage *usageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errDiverged):
		return exitDiverged
	case errors.Is(err, errInterrupted), errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.Is(err, syscall.EPIPE):
		return exitUnread
	case errors.As(err, &usage):
		return exitUsage
	}
	return exitFailure
}

// flagError turns what the flag parser says into words for people.
func flagError(_ *cobra.Command, err error) error {
	var bad *pflag.InvalidValueError
	if !errors.As(err, &bad) {
		return &usageError{err}
	}
	want := map[string]string{
		"int": "a whole number", "int64": "a whole number", "uint64": "a whole number of at least 0",
		"float64": "a number", "bool": "true or false",
	}[bad.GetFlag().Value.Type()]
	if want == "" {
		return &usageError{err}
	}
	return usagef("--%s %q: want %s", bad.GetFlag().Name, bad.GetValue(), want)
}

// positional returns a check of the arguments that are not flags: at most n.
func positional(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) <= n {
			return nil
		}
		want := "flags only"
		if n > 0 {
			want = fmt.Sprintf("at most %d", n)
		}
		return usagef("%s: unexpected argument %q, want %s", cmd.CommandPath(), strings.Join(args[n:], " "), want)
	}
}
