package export_test

import (
	"context"
	"log"
	"os"

	"github.com/descent-go/descent/export"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/train"
)

// Events come from anywhere, such as from a run that is just made.
func Example() {
	parabola, err := problem.Resolve("parabola")
	if err != nil {
		log.Fatal(err)
	}
	run := export.Run{Name: "sgd", Events: func(yield func(at float64, e train.Event) error) error {
		model, err := train.Function(parabola.Problem(), []float64{1, 2})
		if err != nil {
			return err
		}
		o := train.Defaults(optim.NewSGD())
		o.LR, o.Steps, o.Measure = 0.25, 3, true
		var failed error
		_, err = train.Run(context.Background(), model, nil, o, train.SinkFunc(func(e train.Event) {
			if failed == nil {
				failed = yield(0, e)
			}
		}))
		if failed != nil {
			return failed
		}
		return err
	}}
	if err := export.WriteSteps(os.Stdout, export.CSV, run); err != nil {
		log.Fatal(err)
	}
	// Output:
	// run,time,step,epoch,loss,rate,examples,grad_norm,update_norm,param_norm,clipped,skipped,value,point
	// sgd,0,1,0,5,0.25,0,4.47213595499958,1.118033988749895,2.23606797749979,false,false,,
	// sgd,0,2,0,1.25,0.25,0,2.23606797749979,0.5590169943749475,1.118033988749895,false,false,,
	// sgd,0,3,0,0.3125,0.25,0,1.118033988749895,0.2795084971874737,0.5590169943749475,false,false,,
}
