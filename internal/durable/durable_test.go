package durable_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/descent-go/descent/internal/durable"
	"github.com/descent-go/descent/internal/durable/faulty"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// read returns a file's content, or the error.
func read(fsys durable.FS, path string) string {
	f, err := fsys.Open(path)
	if err != nil {
		return err.Error()
	}
	b, err := io.ReadAll(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return err.Error()
	}
	return string(b)
}

func names(t *testing.T, fsys durable.FS, dir string) string {
	t.Helper()
	entries, err := fsys.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return strings.Join(list, " ")
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, strings.Repeat("x", 251)+".txt") // as long as a name may be
	for _, content := range []string{"", "first", strings.Repeat("second", 100_000)} {
		if err := durable.WriteFile(durable.OS, path, text(content)); err != nil {
			t.Fatal(err)
		}
		if got := read(durable.OS, path); got != content {
			t.Fatalf("%d bytes, want %d", len(got), len(content))
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "plain"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	want, err1 := os.Stat(filepath.Join(dir, "plain"))
	got, err2 := os.Stat(path)
	if err := errors.Join(err1, err2); err != nil || got.Mode() != want.Mode() {
		t.Errorf("mode %v, want %v, %v", got.Mode(), want.Mode(), err)
	}
}

func TestWriteFileErrors(t *testing.T) {
	dir := t.TempDir()
	file, folder := filepath.Join(dir, "file"), filepath.Join(dir, "folder")
	if err := errors.Join(os.WriteFile(file, []byte("before"), 0o666), os.Mkdir(folder, 0o777)); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	for _, c := range []struct {
		path  string
		write func(io.Writer) error
		want  string
	}{
		{folder, text(""), "write " + folder + ": is a folder, want the name of a file"},
		{os.DevNull, text("x"), "write " + os.DevNull + ": is not a regular file"},
		{filepath.Join(dir, "none", "x"), text(""), "write " + filepath.Join(dir, "none", "x") + ": folder cannot be written: "},
		{filepath.Join(file, "x"), text(""), "write " + filepath.Join(file, "x") + ": folder cannot be written: "},
		{filepath.Join(dir, strings.Repeat("x", 300)), text(""), strings.Repeat("x", 300) + ": "},
		{file, func(w io.Writer) error { return errors.Join(text("half")(w), broken) }, broken.Error()},
	} {
		err := durable.WriteFile(durable.OS, c.path, c.write)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), ".tmp") {
			t.Errorf("error %v, want %s", err, c.want)
		}
	}
	if got := names(t, durable.OS, dir); got != "file folder" {
		t.Errorf("left behind: %s", got)
	}
	if got := read(durable.OS, file); got != "before" {
		t.Errorf("the file is %q after a failed write", got)
	}
}

// A link is replaced: what it leads to may belong to another run.
func TestWriteFileLink(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(target, []byte("old"), 0o666), os.Symlink(target, link)); err != nil {
		t.Fatal(err)
	}
	if err := durable.WriteFile(durable.OS, link, text("new")); err != nil {
		t.Fatal(err)
	}
	if a, b := read(durable.OS, target), read(durable.OS, link); a != "old" || b != "new" {
		t.Errorf("target %q, link %q", a, b)
	}
}

