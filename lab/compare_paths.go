package lab

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/train"
)

// A TunedPath is where a contender goes on a function of two variables: at the place
// that tuning chose, from the usual start.
type TunedPath struct {
	Name string `json:"name"`
	// X and Y are points of the plane in seven digits, from the start to the end, and Step
	// the updates applied by each: points that lie no further than a thousandth of the
	// function's domain from the one before are left out, and where there are more than
	// pathPoints, some of the later half, evenly.
	X        []float64       `json:"x"`
	Y        []float64       `json:"y"`
	Step     []int64         `json:"step"`
	Final    train.Real      `json:"final"` // the value at the end
	Diverged *train.Diverged `json:"diverged,omitempty"`
}

// pathPoints is how many points a path has at most, but for its end.
const pathPoints = 2000

// onPlane returns the function of a task if it is one of two variables that can be
// drawn.
func (t *Task) onPlane() *problem.Function {
	s := t.prepared.First()
	if s.Function == nil || len(s.Start) != 2 {
		return nil
	}
	f, err := problem.Resolve(s.Model)
	if err != nil {
		return nil
	}
	return f
}

// trace follows every contender from the usual start.
func (r *race) trace(ctx context.Context) error {
	f := r.task.onPlane()
	if f == nil {
		return nil
	}
	const near = 0.001
	dx, dy := float64(near*(f.Domain.XMax-f.Domain.XMin)), float64(near*(f.Domain.YMax-f.Domain.YMin))
	for _, l := range r.lanes {
		tr := r.trial(l, l.chosen, r.o.tuningSeed())
		tr.Settings["steps"] = strconv.FormatInt(r.task.updates(tr.Settings, r.budget), 10)
		s, err := r.task.prepared.Open(ctx, tr.Settings, tr.Seed)
		if err != nil {
			return fmt.Errorf("lab: %s: %w", r.task.name, err)
		}
		unlimited(&s.Options)
		s.Options.Points = true
		p := &pathWatch{dx: dx, dy: dy, stride: 1, path: TunedPath{Name: l.Name}}
		res, err := s.Train(ctx, p)
		switch {
		case err != nil:
			return fmt.Errorf("lab: %s: %w", r.task.name, err)
		case res.Reason == train.ReasonInterrupted:
			return ctx.Err()
		}
		p.end()
		p.path.Final, p.path.Diverged = train.Real(res.FinalLoss), res.Diverged
		r.paths = append(r.paths, p.path)
		r.trials++
		r.seconds += res.Seconds
	}
	return nil
}

// A pathWatch is a sink that takes down a path.
type pathWatch struct {
	path   TunedPath
	dx, dy float64 // that are nothing
	stride int64   // of the second half
	last   [2]float64
	step   int64
}

// Event takes an event of the training.
func (w *pathWatch) Event(e train.Event) {
	switch e := e.(type) {
	case *train.Started:
		w.see(0, e.Point)
	case *train.Step:
		if !e.Skipped {
			w.see(e.Step, e.Point)
		}
	}
}

func (w *pathWatch) see(step int64, at []float64) {
	if len(at) != 2 || at[0]-at[0] != 0 || at[1]-at[1] != 0 {
		return
	}
	w.step, w.last = step, [2]float64{at[0], at[1]}
	n := len(w.path.Step)
	if n > 0 && math.Abs(at[0]-w.path.X[n-1]) < w.dx && math.Abs(at[1]-w.path.Y[n-1]) < w.dy {
		return
	}
	const half = pathPoints / 2
	if n > half && step%w.stride != 0 {
		return
	}
	w.keep()
	if len(w.path.Step) <= pathPoints {
		return
	}
	w.stride *= 2
	n = half
	for i := half; i < len(w.path.Step); i++ {
		if step := w.path.Step[i]; step%w.stride == 0 {
			w.path.Step[n], w.path.X[n], w.path.Y[n] = step, w.path.X[i], w.path.Y[i]
			n++
		}
	}
	w.path.Step, w.path.X, w.path.Y = w.path.Step[:n], w.path.X[:n], w.path.Y[:n]
}

func (w *pathWatch) keep() {
	w.path.Step = append(w.path.Step, w.step)
	w.path.X = append(w.path.X, significant(w.last[0], 7))
	w.path.Y = append(w.path.Y, significant(w.last[1], 7))
}

// end adds the last point, if it is not there.
func (w *pathWatch) end() {
	if n := len(w.path.Step); n > 0 && w.path.Step[n-1] != w.step {
		w.keep()
	}
}
