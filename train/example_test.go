package train_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/descent-go/descent/checkpoint"
	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/nn"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/schedule"
	"github.com/descent-go/descent/train"
)

// A function is minimized without a source of data.
func ExampleRun_function() {
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
	res, err := train.Run(context.Background(), model, nil, o)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("f(%.4f, %.4f) = %.1e after %d steps\n", res.Point[0], res.Point[1], res.FinalLoss, res.Steps)
	// Output:
	// f(0.9965, 0.9930) = 1.2e-05 after 1000 steps
}

// A network learns from batches, its rate and momentum on a cycle.
func ExampleRun() {
	all, err := data.Digits(2000, 1)
	if err != nil {
		log.Fatal(err)
	}
	digits, test := all.Head(1600), all.Tail(400)
	net, err := nn.Parse("mlp:64", digits.Dim, len(digits.Classes), nn.Classify)
	if err != nil {
		log.Fatal(err)
	}
	batches, err := data.NewBatches(digits, 32, 1)
	if err != nil {
		log.Fatal(err)
	}
	o := train.Defaults(optim.NewAdamW())
	o.LR, o.Epochs, o.Test = 0.01, 5, test
	cycle, err := schedule.Parse("onecycle", train.PlannedSteps(batches, o))
	if err != nil {
		log.Fatal(err)
	}
	o.Schedule, o.CycleMomentum = cycle, true
	epochs := train.SinkFunc(func(e train.Event) {
		if e, ok := e.(*train.EpochEnd); ok {
			fmt.Printf("epoch %d: loss %.3f\n", e.Epoch, e.Loss)
		}
	})
	res, err := train.Run(context.Background(), net, batches, o, epochs)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("test accuracy %.3f\n", *res.TestAccuracy)
	// Output:
	// epoch 1: loss 1.654
	// epoch 2: loss 0.615
	// epoch 3: loss 0.301
	// epoch 4: loss 0.158
	// epoch 5: loss 0.104
	// test accuracy 0.910
}

// Too high a rate is reported, not suffered.
func ExampleDiverged() {
	f, err := problem.Resolve("x^2 + 10*y^2")
	if err != nil {
		log.Fatal(err)
	}
	model, err := train.Function(f.Problem(), []float64{1, 1})
	if err != nil {
		log.Fatal(err)
	}
	o := train.Defaults(optim.NewSGD())
	o.LR, o.Steps = 0.2, 1000
	res, err := train.Run(context.Background(), model, nil, o)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.Verdict)
	// Output:
	// diverged at step 7: the loss has grown from 11 to 4.783e+07; the gradient is steepest in "x", element 1; each update reverses the last, so the rate 0.2 is too high
}

// Diagnostics show why: the rate is above the edge of stability, 2 over the
// largest curvature. Every step goes further than to the other side of the
// valley (α above 1), and the gradient reverses each time.
func ExampleDiagnostics() {
	f, err := problem.Resolve("x^2 + 10*y^2")
	if err != nil {
		log.Fatal(err)
	}
	model, err := train.Function(f.Problem(), []float64{1, 1})
	if err != nil {
		log.Fatal(err)
	}
	o := train.Defaults(optim.NewSGD())
	o.LR, o.Steps = 0.105, 12
	o.Diagnose = &train.Diagnostics{Every: 4, Cosine: true, Line: true, Sharpness: true}
	diagnoses := train.SinkFunc(func(e train.Event) {
		if d, ok := e.(*train.Diagnosis); ok {
			fmt.Printf("step %2d: rate %.3f, edge %.3f; sharpness %.2f, %.2f along the update; α %.2f, cosine %.2f\n",
				d.Step, d.Rate, d.Edge, d.Sharpness, d.Along, d.Alpha, d.Cosine)
		}
	})
	if _, err := train.Run(context.Background(), model, nil, o, diagnoses); err != nil {
		log.Fatal(err)
	}
	// Output:
	// step  4: rate 0.105, edge 0.100; sharpness 20.00, 19.98 along the update; α 1.10, cosine -1.00
	// step  8: rate 0.105, edge 0.100; sharpness 20.00, 20.00 along the update; α 1.10, cosine -1.00
	// step 12: rate 0.105, edge 0.100; sharpness 20.00, 20.00 along the update; α 1.10, cosine -1.00
}

// A run that is stopped goes on from its checkpoint, in this process or another
// one, as if nothing had been.
func ExampleCheckpoints() {
	dir, err := os.MkdirTemp("", "descent-example-")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	minimize := func(steps int64) {
		valley, err := problem.ResolveProblem("rosenbrock")
		if err != nil {
			log.Fatal(err)
		}
		model, err := train.Function(valley, nil)
		if err != nil {
			log.Fatal(err)
		}
		store, err := checkpoint.Open(dir, 3)
		if err != nil {
			log.Fatal(err)
		}
		o := train.Defaults(optim.NewAdam())
		o.LR, o.Steps = 0.05, steps
		o.Checkpoints = &train.Checkpoints{Store: store, Every: 100, Resume: true}
		res, err := train.Run(context.Background(), model, nil, o, train.SinkFunc(func(e train.Event) {
			switch e := e.(type) {
			case *train.Started:
				fmt.Println("started")
			case *train.Resumed:
				fmt.Println("resumed at step", e.Step)
			}
		}))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%d steps: %.3f\n", res.Steps, res.Point)
	}
	minimize(250)
	minimize(1000)
	// Output:
	// started
	// 250 steps: [-0.382 0.149]
	// resumed at step 250
	// 1000 steps: [0.952 0.907]
}
