package tensorboard_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/tensorboard"
	"github.com/descent-go/descent/train"
)

// A run is a folder; "tensorboard --logdir runs" shows all runs below.
func Example() {
	runs, err := os.MkdirTemp("", "runs")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(runs) }()
	f, err := problem.Resolve("rosenbrock")
	if err != nil {
		log.Fatal(err)
	}
	model, err := train.Function(f.Problem(), []float64{-1.2, 1})
	if err != nil {
		log.Fatal(err)
	}
	o := train.Defaults(optim.NewAdam())
	o.LR, o.Steps = 0.1, 1000

	board, err := tensorboard.New(filepath.Join(runs, "adam"), tensorboard.Options{
		Settings: map[string]any{"optimizer": "adam", "learning-rate": o.LR},
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := tensorboard.Watch(board, model.Params(), 100); err != nil {
		log.Fatal(err)
	}
	if _, err := train.Run(context.Background(), model, nil, o, board); err != nil {
		log.Fatal(err)
	}
	if err := board.Close(); err != nil {
		log.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(runs, "adam", "events.out.tfevents.*"))
	fmt.Println(len(files), err)
	// Output: 1 <nil>
}
