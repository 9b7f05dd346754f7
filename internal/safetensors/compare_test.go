package safetensors

import (
	"bytes"
	"math"
	"strings"
	"testing"
)

// holding returns a file with two tensors, of which the second has the values.
func holding(t *testing.T, shape []int, values ...float32) *File {
	t.Helper()
	f := &File{Metadata: map[string]string{"of": "no matter"}}
	if err := Put(f, "a", []int{2}, []float64{1, 2}); err != nil {
		t.Fatal(err)
	}
	if err := Put(f, "b", shape, values); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestDifference(t *testing.T) {
	nan := float32(math.NaN())
	base := holding(t, []int{2, 2}, 1, 0, nan, 4)
	other := holding(t, []int{2, 2}, 1, 0, nan, 4)
	other.Metadata = nil
	more := holding(t, []int{2, 2}, 1, 0, nan, 4)
	if err := Put(more, "c", []int{0}, []float32{}); err != nil {
		t.Fatal(err)
	}
	double := &File{}
	if err := Put(double, "a", []int{2}, []float64{1, 2}); err != nil {
		t.Fatal(err)
	}
	if err := Put(double, "b", []int{2, 2}, []float64{1, 0, 3, 4}); err != nil {
		t.Fatal(err)
	}
	read := func(f *File) *File { // from bytes, which are held in another way
		var b bytes.Buffer
		if _, err := f.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		back, err := Read(bytes.NewReader(b.Bytes()), int64(b.Len()))
		if err != nil {
			t.Fatal(err)
		}
		return back
	}
	for _, c := range []struct {
		name string
		file *File
		want string
	}{
		{"itself", base, ""},
		{"the same", other, ""},
		{"one value", holding(t, []int{2, 2}, 1, 0, nan, 5), `"b": 1 of 4 values differ, the first of them is number 4`},
		{"the sign of zero", holding(t, []int{2, 2}, 1, float32(math.Copysign(0, -1)), nan, 4), `"b": 1 of 4 values differ, the first of them is number 2`},
		{"several", holding(t, []int{2, 2}, 0, 0, 0, 0), `"b": 3 of 4 values differ, the first of them is number 1`},
		{"another NaN", holding(t, []int{2, 2}, 1, 0, math.Float32frombits(math.Float32bits(nan)^1), 4), `"b": 1 of 4 values differ, the first of them is number 3`},
		{"another shape", holding(t, []int{4}, 1, 0, nan, 4), `"b": F32 [2 2] against F32 [4]`},
		{"another type", double, `"b": F32 [2 2] against F64 [2 2]`},
		{"more", more, "tensors [a b] against [a b c]"},
	} {
		for _, pair := range [][2]*File{{base, c.file}, {read(base), c.file}, {base, read(c.file)}} {
			got, err := Difference(pair[0], pair[1])
			if err != nil || got != c.want {
				t.Errorf("%s: %q, %v, want %q", c.name, got, err, c.want)
			}
		}
		if got, err := Difference(c.file, base); err != nil || (got == "") != (c.want == "") {
			t.Errorf("%s, the other way round: %q, %v", c.name, got, err)
		}
	}
}

// Values of less than a byte are counted by bytes.
func TestDifferenceWithinBytes(t *testing.T) {
	if got := differing([]byte{1, 2, 3}, []byte{1, 2, 4}, []int{3, 2}); !strings.HasPrefix(got, "1 of 3 bytes differ, the first of them is number 3") {
		t.Error(got)
	}
}
