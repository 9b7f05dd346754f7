package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/descent-go/descent/internal/durable"
)

// WriteTo writes f to w through a small buffer. The bytes depend on the
// contents alone: metadata sorted by key, tensors by type (wide ones first, so
// that all are aligned) and then by name, and the header padded with spaces so
// that the data start at a multiple of 8.
func (f *File) WriteTo(w io.Writer) (int64, error) {
	names := f.layout()
	header, err := f.header(names)
	if err != nil {
		return 0, fmt.Errorf("safetensors: %w", err)
	}
	c := &counter{w: w}
	if err := f.write(c, names, header); err != nil {
		return c.n, fmt.Errorf("safetensors: write: %w", err)
	}
	return c.n, nil
}

// write writes the header and the data of the named tensors.
func (f *File) write(w io.Writer, names []string, header []byte) error {
	length := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	_, err := w.Write(append(length, header...))
	buf := make([]byte, chunk)
	for _, name := range names {
		if err == nil {
			err = f.tensors[name].data.write(w, buf)
		}
	}
	return err
}

// A counter counts the bytes that it passes on.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// layout returns the names in the order of their data.
func (f *File) layout() []string {
	return slices.SortedFunc(maps.Keys(f.tensors), func(a, b string) int {
		return cmp.Or(cmp.Compare(f.tensors[b].dtype.rank(), f.tensors[a].dtype.rank()), cmp.Compare(a, b))
	})
}

func (f *File) header(names []string) ([]byte, error) {
	h := []byte{'{'}
	if len(f.Metadata) > 0 {
		h = append(h, `"`+metadataKey+`":{`...)
		for i, key := range slices.Sorted(maps.Keys(f.Metadata)) {
			value := f.Metadata[key]
			if !utf8.ValidString(key) || !utf8.ValidString(value) {
				return nil, fmt.Errorf("metadata %s = %s, want UTF-8", strconv.QuoteToASCII(key), strconv.QuoteToASCII(value))
			}
			if i > 0 {
				h = append(h, ',')
			}
			h = append(appendString(h, key), ':')
			h = appendString(h, value)
		}
		h = append(h, "},"...)
	}
	var at uint64
	for _, name := range names {
		t := f.tensors[name]
		h = append(appendString(h, name), `:{"dtype":"`+string(t.dtype)+`","shape":[`...)
		for i, d := range t.shape {
			if i > 0 {
				h = append(h, ',')
			}
			h = strconv.AppendInt(h, int64(d), 10)
		}
		end := at + t.size
		h = fmt.Appendf(h, `],"data_offsets":[%d,%d]},`, at, end)
		at = end
	}
	h = append(bytes.TrimSuffix(h, []byte{','}), '}')
	for len(h)%8 != 0 {
		h = append(h, ' ')
	}
	if len(h) > MaxHeader {
		return nil, fmt.Errorf("the header has %d bytes, want at most %d", len(h), MaxHeader)
	}
	return h, nil
}

// appendString appends s in JSON.
func appendString(b []byte, s string) []byte {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string never fails
	return append(b, bytes.TrimSuffix(buf.Bytes(), []byte{'\n'})...)
}

// WriteFile writes f to the file at path, or leaves what was there untouched: it
// writes a file beside it, syncs it, renames it and syncs the folder.
func (f *File) WriteFile(path string) error { return f.writeFile(durable.OS, path) }

func (f *File) writeFile(fsys durable.FS, path string) error {
	names := f.layout()
	header, err := f.header(names)
	if err == nil {
		err = durable.WriteFile(fsys, path, func(w io.Writer) error { return f.write(w, names, header) })
	}
	if err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	return nil
}
