package optim

import (
	"fmt"
	"math"
)

// A Footprint is the memory of training, in bytes.
type Footprint struct {
	Parameters int64 `json:"parameters"`
	Gradients  int64 `json:"gradients"`
	State      int64 `json:"state"`
	Total      int64 `json:"total"`
}

// Memory returns what params take when trained by a rule: parameters,
// gradients and state. Only their shapes are read: nothing need be allocated.
func Memory[F Float](params []Param[F], r Rule) (Footprint, error) {
	var n int64
	for _, p := range params {
		size, err := Elements(p.Shape)
		if err != nil {
			return Footprint{}, fmt.Errorf("optim: parameter %q: %w", p.Name, err)
		}
		if n += size; n < 0 {
			return Footprint{}, fmt.Errorf("optim: more parameters than an int64 counts")
		}
	}
	return MemoryOf(n, elemBytes[F](), r)
}

// MemoryOf returns what n parameters of elem bytes each take when trained by a rule.
func MemoryOf(n int64, elem int, r Rule) (Footprint, error) {
	if err := Validate(r); err != nil {
		return Footprint{}, err
	}
	slots := int64(len(FormOf(r).Slots))
	if n < 0 || elem <= 0 || n > math.MaxInt64/int64(elem)/(slots+2) {
		return Footprint{}, fmt.Errorf("optim: memory of %d parameters of %d bytes: want a count whose bytes fit an int64", n, elem)
	}
	f := Footprint{Parameters: n * int64(elem)}
	f.Gradients, f.State = f.Parameters, f.Parameters*slots
	f.Total = f.Parameters + f.Gradients + f.State
	return f, nil
}
