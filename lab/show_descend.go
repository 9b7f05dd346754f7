package lab

import (
	"context"
	"slices"

	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/train"
)

// A descended is a run over a function, taken down step by step.
type descended struct {
	model     *train.FunctionModel
	values    []float64   // of the function: at the start, then at the method's point after each step
	points    [][]float64 // where that is
	stored    [][]float64 // the parameters there, which for some methods are another point
	rates     []float64   // of each step
	lengths   []float64   // of the updates
	diagnoses []train.Diagnosis
	result    *train.Result
}

// descend runs an optimizer over a function from a point, or from the usual start if
// it is nil.
func descend(ctx context.Context, p problem.Problem, start []float64, o train.Options, more ...train.Sink) (*descended, error) {
	m, err := train.Function(p, start)
	if err != nil {
		return nil, err
	}
	d := &descended{model: m}
	return d, d.run(ctx, o, more...)
}

func (d *descended) run(ctx context.Context, o train.Options, more ...train.Sink) error {
	o.Points, o.Measure = true, true
	var err error
	if d.result, err = train.Run(ctx, d.model, nil, o, append([]train.Sink{d}, more...)...); err != nil {
		return err
	}
	return ctx.Err()
}

// Event takes down an event.
func (d *descended) Event(e train.Event) {
	switch e := e.(type) {
	case *train.Started:
		d.at(e.Point, e.Value)
	case *train.Step:
		d.at(e.Point, e.Value)
		d.rates = append(d.rates, e.Rate)
		d.lengths = append(d.lengths, e.UpdateNorm)
	case *train.Diagnosis:
		d.diagnoses = append(d.diagnoses, *e)
	}
}

func (d *descended) at(point []float64, value float64) {
	d.values = append(d.values, value)
	d.points = append(d.points, slices.Clone(point))
	d.stored = append(d.stored, d.model.Point())
}

// fixed are the options of a run of so many steps at a rate.
func fixed(r optim.Rule, lr float64, steps int64) train.Options {
	return train.Options{Rule: r, LR: lr, Steps: steps}
}

// slope is a function with the same gradient everywhere, (−s, 0).
func slope(s float64) (problem.Problem, error) {
	f, err := problem.Parse("-s*x", map[string]float64{"s": s})
	if err != nil {
		return nil, err
	}
	return f.Problem(), nil
}

// slide runs an optimizer down a slope from the origin.
func slide(ctx context.Context, s float64, o train.Options) (*descended, error) {
	p, err := slope(s)
	if err != nil {
		return nil, err
	}
	return descend(ctx, p, []float64{0, 0}, o)
}
