package safetensors

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// file returns a file of a header and n bytes of data.
func file(header string, n int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, n)...)
}

// tensorJSON returns the header of one F32 tensor of the given fields.
func tensorJSON(dtype, shape, offsets string) string {
	return fmt.Sprintf(`{"w":{"dtype":%s,"shape":%s,"data_offsets":%s}}`, dtype, shape, offsets)
}

var corrupt = []struct {
	name string
	file []byte
	want string
}{
	{"empty file", nil, "0 bytes, want at least the 8"},
	{"no header", file("", 0), "does not begin with {"},
	{"leading space", file(" {}", 0), "does not begin with {"},
	{"header is an array", file("[]", 0), "does not begin with {"},
	{"header length beyond the file", []byte("\x09\x00\x00\x00\x00\x00\x00\x00{}      "), "header of 9 bytes in a file of 16 bytes"},
	{"header length beyond the limit", []byte("\x00\x00\x00\x00\x00\x01\x00\x00{}      "), "header of 1099511627776 bytes, want at most 100000000"},
	{"header length all ones", []byte("\xff\xff\xff\xff\xff\xff\xff\xff{}"), "header of 18446744073709551615 bytes"},
	{"not JSON", file(`{"w":}`, 0), "not JSON"},
	{"two values", file(`{}{}`, 0), "not JSON"},
	{"padding of NUL", file("{}\x00\x00", 0), "not JSON"},
	{"not UTF-8", file("{\"\xff\":1}", 0), "not UTF-8"},
	{"name twice", file(`{"w":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}`, 4), `"w" stands twice`},
	{"name twice by an escape", file(`{"w":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"\u0077":{"dtype":"F32","shape":[],"data_offsets":[4,8]}}`, 8), `"w" stands twice`},
	{"field twice", file(`{"w":{"dtype":"F32","dtype":"F32","shape":[],"data_offsets":[0,4]}}`, 4), `"dtype" stands twice`},
	{"metadata key twice", file(`{"__metadata__":{"a":"1","a":"2"}}`, 0), `"a" stands twice`},
	{"metadata not text", file(`{"__metadata__":{"a":1}}`, 0), `__metadata__: "a" is 1, want a string`},
	{"metadata null", file(`{"__metadata__":null}`, 0), `__metadata__: found null, want an object`},
	{"empty name", file(`{"":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}`, 4), "empty name"},
	{"tensor is null", file(`{"w":null}`, 0), `tensor "w": found null, want an object`},
	{"field missing", file(`{"w":{"dtype":"F32","shape":[]}}`, 0), "a field is missing"},
	{"field unknown", file(`{"w":{"dtype":"F32","shape":[],"data_offsets":[0,4],"strides":[]}}`, 4), `unknown field "strides"`},
	{"field in another case", file(`{"w":{"dtype":"F32","Shape":[],"data_offsets":[0,4]}}`, 4), `unknown field "Shape"`},
	{"dtype unknown", file(tensorJSON(`"F33"`, `[]`, `[0,4]`), 4), `unknown dtype "F33"`},
	{"dtype null", file(tensorJSON(`null`, `[]`, `[0,4]`), 4), "unknown dtype null"},
	{"shape null", file(tensorJSON(`"F32"`, `null`, `[0,4]`), 4), "shape: found null, want an array"},
	{"dimension null", file(tensorJSON(`"F32"`, `[null]`, `[0,0]`), 0), "shape: item 0 is null"},
	{"dimension text", file(tensorJSON(`"F32"`, `["1"]`, `[0,4]`), 4), `shape: item 0 is "1"`},
	{"dimension negative", file(tensorJSON(`"F32"`, `[-1]`, `[0,4]`), 4), "shape: item 0 is -1"},
	{"dimension a fraction", file(tensorJSON(`"F32"`, `[1.0]`, `[0,4]`), 4), "shape: item 0 is 1.0"},
	{"dimension with an exponent", file(tensorJSON(`"F32"`, `[1e0]`, `[0,4]`), 4), "shape: item 0 is 1e0"},
	{"dimension beyond 64 bits", file(tensorJSON(`"F32"`, `[18446744073709551616]`, `[0,4]`), 4), "shape: item 0 is 18446744073709551616"},
	{"dimensions overflow", file(tensorJSON(`"F32"`, `[4294967296,4294967296]`, `[0,0]`), 0), "too many elements"},
	{"terabytes", file(tensorJSON(`"F32"`, `[1099511627776]`, `[0,4398046511104]`), 0), "lie beyond the 0 bytes of data"},
	{"shape larger than offsets", file(tensorJSON(`"F32"`, `[2]`, `[0,4]`), 4), "hold 4 bytes, want 8 for shape [2] of F32"},
	{"half a byte", file(tensorJSON(`"F4"`, `[3]`, `[0,1]`), 1), "ends within a byte"},
	{"offsets reversed", file(tensorJSON(`"F32"`, `[]`, `[4,0]`), 4), "data_offsets are [4,0]"},
	{"one offset", file(tensorJSON(`"F32"`, `[]`, `[4]`), 4), "data_offsets are [4]"},
	{"offset negative", file(tensorJSON(`"F32"`, `[]`, `[-4,0]`), 4), "data_offsets: item 0 is -4"},
	{"beyond the data", file(tensorJSON(`"F32"`, `[2]`, `[0,8]`), 4), "lie beyond the 4 bytes of data"},
	{"hole at the start", file(tensorJSON(`"F32"`, `[]`, `[4,8]`), 8), "leave a hole from 0"},
	{"hole at the end", file(tensorJSON(`"F32"`, `[]`, `[0,4]`), 8), "8 bytes of data, want 4"},
	{"hole between", file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}`, 3), `tensor "b": data_offsets [2, 3] leave a hole from 1`},
	{"overlap", file(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}`, 3), `tensor "b": data_offsets [1, 3] overlap`},
	{"the same place twice", file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 1), "overlap"},
	{"data without tensors", file(`{}`, 1), "1 bytes of data, want 0"},
}

