package lab

// A Sampler says where in a space to look next.
type Sampler interface {
	// Next returns the next place, in the unit cube of the space. It depends on the
	// space, the seed and the history alone; the history has every place that was
	// returned before and is known by now, in the order in which they became known.
	Next(history []Observation) []float64
}

// An Observation is what is known of a place.
type Observation struct {
	U    []float64 `json:"u"`    // in the unit cube
	Loss float64   `json:"loss"` // +Inf: it diverged
	// Pruned says that the trial was ended early: Loss is that of a shorter budget,
	// and only worse than what went on.
	Pruned bool `json:"pruned,omitempty"`
}
