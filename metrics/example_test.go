package metrics_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"

	"github.com/descent-go/descent/metrics"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/train"
)

// A run is followed at http://127.0.0.1:9090/metrics, say, for which the
// address is ":9090".
func Example() {
	m, err := metrics.New(metrics.Options{Labels: map[string]string{"run": "first"}})
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	addr, err := m.Serve(ctx, ":0")
	if err != nil {
		log.Fatal(err)
	}

	parabola, err := problem.Resolve("parabola")
	if err != nil {
		log.Fatal(err)
	}
	model, err := train.Function(parabola.Problem(), []float64{1, 2})
	if err != nil {
		log.Fatal(err)
	}
	o := train.Defaults(optim.NewSGD())
	o.LR, o.Steps = 0.25, 3
	if _, err := train.Run(ctx, model, nil, o, m); err != nil {
		log.Fatal(err)
	}

	response, err := http.Get("http://" + addr + "/metrics")
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		log.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "descent_loss") || strings.HasPrefix(line, "descent_steps_total") || strings.HasPrefix(line, "descent_run_state") {
			fmt.Print(line)
		}
	}
	// Output:
	// descent_loss 0.3125
	// descent_run_state{state="steps"} 1
	// descent_steps_total 3
}
