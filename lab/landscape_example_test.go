package lab_test

import (
	"context"
	"fmt"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/lab"
)

// The path to a minimum in eight dimensions, and how much of it a plane shows.
func ExampleSurvey() {
	e, err := experiment.Parse("e.yaml", []byte("function: rosenbrock-n:n=8\noptimizer: adam\nlr: 0.02\nsteps: 2000"))
	if err != nil {
		panic(err)
	}
	task, err := lab.NewTask(context.Background(), e, experiment.Inputs{})
	if err != nil {
		panic(err)
	}
	l, err := lab.Survey(context.Background(), task, lab.LandscapeOptions{Grid: 31, Optimizers: []string{"sgd:lr=0.001"}})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%d × %d losses round %.3g\n", len(l.X), len(l.Y), float64(l.Center))
	for _, path := range l.Paths {
		fmt.Printf("%s: %.1f %% of its variance in the plane\n", path.Optimizer, 100*float64(path.Projection.Share))
	}
	// Output:
	// 31 × 31 losses round 2.57
	// adam: 95.8 % of its variance in the plane
	// sgd: 89.2 % of its variance in the plane
}
