// Command ownmodel is the whole command line of descent for a model of its own:
// matrix factorisation, which learns from a few ratings what users will think of
// all the other items. Its gradient is written by hand, and no layer of a network
// is involved.
//
//	go run ./examples/ownmodel train --optimizer adamw --lr 0.02 --epochs 30 --schedule onecycle
//	go run ./examples/ownmodel train --lr 0.02 --epochs 300 --checkpoint-every 500   # Ctrl-C
//	go run ./examples/ownmodel resume latest
//	go run ./examples/ownmodel repeat latest
//	go run ./examples/ownmodel runs
//
// What a program brings is two methods, Params and Loss. Evaluate lets it be
// validated and tested, Init begins runs from a seed. See factors.go.
//
// The command line is no more than the library with flags. A program that wants
// none writes, with its errors checked,
//
//	model.Init(seed)
//	batches, err := data.NewBatches(ratings, 32, seed)
//	store, err := checkpoint.Open("checkpoints", 3)
//	o := train.Defaults(optim.NewAdamW())
//	o.LR, o.Epochs, o.Validation = 0.02, 30, others
//	o.Patience, o.KeepBest = 5, true
//	o.Checkpoints = &train.Checkpoints{Store: store, Every: 500, Resume: true}
//	history := &train.History{}
//	log := train.SinkFunc(func(e train.Event) {
//		if e, ok := e.(*train.EpochEnd); ok {
//			fmt.Println(e.Epoch, e.Loss)
//		}
//	})
//	result, err := train.Run(ctx, model, batches, o, history, log)
//
// as the example of package descent does, and that of package record with a
// folder for each run.
//
// The ratings are made by a model of the same form with noise, so the best error
// that anybody can reach on the test set is known: 0.25, the noise's. The first
// command comes to about 0.265, or a mean squared error of 0.070.
package main

import (
	"log"

	"github.com/descent-go/descent"
	"github.com/descent-go/descent/data"
)

const (
	users = 300
	items = 200
	rank  = 3 // features of taste
)

func main() {
	ratings := generate(24_000, 1)
	model, err := newFactors(users, items, rank)
	if err != nil {
		log.Fatal(err)
	}
	descent.Main(model, &data.Sets{Train: ratings.Head(20_000), Test: ratings.Tail(4_000)})
}
