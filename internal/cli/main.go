// Package cli is the command line: root.go is its table of contents, and every
// command has a file of its name.
package cli

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Execute runs the command line and returns its exit code. The first interrupt
// ends the command at its next step, with what it has so far; the second one
// kills the process.
func Execute(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return execute(ctx, args, stdin, stdout, stderr)
}
