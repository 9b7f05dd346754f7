package rng

import (
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
)

// A state is this mark, a byte that says whether a normal number is held back,
// that number, and the generator's own state.
const (
	mark     = "rng1"
	pcgSize  = 20
	markEnd  = len(mark)
	spareAt  = markEnd + 1
	pcgStart = spareAt + 8
	size     = pcgStart + pcgSize
)

// MarshalBinary returns the state of the stream, from which UnmarshalBinary
// continues it.
func (r *Rand) MarshalBinary() ([]byte, error) {
	if r.pcg == nil {
		return nil, errors.New("rng: a Rand that was not made by New has no state")
	}
	b := make([]byte, 0, size)
	b = append(b, mark...)
	if r.has {
		b = append(b, 1)
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(r.spare))
	} else {
		b = append(b, make([]byte, 9)...)
	}
	return r.pcg.AppendBinary(b)
}

// UnmarshalBinary sets the stream to a state that MarshalBinary returned. A
// zero Rand becomes usable by it.
func (r *Rand) UnmarshalBinary(b []byte) error {
	if len(b) != size || string(b[:markEnd]) != mark || b[markEnd] > 1 {
		return errors.New("rng: not the state of a random stream")
	}
	pcg := new(rand.PCG)
	if err := pcg.UnmarshalBinary(b[pcgStart:]); err != nil {
		return errors.New("rng: not the state of a random stream")
	}
	r.pcg, r.Rand = pcg, rand.New(pcg)
	r.has = b[markEnd] == 1
	r.spare = math.Float64frombits(binary.LittleEndian.Uint64(b[spareAt:]))
	return nil
}
