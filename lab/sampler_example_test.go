package lab_test

import (
	"fmt"

	"github.com/descent-go/descent/lab"
)

// A search of one's own: places from a sampler, what they stand for, and what came
// of them.
func ExampleNewSampler() {
	space, err := lab.ParseSpace([]string{
		"lr=1e-4..1 log",
		"optimizer={adam,sgd}",
		"optimizer.momentum=0..0.9 step 0.1 if optimizer=sgd",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	sampler, err := lab.NewSampler("sobol", space, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	var history []lab.Observation
	for range 4 {
		u := sampler.Next(history)
		settings, err := space.Settings(space.At(u))
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(settings["lr"], settings["optimizer"])
		history = append(history, lab.Observation{U: u, Loss: 1}) // of a training
	}
	// Output:
	// 0.003282 adam
	// 0.03186 sgd:momentum=0.8
	// 0.1524 adam
	// 0.0001282 sgd:momentum=0.7
}

func ExampleParseSpace() {
	_, err := lab.ParseSpace([]string{"lr=1e-4..1 logarithmic"})
	fmt.Println(err)
	space, err := lab.ParseSpace([]string{"optimizer.beta2=0.9..1"})
	if err == nil {
		err = space.Check()
	}
	fmt.Println(err)
	// Output:
	// lab: dimension "lr=1e-4..1 logarithmic": "logarithmic", want log, int, step S or if KEY=VALUE
	// lab: dimension optimizer.beta2=0.9..1: optimizer.beta2 = 1: optim: AdamW.Beta2 = 1, want [0, 1)
}
