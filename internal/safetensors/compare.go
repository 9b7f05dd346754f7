package safetensors

import (
	"bytes"
	"fmt"
	"slices"
)

// Difference says in which tensor two files differ first, in the order of their
// names, or returns "" when they hold the same tensors, bit by bit: 0 and −0 are
// not the same, a NaN is the same as itself. Metadata do not count.
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
			return fmt.Sprintf("%q: %s", name, differing(was.Bytes(), is.Bytes(), x.shape)), nil
		}
	}
	return "", nil
}

// differing counts the elements that differ; a and b are those of a shape, as
// many bytes each.
func differing(a, b []byte, shape []int) string {
	n := 1
	for _, d := range shape {
		n *= d
	}
	what := "values"
	if n > len(a) { // several of them in a byte
		n, what = len(a), "bytes"
	}
	width := len(a) / n // equal bytes are no difference, so there are elements
	count, first := 0, 0
	for i := range n {
		if !bytes.Equal(a[i*width:(i+1)*width], b[i*width:(i+1)*width]) {
			if count == 0 {
				first = i
			}
			count++
		}
	}
	return fmt.Sprintf("%d of %d %s differ, the first of them is number %d", count, n, what, first+1)
}
