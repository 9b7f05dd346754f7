package lab

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/train"
)

const (
	// mostPoints of a path are kept, its end included.
	mostPoints = 200
	// mostValues is how many parameters all points of all paths have at most,
	// unless that leaves a path less than fewestPoints: a gibibyte.
	mostValues   = 1 << 27
	fewestPoints = 16
)

// A trail is a sink that keeps points of a path: every step's until there are too
// many, then every second one's, and so on.
type trail struct {
	limit  int
	every  int64
	steps  []int64
	points [][]float64
	told   func(done, total int64)
	total  int64
}

// Event keeps the start and the points of steps.
func (k *trail) Event(e train.Event) {
	switch e := e.(type) {
	case *train.Started:
		k.total = e.Steps
		k.keep(0, e.Point)
		k.told(0, k.total)
	case *train.Step:
		if !e.Skipped {
			k.keep(e.Step, e.Point)
		}
		if e.Step%64 == 0 {
			k.told(e.Step, k.total)
		}
	}
}

func (k *trail) keep(step int64, point []float64) {
	if step%k.every != 0 || slices.ContainsFunc(point, wild) {
		return
	}
	if len(k.steps) == k.limit {
		k.every *= 2
		n := 0
		for i, s := range k.steps {
			if s%k.every == 0 {
				k.steps[n], k.points[n] = s, k.points[i]
				n++
			}
		}
		clear(k.points[n:])
		k.steps, k.points = k.steps[:n], k.points[:n]
		if step%k.every != 0 {
			return
		}
	}
	k.steps, k.points = append(k.steps, step), append(k.points, slices.Clone(point))
}

func wild(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }

// routes trains the task's own experiment and the other rules. The session of the
// task's own holds its model; it is trained last, as all may share one model.
func (t *Task) routes(ctx context.Context, o LandscapeOptions) (own *experiment.Session, routes []Route, err error) {
	routes = make([]Route, 1+len(o.Optimizers))
	for i := len(o.Optimizers); i >= 0; i-- {
		var settings Settings
		if i > 0 {
			if settings, err = settingsOf(o.Optimizers[i-1]); err != nil {
				return nil, nil, fmt.Errorf("lab: optimizer %s: %w", o.Optimizers[i-1], err)
			}
		}
		s, err := t.prepared.Open(ctx, settings, t.prepared.First().Experiment.Seed)
		if err != nil {
			return nil, nil, fmt.Errorf("lab: %s: %w", t.name, err)
		}
		if err := t.follow(ctx, s, &routes[i], o); err != nil {
			return nil, nil, err
		}
		own = s
	}
	if d := routes[0].Diverged; d != nil {
		return nil, nil, fmt.Errorf("lab: %s: training diverged after step %d, want one with a model at its end", t.name, d.Step)
	}
	return own, routes, nil
}

// follow trains a session and keeps its path, which ends at the model.
func (t *Task) follow(ctx context.Context, s *experiment.Session, r *Route, o LandscapeOptions) error {
	r.Optimizer, r.Rate = s.Rule.Spec, s.Options.LR
	k := &trail{every: 1, told: func(done, total int64) {
		if o.Sink != nil {
			o.Sink(&Surveying{Task: t.name, Stage: "training " + r.Optimizer, Done: done, Total: total})
		}
	}}
	size := len(s.Point())
	k.limit = min(mostPoints, max(mostValues/max(size*(1+len(o.Optimizers)), 1), fewestPoints)) - 1
	w := &s.Options
	w.Points, w.TimeBudget, w.Measure, w.MeasureEvery = true, 0, false, 0
	w.Diagnose, w.Test, w.Train = nil, nil, nil
	res, err := s.Train(ctx, k)
	switch {
	case err != nil:
		return fmt.Errorf("lab: %s: %w", t.name, err)
	case res.Reason == train.ReasonInterrupted:
		return context.Cause(ctx)
	}
	if r.Diverged = res.Diverged; r.Diverged == nil {
		if n := len(k.steps); n > 1 && k.steps[n-1] == res.Steps {
			k.steps, k.points = k.steps[:n-1], k.points[:n-1]
		}
		k.steps, k.points = append(k.steps, res.Steps), append(k.points, s.Point())
	}
	r.Step, r.points = k.steps, k.points
	return nil
}
