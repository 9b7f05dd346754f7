package optim

import "io"

// A Snapshot is a copy of tensors at one moment: parameters, the state of an
// optimizer, or averages. It is written later, while training goes on.
//
// Its zero value is empty. One that is taken again of the same thing reuses its
// memory, so that taking it costs a copy and allocates next to nothing. It may
// be written on another goroutine, but not taken again before that is done.
type Snapshot[F Float] struct {
	metadata map[string]string
	tensors  []Param[F] // of its own memory
	of       any        // whose names and shapes the tensors have
}

// WriteTo writes the snapshot as a safetensors file: what SaveParams,
// Optimizer.Save or Average.WriteState would have written when it was taken.
func (s *Snapshot[F]) WriteTo(w io.Writer) (int64, error) {
	f, err := paramsFile(s.tensors, s.metadata)
	if err != nil {
		return 0, err
	}
	return f.WriteTo(w)
}

// Finite reports whether all elements are finite.
func (s *Snapshot[F]) Finite() bool {
	for _, t := range s.tensors {
		for _, v := range t.Data {
			if v-v != 0 {
				return false
			}
		}
	}
	return true
}

// Bytes returns the bytes of all elements.
func (s *Snapshot[F]) Bytes() int64 {
	var n int64
	for _, t := range s.tensors {
		n += int64(len(t.Data)) * int64(elemBytes[F]())
	}
	return n
}

// TakeParams copies the values of parameters, which ReadParams reads. The
// metadata are kept, not copied.
func (s *Snapshot[F]) TakeParams(params []Param[F], metadata map[string]string) {
	if len(s.tensors) != len(params) || s.of != nil {
		s.tensors, s.of = make([]Param[F], len(params)), nil
	}
	for i, p := range params {
		t := &s.tensors[i]
		t.Name, t.Shape = p.Name, p.Shape
		t.Data = append(t.Data[:0], p.Data...)
	}
	s.metadata = metadata
}

// TakeState copies the state of an optimizer, which Optimizer.ReadState reads.
// It is an error while the parameters are at the probe.
func (s *Snapshot[F]) TakeState(o *Optimizer[F]) error {
	metadata, err := o.stateMetadata()
	if err != nil {
		return err
	}
	if s.of != o {
		s.tensors, s.of = nil, o
		for i, p := range o.params {
			for _, slot := range o.groups[o.tensors[i].group].slots() {
				s.tensors = append(s.tensors, Param[F]{Name: p.Name + "#" + slot, Shape: p.Shape, Data: make([]F, len(p.Data))})
			}
		}
	}
	at := 0
	for i := range o.tensors {
		w := &o.tensors[i]
		for slot := range o.groups[w.group].slots() {
			copy(s.tensors[at].Data, w.state[slot])
			at++
		}
	}
	s.metadata = metadata
	return nil
}

// TakeAverage copies averages, which Average.ReadState reads. It is an error
// while they are swapped in.
func (s *Snapshot[F]) TakeAverage(a *Average[F]) error {
	metadata, err := a.stateMetadata()
	if err != nil {
		return err
	}
	s.TakeParams(a.means, metadata)
	return nil
}
