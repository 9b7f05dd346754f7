// Command digits trains a network on generated handwritten digits: weights are
// decayed, biases are not, the rate follows one cycle, and what happens arrives
// as events.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/nn"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/schedule"
	"github.com/descent-go/descent/train"
)

func main() {
	if err := run(context.Background(), os.Stdout, 8000, 6); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, w io.Writer, examples, epochs int) error {
	all, err := data.Digits(examples+examples/4, 1)
	if err != nil {
		return err
	}
	learning, test := all.Head(examples), all.Tail(examples/4)
	net, err := nn.Parse("mlp:128,64", learning.Dim, len(learning.Classes), nn.Classify)
	if err != nil {
		return err
	}
	net.Init(1)
	batches, err := data.NewBatches(learning, 32, 1)
	if err != nil {
		return err
	}

	plain := optim.NewAdamW()
	plain.Decay = 0
	o := train.Defaults(nil)
	o.Groups = []optim.Group{optim.Where(optim.Rank(1), plain), optim.All(optim.NewAdamW())}
	o.LR, o.Epochs, o.Test, o.CycleMomentum = 0.005, epochs, test, true
	if o.Schedule, err = schedule.Parse("onecycle", train.PlannedSteps(batches, o)); err != nil {
		return err
	}
	progress := train.SinkFunc(func(e train.Event) {
		if e, ok := e.(*train.EpochEnd); ok {
			_, _ = fmt.Fprintf(w, "epoch %d: loss %.3f\n", e.Epoch, e.Loss)
		}
	})
	result, err := train.Run(ctx, net, batches, o, progress)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%.1f %% of %d test digits read rightly\n", 100**result.TestAccuracy, test.Len())
	return err
}
