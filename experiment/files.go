package experiment

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/schedule"
)

// A File is something that was learned from, with its checksum: a file, or the
// examples of a set that came from none.
type File struct {
	Path   string `yaml:"path" json:"path"` // as it was given, or the specification
	Bytes  int64  `yaml:"bytes" json:"bytes"`
	SHA256 string `yaml:"sha256" json:"sha256"`
}

// sumData adds the checksums of all that a set was made from.
func (o *opening) sumData(sets *data.Sets) error {
	paths := o.e.paths()
	if !regular(paths) {
		o.sumSets(o.e.Data, sets)
		return nil
	}
	for _, path := range paths {
		if err := o.sum(path); err != nil {
			return err
		}
	}
	return nil
}

// Paths lists the files and folders that the settings name, whether they are
// there or not.
func (e *Experiment) Paths() []string {
	if e.own != nil || e.Function != "" {
		return nil
	}
	var paths []string
	if kind, dir, _ := strings.Cut(e.Data, ":"); kind == "mnist" {
		paths = append(paths, dir)
	}
	paths = append(paths, e.paths()...)
	if e.Test != "" && !slices.Contains(paths, e.Test) {
		paths = append(paths, e.Test)
	}
	return paths
}

// paths lists the files that the settings of the data name.
func (e *Experiment) paths() []string {
	kind, args, _ := strings.Cut(e.Data, ":")
	var paths []string
	switch kind {
	case "digits", "spirals", "-":
	case "mnist":
		paths = mnist(args)
	case "idx":
		images, labels, _ := strings.Cut(args, ",")
		paths = []string{images, labels}
	default:
		paths = []string{e.Data}
	}
	if e.Test != "" && len(paths) > 0 {
		paths = append(paths, e.Test)
	}
	return paths
}

// mnist lists the files of a folder that package data reads: see data.LoadMNIST.
func mnist(dir string) []string {
	var paths []string
	for _, stem := range []string{"train-images%sidx3-ubyte", "train-labels%sidx1-ubyte", "t10k-images%sidx3-ubyte", "t10k-labels%sidx1-ubyte"} {
		for _, form := range []string{"-", "-.gz", ".", "..gz"} { // the first that there is
			path := filepath.Join(dir, fmt.Sprintf(stem, form[:1])+form[1:])
			if _, err := os.Stat(path); err == nil {
				paths = append(paths, path)
				break
			}
		}
	}
	return paths
}

// regular reports whether there are paths, and all are files that can be read
// again: a pipe cannot.
func regular(paths []string) bool {
	for _, path := range paths {
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
			return false
		}
	}
	return len(paths) > 0
}

// sum adds the checksum of a file.
func (o *opening) sum(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("experiment: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err != nil {
		return fmt.Errorf("experiment: checksum: %w", err)
	}
	o.add(path, n, h)
	return nil
}

func (o *opening) add(path string, n int64, h hash.Hash) {
	o.s.Files = append(o.s.Files, File{Path: path, Bytes: n, SHA256: hex.EncodeToString(h.Sum(nil))})
}

// sumSets adds the checksum of the examples themselves, in the order of
// training set and test set: names of classes, features, labels, targets.
func (o *opening) sumSets(name string, sets *data.Sets) {
	h := sha256.New()
	n := int64(0)
	buf := make([]byte, 0, 1<<16)
	put := func(v uint32) {
		if buf = binary.LittleEndian.AppendUint32(buf, v); len(buf) == cap(buf) {
			h.Write(buf)
			n += int64(len(buf))
			buf = buf[:0]
		}
	}
	for _, s := range []*data.Set{sets.Train, sets.Test} {
		if s == nil {
			continue
		}
		put(uint32(s.Dim))
		for _, x := range s.X {
			put(math.Float32bits(x))
		}
		for _, l := range s.Label {
			put(uint32(l))
		}
		for _, x := range s.Target {
			put(math.Float32bits(x))
		}
		for _, class := range s.Classes {
			for _, r := range class + "\x00" {
				put(uint32(r))
			}
		}
	}
	h.Write(buf)
	o.add(name, n+int64(len(buf)), h)
}

// Settings returns what has to be the same when the run is resumed, by name.
// What only ends a run, names it or says when it is saved may differ; data files
// may have moved, but not changed; and so may the length, if the schedule does
// not depend on it.
func (s *Session) Settings() (map[string]string, error) {
	e := s.Experiment
	m := map[string]string{"model": s.Model}
	for i := range settings {
		t := &settings[i]
		switch t.Key {
		case "data", "test", "model":
			continue
		}
		if !t.Free && e.applies(t) {
			m[t.Key] = t.format(e.field(t))
		}
	}
	if s.Data != nil {
		var sums []string
		for _, f := range s.Files {
			sums = append(sums, "sha256 "+f.SHA256)
		}
		m["data"] = strings.Join(sums, ", ")
	}
	if curve := s.Options.Schedule; curve != nil {
		text, err := schedule.Marshal(curve)
		if err != nil {
			return nil, err
		}
		m["schedule"] = string(text)
	}
	return m, nil
}
