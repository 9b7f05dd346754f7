package checkpoint

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/descent-go/descent/internal/durable"
	"github.com/descent-go/descent/internal/durable/faulty"
)

// rewrite replaces the content of a file.
func rewrite(t testing.TB, fsys durable.FS, path string, content []byte) {
	t.Helper()
	if err := durable.WriteFile(fsys, path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func readAll(t testing.TB, fsys durable.FS, path string) []byte {
	t.Helper()
	f, err := fsys.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Every bit of the manifest of the newest checkpoint flipped, and some of each
// part, and every file cut and made longer: the one before is taken, and the
// damaged one named and kept aside.
func TestEveryBit(t *testing.T) {
	base := savedBefore(t, 2, 100, 1)()
	name := nameOf(2, 1)
	checked := 0
	for _, file := range append([]string{manifestName}, partNames...) {
		path := filepath.Join(folder, name, file)
		sound := readAll(t, base, path)
		try := func(what string, content []byte) {
			t.Helper()
			checked++
			f := base.Crash(faulty.Everything)
			rewrite(t, f, path, content)
			s := open(t, f, folder, 2)
			if _, err := s.Load(name); err == nil {
				t.Fatalf("%s %s: loaded", file, what)
			}
			c, rejected := newest(t, s)
			whole(t, what, c)
			if c.Info.Step != 100 || len(rejected) != 1 || rejected[0].Name != name || rejected[0].MovedTo != name+stateInvalid ||
				!strings.Contains(rejected[0].Err.Error(), file) {
				t.Fatalf("%s %s: newest is %s, rejected %+v", file, what, c.Name, rejected)
			}
			if got := readAll(t, f, filepath.Join(folder, name+stateInvalid, file)); !bytes.Equal(got, content) {
				t.Fatalf("%s %s: was changed when it was set aside", file, what)
			}
			if c, rejected := newest(t, s); c.Info.Step != 100 || rejected != nil {
				t.Fatalf("%s %s: the second time: %s, %v", file, what, c.Name, rejected)
			}
		}
		stride := max(1, len(sound)/60) // of the parts
		if file == manifestName {
			stride = 1
		}
		for at := 0; at < len(sound); at += stride {
			for bit := range 8 {
				flipped := bytes.Clone(sound)
				flipped[at] ^= 1 << bit
				try(fmt.Sprintf("with bit %d of byte %d flipped", bit, at), flipped)
			}
			try(fmt.Sprintf("cut to %d bytes", at), sound[:at])
		}
		try("made longer", append(bytes.Clone(sound), 0))
		try("written twice", append(bytes.Clone(sound), append(sound, '\n')...))
	}
	if checked < 5000 {
		t.Errorf("%d kinds of damage", checked)
	}
}

// forge gives a checkpoint another manifest, with a checksum that fits.
func forge(t testing.TB, dir, name string, edit func(body string) string) {
	t.Helper()
	path := filepath.Join(dir, name, manifestName)
	file := readAll(t, durable.OS, path)
	edited := edit(string(file[:len(file)-sealSize]))
	rewrite(t, durable.OS, path, seal([]byte(edited)))
}

func replace(t testing.TB, old, new string) func(string) string {
	return func(body string) string {
		t.Helper()
		if !strings.Contains(body, old) {
			t.Fatalf("no %s in %s", old, body)
		}
		return strings.Replace(body, old, new, 1)
	}
}

func TestDamaged(t *testing.T) {
	const terabytes = "7000000000000"
	size := fmt.Sprintf(`"bytes": %d`, len(content("model.safetensors", 3)))
	at := func(dir string, rest ...string) string {
		return filepath.Join(append([]string{dir, nameOf(2, 3)}, rest...)...)
	}
	for _, c := range []struct {
		what   string
		damage func(dir string) error
		want   string // "": it is none
	}{
		{"missing part", func(dir string) error { return os.Remove(at(dir, "state.json")) }, "state.json is missing"},
		{"missing manifest", func(dir string) error { return os.Remove(at(dir, manifestName)) }, "manifest.json is missing"},
		{"empty folder", func(dir string) error { return errors.Join(os.RemoveAll(at(dir)), os.Mkdir(at(dir), 0o777)) }, "manifest.json is missing"},
		{"a file", func(dir string) error { return errors.Join(os.RemoveAll(at(dir)), os.WriteFile(at(dir), nil, 0o666)) }, "not a folder"},
		{"extra files", func(dir string) error {
			return errors.Join(os.WriteFile(at(dir, "notes"), nil, 0o666), os.Mkdir(at(dir, "more"), 0o777))
		}, ""},
		{"a part that is a folder", func(dir string) error {
			return errors.Join(os.Remove(at(dir, "empty")), os.Mkdir(at(dir, "empty"), 0o777))
		}, "empty: not a regular file"},
		{"a part that is a link", func(dir string) error {
			return errors.Join(os.Rename(at(dir, "state.json"), filepath.Join(dir, "elsewhere")), os.Symlink("../elsewhere", at(dir, "state.json")))
		}, "state.json: not a regular file"},
		{"a manifest that is a link", func(dir string) error {
			return errors.Join(os.Rename(at(dir, manifestName), filepath.Join(dir, "elsewhere")), os.Symlink("../elsewhere", at(dir, manifestName)))
		}, "manifest.json: not a regular file"},
		{"a folder that is a link", func(dir string) error {
			return errors.Join(os.Rename(at(dir), filepath.Join(dir, "elsewhere")), os.Symlink("elsewhere", at(dir)))
		}, "not a folder"},
		{"an enormous manifest", func(dir string) error { return os.Truncate(at(dir, manifestName), 1<<40) }, "1099511627776 bytes, want at most 1048576"},
		{"an enormous part", func(dir string) error { return os.Truncate(at(dir, "empty"), 1<<40) }, "part empty: 1099511627776 bytes, want 0"},
		{"terabytes claimed", func(dir string) error {
			forge(t, dir, nameOf(2, 3), replace(t, size, `"bytes": `+terabytes))
			return nil
		}, "want " + terabytes},
		{"a path for a name", func(dir string) error {
			forge(t, dir, nameOf(2, 3), replace(t, `"state.json"`, `"../../secret"`))
			return nil
		}, `part "../../secret": want a name`},
		{"the sum of others", func(dir string) error {
			forge(t, dir, nameOf(2, 3), replace(t, `"sha256": "`, `"sha256": "00`))
			return nil
		}, "want 64 hexadecimal digits"},
		{"an unknown member", func(dir string) error {
			forge(t, dir, nameOf(2, 3), replace(t, `"step"`, `"speed": 1, "step"`))
			return nil
		}, `unknown field "speed"`},
		{"a format before the first", func(dir string) error {
			forge(t, dir, nameOf(2, 3), replace(t, `"format": 1`, `"format": 0`))
			return nil
		}, "format = 0, want 1 to 1"},
		{"not an object", func(dir string) error {
			forge(t, dir, nameOf(2, 3), func(string) string { return "[" })
			return nil
		}, "manifest.json: invalid character"},
	} {
		dir := t.TempDir()
		s := open(t, durable.OS, dir, 2)
		save(t, s, 2, 3)
		if err := c.damage(dir); err != nil {
			t.Fatal(err)
		}
		list, err := s.List()
		if err != nil || len(list) != 2 || (list[1].Err == nil) != (c.want == "") || list[0].Err != nil {
			t.Errorf("%s: List = %+v, %v", c.what, list, err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got, rejected := newest(t, s)
		runtime.ReadMemStats(&after)
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 4<<20 {
			t.Errorf("%s: took %d bytes of memory", c.what, grown)
		}
		whole(t, c.what, got)
		if c.want == "" {
			if got.Info.Step != 3 || rejected != nil {
				t.Errorf("%s: newest is %s, rejected %v", c.what, got.Name, rejected)
			}
			continue
		}
		if got.Info.Step != 2 || len(rejected) != 1 || !strings.Contains(rejected[0].Err.Error(), c.want) {
			t.Errorf("%s: newest is %s, rejected %v, want %s", c.what, got.Name, rejected, c.want)
		}
		if _, err := os.Lstat(filepath.Join(dir, nameOf(2, 3)+stateInvalid)); err != nil {
			t.Errorf("%s: not kept aside: %v", c.what, err)
		}
		save(t, s, 4)
		if c, _ := newest(t, s); c.Name != nameOf(3, 4) {
			t.Errorf("after the next Save the newest is %s", c.Name)
		}
	}
}

// A checkpoint of a later format is sound: it is neither moved aside nor passed
// over, and no Save of this program takes it for one of its own.
func TestFutureFormat(t *testing.T) {
	dir := t.TempDir()
	s := open(t, durable.OS, dir, 1)
	save(t, s, 1, 2)
	forge(t, dir, nameOf(2, 2), replace(t, `"format": 1`, `"format": 2, "new": {"things": [1]}`))
	for _, read := range []func() error{
		func() error { _, _, err := s.Newest(); return err },
		func() error { _, err := s.Load(nameOf(2, 2)); return err },
		func() error { return must(s.List())[0].Err },
	} {
		const want = "checkpoint: 000002-step-2 has format 2, this program reads formats up to 1: use the program that wrote it, or a newer one"
		err := read()
		if future, ok := errors.AsType[*FutureError](err); !ok || future.Format != 2 || future.Name != nameOf(2, 2) || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	if c, rejected, err := s.Newest(); c != nil || rejected != nil || err == nil {
		t.Errorf("Newest = %v, %v, %v", c, rejected, err)
	}
	if _, err := os.Stat(filepath.Join(dir, nameOf(2, 2), manifestName)); err != nil {
		t.Error(err)
	}
	// One with a newer checkpoint of ours on top is history.
	save(t, s, 3)
	if c, rejected := newest(t, s); c.Info.Step != 3 || rejected != nil {
		t.Errorf("newest is %s, %v", c.Name, rejected)
	}
}

// A folder that cannot be changed can be read, damage and all.
func TestReadOnly(t *testing.T) {
	f := savedBefore(t, 2, 1, 2)()
	rewrite(t, f, filepath.Join(folder, nameOf(2, 2), "state.json"), []byte("damaged"))
	f.FailAt(1, faulty.ReadOnly)
	s := open(t, f, folder, 2)
	for range 2 {
		c, rejected := newest(t, s)
		whole(t, "read-only", c)
		if c.Info.Step != 1 || len(rejected) != 1 || rejected[0].MovedTo != "" ||
			!strings.Contains(rejected[0].Err.Error(), "part state.json: 7 bytes") || !strings.Contains(rejected[0].Err.Error(), "could not be set aside") {
			t.Errorf("newest is %s, rejected %+v", c.Name, rejected)
		}
	}
	_, err := s.Save(Info{Step: 3}, parts(3))
	if err == nil || !strings.Contains(err.Error(), "read-only file system") {
		t.Errorf("Save: %v", err)
	}
}

// denied is a file system whose files may not be opened.
type denied struct{ durable.FS }

func (denied) Open(name string) (durable.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
}

// What may be read another time is no damage: an older one in its place would
// lose work.
func TestPermission(t *testing.T) {
	f := savedBefore(t, 2, 1, 2)()
	c, rejected, err := open(t, denied{f}, folder, 2).Newest()
	if c != nil || rejected != nil || !errors.Is(err, fs.ErrPermission) || !strings.HasPrefix(err.Error(), "checkpoint: 000002-step-2: ") {
		t.Errorf("Newest = %v, %v, %v", c, rejected, err)
	}
	if c, _ := newest(t, open(t, f, folder, 2)); c.Info.Step != 2 {
		t.Errorf("newest is %s", c.Name)
	}
}
