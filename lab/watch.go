package lab

import (
	"math"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/train"
)

// points is how many points a curve has at most.
const points = 200 // the start included

// evaluating is the share of a training's work that evaluating the validation set
// may take, and leastPoints how many points there are in any case. The gradient
// of an example is thought to cost three times its loss.
const (
	evaluating  = 0.05
	leastPoints = 10
)

// A watch is a sink that takes down the curve of a trial.
type watch struct {
	curve     []Point
	total     int64
	most      int64
	pointwise bool
	validated bool
	keep      bool // the curve

	state    int64
	interval struct{ sum, weight float64 }
}

// newWatch returns the watch of a trial, and has the loop look at the objective when
// it is due.
func newWatch(s *experiment.Session, curve bool) *watch {
	o := &s.Options
	w := &watch{
		total: train.PlannedSteps(s.Source, *o), most: points - 1, keep: curve,
		pointwise: s.Function != nil, validated: o.Validation != nil,
	}
	switch {
	case w.validated && !curve:
		w.most = 1
	case w.validated:
		batch := s.Experiment.Batch
		if batch == 0 || batch > s.Data.Train.Len() {
			batch = s.Data.Train.Len()
		}
		seen := float64(w.total) * float64(batch*max(o.Accumulate, 1))
		w.most = int64(min(max(3*evaluating*seen/float64(o.Validation.Len()), leastPoints), points))
	}
	w.most = max(min(w.most, w.total), 1)
	if curve {
		w.curve = make([]Point, 0, w.most+1)
	}
	o.Points = o.Points && curve
	if w.validated && o.Plateau == nil { // a plateau counts its looks
		o.EvalEvery = (w.total + w.most - 1) / w.most
	}
	return w
}

// due reports whether the curve has a point at a step.
func (w *watch) due(step int64) bool {
	return step == w.total || step*w.most/w.total != (step-1)*w.most/w.total
}

// Event takes an event of the training.
func (w *watch) Event(e train.Event) {
	switch e := e.(type) {
	case *train.Started:
		w.state = e.StateBytes
		if w.pointwise && w.keep {
			w.add(0, e.Value)
		}
	case *train.Step:
		if w.validated || w.pointwise && !w.keep {
			return
		}
		if !w.pointwise {
			n := float64(max(e.Examples, 1))
			w.interval.sum += float64(e.Loss * n)
			w.interval.weight += n
		}
		if !w.due(e.Step) || e.Skipped {
			return
		}
		if w.pointwise {
			w.add(e.Step, e.Value)
			return
		}
		w.add(e.Step, w.interval.sum/w.interval.weight)
		w.interval.sum, w.interval.weight = 0, 0
	case *train.Evaluation:
		if e.Set == "validation" {
			w.add(e.Step, e.Loss)
		}
	}
}

func (w *watch) add(step int64, loss float64) {
	w.curve = append(w.curve, Point{step, train.Real(loss)})
}

// outcome says what came of a trial.
func (w *watch) outcome(tr Trial, res *train.Result) *Outcome {
	o := &Outcome{
		Trial: tr, Final: train.Real(res.FinalLoss), Best: train.Real(res.BestLoss), First: train.Real(res.FirstLoss),
		Steps: res.Steps, Seconds: res.Seconds, StateBytes: w.state, Diverged: res.Diverged,
	}
	if w.keep {
		o.Curve = w.curve
	}
	for _, e := range res.Evaluations {
		if e.Set == "validation" {
			o.Final = train.Real(e.Loss)
			if o.Accuracy = nil; e.Labelled {
				o.Accuracy = real(e.Accuracy)
			}
		}
	}
	if !w.validated && !w.pointwise && len(w.curve) > 0 {
		o.Final = w.curve[len(w.curve)-1].Loss
		o.Best = train.Real(math.Inf(1))
		for _, p := range w.curve {
			o.Best = min(o.Best, p.Loss)
		}
	}
	if res.TestLoss != nil {
		o.Test = real(*res.TestLoss)
	}
	if res.TestAccuracy != nil {
		o.TestAccuracy = real(*res.TestAccuracy)
	}
	if o.Diverged != nil || math.IsNaN(float64(o.Final)) {
		o.Final = train.Real(math.Inf(1))
	}
	if math.IsNaN(float64(o.Best)) {
		o.Best = train.Real(math.Inf(1))
	}
	return o
}

func real(v float64) *train.Real { r := train.Real(v); return &r }
