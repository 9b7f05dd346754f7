package lab_test

import (
	"context"
	"fmt"
	"log"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/lab"
)

// A search for the rate and the momentum of plain gradient descent in Rosenbrock's
// valley, in which most tries end early.
func ExampleTune() {
	e, err := experiment.Parse("valley.yaml", []byte("function: rosenbrock\noptimizer: sgd\nlr: 1e-4\nsteps: 500\n"))
	if err != nil {
		log.Fatal(err)
	}
	task, err := lab.NewTask(context.Background(), e, experiment.Inputs{})
	if err != nil {
		log.Fatal(err)
	}
	o := lab.DefaultTune()
	o.Space, err = lab.ParseSpace([]string{"lr=1e-6..1e-1 log", "optimizer.momentum=0..0.99"})
	if err != nil {
		log.Fatal(err)
	}
	o.Pruner, o.Trials, o.Budget = lab.ASHA, 0, 20*task.Steps()
	found, err := lab.Tune(context.Background(), task, o)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d tries for the price of %.0f; clearly better: %v\n", len(found.Tries), found.Spent, found.Clear && found.Improved)
	fmt.Printf("value %.1e, %.1e as it was\n", found.Tuned.Final.Median, found.Untuned.Final.Median)
	// Output:
	// 104 tries for the price of 20; clearly better: true
	// value 4.3e-05, 4.1e+00 as it was
}
