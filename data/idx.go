package data

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"os"
	"path/filepath"
)

// IDX is the content of a file in the IDX format of the MNIST database, of
// unsigned bytes, the only type that its image and label files use.
type IDX struct {
	Dims []int  // the size of each dimension; the first counts the examples
	Data []byte // the elements, row-major
	name string // for messages
}

// dataOffset returns where the elements begin in the file, uncompressed.
func (x *IDX) dataOffset() int { return 4 + 4*len(x.Dims) }

// size returns the elements of one example.
func (x *IDX) size() int { return len(x.Data) / x.Dims[0] }

// ReadIDX reads a file in the IDX format, plain or compressed by gzip, which
// the content tells. Name is used in messages.
//
// A wrong magic number, elements other than unsigned bytes, a dimension of
// zero, less data than the header says and bytes after the end are errors that
// name the file and the offset. What is allocated is bounded by the bytes that
// there are, not by what the header claims.
func ReadIDX(r io.Reader, name string) (*IDX, error) {
	r, err := plain(r)
	if err != nil {
		return nil, fmt.Errorf("data: %s: %w", name, err)
	}
	fail := func(offset int, format string, args ...any) error {
		return fmt.Errorf("data: %s: offset %d: %w", name, offset, fmt.Errorf(format, args...))
	}
	var head [4]byte
	if n, err := io.ReadFull(r, head[:]); err != nil {
		return nil, fail(n, "the magic number is cut off (%w)", end(err))
	}
	if head[0] != 0 || head[1] != 0 {
		return nil, fail(0, "magic number %#08x, want 0x000008nn: not an IDX file", binary.BigEndian.Uint32(head[:]))
	}
	if head[2] != 0x08 {
		return nil, fail(2, "element type %#02x, want 0x08, unsigned bytes", head[2])
	}
	if head[3] == 0 {
		return nil, fail(3, "no dimensions, want at least 1")
	}
	x := &IDX{name: name}
	total := uint64(1)
	for i := range int(head[3]) {
		offset := 4 + 4*i
		if n, err := io.ReadFull(r, head[:]); err != nil {
			return nil, fail(offset+n, "the size of dimension %d is cut off (%w)", i+1, end(err))
		}
		d := binary.BigEndian.Uint32(head[:])
		if d == 0 {
			return nil, fail(offset, "dimension %d is 0", i+1)
		}
		hi, lo := bits.Mul64(total, uint64(d))
		if hi != 0 || lo > 1<<62 {
			return nil, fail(offset, "dimensions %v and %d hold more than any file", x.Dims, d)
		}
		total = lo
		x.Dims = append(x.Dims, int(d))
	}
	// One byte more than due tells whether the file ends where it should.
	x.Data, err = io.ReadAll(io.LimitReader(r, int64(total)+1))
	switch got := uint64(len(x.Data)); {
	case err != nil:
		return nil, fail(x.dataOffset()+len(x.Data), "%w", end(err))
	case got < total:
		return nil, fail(x.dataOffset()+len(x.Data), "the file ends after %d elements, the header says %v, which is %d", got, x.Dims, total)
	case got > total:
		return nil, fail(x.dataOffset()+int(total), "bytes follow after the %d elements of the header's %v", total, x.Dims)
	}
	return x, nil
}

// end says plainly what io and gzip mean by running out of bytes.
func end(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the file ends early")
	}
	return err
}

// plain returns r, decompressed if its content is gzip.
func plain(r io.Reader) (io.Reader, error) {
	br := bufio.NewReaderSize(r, 1<<16)
	if magic, _ := br.Peek(2); len(magic) < 2 || magic[0] != 0x1f || magic[1] != 0x8b {
		return br, nil
	}
	return gzip.NewReader(br)
}

func loadIDX(path string) (x *IDX, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return ReadIDX(f, path)
}

