package cli

import (
	"context"
	"strconv"

	"github.com/spf13/pflag"

	"github.com/descent-go/descent/metrics"
	"github.com/descent-go/descent/record"
	"github.com/descent-go/descent/tensorboard"
	"github.com/descent-go/descent/train"
)

// watching says where people look at a run while it goes on.
type watching struct {
	plain       bool
	metrics     string
	tensorboard bool
}

func (w *watching) flag(flags *pflag.FlagSet) {
	flags.BoolVar(&w.plain, "plain", false, "progress as lines, one for each evaluation, on a terminal too")
	flags.BoolVar(&w.tensorboard, "tensorboard", false, "write event files for TensorBoard to the run's folder")
	flags.StringVar(&w.metrics, "metrics", "", "serve metrics for Prometheus at this `address`, such as :9090, which is on 127.0.0.1")
}

// audience returns the sinks that the flags ask for.
func (a *app) audience(ctx context.Context, j *job) ([]train.Sink, error) {
	var sinks []train.Sink
	if j.metrics != "" {
		m, err := metrics.New(metrics.Options{Labels: map[string]string{"run": j.run.ID, "model": j.Model}})
		if err != nil {
			return nil, err
		}
		address, err := m.Serve(ctx, j.metrics)
		if err != nil {
			return nil, badFlag("metrics", j.metrics, err)
		}
		a.note("metrics at http://%s/metrics", address)
		sinks = append(sinks, m)
	}
	if !j.tensorboard {
		return sinks, nil
	}
	settings, _, err := record.ParseExperiment(j.run.ID, j.Experiment.YAML())
	if err != nil {
		return sinks, err
	}
	hyper := map[string]any{}
	for _, s := range settings {
		if v, err := strconv.ParseFloat(s.Value, 64); err == nil {
			hyper[s.Key] = v
		} else {
			hyper[s.Key] = s.Value
		}
	}
	w, err := tensorboard.New(j.run.Path("tensorboard"), tensorboard.Options{Settings: hyper})
	if err != nil {
		return sinks, err
	}
	every := max(train.PlannedSteps(j.Source, j.Options)/20, 1)
	if j.Params != nil {
		err = tensorboard.Watch(w, j.Params, every)
	} else {
		err = tensorboard.Watch(w, j.Params64, every)
	}
	return append(sinks, w), err
}
