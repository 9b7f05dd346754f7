// Command descent is a lab for gradient descent: it draws the paths that
// optimizers take, trains small networks, and shows every rule, schedule and
// function that there is.
//
//	descent run --function rosenbrock --optimizer adam --lr 0.1
//	descent train
//	descent help
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(Execute(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// Execute runs the command line and returns its exit code. The first interrupt
// ends the command at its next step, with what it has so far; the second one
// kills the process.
func Execute(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return execute(ctx, args, stdin, stdout, stderr)
}
