package train

import "slices"

// A History is a sink that records what figures and reports need. Its zero
// value records every step. It leaves out what is not finite, so that all of
// it can be drawn and written as JSON. It is [Stateful]: in a run that is
// resumed it goes on.
type History struct {
	// Every records each n-th step only, the last one besides. 0 is 1.
	Every int64 `json:"every,omitempty"`
	// Limit bounds the steps recorded: when there are as many, every other is
	// dropped and Every doubles. 0 sets no limit, 1 is taken as 2.
	Limit int `json:"limit,omitempty"`

	Started Started `json:"started"`
	// Steps are numbers of updates; Epochs, Losses, Rates and GradNorms belong
	// to them. A loss is that before the update. Steps that were skipped are
	// not here.
	Steps     []int64   `json:"steps"`
	Epochs    []int     `json:"epochs"`
	Losses    []float64 `json:"losses"`
	Rates     []float64 `json:"rates"`
	GradNorms []float64 `json:"grad_norms"`
	// Path holds the start and then the point after each recorded step, and
	// Values the losses there, with Options.Points.
	Path   [][]float64 `json:"path,omitempty"`
	Values []float64   `json:"values,omitempty"`

	EpochEnds   []EpochEnd   `json:"epoch_ends,omitempty"`
	Evaluations []Evaluation `json:"evaluations,omitempty"`
	Oscillating *Oscillating `json:"oscillating,omitempty"`
	Diverged    *Diverged    `json:"diverged,omitempty"`
	Result      *Result      `json:"-"`

	last   Step // the last step that was left out
	spare  []float64
	behind bool
}

// Event records an event.
func (h *History) Event(e Event) {
	switch e := e.(type) {
	case *Started:
		h.start(e)
	case *Resumed:
		if h.Started.Optimizer == "" {
			h.start(&e.Started)
			return
		}
		point, value := h.Started.Point, h.Started.Value // the limits may have changed, the start has not
		h.Started = e.Started
		h.Started.Point, h.Started.Value = point, value
	case *Step:
		h.step(e)
	case *EpochEnd:
		if finite(e.Loss) {
			h.EpochEnds = append(h.EpochEnds, *e)
		}
	case *Evaluation:
		if finite(e.Loss) {
			h.Evaluations = append(h.Evaluations, *e)
		}
	case *Oscillating:
		seen := *e
		h.Oscillating = &seen
	case *Diverged:
		seen := *e
		h.Diverged = &seen
	case *Finished:
		if h.behind {
			h.record(&h.last)
		}
		h.Result = e.Result
	}
}

func (h *History) start(e *Started) {
	h.Started = *e
	h.Started.Point = slices.Clone(e.Point)
	if !finite(e.Value) {
		h.Started.Value = 0
	} else if e.Point != nil {
		h.Path, h.Values = append(h.Path, h.Started.Point), append(h.Values, e.Value)
	}
}

func (h *History) step(e *Step) {
	if e.Skipped || !finite(e.Loss) || !finite(e.GradNorm) || !finite(e.Value) || slices.ContainsFunc(e.Point, notFinite) {
		return
	}
	if every := max(h.Every, 1); e.Step%every != 0 {
		h.spare = append(h.spare[:0], e.Point...)
		h.last, h.behind = *e, true
		if e.Point != nil {
			h.last.Point = h.spare
		}
		return
	}
	h.record(e)
	if h.Limit > 0 && len(h.Steps) >= max(h.Limit, 2) {
		h.thin()
	}
}

func (h *History) record(e *Step) {
	h.behind = false
	h.Steps, h.Epochs = append(h.Steps, e.Step), append(h.Epochs, e.Epoch)
	h.Losses, h.Rates = append(h.Losses, e.Loss), append(h.Rates, e.Rate)
	h.GradNorms = append(h.GradNorms, e.GradNorm)
	if e.Point != nil {
		h.Path, h.Values = append(h.Path, slices.Clone(e.Point)), append(h.Values, e.Value)
	}
}

// thin doubles Every and keeps the steps that it divides.
func (h *History) thin() {
	h.Every = 2 * max(h.Every, 1)
	n, start := 0, len(h.Path)-len(h.Steps) // 1 when the path has its start
	for i, step := range h.Steps {
		if step%h.Every != 0 {
			if i == len(h.Steps)-1 {
				h.keep(i, start)
			}
			continue
		}
		h.Steps[n], h.Epochs[n], h.Losses[n] = step, h.Epochs[i], h.Losses[i]
		h.Rates[n], h.GradNorms[n] = h.Rates[i], h.GradNorms[i]
		if len(h.Path) > 0 {
			h.Path[start+n], h.Values[start+n] = h.Path[start+i], h.Values[start+i]
		}
		n++
	}
	h.Steps, h.Epochs, h.Losses = h.Steps[:n], h.Epochs[:n], h.Losses[:n]
	h.Rates, h.GradNorms = h.Rates[:n], h.GradNorms[:n]
	if len(h.Path) > 0 {
		h.Path, h.Values = h.Path[:start+n], h.Values[:start+n]
	}
}

// keep sets step i aside, in case that it is the last of the run.
func (h *History) keep(i, start int) {
	h.last = Step{Step: h.Steps[i], Epoch: h.Epochs[i], Loss: h.Losses[i], Rate: h.Rates[i], GradNorm: h.GradNorms[i]}
	if len(h.Path) > 0 {
		h.last.Point, h.last.Value = h.Path[start+i], h.Values[start+i]
	}
	h.behind = true
}
