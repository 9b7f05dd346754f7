package safetensors

import (
	"encoding/binary"
	"io"
	"math"
)

// chunk is the size in bytes of the buffer that elements are encoded through.
const chunk = 64 << 10

// A source holds the elements of a tensor: either as the bytes of a file that
// was read, or as the slice that was put.
type source interface {
	// write writes the little-endian bytes of the elements, whole elements at
	// a time. It may use buf, of chunk bytes.
	write(w io.Writer, buf []byte) error
}

type raw []byte

func (r raw) write(w io.Writer, _ []byte) error {
	_, err := w.Write(r)
	return err
}

type elems[F Elem] []F

func (e elems[F]) write(w io.Writer, buf []byte) error {
	_, width := elem[F]()
	for len(e) > 0 {
		n := min(len(e), len(buf)/width)
		encode(buf, e[:n])
		if _, err := w.Write(buf[:n*width]); err != nil {
			return err
		}
		e = e[n:]
	}
	return nil
}

// copyTo copies the elements of src, whose type is that of F, to dst.
func copyTo[F Elem](dst []F, src source) {
	if r, ok := src.(raw); ok {
		decode(dst, r)
		return
	}
	_ = src.write(&decoder[F]{dst}, make([]byte, chunk)) // a decoder never fails
}

// A decoder is the writer that undoes a source's write.
type decoder[F Elem] struct{ dst []F }

func (d *decoder[F]) Write(p []byte) (int, error) {
	_, width := elem[F]()
	n := len(p) / width
	decode(d.dst[:n], p)
	d.dst = d.dst[n:]
	return len(p), nil
}

// encode writes the bytes of src to dst, bit by bit.
func encode[F Elem](dst []byte, src []F) {
	switch d, _ := elem[F](); d {
	case F32:
		for i, x := range src {
			binary.LittleEndian.PutUint32(dst[4*i:], math.Float32bits(float32(x)))
		}
	case F64:
		for i, x := range src {
			binary.LittleEndian.PutUint64(dst[8*i:], math.Float64bits(float64(x)))
		}
	case I64:
		for i, x := range src {
			binary.LittleEndian.PutUint64(dst[8*i:], uint64(x))
		}
	}
}

// decode fills dst with the elements whose bytes are src.
func decode[F Elem](dst []F, src []byte) {
	switch d, _ := elem[F](); d {
	case F32:
		for i := range dst {
			dst[i] = F(math.Float32frombits(binary.LittleEndian.Uint32(src[4*i:])))
		}
	case F64:
		for i := range dst {
			dst[i] = F(math.Float64frombits(binary.LittleEndian.Uint64(src[8*i:])))
		}
	case I64:
		for i := range dst {
			dst[i] = F(int64(binary.LittleEndian.Uint64(src[8*i:])))
		}
	}
}
