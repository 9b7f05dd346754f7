package lab

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/internal/safetensors"
	"github.com/descent-go/descent/train"
)

// The planes through a trained model on which [Survey] looks at the loss.
const (
	// PathPlane lies, of all planes through the model, nearest to the paths of
	// training: it is spanned by the principal components of the ways from the model
	// to each point. Li et al., "Visualizing the Loss Landscape of Neural Nets",
	// NeurIPS 2018, section 7. No mean is subtracted, or the plane would miss the
	// model.
	PathPlane = "path"
	// RandomPlane is spanned by two random directions, of which each filter or
	// neuron has the norm of the model's own, and biases and the parameters of
	// normalisation have none: the same paper, section 4. Matrices are taken for
	// [inputs outputs], and have a neuron in each column; tensors of more
	// dimensions have a filter for each index of the first. A model without either,
	// such as a function, gets directions as long as its path is far.
	RandomPlane = "random"
)

// The grids of a landscape.
const (
	DefaultGrid = 41
	MinGrid     = 25
	MaxGrid     = 101
)

// LandscapeOptions say what to survey. The zero value is the plane of the path of
// the task's own training, on the training examples.
type LandscapeOptions struct {
	Plane string // "": PathPlane
	// Optimizers are rules that are trained as well, from the same start on the same
	// batches and with the same schedule, at the rates that they name or else their
	// defaults: sgd:lr=0.1.
	Optimizers []string
	// Set is "train" for the examples of the learning curve, at most 2,000 of the
	// training set, or "validation". "" is train. A function has neither.
	Set  string
	Grid int // points along each side, MinGrid to MaxGrid; 0: DefaultGrid
	// Span is, for a RandomPlane, how far the grid reaches to each side of the model
	// in lengths of the directions; 0: 1.
	Span     float64
	Seed     uint64      // of random directions
	Parallel int         // points evaluated at a time; 0: 1
	Sink     func(Event) // takes SurveyStarted and Surveying; nil: nobody listens
}

// A Landscape is the loss on a plane through a trained model. It does not depend on
// LandscapeOptions.Parallel.
type Landscape struct {
	Task     string     `json:"task"`
	Plane    string     `json:"plane"`
	Set      string     `json:"set,omitempty"`      // "" for a function
	Examples int        `json:"examples,omitempty"` // of the set
	Seed     uint64     `json:"seed"`               // of random directions
	Length   [2]float64 `json:"lengths"`            // of a unit of each axis, in parameters
	X        []float64  `json:"x"`                  // of the grid's columns; the model is at 0, 0
	Y        []float64  `json:"y"`                  // of its rows
	// Loss is that of each point, a row for each Y; NaN and ±Inf where the model has
	// no finite one.
	Loss   [][]train.Real `json:"loss"`
	Center train.Real     `json:"center"` // the model's own
	// Components are, for a PathPlane, each axis's part of Projection.Share.
	Components *[2]train.Real `json:"components,omitempty"`
	// Projection is how much of all paths that did not diverge the plane shows.
	Projection Projection `json:"projection"`
	Paths      []Route    `json:"paths"` // the task's own training first

	model *safetensors.File
}

// Model returns the parameters and buffers that the task's own training came to.
func (l *Landscape) Model() *safetensors.File { return l.model }

// A Projection says how much of a path lies in a plane. Distances are 2-norms of
// parameters.
type Projection struct {
	// Share is the part of the variance about the model, the mean square of the
	// distance from it, that lies in the plane: 1 is all. NaN when nothing moved.
	Share    train.Real `json:"share"`
	Distance train.Real `json:"distance"` // of the point farthest from the plane
	Reach    train.Real `json:"reach"`    // of the point farthest from the model
}