func TestCorrupt(t *testing.T) {
	for _, c := range corrupt {
		t.Run(c.name, func(t *testing.T) {
			f, err := readBytes(c.file)
			if err == nil {
				t.Fatalf("read %v, want an error with %q", f, c.want)
			}
			if !strings.HasPrefix(err.Error(), "safetensors: ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error = %v, want %q", err, c.want)
			}
		})
	}
}

func TestAccepted(t *testing.T) {
	for name, b := range map[string][]byte{
		"no tensors":       file(`{}`, 0),
		"spaces":           file("{ \"w\" : { \"data_offsets\" : [ 0 , 4 ] , \"shape\" : [ ] , \"dtype\" : \"F32\" } }  ", 4),
		"empty metadata":   file(`{"__metadata__":{}}`, 0),
		"four-bit numbers": file(tensorJSON(`"F4"`, `[2,3]`, `[0,3]`), 3),
		"a dimension of 0": file(tensorJSON(`"F32"`, `[4294967296,4294967296,0]`, `[0,0]`), 0),
		"any order":        file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]},"b":{"dtype":"U8","shape":[0],"data_offsets":[1,1]},"c":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 2),
	} {
		if _, err := readBytes(b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A file cut short anywhere is refused, whether its size is known or claimed.
func TestTruncated(t *testing.T) {
	whole, err := os.ReadFile("testdata/reference.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "cut")
	for n := range whole {
		if _, err := readBytes(whole[:n]); err == nil {
			t.Errorf("read %d of %d bytes", n, len(whole))
		}
		if _, err := Read(bytes.NewReader(whole[:n]), int64(len(whole))); err == nil {
			t.Errorf("read %d of %d claimed bytes", n, len(whole))
		}
		if err := os.WriteFile(path, whole[:n], 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadFile(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("read a file of %d of %d bytes: %v", n, len(whole), err)
		}
	}
	longer := append(whole[:len(whole):len(whole)], 0)
	if _, err := readBytes(longer); err == nil {
		t.Error("read a file with one byte too many")
	}
	if _, err := Read(bytes.NewReader(longer), int64(len(whole))); err == nil {
		t.Error("read a stream that is longer than claimed")
	}
	if _, err := ReadFile(t.TempDir()); err == nil {
		t.Error("read a folder")
	}
	if _, err := ReadFile(path + ".none"); err == nil {
		t.Error("read a missing file")
	}
}

// A header's claims cost no memory: they are refused before anything is
// allocated for the data.
func TestClaimsDoNotAllocate(t *testing.T) {
	claim := file(tensorJSON(`"F32"`, `[268435456]`, `[0,1073741824]`), 4)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := readBytes(claim); err == nil {
		t.Fatal("read 1 GiB out of 4 bytes")
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 1<<20 {
		t.Errorf("%d bytes allocated for a file of %d", got, len(claim))
	}
}

func FuzzRead(f *testing.F) {
	golden, err := os.ReadFile("testdata/reference.safetensors")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(golden)
	for _, c := range corrupt {
		f.Add(c.file)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		first, err := readBytes(b)
		if err != nil {
			return
		}
		once := encoded(t, first)
		second, err := readBytes(once)
		if err != nil {
			t.Fatalf("wrote a file that cannot be read: %v\n%q", err, once)
		}
		if twice := encoded(t, second); !bytes.Equal(once, twice) {
			t.Fatalf("wrote\n%q, then\n%q", once, twice)
		}
		for _, name := range first.Names() {
			info, _ := first.Info(name)
			data, shape, err := Get[float32](first, name)
			if (err == nil) != (info.DType == F32) || len(shape) != len(info.Shape) && err == nil {
				t.Fatalf("%q of %s: %v", name, info.DType, err)
			}
			if err == nil && int64(4*len(data)) != info.Bytes {
				t.Fatalf("%q has %d elements in %d bytes", name, len(data), info.Bytes)
			}
		}
	})
}
