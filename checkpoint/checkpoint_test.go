package checkpoint

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/internal/durable"
)

// content is what the tests' part of a step holds.
func content(name string, step int64) []byte {
	return bytes.Repeat([]byte(fmt.Sprintf("%s of step %d\n", name, step)), int(step)%7*50)
}

// parts returns the parts of a step: of the tests' sizes, one of them empty.
func parts(step int64) []Part {
	var list []Part
	for _, name := range partNames {
		list = append(list, Part{name, func(w io.Writer) error {
			if name == "empty" {
				return nil
			}
			_, err := w.Write(content(name, step))
			return err
		}})
	}
	return list
}

var partNames = []string{"model.safetensors", "empty", "state.json"}

func open(t testing.TB, fsys durable.FS, dir string, keep int) *Store {
	t.Helper()
	s, err := OpenFS(fsys, dir, keep)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func save(t testing.TB, s *Store, steps ...int64) {
	t.Helper()
	for _, step := range steps {
		info := Info{Step: step, Epoch: int(step / 100), Meta: map[string]string{"rule": "adam", "seed": fmt.Sprint(step)}}
		if saved, err := s.Save(info, parts(step)); err != nil || saved.Undropped != nil {
			t.Fatal(err, saved.Undropped)
		}
	}
}

// whole fails unless c is, to the bit, what was saved for its step.
func whole(t testing.TB, what string, c *Checkpoint) {
	t.Helper()
	if !slices.Equal(c.Parts(), partNames) {
		t.Errorf("%s: %s has parts %q, want %q", what, c.Name, c.Parts(), partNames)
	}
	for _, name := range partNames {
		want := content(name, c.Info.Step)
		if name == "empty" {
			want = nil
		}
		if got, err := c.Part(name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: part %s of %s has %d bytes, want %d, %v", what, name, c.Name, len(got), len(want), err)
		}
	}
	if c.Info.Epoch != int(c.Info.Step/100) || c.Info.Meta["seed"] != fmt.Sprint(c.Info.Step) || len(c.Info.Meta) != 2 {
		t.Errorf("%s: %s says %+v", what, c.Name, c.Info)
	}
}

// newest reads the newest checkpoint, which must be there.
func newest(t testing.TB, s *Store) (*Checkpoint, []Rejected) {
	t.Helper()
	c, rejected, err := s.Newest()
	if err != nil || c == nil {
		t.Fatalf("Newest = %v, %v, %v", c, rejected, err)
	}
	return c, rejected
}

func TestSaveAndNewest(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "runs", "x", "checkpoints")
	s, err := Open(dir, 2)
	if err != nil {
		t.Fatal(err)
	}
	if c, rejected, err := s.Newest(); c != nil || rejected != nil || err != nil {
		t.Errorf("Newest of a missing folder = %v, %v, %v", c, rejected, err)
	}
	if list, err := s.List(); list != nil || err != nil {
		t.Errorf("List of a missing folder = %v, %v", list, err)
	}
	for _, step := range []int64{100, 250, 300} {
		save(t, s, step)
		c, rejected := newest(t, open(t, durable.OS, dir, 1))
		whole(t, "newest", c)
		if c.Info.Step != step || rejected != nil {
			t.Errorf("newest has step %d, want %d; %v", c.Info.Step, step, rejected)
		}
		if !c.Has("empty") || c.Has("other") {
			t.Error("Has is wrong")
		}
		if _, err := c.Part("other"); err == nil || !strings.Contains(err.Error(), `no part "other"`) {
			t.Errorf("Part(other): %v", err)
		}
	}
	list, err := s.List()
	if err != nil || len(list) != 2 {
		t.Fatalf("List = %v, %v", list, err)
	}
	for i, step := range []int64{250, 300} {
		e := list[i]
		if want := nameOf(int64(i+2), step); e.Name != want || e.Info.Step != step || e.Err != nil || e.Bytes != diskUse(t, filepath.Join(dir, want)) {
			t.Errorf("entry %d = %+v, want %s", i, e, want)
		}
		c, err := s.Load(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		whole(t, "loaded", c)
	}
	for _, name := range []string{"000001-step-100", "", ".", "..", "../checkpoints/000002-step-250", "000002-step-250.tmp"} {
		if _, err := s.Load(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Load(%q): %v", name, err)
		}
	}
}

// diskUse adds up the sizes of a folder's files.
func diskUse(t *testing.T, dir string) (size int64) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	return size
}

// What Save returns is what List and the disk say.
func TestSaved(t *testing.T) {
	dir := t.TempDir()
	s := open(t, durable.OS, dir, 1)
	saved, err := s.Save(Info{Step: 5}, parts(5))
	if err != nil || saved.Name != "000001-step-5" || saved.Bytes != diskUse(t, filepath.Join(dir, saved.Name)) || saved.Undropped != nil {
		t.Errorf("%+v, %v", saved, err)
	}
}

// The newest is the one saved last, whatever its step: runs go back.
func TestOrder(t *testing.T) {
	s := open(t, durable.OS, t.TempDir(), 3)
	for i, step := range []int64{500, 500, 0, 900, 20, 20} {
		save(t, s, step)
		if c, _ := newest(t, s); c.Info.Step != step || c.Name != nameOf(int64(i+1), step) {
			t.Errorf("after step %d the newest is %s", step, c.Name)
		}
	}
	list, err := s.List()
	if err != nil || len(list) != 3 || list[0].Info.Step != 900 || list[1].Name == list[2].Name {
		t.Errorf("List = %+v, %v", list, err)
	}
}

