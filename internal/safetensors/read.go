package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"unicode/utf8"
)

// ReadFile reads the file at path.
func ReadFile(path string) (*File, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("safetensors: %s: not a regular file", path)
	}
	f, err := read(in, info.Size())
	if err != nil {
		return nil, fmt.Errorf("safetensors: %s: %w", path, err)
	}
	return f, nil
}

// Read reads a file of size bytes from r, which must end there. Nothing is
// allocated for the data until the header has been checked against size.
func Read(r io.Reader, size int64) (*File, error) {
	f, err := read(r, size)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	return f, nil
}

func read(r io.Reader, size int64) (*File, error) {
	if size < 8 {
		return nil, fmt.Errorf("%d bytes, want at least the 8 of the header's length", size)
	}
	var length [8]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, fmt.Errorf("header length: %w", err)
	}
	n := binary.LittleEndian.Uint64(length[:])
	if n > MaxHeader {
		return nil, fmt.Errorf("header of %d bytes, want at most %d", n, MaxHeader)
	}
	if n > uint64(size-8) {
		return nil, fmt.Errorf("header of %d bytes in a file of %d bytes", n, size)
	}
	header := make([]byte, n)
	if _, err := io.ReadFull(r, header); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	f, spans, err := parse(header, uint64(size-8)-n)
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	data := make([]byte, uint64(size-8)-n)
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	if n, err := r.Read(make([]byte, 1)); n > 0 {
		return nil, fmt.Errorf("more than the %d bytes that were expected", size)
	} else if err != nil && err != io.EOF {
		return nil, fmt.Errorf("data: %w", err)
	}
	for _, s := range spans {
		t := f.tensors[s.name]
		t.data = raw(data[s.begin:s.end:s.end])
		f.tensors[s.name] = t
	}
	return f, nil
}

// A span is the place of one tensor's bytes in the data.
type span struct {
	name       string
	begin, end uint64
}

// parse reads the header of a file with size bytes of data. The tensors of the
// result have no data yet: the spans say where they are.
func parse(header []byte, size uint64) (*File, []span, error) {
	switch {
	case len(header) == 0 || header[0] != '{':
		return nil, nil, errors.New("does not begin with {")
	case !utf8.Valid(header):
		return nil, nil, errors.New("not UTF-8")
	case !json.Valid(header):
		return nil, nil, errors.New("not JSON")
	}
	entries, err := members(header)
	if err != nil {
		return nil, nil, err
	}
	f := &File{tensors: make(map[string]tensor, len(entries))}
	spans := make([]span, 0, len(entries))
	for _, e := range entries {
		if e.key == metadataKey {
			if f.Metadata, err = parseMetadata(e.value); err != nil {
				return nil, nil, fmt.Errorf("%s: %w", metadataKey, err)
			}
			continue
		}
		if err := checkName(e.key); err != nil {
			return nil, nil, err
		}
		t, s, err := parseTensor(e.value)
		if err != nil {
			return nil, nil, fmt.Errorf("tensor %q: %w", e.key, err)
		}
		s.name = e.key
		f.tensors[e.key] = t
		spans = append(spans, s)
	}
	return f, spans, cover(spans, size)
}

// cover checks that the spans lie end to end and fill size bytes.
func cover(spans []span, size uint64) error {
	slices.SortFunc(spans, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end), cmp.Compare(a.name, b.name))
	})
	var at uint64
	for _, s := range spans {
		switch {
		case s.end > size:
			return fmt.Errorf("tensor %q: data_offsets [%d, %d] lie beyond the %d bytes of data", s.name, s.begin, s.end, size)
		case s.begin < at:
			return fmt.Errorf("tensor %q: data_offsets [%d, %d] overlap another tensor's, which end at %d", s.name, s.begin, s.end, at)
		case s.begin > at:
			return fmt.Errorf("tensor %q: data_offsets [%d, %d] leave a hole from %d", s.name, s.begin, s.end, at)
		}
		at = s.end
	}
	if at != size {
		return fmt.Errorf("%d bytes of data, want %d: no tensor has the last %d", size, at, size-at)
	}
	return nil
}

func parseMetadata(value json.RawMessage) (map[string]string, error) {
	entries, err := members(value)
	if err != nil {
		return nil, err
	}
	m := make(map[string]string, len(entries))
	for _, e := range entries {
		s, ok := text(e.value)
		if !ok {
			return nil, fmt.Errorf("%q is %.40s, want a string", e.key, e.value)
		}
		m[e.key] = s
	}
	return m, nil
}

func parseTensor(value json.RawMessage) (t tensor, s span, err error) {
	entries, err := members(value)
	if err != nil {
		return t, s, err
	}
	var seen int
	for _, e := range entries {
		switch e.key {
		case "dtype":
			name, ok := text(e.value)
			if t.dtype = DType(name); !ok || t.dtype.rank() < 0 {
				return t, s, fmt.Errorf("unknown dtype %.40s", e.value)
			}
		case "shape":
			dims, err := numbers(e.value, math.MaxInt)
			if err != nil {
				return t, s, fmt.Errorf("shape: %w", err)
			}
			t.shape = make([]int, len(dims))
			for i, d := range dims {
				t.shape[i] = int(d)
			}
		case "data_offsets":
			at, err := numbers(e.value, math.MaxInt64)
			if err != nil {
				return t, s, fmt.Errorf("data_offsets: %w", err)
			}
			if len(at) != 2 || at[0] > at[1] {
				return t, s, fmt.Errorf("data_offsets are %.80s, want [begin, end]", e.value)
			}
			s.begin, s.end = at[0], at[1]
		default:
			return t, s, fmt.Errorf("unknown field %q, want dtype, shape and data_offsets", e.key)
		}
		seen++
	}
	if seen != 3 {
		return t, s, errors.New("a field is missing, want dtype, shape and data_offsets")
	}
	if t.size, err = t.dtype.size(t.shape); err != nil {
		return t, s, err
	}
	if s.end-s.begin != t.size {
		return t, s, fmt.Errorf("data_offsets [%d, %d] hold %d bytes, want %d for shape %v of %s",
			s.begin, s.end, s.end-s.begin, t.size, t.shape, t.dtype)
	}
	return t, s, nil
}

// A member is one key of a JSON object and its value.
type member struct {
	key   string
	value json.RawMessage
}

// members returns the members of a valid JSON value, which must be an object
// without repeated keys.
func members(value []byte) ([]member, error) {
	d := json.NewDecoder(bytes.NewReader(value))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, fmt.Errorf("found %.40s, want an object", value)
	}
	var all []member
	seen := make(map[string]bool)
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		m := member{key: key.(string)}
		if seen[m.key] {
			return nil, fmt.Errorf("%q stands twice", m.key)
		}
		seen[m.key] = true
		if err := d.Decode(&m.value); err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

// text returns the string that a JSON value is.
func text(value json.RawMessage) (s string, ok bool) {
	return s, value[0] == '"' && json.Unmarshal(value, &s) == nil
}

// numbers returns the whole numbers, from 0 to most, of a JSON array.
func numbers(value json.RawMessage, most uint64) ([]uint64, error) {
	var items []json.RawMessage
	if value[0] != '[' || json.Unmarshal(value, &items) != nil {
		return nil, fmt.Errorf("found %.40s, want an array of whole numbers", value)
	}
	out := make([]uint64, len(items))
	for i, item := range items {
		n, err := strconv.ParseUint(string(item), 10, 64)
		if err != nil || n > most {
			return nil, fmt.Errorf("item %d is %.40s, want a whole number from 0 to %d", i, item, most)
		}
		out[i] = n
	}
	return out, nil
}