// LoadIDX reads a set from a file of images and a file of labels, plain or
// gzip. Pixels are scaled from 0–255 to [0, 1]. Labels must be less than
// classes; 0 classes means as many as the largest label asks for. Counts that
// differ and a label out of range are errors.
func LoadIDX(images, labels string, classes int) (*Set, error) {
	img, err := loadIDX(images)
	if err != nil {
		return nil, err
	}
	lab, err := loadIDX(labels)
	if err != nil {
		return nil, err
	}
	return img.set(lab, classes)
}

// set puts images and labels together.
func (x *IDX) set(labels *IDX, classes int) (*Set, error) {
	if classes < 0 || classes > 256 {
		return nil, fmt.Errorf("data: %d classes of %s, want 1 to 256, or 0 for those there are", classes, labels.name)
	}
	if len(x.Dims) < 2 {
		return nil, fmt.Errorf("data: %s: offset 3: images of 1 dimension, want 2 or more: are these labels?", x.name)
	}
	if len(labels.Dims) != 1 {
		return nil, fmt.Errorf("data: %s: offset 3: labels of %d dimensions, want 1: are these images?", labels.name, len(labels.Dims))
	}
	n := x.Dims[0]
	if labels.Dims[0] != n {
		return nil, fmt.Errorf("data: %s: offset 4: %d labels, want %d, one for each image of %s", labels.name, labels.Dims[0], n, x.name)
	}
	most := 0
	for i, l := range labels.Data {
		if classes > 0 && int(l) >= classes {
			return nil, fmt.Errorf("data: %s: offset %d: label %d of image %d, want 0 to %d", labels.name, labels.dataOffset()+i, l, i+1, classes-1)
		}
		most = max(most, int(l))
	}
	if classes == 0 {
		classes = most + 1
	}
	s := &Set{
		Name: filepath.Base(x.name), Dim: x.size(), Shape: x.Dims[1:],
		X: make([]float32, len(x.Data)), Label: make([]int32, n), Classes: classNumbers(classes),
	}
	for i, v := range x.Data {
		s.X[i] = float32(v) / 255
	}
	for i, l := range labels.Data {
		s.Label[i] = int32(l)
	}
	return s, nil
}

// LoadMNIST reads the MNIST database, or one of its relatives under the same
// file names, from a folder: train-images-idx3-ubyte and
// train-labels-idx1-ubyte, and t10k-images-idx3-ubyte and
// t10k-labels-idx1-ubyte, each plain or with .gz. If only one pair is there,
// it is returned as train and test is nil.
func LoadMNIST(dir string) (train, test *Set, err error) {
	var sets []*Set
	for _, part := range []string{"train", "t10k"} {
		images, noImages := findMNIST(dir, part+"-images", "idx3-ubyte")
		labels, noLabels := findMNIST(dir, part+"-labels", "idx1-ubyte")
		if noImages != nil && noLabels != nil {
			continue
		}
		if err := errors.Join(noImages, noLabels); err != nil {
			return nil, nil, err
		}
		s, err := LoadIDX(images, labels, 10)
		if err != nil {
			return nil, nil, err
		}
		sets = append(sets, s)
	}
	switch len(sets) {
	case 0:
		if _, err := os.Stat(dir); err != nil {
			return nil, nil, fmt.Errorf("data: %w", err)
		}
		return nil, nil, fmt.Errorf("data: no train-images-idx3-ubyte[.gz] and no t10k-images-idx3-ubyte[.gz] in %s", dir)
	case 1:
		return sets[0], nil, nil
	}
	if sets[0].Dim != sets[1].Dim {
		return nil, nil, fmt.Errorf("data: %s has %d pixels an image and %s %d, want the same", sets[0].Name, sets[0].Dim, sets[1].Name, sets[1].Dim)
	}
	return sets[0], sets[1], nil
}

// findMNIST finds one file; some mirrors write a dot before idx.
func findMNIST(dir, stem, ext string) (string, error) {
	for _, sep := range []string{"-", "."} {
		for _, gz := range []string{"", ".gz"} {
			path := filepath.Join(dir, stem+sep+ext+gz)
			if _, err := os.Stat(path); err == nil {
				return path, nil
			}
		}
	}
	return "", fmt.Errorf("data: no %s-%s[.gz] in %s", stem, ext, dir)
}
