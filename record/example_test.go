package record_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/record"
	"github.com/descent-go/descent/train"
)

// A program of one's own keeps its runs as the command line does: a folder for
// each, with settings, events and checkpoints. Descent runs lists them too.
func Example() {
	root, err := os.MkdirTemp("", "descent-example-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(root) }()
	for _, rate := range []float64{0.02, 0.05, 0.1} {
		if err := minimize(root, rate); err != nil {
			fmt.Println(err)
			return
		}
	}

	index, err := record.OpenIndex(root)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer index.Close()
	low, err := record.ParseCondition("final_loss<0.1")
	if err != nil {
		fmt.Println(err)
		return
	}
	runs, err := index.List(record.Query{Where: []record.Condition{low}, Sort: "final_loss"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range runs {
		fmt.Printf("%s, rate %s: %s, loss %.0e\n", r.Name, r.Settings["lr"], r.Status, r.Metrics["final_loss"])
	}
	// Output:
	// valley, rate 0.1: finished, loss 1e-05
	// valley, rate 0.05: finished, loss 2e-03
}

// minimize descends Rosenbrock's valley, in a run of its own.
func minimize(root string, rate float64) error {
	run, err := record.Create(root, record.CreateOptions{
		Name: "valley", Now: time.Now(),
		Experiment: fmt.Appendf(nil, "name: valley\noptimizer: adam\nlr: %g\n", rate),
	})
	if err != nil {
		return err
	}
	defer run.Close()
	log, err := run.Log(time.Now)
	if err != nil {
		return err
	}
	defer log.Close()
	store, err := run.Checkpoints(3)
	if err != nil {
		return err
	}
	valley, err := problem.ResolveProblem("rosenbrock")
	if err != nil {
		return err
	}
	model, err := train.Function(valley, []float64{-1.2, 1})
	if err != nil {
		return err
	}
	o := train.Defaults(optim.NewAdam())
	o.LR, o.Steps = rate, 1000
	o.Checkpoints = &train.Checkpoints{Store: store, Every: 250, Resume: true}
	_, err = train.Run(context.Background(), model, nil, o, log)
	return err
}