// Whatever fails and wherever a crash comes, the file is the old one or the new
// one, and the new one for certain once WriteFile has said so.
func TestWriteFileTorture(t *testing.T) {
	const path = "/folder/file"
	before, after := strings.Repeat("old", 50_000), strings.Repeat("new", 60_000)
	for _, first := range []bool{false, true} {
		old := before
		if first {
			old = "open /folder/file: file does not exist"
		}
		setup := func() *faulty.FS {
			f := faulty.New()
			err := durable.MkdirAll(f, "/folder")
			if !first {
				err = errors.Join(err, durable.WriteFile(f, path, text(before)))
			}
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
		failed := 0
		n := faulty.Every(setup, func(f *faulty.FS) error {
			return durable.WriteFile(f, path, text(after))
		}, func(trial faulty.Trial) {
			got := read(trial.After, path)
			switch {
			case trial.Err == nil && got != after:
				t.Errorf("%s: saved, and the file has %d bytes: %.60q", trial.What, len(got), got)
			case trial.Err != nil && got != old && got != after:
				t.Errorf("%s: %v, and the file has %d bytes: %.60q", trial.What, trial.Err, len(got), got)
			}
			if trial.Err == nil {
				return
			}
			failed++
			clean := trial.Fault == faulty.IO || trial.Fault == faulty.Short || trial.Fault == faulty.NoSpace
			if left := names(t, trial.After, "/folder"); clean && trial.Left.String() == faulty.Everything.String() && strings.Contains(left, "tmp") {
				t.Errorf("%s: left %s", trial.What, left)
			}
			if err := durable.Sweep(trial.After, "/folder"); err != nil {
				t.Errorf("%s: Sweep: %v", trial.What, err)
			}
			if left := names(t, trial.After, "/folder"); left != "file" && left != "" {
				t.Errorf("%s: swept, and there is %s", trial.What, left)
			}
			if trial.Fault != faulty.Crash && !strings.Contains(trial.Err.Error(), path) {
				t.Errorf("%s: %v does not name the file", trial.What, trial.Err)
			}
		})
		if n < 8 || failed < n*len(faulty.Kinds) {
			t.Errorf("%d operations, %d trials failed: the torture is none", n, failed)
		}
	}
}

// A folder that MkdirAll has made is there after any crash.
func TestMkdirAllTorture(t *testing.T) {
	for _, there := range []string{"/", "/a", "/a/b", "/a/b/c"} {
		setup := func() *faulty.FS {
			f := faulty.New()
			if err := durable.MkdirAll(f, there); err != nil {
				t.Fatal(err)
			}
			return f
		}
		n := faulty.Every(setup, func(f *faulty.FS) error {
			err := durable.MkdirAll(f, "/a/b/c")
			if err != nil { // what was made before the fault is there, and not durable
				f.Heal()
				err = durable.MkdirAll(f, "/a/b/c")
			}
			return err
		}, func(trial faulty.Trial) {
			if _, err := trial.After.Stat("/a/b/c"); trial.Err == nil && err != nil {
				t.Errorf("from %s: %s: %v", there, trial.What, err)
			}
			if trial.Fault == -1 && trial.Err != nil {
				t.Errorf("from %s: %v", there, trial.Err)
			}
		})
		if n < 2 {
			t.Errorf("%d operations", n)
		}
	}
	// A process that was killed before it could sync, and one that comes after it.
	f := faulty.New()
	if err := errors.Join(f.MkdirAll("a/b"), durable.MkdirAll(f, "a/b")); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Crash(faulty.Nothing).Stat("a/b"); err != nil {
		t.Error(err)
	}
}

// denied is a file system in which one folder may be written and not read.
type denied struct {
	durable.FS
	folder string
}

func (d denied) SyncDir(name string) error {
	if name == d.folder {
		return &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return d.FS.SyncDir(name)
}

func TestMkdirAllDenied(t *testing.T) {
	for _, c := range []struct {
		dir, folder string
		ok          bool
	}{{"/a/b/c", "/", true}, {"/a/b/c", "/a", false}, {"/a/b", "/a/b", true}} {
		f := faulty.New()
		if err := f.MkdirAll("/a"); err != nil {
			t.Fatal(err)
		}
		if err := durable.MkdirAll(denied{f, c.folder}, c.dir); (err == nil) != c.ok {
			t.Errorf("%s, where %s may not be read: %v", c.dir, c.folder, err)
		}
	}
}

func TestOS(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "log")
	f, err := durable.OS.Append(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(text("one two")(f), f.Truncate(3), text(" three")(f), f.Truncate(11), f.Sync(), f.Close()); err != nil {
		t.Fatal(err)
	}
	f, err = durable.OS.Append(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(text("!")(f), f.Close()); err != nil {
		t.Fatal(err)
	}
	if got, want := read(durable.OS, path), "one three\x00\x00!"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if _, err := durable.OS.Create(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Create of what is there: %v", err)
	}
	if f, err := durable.OS.Open(filepath.Join(dir, "none")); f != nil || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Open of what is not there: %v, %v", f, err)
	}
	if err := durable.OS.SyncDir(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("SyncDir of what is not there: %v", err)
	}
}

// A full disk, a real one: writing to /dev/full, through the interface.
type full struct{ durable.FS }

func (f full) Create(name string) (durable.File, error) {
	file, err := f.FS.Create(name)
	if err != nil {
		return nil, err
	}
	return noRoom{file}, nil
}

type noRoom struct{ durable.File }

func (noRoom) Write([]byte) (int, error) {
	f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		return 0, &fs.PathError{Op: "write", Path: "somewhere", Err: syscall.ENOSPC}
	}
	defer f.Close()
	return f.Write([]byte("x"))
}

func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	err := durable.WriteFile(full{durable.OS}, path, text("content"))
	if !errors.Is(err, syscall.ENOSPC) || !strings.HasPrefix(err.Error(), "write "+path+": ") {
		t.Errorf("%v", err)
	}
	if left := names(t, durable.OS, dir); left != "" {
		t.Errorf("left %s", left)
	}
}

func ExampleWriteFile() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "answer.txt")
	err = durable.WriteFile(durable.OS, path, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, 42)
		return err
	})
	content, rerr := os.ReadFile(path)
	fmt.Printf("%s%v %v", content, err, rerr)
	// Output:
	// 42
	// <nil> <nil>
}