func TestKeep(t *testing.T) {
	for keep := 1; keep <= 4; keep++ {
		dir := t.TempDir()
		s := open(t, durable.OS, dir, keep)
		for _, name := range []string{"notes.txt", "000001-step-x", "000009-step-1.tmp.txt"} {
			if err := os.WriteFile(filepath.Join(dir, name), nil, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 6 {
			save(t, s, int64(i))
			entries, err := os.ReadDir(dir)
			if err != nil || len(entries) != 3+min(i+1, keep) {
				t.Errorf("keep %d: after %d saves: %v, %v", keep, i+1, entries, err)
			}
		}
	}
}

// Damaged checkpoints do not count, and do not push out sound ones.
func TestKeepCountsComplete(t *testing.T) {
	dir := t.TempDir()
	s := open(t, durable.OS, dir, 2)
	save(t, s, 1, 2)
	if err := os.Remove(filepath.Join(dir, nameOf(2, 2), "state.json")); err != nil {
		t.Fatal(err)
	}
	save(t, s, 3)
	for _, step := range []int64{1, 3} {
		if c, err := s.Load(nameOf(step, step)); err != nil {
			t.Error(err)
		} else {
			whole(t, "kept", c)
		}
	}
	save(t, s, 4) // 3 and 4 are enough
	list, err := s.List()
	if err != nil || len(list) != 2 || list[0].Info.Step != 3 {
		t.Errorf("List = %+v, %v", list, err)
	}
}

func TestOpenErrors(t *testing.T) {
	if _, err := Open("", 1); err == nil {
		t.Error("opened a folder without name")
	}
	for _, keep := range []int{0, -1} {
		if _, err := Open("x", keep); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("keep = %d, want at least 1", keep)) {
			t.Errorf("keep %d: %v", keep, err)
		}
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "x")} {
		s := open(t, durable.OS, dir, 1)
		if _, err := s.Save(Info{}, parts(0)); err == nil {
			t.Errorf("saved into %s", dir)
		}
	}
	if _, _, err := open(t, durable.OS, file, 1).Newest(); err == nil {
		t.Error("read a file as a folder")
	}
}

func TestSaveErrors(t *testing.T) {
	dir := t.TempDir()
	s := open(t, durable.OS, dir, 1)
	save(t, s, 7)
	broken := errors.New("the model is broken")
	write := func(w io.Writer) error { return nil }
	for _, c := range []struct {
		info  Info
		parts []Part
		want  string
	}{
		{Info{Step: -1}, parts(0), "step = -1, want at least 0"},
		{Info{Epoch: -1}, parts(0), "epoch = -1, want at least 0"},
		{Info{Meta: map[string]string{"a": "\xff"}}, parts(0), `meta "a" = "\xff", want UTF-8`},
		{Info{Meta: map[string]string{"a": strings.Repeat("x", maxManifest)}}, parts(0), "Info.Meta is too long"},
		{Info{}, nil, "no parts"},
		{Info{}, []Part{{"a/b", write}}, `part "a/b": want a name`},
		{Info{}, []Part{{`a\b`, write}}, `part "a\\b": want a name`},
		{Info{}, []Part{{"../a", write}}, `part "../a": want a name`},
		{Info{}, []Part{{"..", write}}, `part "..": want a name`},
		{Info{}, []Part{{"", write}}, `part "": want a name`},
		{Info{}, []Part{{"a\n", write}}, `part "a\n": want a name`},
		{Info{}, []Part{{"é", write}}, `want a name`},
		{Info{}, []Part{{strings.Repeat("x", 101), write}}, `want a name of 1 to 100`},
		{Info{}, []Part{{"manifest.json", write}}, `the name is the manifest's`},
		{Info{}, []Part{{"Manifest.JSON", write}}, `the name is the manifest's`},
		{Info{}, []Part{{"a", write}, {"b", write}, {"A", write}}, `parts "a" and "A": want names that differ`},
		{Info{}, []Part{{"a", write}, {"b", func(w io.Writer) error { return broken }}}, `checkpoint: save 000002-step-0: part b: the model is broken`},
	} {
		if _, err := s.Save(c.info, c.parts); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Save: %v, want %s", err, c.want)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	if c, _ := newest(t, s); c.Info.Step != 7 {
		t.Errorf("newest is %s", c.Name)
	}
}

// What a killed process leaves is swept up by the next one that saves.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"000003-step-30.tmp", "000001-step-10.old", "000002-step-20.invalid"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name, "model.safetensors"), []byte("half"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, durable.OS, dir, 1)
	if c, rejected, err := s.Newest(); c != nil || rejected != nil || err != nil {
		t.Errorf("Newest = %v, %v, %v", c, rejected, err)
	}
	save(t, s, 40)
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 || entries[0].Name() != "000002-step-20.invalid" || entries[1].Name() != "000004-step-40" {
		t.Errorf("after Save: %v, %v", entries, err)
	}
}

// A caller's map is its own.
func TestInfoIsCopied(t *testing.T) {
	s := open(t, durable.OS, t.TempDir(), 1)
	save(t, s, 100)
	a, _ := newest(t, s)
	maps.DeleteFunc(a.Info.Meta, func(string, string) bool { return true })
	a.Parts()[0] = "x"
	whole(t, "again", must(s.Load(a.Name)))
	if a.Parts()[0] != partNames[0] {
		t.Error("Parts returns its own slice")
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
