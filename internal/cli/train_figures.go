package cli

import (
	"path/filepath"

	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/record"
	"github.com/descent-go/descent/train"
)

// draw draws the learning curve.
func (j *job) draw(r *trainReport) ([]string, error) {
	by := "step"
	if j.Source != nil && r.Epochs > 0 {
		by = "epoch"
	}
	curve, err := curveOf(j.run, by)
	if err != nil || len(curve.TrainLoss.Y) == 0 { // nothing was learned before the end
		return nil, err
	}
	drawn, err := figure.Learning{
		Style: titled(j.style, r.title(), r.method()), XLabel: by, Runs: []figure.LearningRun{curve},
	}.Figure()
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

// axes are what a learning curve can be drawn against.
var axes = []string{"step", "epoch", "examples", "seconds"}

// curveOf reads the learning curve of a run from its log, against one of axes.
func curveOf(run *record.Run, by string) (figure.LearningRun, error) {
	c := tracer{by: by}
	err := run.Events(func(at float64, e train.Event) error {
		c.event(at, e)
		return nil
	})
	return c.curve, err
}

// A tracer draws a learning curve from events.
type tracer struct {
	by       string
	perEpoch float64
	examples float64
	curve    figure.LearningRun
}

func (c *tracer) event(at float64, e train.Event) {
	switch e := e.(type) {
	case *train.Started:
		c.perEpoch = float64(e.PerEpoch)
	case *train.Step:
		c.examples += float64(e.Examples)
		if e.Skipped {
			return
		}
		x := c.x(at, e.Step)
		add(&c.curve.TrainLoss, x, e.Loss)
		add(&c.curve.Rate, x, e.Rate)
	case *train.Evaluation:
		loss, acc := &c.curve.ValLoss, &c.curve.ValAcc
		switch e.Set {
		case "test":
			return
		case "train":
			loss, acc = nil, &c.curve.TrainAcc
		}
		x := c.x(at, e.Step)
		if loss != nil {
			add(loss, x, float64(e.Loss))
		}
		if e.Labelled {
			add(acc, x, float64(e.Accuracy))
		}
	case *train.Diverged:
		add(&c.curve.TrainLoss, c.x(at, e.Step+1), float64(e.Loss))
		c.curve.TrainLoss.Diverged = true
	}
}

// x is where an event stands on the axis.
func (c *tracer) x(at float64, step int64) float64 {
	switch {
	case c.by == "seconds":
		return at
	case c.by == "examples":
		return c.examples
	case c.by == "epoch" && c.perEpoch > 0:
		return float64(step) / c.perEpoch
	}
	return float64(step)
}

func add(s *figure.Series, x, y float64) {
	s.X, s.Y = append(s.X, x), append(s.Y, y)
}
