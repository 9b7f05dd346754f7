// Package safetensors reads and writes the safetensors format: named arrays of
// numbers with a text header, and nothing that could run.
//
// A file is the length of the header (8 bytes, little-endian), the header (a
// JSON object of name, element type, shape and byte range of every tensor, and
// a map of strings under "__metadata__"), and the data, contiguous and
// little-endian. The format is described at
// https://github.com/huggingface/safetensors#format.
//
// Reading treats a file as hostile: every number of the header is checked
// against the size of the file before anything is allocated for it. Writing is
// deterministic: equal contents give equal bytes, those of the reference
// implementation.
package safetensors

import (
	"fmt"
	"maps"
	"math"
	"math/bits"
	"reflect"
	"slices"
	"strconv"
	"unicode/utf8"
)

// MaxHeader is the longest header, in bytes, that is read or written; the
// reference implementation has the same limit.
const MaxHeader = 100_000_000

const metadataKey = "__metadata__"

// A DType names the type of a tensor's elements, as the header spells it.
type DType string

// The types that Put and Get convert. Tensors of other types are read, checked
// and written unchanged, but not converted.
const (
	F32 DType = "F32" // float32
	F64 DType = "F64" // float64
	I64 DType = "I64" // int64
)

// dtypes lists the types of the format in the order of the reference
// implementation, which lays out the data by it, last type first.
var dtypes = []struct {
	name DType
	bits uint64
}{
	{"BOOL", 8}, {"F4", 4}, {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"U8", 8}, {"I8", 8},
	{"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"I16", 16}, {"U16", 16}, {"F16", 16},
	{"BF16", 16}, {"I32", 32}, {"U32", 32}, {F32, 32}, {"C64", 64}, {F64, 64}, {I64, 64}, {"U64", 64},
}

// rank returns the index of d in dtypes, or -1.
func (d DType) rank() int {
	for i := range dtypes {
		if dtypes[i].name == d {
			return i
		}
	}
	return -1
}

// size returns the number of bytes of a tensor of the given type and shape.
func (d DType) size(shape []int) (uint64, error) {
	r := d.rank()
	if r < 0 {
		return 0, fmt.Errorf("unknown dtype %q", string(d))
	}
	if slices.Contains(shape, 0) {
		return 0, nil
	}
	n := dtypes[r].bits
	for _, dim := range shape {
		hi, lo := bits.Mul64(n, uint64(dim))
		if hi != 0 || lo > math.MaxInt64 {
			return 0, fmt.Errorf("shape %v of %s has too many elements", shape, d)
		}
		n = lo
	}
	if n%8 != 0 {
		return 0, fmt.Errorf("shape %v of %s ends within a byte", shape, d)
	}
	return n / 8, nil
}

// Elem is an element type that converts without losing a bit.
type Elem interface{ ~float32 | ~float64 | ~int64 }

// elem returns the type of F in the header and its width in bytes.
func elem[F Elem]() (DType, int) {
	switch reflect.TypeFor[F]().Kind() {
	case reflect.Float32:
		return F32, 4
	case reflect.Float64:
		return F64, 8
	default:
		return I64, 8
	}
}

// A File is the contents of one safetensors file. Its zero value is empty and
// ready for use.
type File struct {
	// Metadata holds free text by key; nil when there is none.
	Metadata map[string]string

	tensors map[string]tensor
}

// A tensor is a description and the elements it describes.
type tensor struct {
	dtype DType
	shape []int
	size  uint64 // bytes
	data  source
}

// An Info describes one tensor.
type Info struct {
	DType DType
	Shape []int // empty for a scalar
	Bytes int64
}

// Names returns the names of the tensors in ascending order.
func (f *File) Names() []string { return slices.Sorted(maps.Keys(f.tensors)) }

// Info describes the tensor called name, and reports whether there is one.
func (f *File) Info(name string) (Info, bool) {
	t, ok := f.tensors[name]
	return Info{t.dtype, slices.Clone(t.shape), int64(t.size)}, ok
}

// Put adds a tensor. It keeps data, which must not change until f is written
// and is not copied. An empty or repeated name, a name that is not UTF-8 or is
// the reserved "__metadata__", and a shape whose product is not len(data) are
// errors.
func Put[F Elem](f *File, name string, shape []int, data []F) error {
	if err := checkName(name); err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	if _, ok := f.tensors[name]; ok {
		return fmt.Errorf("safetensors: tensor %q is there already", name)
	}
	for i, d := range shape {
		if d < 0 {
			return fmt.Errorf("safetensors: tensor %q: shape[%d] = %d, want at least 0", name, i, d)
		}
	}
	d, width := elem[F]()
	size, err := d.size(shape)
	if err != nil {
		return fmt.Errorf("safetensors: tensor %q: %w", name, err)
	}
	if want := size / uint64(width); uint64(len(data)) != want {
		return fmt.Errorf("safetensors: tensor %q: %d elements, want %d for shape %v", name, len(data), want, shape)
	}
	f.put(name, tensor{d, slices.Clone(shape), size, elems[F](data)})
	return nil
}

func (f *File) put(name string, t tensor) {
	if f.tensors == nil {
		f.tensors = make(map[string]tensor)
	}
	f.tensors[name] = t
}

// Get returns a copy of the elements of the tensor called name, and its shape.
// A missing tensor and one whose elements are not of type F are errors: nothing
// is ever rounded or cast.
func Get[F Elem](f *File, name string) ([]F, []int, error) {
	t, err := find[F](f, name)
	if err != nil {
		return nil, nil, err
	}
	_, width := elem[F]()
	data := make([]F, t.size/uint64(width))
	copyTo(data, t.data)
	return data, slices.Clone(t.shape), nil
}

// GetInto copies the elements of the tensor called name to dst, which must be
// a tensor of the same type and shape, without an intermediate copy.
func GetInto[F Elem](f *File, name string, shape []int, dst []F) error {
	t, err := find[F](f, name)
	if err != nil {
		return err
	}
	if !slices.Equal(t.shape, shape) {
		return fmt.Errorf("safetensors: tensor %q: shape is %v, want %v", name, t.shape, shape)
	}
	_, width := elem[F]()
	if n := t.size / uint64(width); uint64(len(dst)) != n {
		return fmt.Errorf("safetensors: tensor %q: %d elements, have room for %d", name, n, len(dst))
	}
	copyTo(dst, t.data)
	return nil
}

func find[F Elem](f *File, name string) (tensor, error) {
	t, ok := f.tensors[name]
	if !ok {
		return t, fmt.Errorf("safetensors: no tensor %q", name)
	}
	if want, _ := elem[F](); t.dtype != want {
		return t, fmt.Errorf("safetensors: tensor %q: dtype is %s, want %s", name, t.dtype, want)
	}
	return t, nil
}

func checkName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("a tensor has an empty name")
	case name == metadataKey:
		return fmt.Errorf("tensor %q: the name is reserved", name)
	case !utf8.ValidString(name):
		return fmt.Errorf("tensor %s: the name is not UTF-8", strconv.QuoteToASCII(name))
	}
	return nil
}
