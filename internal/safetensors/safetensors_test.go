package safetensors

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// encoded returns the bytes of f.
func encoded(t testing.TB, f *File) []byte {
	t.Helper()
	var b bytes.Buffer
	n, err := f.WriteTo(&b)
	if err != nil {
		t.Fatal(err)
	}
	if n != int64(b.Len()) {
		t.Fatalf("WriteTo = %d, wrote %d bytes", n, b.Len())
	}
	return b.Bytes()
}

func readBytes(b []byte) (*File, error) { return Read(bytes.NewReader(b), int64(len(b))) }

// sameBits reports whether a and b are equal to the bit, NaN payloads too.
func sameBits[F Elem](a, b []F) bool {
	_, width := elem[F]()
	x, y := make([]byte, width*len(a)), make([]byte, width*len(b))
	encode(x, a)
	encode(y, b)
	return bytes.Equal(x, y)
}

func TestReferenceFile(t *testing.T) {
	golden, err := os.ReadFile("testdata/reference.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	f, err := ReadFile("testdata/reference.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Metadata["rule"]; got != "adam <&> \"β₁\" \\ \t" || len(f.Metadata) != 1 {
		t.Errorf("metadata = %q", f.Metadata)
	}
	weight, shape, err := Get[float32](f, "weight")
	if want := []float32{1.5, -2.25, 3e38, float32(math.Copysign(0, -1)), 1e-45, float32(math.Inf(1))}; err != nil ||
		!sameBits(weight, want) || !slices.Equal(shape, []int{2, 3}) {
		t.Errorf("weight = %v %v %v", weight, shape, err)
	}
	nan := make([]float32, 2)
	if err := GetInto(f, "nan", []int{2}, nan); err != nil ||
		math.Float32bits(nan[0]) != 0x7FA00001 || math.Float32bits(nan[1]) != 0xFFC12345 {
		t.Errorf("nan = %#x, %v", math.Float32bits(nan[0]), err)
	}
	bias, _, err := Get[float64](f, "Bias")
	if err != nil || !sameBits(bias, []float64{0.1, -1e300, 5e-324}) {
		t.Errorf("Bias = %v %v", bias, err)
	}
	step, shape, err := Get[int64](f, "step")
	if err != nil || !slices.Equal(step, []int64{9007199254740993}) || len(shape) != 0 {
		t.Errorf("step = %v %v %v", step, shape, err)
	}
	if info, ok := f.Info("half"); !ok || info.DType != "F16" || info.Bytes != 4 || !slices.Equal(info.Shape, []int{2}) {
		t.Errorf("half is %v", info)
	}
	if _, _, err := Get[float32](f, "half"); err == nil || err.Error() != `safetensors: tensor "half": dtype is F16, want F32` {
		t.Errorf("Get of half: %v", err)
	}
	if got := encoded(t, f); !bytes.Equal(got, golden) {
		t.Errorf("written again:\n%q, want\n%q", got, golden)
	}
}

// A named type, as callers have in generic code.
type weight float32

func TestPutWritesTheReferenceBytes(t *testing.T) {
	golden, err := ReadFile("testdata/reference.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	f := &File{Metadata: golden.Metadata}
	nan := []weight{weight(math.Float32frombits(0x7FA00001)), weight(math.Float32frombits(0xFFC12345))}
	for _, err := range []error{
		Put(f, "weight", []int{2, 3}, []float32{1.5, -2.25, 3e38, float32(math.Copysign(0, -1)), 1e-45, float32(math.Inf(1))}),
		Put(f, "Bias", []int{3}, []float64{0.1, -1e300, 5e-324}),
		Put(f, "step", nil, []int64{9007199254740993}),
		Put(f, "nan", []int{2}, nan),
		Put(f, "empty", []int{0, 4}, []float32(nil)),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range golden.Names() {
		if _, ok := f.tensors[name]; !ok {
			f.put(name, golden.tensors[name])
		}
	}
	if got, want := encoded(t, f), encoded(t, golden); !bytes.Equal(got, want) {
		t.Errorf("wrote\n%q, want\n%q", got, want)
	}
	if got, _, err := Get[float32](f, "nan"); err != nil || math.Float32bits(got[0]) != 0x7FA00001 {
		t.Errorf("Get of a named type = %v, %v", got, err)
	}
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := &File{}
		meta := rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "metadata")
		if len(meta) > 0 {
			f.Metadata = meta
		}
		single, double, whole := map[string][]float32{}, map[string][]float64{}, map[string][]int64{}
		shapes := map[string][]int{}
		for _, name := range rapid.SliceOfDistinct(rapid.StringN(1, 12, -1), rapid.ID).Draw(t, "names") {
			if name == metadataKey {
				continue
			}
			shape := rapid.SliceOfN(rapid.IntRange(0, 4), 0, 3).Draw(t, "shape")
			n := 1
			for _, d := range shape {
				n *= d
			}
			shapes[name] = shape
			bits := rapid.SliceOfN(rapid.Uint64(), n, n).Draw(t, "bits")
			var err error
			switch rapid.IntRange(0, 2).Draw(t, "dtype") {
			case 0:
				for _, b := range bits {
					single[name] = append(single[name], math.Float32frombits(uint32(b)))
				}
				err = Put(f, name, shape, single[name])
			case 1:
				for _, b := range bits {
					double[name] = append(double[name], math.Float64frombits(b))
				}
				err = Put(f, name, shape, double[name])
			case 2:
				for _, b := range bits {
					whole[name] = append(whole[name], int64(b))
				}
				err = Put(f, name, shape, whole[name])
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		var b bytes.Buffer
		if _, err := f.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		if start := 8 + int(b.Bytes()[0]) + int(b.Bytes()[1])<<8 + int(b.Bytes()[2])<<16; start%8 != 0 {
			t.Fatalf("data start at %d, want a multiple of 8", start)
		}
		g, err := readBytes(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(g.Names(), f.Names()) {
			t.Fatalf("names = %q, want %q", g.Names(), f.Names())
		}
		if fmt.Sprint(g.Metadata) != fmt.Sprint(f.Metadata) {
			t.Fatalf("metadata = %q, want %q", g.Metadata, f.Metadata)
		}
		for name, want := range single {
			checkTensor(t, g, name, shapes[name], want)
		}
		for name, want := range double {
			checkTensor(t, g, name, shapes[name], want)
		}
		for name, want := range whole {
			checkTensor(t, g, name, shapes[name], want)
		}
		var again bytes.Buffer
		if _, err := g.WriteTo(&again); err != nil || !bytes.Equal(again.Bytes(), b.Bytes()) {
			t.Fatalf("written again: %v\n%q, want\n%q", err, again.Bytes(), b.Bytes())
		}
	})
}

func checkTensor[F Elem](t *rapid.T, f *File, name string, shape []int, want []F) {
	got, s, err := Get[F](f, name)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s, shape) || !sameBits(got, want) {
		t.Fatalf("%q = %v %v, want %v %v", name, s, got, shape, want)
	}
	clear(got)
	if err := GetInto(f, name, shape, got); err != nil || !sameBits(got, want) {
		t.Fatalf("GetInto %q = %v, %v, want %v", name, got, err, want)
	}
}

// Tensors longer than the buffer are written in pieces of whole elements.
func TestManyChunks(t *testing.T) {
	f := &File{}
	a, b := make([]float32, 100_003), make([]float64, 50_001)
	for i := range a {
		a[i] = float32(i)
	}
	for i := range b {
		b[i] = -float64(i)
	}
	if err := Put(f, "a", []int{len(a)}, a); err != nil {
		t.Fatal(err)
	}
	if err := Put(f, "b", []int{len(b), 1}, b); err != nil {
		t.Fatal(err)
	}
	g, err := readBytes(encoded(t, f))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []*File{f, g} {
		gotA, _, errA := Get[float32](f, "a")
		gotB, _, errB := Get[float64](f, "b")
		if errA != nil || errB != nil || !slices.Equal(gotA, a) || !slices.Equal(gotB, b) {
			t.Errorf("elements changed: %v %v", errA, errB)
		}
	}
}

func TestPutErrors(t *testing.T) {
	f := &File{}
	if err := Put(f, "w", []int{1}, []float32{1}); err != nil {
		t.Fatal(err)
	}
	huge := math.MaxInt/2 + 1
	for _, c := range []struct {
		err  error
		want string
	}{
		{Put(f, "", nil, []float32{1}), `safetensors: a tensor has an empty name`},
		{Put(f, "w", nil, []float32{1}), `safetensors: tensor "w" is there already`},
		{Put(f, "__metadata__", nil, []float32{1}), `safetensors: tensor "__metadata__": the name is reserved`},
		{Put(f, "a\xff", nil, []float32{1}), `safetensors: tensor "a\xff": the name is not UTF-8`},
		{Put(f, "a", []int{2, -1}, []float32{1}), `safetensors: tensor "a": shape[1] = -1, want at least 0`},
		{Put(f, "a", []int{2, 3}, []float64{1}), `safetensors: tensor "a": 1 elements, want 6 for shape [2 3]`},
		{Put(f, "a", nil, []int64{}), `safetensors: tensor "a": 0 elements, want 1 for shape []`},
		{Put(f, "a", []int{huge, 4}, []int64{}), fmt.Sprintf(`safetensors: tensor "a": shape [%d 4] of I64 has too many elements`, huge)},
		{GetInto(f, "w", []int{2}, make([]float32, 2)), `safetensors: tensor "w": shape is [1], want [2]`},
		{GetInto(f, "w", []int{1}, make([]float32, 2)), `safetensors: tensor "w": 1 elements, have room for 2`},
		{GetInto(f, "w", []int{1}, make([]float64, 1)), `safetensors: tensor "w": dtype is F32, want F64`},
		{GetInto(f, "x", []int{1}, make([]float64, 1)), `safetensors: no tensor "x"`},
	} {
		if c.err == nil || c.err.Error() != c.want {
			t.Errorf("error = %v, want %s", c.err, c.want)
		}
	}
	f.Metadata = map[string]string{"a": "\xff"}
	if _, err := f.WriteTo(&bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), `metadata "a" = "\xff", want UTF-8`) {
		t.Errorf("error = %v", err)
	}
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state.safetensors")
	f := &File{}
	if err := Put(f, "w", []int{2}, []float64{1, 2}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // create, then replace
		if err := f.WriteFile(path); err != nil {
			t.Fatal(err)
		}
	}
	before, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, encoded(t, f)) {
		t.Fatalf("wrote %q, %v", before, err)
	}
	f.Metadata = map[string]string{"\xff": ""}
	if err := f.WriteFile(path); err == nil {
		t.Error("wrote metadata that is not UTF-8")
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("a failed write changed the file: %q, %v", after, err)
	}
	f.Metadata = nil
	if err := f.WriteFile(filepath.Join(dir, "none", "x")); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("write into a missing folder: %v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := f.WriteFile(filepath.Join(dir, "folder")); err == nil {
		t.Error("replaced a folder")
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

type failing struct{ after int }

func (w *failing) Write(p []byte) (int, error) {
	if w.after -= len(p); w.after < 0 {
		return 0, os.ErrPermission
	}
	return len(p), nil
}

func TestWriteErrors(t *testing.T) {
	f := &File{}
	if err := Put(f, "w", []int{20_000}, make([]float64, 20_000)); err != nil {
		t.Fatal(err)
	}
	for _, after := range []int{0, 8, 200, 100_000} {
		if _, err := f.WriteTo(&failing{after}); err == nil || !strings.Contains(err.Error(), "permission") {
			t.Errorf("after %d bytes: %v", after, err)
		}
	}
}

func Example() {
	f := &File{Metadata: map[string]string{"rule": "adam"}}
	if err := Put(f, "layer1/weight", []int{2, 2}, []float32{1, 2, 3, 4}); err != nil {
		fmt.Println(err)
	}
	var b bytes.Buffer
	if _, err := f.WriteTo(&b); err != nil {
		fmt.Println(err)
	}
	g, err := Read(&b, int64(b.Len()))
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(g.Names(), g.Metadata["rule"])
	fmt.Println(Get[float32](g, "layer1/weight"))
	fmt.Println(Get[float64](g, "layer1/weight"))
	// Output:
	// [layer1/weight] adam
	// [1 2 3 4] [2 2] <nil>
	// [] [] safetensors: tensor "layer1/weight": dtype is F32, want F64
}
