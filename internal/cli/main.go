// Package cli is the command line: root.go is its table of contents, and every
// command has a file of its name.
package cli

import (
	"context"
	"io"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/web"
)

// Execute runs the command line and returns its exit code. The first interrupt
// or SIGTERM ends the command at its next step, with what it has so far; the
// second one kills the process. A reader of standard output or standard error
// that goes away kills nothing: a training goes on to its end.
func Execute(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return (&app{program: "descent", in: stdin, out: stdout, diag: stderr}).heed(args)
}

// ExecuteOwn is Execute for a program with a model of its own.
func ExecuteOwn(program string, own *experiment.Own, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return (&app{program: program, own: own, in: stdin, out: stdout, diag: stderr}).heed(args)
}

// heed executes the command line and heeds signals.
func (a *app) heed(args []string) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	unread := make(chan os.Signal, 1)
	signal.Notify(unread, syscall.SIGPIPE) // or it would kill: the failed write is all there is to know
	defer signal.Stop(unread)
	signals := make(chan os.Signal, 1)
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		if !signal.Ignored(s) { // as it is in the background of a shell script
			signal.Notify(signals, s)
		}
	}
	defer signal.Stop(signals)
	leave, err := web.Attend()
	if err != nil {
		a.warn("%v", err)
		return exitFailure
	}
	var terminated atomic.Bool
	go func() {
		select {
		case s := <-signals:
			terminated.Store(s == syscall.SIGTERM)
			signal.Stop(signals) // the next one has its usual effect
			cancel()
		case <-ctx.Done():
		}
	}()
	code := a.execute(ctx, args)
	if code == exitInterrupted && terminated.Load() {
		code = exitTerminated
	}
	leave(code)
	return code
}
