// Command descent is a lab for gradient descent: it draws the paths that
// optimizers take, trains small networks, and shows every rule, schedule and
// function that there is.
//
//	descent run --function rosenbrock --optimizer adam --lr 0.1
//	descent train
//	descent help
package main

import (
	"os"

	"github.com/descent-go/descent/internal/cli"
)

func main() { os.Exit(cli.Execute(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
