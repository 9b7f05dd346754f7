package data

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

// idx writes an IDX file of unsigned bytes.
func idx(data []byte, dims ...uint32) []byte {
	b := []byte{0, 0, 8, byte(len(dims))}
	for _, d := range dims {
		b = binary.BigEndian.AppendUint32(b, d)
	}
	return append(b, data...)
}

func zipped(b []byte) []byte {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	_, _ = w.Write(b)
	_ = w.Close()
	return buf.Bytes()
}

func write(t *testing.T, dir, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoadIDX(t *testing.T) {
	dir := t.TempDir()
	pixels := idx([]byte{0, 255, 51, 0, 102, 255, 1, 2, 3, 4, 5, 6}, 3, 2, 2)
	labels := idx([]byte{2, 0, 4}, 3)
	for _, c := range []struct {
		name           string
		images, labels []byte
	}{
		{"plain", pixels, labels},
		{"gzip", zipped(pixels), zipped(labels)},
		{"mixed", pixels, zipped(labels)},
	} {
		t.Run(c.name, func(t *testing.T) {
			// The names say nothing about compression: the content does.
			s, err := LoadIDX(write(t, dir, "images", c.images), write(t, dir, "labels", c.labels), 0)
			if err != nil {
				t.Fatal(err)
			}
			if s.Len() != 3 || s.Dim != 4 || !slices.Equal(s.Shape, []int{2, 2}) || len(s.Classes) != 5 {
				t.Errorf("got %d examples of %d, shape %v, %d classes", s.Len(), s.Dim, s.Shape, len(s.Classes))
			}
			if want := []float32{0, 1, 0.2, 0}; !slices.Equal(s.Row(0), want) {
				t.Errorf("first image %v, want %v", s.Row(0), want)
			}
			if !slices.Equal(s.Label, []int32{2, 0, 4}) {
				t.Errorf("labels %v", s.Label)
			}
			if err := s.Validate(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestLoadIDXErrors(t *testing.T) {
	good := idx(make([]byte, 12), 3, 2, 2)
	labels := idx([]byte{0, 1, 2}, 3)
	huge := idx(nil, 0xffffffff, 0xffffffff, 1)
	for _, c := range []struct {
		name           string
		images, labels []byte
		classes        int
		want           []string
	}{
		{"empty", nil, labels, 0, []string{"images", "offset 0", "cut off"}},
		{"magic cut", good[:3], labels, 0, []string{"offset 3", "magic number"}},
		{"wrong magic", []byte("\x89PNG\r\n\x1a\n"), labels, 0, []string{"offset 0", "0x89504e47", "not an IDX file"}},
		{"wrong type", []byte{0, 0, 0x0d, 1, 0, 0, 0, 1, 0, 0, 0, 0}, labels, 0, []string{"offset 2", "0x0d", "unsigned bytes"}},
		{"no dimensions", idx(nil), labels, 0, []string{"offset 3", "no dimensions"}},
		{"dimension cut", good[:9], labels, 0, []string{"offset 9", "dimension 2"}},
		{"dimension zero", idx(nil, 3, 0, 2), labels, 0, []string{"offset 8", "dimension 2 is 0"}},
		{"truncated", good[:20], labels, 0, []string{"offset 20", "ends after 4 elements", "12"}},
		{"truncated gzip", zipped(good)[:25], labels, 0, []string{"images", "the file ends early"}},
		{"claims terabytes", idx(make([]byte, 12), 0xffffffff, 1024, 1024), labels, 0, []string{"offset 28", "ends after 12 elements"}},
		{"claims more than there is", huge, labels, 0, []string{"offset 8", "more than any file"}},
		{"trailing bytes", append(slices.Clone(good), 9), labels, 0, []string{"offset 28", "bytes follow"}},
		{"labels as images", labels, labels, 0, []string{"images", "offset 3", "are these labels?"}},
		{"images as labels", good, good, 0, []string{"labels", "offset 3", "are these images?"}},
		{"counts differ", good, idx([]byte{0, 1}, 2), 0, []string{"labels", "2 labels, want 3", "images"}},
		{"label out of range", good, labels, 2, []string{"labels", "offset 10", "label 2 of image 3, want 0 to 1"}},
		{"classes", good, labels, 999, []string{"999 classes"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			_, err := LoadIDX(write(t, dir, "images", c.images), write(t, dir, "labels", c.labels), c.classes)
			wantError(t, err, c.want...)
		})
	}
	corrupt := zipped(idx(bytes.Repeat([]byte{1, 2, 3, 4}, 100), 100, 2, 2))
	corrupt[len(corrupt)-6] ^= 1 // the checksum
	_, err := ReadIDX(bytes.NewReader(corrupt), "f.gz")
	wantError(t, err, "f.gz", "checksum")
	_, err = LoadIDX(filepath.Join(t.TempDir(), "none"), "none", 0)
	wantError(t, err, "none", "no such file")
}

func TestClaimAllocatesLittle(t *testing.T) {
	file := idx(make([]byte, 100), 1<<20, 1<<20)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := ReadIDX(bytes.NewReader(file), "f")
	runtime.ReadMemStats(&after)
	wantError(t, err, "ends after 100 elements")
	bytesOf := after.TotalAlloc - before.TotalAlloc
	if bytesOf > 1<<20 {
		t.Errorf("a file of %d bytes that claims a terabyte made ReadIDX allocate %d", len(file), bytesOf)
	}
}

func TestLoadMNIST(t *testing.T) {
	images, labels := idx(make([]byte, 12), 3, 2, 2), idx([]byte{0, 1, 2}, 3)
	dir := t.TempDir()
	_, _, err := LoadMNIST(dir)
	wantError(t, err, dir, "train-images-idx3-ubyte", "t10k")
	_, _, err = LoadMNIST(filepath.Join(dir, "none"))
	wantError(t, err, "no such file")

	write(t, dir, "t10k-images-idx3-ubyte.gz", zipped(images))
	_, _, err = LoadMNIST(dir)
	wantError(t, err, "t10k-labels-idx1-ubyte")
	write(t, dir, "t10k-labels-idx1-ubyte", labels)
	train, test, err := LoadMNIST(dir)
	if err != nil || test != nil || train.Len() != 3 || len(train.Classes) != 10 {
		t.Fatalf("the test files alone: %v, %v, %v", train, test, err)
	}

	write(t, dir, "train-images.idx3-ubyte", idx(make([]byte, 20), 5, 2, 2))
	write(t, dir, "train-labels.idx1-ubyte", idx([]byte{0, 1, 2, 9, 9}, 5))
	train, test, err = LoadMNIST(dir)
	if err != nil || train.Len() != 5 || test.Len() != 3 {
		t.Fatalf("both parts: %v, %v, %v", train, test, err)
	}
	write(t, dir, "train-images.idx3-ubyte", idx(make([]byte, 5), 5, 1, 1))
	_, _, err = LoadMNIST(dir)
	wantError(t, err, "1 pixels", "4")
}

func FuzzReadIDX(f *testing.F) {
	good := idx([]byte{1, 2, 3, 4}, 2, 2)
	f.Add(good)
	f.Add(zipped(good))
	f.Add(good[:7])
	f.Add(idx(nil, 0xffffffff, 0xffffffff, 0xffffffff))
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := ReadIDX(bytes.NewReader(b), "f")
		if err != nil {
			return
		}
		total := 1
		for _, d := range x.Dims {
			total *= d
		}
		if total != len(x.Data) {
			t.Fatalf("dimensions %v with %d bytes", x.Dims, len(x.Data))
		}
		labels := &IDX{Dims: x.Dims[:1], Data: make([]byte, x.Dims[0]), name: "labels"}
		if s, err := x.set(labels, 0); err == nil {
			if err := s.Validate(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
