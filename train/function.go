package train

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/problem"
)

// A FunctionModel is a function to minimize as a model. Its one parameter is
// called "x" and has one element per variable.
type FunctionModel struct {
	problem problem.Problem
	exact   problem.Problem // without noise
	x, grad []float64
}

// Function returns a model of p that starts at a point, or at the problem's
// usual start if the point is nil. A point of another dimension or with
// coordinates that are not finite is an error. A problem whose definition has a
// random gradient is minimized by the exact one unless it is problem.Sampled.
func Function(p problem.Problem, start []float64) (*FunctionModel, error) {
	n := p.Dim()
	m := &FunctionModel{problem: p, exact: problem.Exact(p), x: make([]float64, n), grad: make([]float64, n)}
	if start == nil {
		p.Start(m.x)
		return m, nil
	}
	if len(start) != n {
		return nil, fmt.Errorf("train: start of %d coordinates for %s, want %d", len(start), p.Name(), n)
	}
	for i, v := range start {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("train: start of %s: coordinate %d is %v, want a finite number", p.Name(), i+1, v)
		}
	}
	copy(m.x, start)
	return m, nil
}

// Params returns the one parameter, "x".
func (m *FunctionModel) Params() []optim.Param[float64] {
	return []optim.Param[float64]{{Name: "x", Shape: []int{len(m.x)}, Data: m.x, Grad: m.grad}}
}

// Loss returns the function at x and sets the gradient. The batch is ignored.
func (m *FunctionModel) Loss(*data.Batch) (float64, error) {
	return m.problem.Gradient(m.x, m.grad), nil
}

// At returns the function at a point.
func (m *FunctionModel) At(point []float64) float64 { return m.exact.Value(point) }

// Point returns a copy of x.
func (m *FunctionModel) Point() []float64 { return slices.Clone(m.x) }

// Noisy reports whether gradients differ from one call to the next.
func (m *FunctionModel) Noisy() bool { return m.exact != m.problem }

// Settings names what must be the same when a run is resumed: see Checkpoints.
func (m *FunctionModel) Settings() map[string]string {
	start := make([]float64, len(m.x))
	m.exact.Start(start)
	s := map[string]string{
		"problem":                  m.exact.Name(),
		"value at the usual start": strconv.FormatFloat(m.exact.Value(start), 'g', -1, 64),
	}
	if random, ok := m.problem.(problem.Stochastic); ok {
		s["noise"] = random.Noise()
	}
	return s
}

// State returns where the noise of the gradient is in its stream, nil without
// noise.
func (m *FunctionModel) State() ([]byte, error) {
	if random, ok := m.problem.(problem.Stochastic); ok {
		return random.State()
	}
	return nil, nil
}

// SetState sets the stream of the noise to where it was when State returned b.
func (m *FunctionModel) SetState(b []byte) error {
	if random, ok := m.problem.(problem.Stochastic); ok {
		return random.SetState(b)
	}
	if len(b) > 0 {
		return fmt.Errorf("train: the state of a noise, but %s has none", m.problem.Name())
	}
	return nil
}