// A Route is where a training went, seen from above the plane.
type Route struct {
	Optimizer  string          `json:"optimizer"`
	Rate       float64         `json:"lr"`
	Step       []int64         `json:"step"` // updates applied by each point, at most 200 points
	X          []float64       `json:"x"`
	Y          []float64       `json:"y"`
	Projection Projection      `json:"projection"`
	Diverged   *train.Diverged `json:"diverged,omitempty"` // then it has no part in the plane

	points [][]float64
}

// check fills in the defaults.
func (o *LandscapeOptions) check() error {
	if o.Plane == "" {
		o.Plane = PathPlane
	}
	if o.Grid == 0 {
		o.Grid = DefaultGrid
	}
	if o.Span == 0 {
		o.Span = 1
	}
	switch {
	case o.Plane != PathPlane && o.Plane != RandomPlane:
		return fmt.Errorf("lab: LandscapeOptions.Plane = %q, want %s or %s", o.Plane, PathPlane, RandomPlane)
	case o.Set != "" && o.Set != "train" && o.Set != "validation":
		return fmt.Errorf("lab: LandscapeOptions.Set = %q, want train or validation", o.Set)
	case o.Grid < MinGrid || o.Grid > MaxGrid:
		return fmt.Errorf("lab: LandscapeOptions.Grid = %d, want %d to %d", o.Grid, MinGrid, MaxGrid)
	case !(o.Span > 0) || math.IsInf(o.Span, 1):
		return fmt.Errorf("lab: LandscapeOptions.Span = %v, want (0, +Inf)", o.Span)
	}
	return nil
}

// Survey trains what the task's experiment says again, seed and start included, and
// computes the loss on a plane through the model that came out. Buffers, such as
// the running statistics of batch normalisation, are those of the model everywhere.
// A training that diverges is an error, but for those of other rules.
func Survey(ctx context.Context, t *Task, o LandscapeOptions) (*Landscape, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	first := t.prepared.First()
	set, err := surveyed(first, &o)
	if err != nil {
		return nil, fmt.Errorf("lab: %s: %w", t.name, err)
	}
	if t.prepared.Shared() {
		t.turn.Lock()
		defer t.turn.Unlock()
	}
	if o.Sink != nil {
		o.Sink(&SurveyStarted{Task: t.name, Plane: o.Plane, Grid: o.Grid, Optimizers: o.Optimizers})
	}
	own, routes, err := t.routes(ctx, o)
	if err != nil {
		return nil, err
	}
	l := &Landscape{Task: t.name, Plane: o.Plane, Set: o.Set, Seed: o.Seed, Paths: routes}
	if set != nil {
		l.Examples = set.Len()
	}
	if l.model, err = own.Parameters(); err != nil {
		return nil, fmt.Errorf("lab: %s: %w", t.name, err)
	}
	p, err := l.lay(own, o)
	if err != nil {
		return nil, fmt.Errorf("lab: %s: %w", t.name, err)
	}
	if err := t.evaluate(ctx, l, p, own, set, o); err != nil {
		return nil, err
	}
	return l, nil
}

// surveyed returns the set to look at, nil for a function.
func surveyed(s *experiment.Session, o *LandscapeOptions) (*data.Set, error) {
	if s.Data == nil {
		if o.Set != "" {
			return nil, fmt.Errorf("it is a function without examples, want no set, not %s", o.Set)
		}
		return nil, nil
	}
	if o.Set != "validation" {
		o.Set = "train"
		return s.Data.Probe, nil
	}
	if s.Data.Validation == nil {
		return nil, fmt.Errorf("no examples are set apart for validation, want the set train")
	}
	return s.Data.Validation, nil
}

// settingsOf are those that train another rule.
func settingsOf(spec string) (Settings, error) {
	rule, err := experiment.ParseRule(spec)
	if err != nil {
		return nil, err
	}
	return Settings{"optimizer": rule.Spec, "lr": strconv.FormatFloat(rule.Or(nil), 'g', -1, 64)}, nil
}

// Files are what the task's data were read from, with checksums.
func (t *Task) Files() []experiment.File { return t.prepared.First().Files }
