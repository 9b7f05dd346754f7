package cli

import (
	"path/filepath"

	"github.com/descent-go/descent/figure"
)

// draw draws the learning curve.
func (j *job) draw(r *trainReport) ([]string, error) {
	h := r.history
	c := figure.Learning{
		Style: titled(j.style, r.title(), r.method()),
	}
	var run figure.LearningRun
	per := 1.0
	if h.Started.PerEpoch > 0 {
		per, c.XLabel = float64(h.Started.PerEpoch), "epoch"
	}
	for i, step := range h.Steps {
		x := float64(step) / per
		run.TrainLoss.X, run.TrainLoss.Y = append(run.TrainLoss.X, x), append(run.TrainLoss.Y, float64(h.Losses[i]))
		run.Rate.X, run.Rate.Y = append(run.Rate.X, x), append(run.Rate.Y, float64(h.Rates[i]))
	}
	for _, e := range h.Evaluations {
		if e.Set == "test" {
			continue
		}
		x := float64(e.Step) / per
		acc := &run.TrainAcc
		if e.Set == "validation" {
			acc = &run.ValAcc
			run.ValLoss.X, run.ValLoss.Y = append(run.ValLoss.X, x), append(run.ValLoss.Y, float64(e.Loss))
		}
		if e.Labelled {
			acc.X, acc.Y = append(acc.X, x), append(acc.Y, float64(e.Accuracy))
		}
	}
	if len(h.Steps) == 0 {
		return nil, nil // nothing was learned before the end
	}
	if d := h.Diverged; d != nil {
		run.TrainLoss.X, run.TrainLoss.Y = append(run.TrainLoss.X, float64(d.Step+1)/per), append(run.TrainLoss.Y, float64(d.Loss))
		run.TrainLoss.Diverged = true
	}
	c.Runs = []figure.LearningRun{run}
	drawn, err := c.Figure()
	if err != nil {
		return nil, err
	}
	dir, err := j.run.Figures()
	if err != nil {
		return nil, err
	}
	return saveTo(dir, []picture{{"learning", drawn}})
}

// title names what was trained, and on what.
func (r *trainReport) title() string {
	if r.Data == "" {
		return r.Model + r.Function // one of them
	}
	return r.Model + " on " + filepath.Base(r.Data)
}
