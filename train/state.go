package train

import (
	"math"

	"github.com/descent-go/descent/optim"
)

// A state is where a run stands. With the parameters, the optimizer's state, the
// averages, the best parameters, the plateau, the watcher and the positions of
// the source and the random streams it is all that there is to continue from.
// Numbers that may not be finite are Reals, for the file.
type state struct {
	Epoch    int   // completed
	Examples int64 // trained on
	Skipped  int64 // steps without an update
	Bad      int   // steps in a row whose loss or gradient was not finite

	Seen  bool // a finite loss
	First Real // finite loss
	Last  Real // finite loss

	Best        Real // observed loss, +Inf before the first
	BestStep    int64
	Mark        Real // observed loss that Patience compares with
	Stale       int  // observations since Mark
	Observation Real // the last one, NaN before the first

	Epochal, Interval mean    // losses since the last epoch began, and since the last observation
	Observed          int64   // steps before the last observation
	Factor            float64 // of the rate, by the plateau
}

func newState() state {
	inf, nan := Real(math.Inf(1)), Real(math.NaN())
	return state{First: nan, Last: nan, Best: inf, Mark: inf, Observation: nan, Factor: 1}
}

// A mean adds up losses weighted by examples.
type mean struct {
	Sum    Real
	Weight float64
	Steps  int64
}

func (m *mean) add(loss, weight float64) {
	m.Sum += Real(loss * weight)
	m.Weight += weight
	m.Steps++
}

func (m *mean) value() float64 { return float64(m.Sum) / m.Weight }

// A phase says where in the loop a run stands. It matters when a run ends
// within a step, because what follows then is not a step's beginning.
type phase int

const (
	phaseBetween  phase = iota // two steps
	phaseObserved              // the gradient is known and the loss observed; the update is due
	phaseUpdated               // the update is done; what comes between steps is due
)

// alike returns zeros with the names and shapes of params.
func alike[F optim.Float](params []optim.Param[F]) []optim.Param[F] {
	zeros := make([]optim.Param[F], len(params))
	for i, p := range params {
		zeros[i] = optim.Param[F]{Name: p.Name, Shape: p.Shape, Data: make([]F, len(p.Data))}
	}
	return zeros
}

// assign copies values from parameters with the same names and shapes.
func assign[F optim.Float](dst, src []optim.Param[F]) {
	for i := range dst {
		copy(dst[i].Data, src[i].Data)
	}
}
