package lab_test

import (
	"context"
	"fmt"
	"log"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/lab"
)

// Which of two rules is the better one for a problem and a budget, each at the
// learning rate that suits it.
func ExampleCompare() {
	ctx := context.Background()
	e, err := experiment.Parse("example.yaml", []byte("function: quadratic:n=20,kappa=1000\nsteps: 200\n"))
	if err != nil {
		log.Fatal(err)
	}
	task, err := lab.NewTask(ctx, e, experiment.Inputs{})
	if err != nil {
		log.Fatal(err)
	}
	o := lab.DefaultCompare()
	o.Tasks = []*lab.Task{task}
	for _, spec := range []string{"sgd", "momentum", "adam:lr=0.01"} {
		c, err := lab.ParseContender(spec)
		if err != nil {
			log.Fatal(err)
		}
		o.Contenders = append(o.Contenders, c)
	}
	c, err := lab.Compare(ctx, o)
	if err != nil {
		log.Fatal(err)
	}
	for _, row := range c.Tasks[0].Rows {
		fmt.Printf("%-8s  rate %.3g  value %.3g  untuned %.3g\n", row.Name, row.Rate, float64(row.Final.Median), float64(row.Untuned.Final.Median))
	}
	fmt.Println(c.Summary)
	// Output:
	// adam      rate 0.2  value 5.17e-07  untuned 0.396
	// momentum  rate 0.00316  value 1.15e-06  untuned 0.00867
	// sgd       rate 0.00159  value 1.29  untuned 2.47
	// adam is the best: its value is clearly the lowest. The next, momentum, ends 2.23 times as high (1.87 to 2.73).
}

// A pool runs trials; outcomes are in their order, for any number at a time.
func ExamplePool() {
	ctx := context.Background()
	e, err := experiment.Parse("example.yaml", []byte("function: rosenbrock\nsteps: 1000\n"))
	if err != nil {
		log.Fatal(err)
	}
	task, err := lab.NewTask(ctx, e, experiment.Inputs{})
	if err != nil {
		log.Fatal(err)
	}
	var trials []lab.Trial
	for _, rate := range []string{"0.001", "0.1", "10"} {
		trials = append(trials, lab.Trial{Settings: lab.Settings{"optimizer": "momentum", "lr": rate}, Seed: 1})
	}
	pool := lab.Pool{Parallel: 2}
	outcomes, err := pool.Run(ctx, task, trials)
	if err != nil {
		log.Fatal(err)
	}
	for _, o := range outcomes {
		if o.Diverged != nil {
			fmt.Printf("rate %s: diverged at step %d\n", o.Settings["lr"], o.Diverged.Step)
			continue
		}
		fmt.Printf("rate %s: %.3g\n", o.Settings["lr"], float64(o.Final))
	}
	// Output:
	// rate 0.001: 2.16e-05
	// rate 0.1: diverged at step 1
	// rate 10: diverged at step 1
}
