package safetensors

import (
	"bytes"
	"fmt"
	"slices"
)

// Difference says in which tensor two files differ, or returns "" when they hold
// the same tensors, bit by bit. Metadata do not count.
func Difference(a, b *File) (string, error) {
	if x, y := a.Names(), b.Names(); !slices.Equal(x, y) {
		return fmt.Sprintf("tensors %v against %v", x, y), nil
	}
	var buf [chunk]byte
	var was, is bytes.Buffer
	for _, name := range a.Names() {
		x, y := a.tensors[name], b.tensors[name]
		if x.dtype != y.dtype || !slices.Equal(x.shape, y.shape) {
			return fmt.Sprintf("%q: %s %v against %s %v", name, x.dtype, x.shape, y.dtype, y.shape), nil
		}
		was.Reset()
		is.Reset()
		if err := x.data.write(&was, buf[:]); err != nil {
			return "", err
		}
		if err := y.data.write(&is, buf[:]); err != nil {
			return "", err
		}
		if !bytes.Equal(was.Bytes(), is.Bytes()) {
			return fmt.Sprintf("%q has other values", name), nil
		}
	}
	return "", nil
}
