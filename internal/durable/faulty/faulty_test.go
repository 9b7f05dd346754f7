package faulty

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

	"pgregory.net/rapid"

	"github.com/descent-go/descent/internal/durable"
)

func put(t testing.TB, f durable.FS, name, content string, sync bool) {
	t.Helper()
	w, err := f.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
	if sync {
		if err := w.Sync(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// get returns a file's content, or what is wrong.
func get(f durable.FS, name string) string {
	r, err := f.Open(name)
	if err != nil {
		return cause(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		return cause(err)
	}
	return string(b)
}

func cause(err error) string {
	for _, e := range []error{fs.ErrNotExist, fs.ErrExist, syscall.ENOSPC, syscall.EIO, syscall.EROFS, ErrCrashed} {
		if errors.Is(err, e) {
			return "error: " + e.Error()
		}
	}
	if err != nil {
		return "error"
	}
	return ""
}

const missing = "error: file does not exist"

// A disk keeps what was synced, and the rest by chance.
func TestCrash(t *testing.T) {
	f := New()
	if err := f.MkdirAll("/a"); err != nil {
		t.Fatal(err)
	}
	put(t, f, "/a/both", "synced", true)
	put(t, f, "/a/name", "unsynced", false)
	if err := errors.Join(f.SyncDir("/a"), f.SyncDir("/")); err != nil {
		t.Fatal(err)
	}
	put(t, f, "/a/content", "synced", true)
	w, err := f.Append("/a/both")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(w, "+more")
	if err := f.Rename("/a/name", "/a/renamed"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		s                            Survival
		both, name, renamed, content string
	}{
		{Everything, "synced+more", missing, "unsynced", "synced"},
		{Nothing, "synced", "", missing, missing},
		{Survivals[2], "synced", missing, "", "synced"},
		{Survivals[3], "synced+m", missing, "unsy", "synced"},
		{Survivals[4], "synced+m\x00\x00\x00", missing, "unsy\x00\x00\x00\x00", "synced"},
	} {
		after := f.Crash(c.s).Crash(Nothing) // what is found after a crash is durable
		got := []string{get(after, "/a/both"), get(after, "/a/name"), get(after, "/a/renamed"), get(after, "/a/content")}
		if want := []string{c.both, c.name, c.renamed, c.content}; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%v: %q, want %q", c.s, got, want)
		}
	}
	if got := get(f, "/a/both"); got != "synced+more" {
		t.Errorf("a look at the crash changed the file: %q", got)
	}
	// A folder whose own name was not synced is gone with all that is in it.
	if err := f.MkdirAll("/b"); err != nil {
		t.Fatal(err)
	}
	put(t, f, "/b/file", "x", true)
	if err := f.SyncDir("/b"); err != nil {
		t.Fatal(err)
	}
	if got := get(f.Crash(Nothing), "/b/file"); got != missing {
		t.Errorf("in a folder that was not synced into its parent: %q", got)
	}
}

// In mixtures, a renamed file has one of its names, whatever else happens.
func TestCrashRename(t *testing.T) {
	f := New()
	put(t, f, "/old", "x", true)
	if err := f.SyncDir("/"); err != nil {
		t.Fatal(err)
	}
	for i := range 6 {
		if err := f.Rename([]string{"/old", "/new"}[i%2], []string{"/new", "/old"}[i%2]); err != nil {
			t.Fatal(err)
		}
		for _, s := range Survivals {
			after := f.Crash(s)
			if a, b := get(after, "/old"), get(after, "/new"); (a == "x") == (b == "x") {
				t.Errorf("%d renames, %v: %q and %q", i+1, s, a, b)
			}
		}
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		kind                                  Kind
		write, then, create, remove, old, new string
	}{
		{NoSpace, "error: no space left on device", "error: no space left on device", "error: no space left on device", "", missing, "12"},
		{IO, "error: input/output error", "", "", "", missing, "1234"},
		{ReadOnly, "error: read-only file system", "error: read-only file system", "error: read-only file system", "error: read-only file system", "old", ""},
		{Short, "error: input/output error", "", "", "", missing, "121234"},
		{Crash, "error: " + ErrCrashed.Error(), "error: " + ErrCrashed.Error(), "error: " + ErrCrashed.Error(), "error: " + ErrCrashed.Error(), "old", "12"},
	} {
		f := New()
		put(t, f, "/old", "old", true)
		w, err := f.Create("/new")
		if err != nil {
			t.Fatal(err)
		}
		before := f.Operations()
		f.FailAt(1, c.kind)
		_, werr := io.WriteString(w, "1234")
		_, then := io.WriteString(w, "1234")
		_, create := f.Create("/third")
		remove := f.Remove("/old")
		if n := f.Operations() - before; n != 4 {
			t.Errorf("%v: %d operations, want 4", c.kind, n)
		}
		after := f.Crash(Everything)
		got := []string{cause(werr), cause(then), cause(create), cause(remove), get(after, "/old"), get(after, "/new")}
		if want := []string{c.write, c.then, c.create, c.remove, c.old, c.new}; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%v: %q, want %q", c.kind, got, want)
		}
		f.Heal()
		_, err = io.WriteString(w, "x")
		if healed := err == nil; healed != (c.kind != Crash) {
			t.Errorf("%v: after Heal: %v", c.kind, err)
		}
	}
}

// A second Sync does not mend what a failed one has lost.
func TestFailedSync(t *testing.T) {
	f := New()
	w, err := f.Create("/x")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(w, "1234")
	f.FailAt(1, IO)
	if err := w.Sync(); !errors.Is(err, syscall.EIO) {
		t.Fatalf("Sync = %v", err)
	}
	if err := errors.Join(w.Sync(), f.SyncDir("/")); err != nil {
		t.Fatal(err)
	}
	if got := get(f.Crash(Nothing), "/x"); got != "" {
		t.Errorf("after a crash: %q, want nothing", got)
	}
}

// As long as nothing fails, the file system does what the real one does.
func TestLikeTheRealOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "faulty")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		f := New()
		name := rapid.SampledFrom([]string{"a", "b", "c", "a/x", "a/y", "b/x", "b/x/z"})
		fss := []durable.FS{durable.OS, f}
		for range rapid.IntRange(1, 30).Draw(t, "operations") {
			op := rapid.IntRange(0, 7).Draw(t, "operation")
			one, two := name.Draw(t, "name"), name.Draw(t, "other name")
			if strings.HasPrefix(two+"/", one+"/") {
				continue // a folder is not moved into itself
			}
			text := rapid.SampledFrom([]string{"", "one", "three"}).Draw(t, "text")
			size := rapid.Int64Range(0, 9).Draw(t, "size")
			var did [2]string
			for i, fsys := range fss {
				at := func(name string) string { return filepath.Join([]string{dir, "/"}[i], filepath.FromSlash(name)) }
				did[i] = perform(fsys, op, at(one), at(two), text, size)
			}
			if did[0] != did[1] {
				t.Fatalf("operation %d on %s, %s: %q, want %q\n%s", op, one, two, did[1], did[0], f)
			}
		}
		if want, got := draw(durable.OS, dir), draw(f, "/"); got != want {
			t.Fatalf("the tree is\n%s, want\n%s", got, want)
		}
	})
}

// perform does one operation and says what came of it: errors are alike whatever
// their cause, because causes differ between real systems.
func perform(fsys durable.FS, op int, one, two, text string, size int64) string {
	switch op {
	case 0, 1:
		open := fsys.Create
		if op == 1 {
			open = fsys.Append
		}
		w, err := open(one)
		if err != nil {
			return "no file"
		}
		_, e1 := io.WriteString(w, text)
		info, e2 := w.Stat()
		e3 := w.Truncate(size)
		_, e4 := io.WriteString(w, text)
		return fmt.Sprint(info.Size(), e1, e2, e3, e4, w.Sync(), w.Close(), w.Close() != nil)
	case 2:
		return fmt.Sprint(fsys.Rename(one, two) != nil)
	case 3:
		return fmt.Sprint(fsys.Remove(one) != nil)
	case 4:
		_ = fsys.RemoveAll(one) // below a file, some systems call it an error
		return ""
	case 5:
		return fmt.Sprint(fsys.MkdirAll(one) != nil)
	case 6:
		info, err := fsys.Stat(one)
		if err != nil {
			return "none"
		}
		return fmt.Sprint(info.Name(), info.IsDir(), info.Mode().IsRegular(), info.IsDir() || info.Size() > 0)
	}
	if info, err := fsys.Stat(one); err == nil && !info.IsDir() {
		return "a file" // which some systems sync too
	}
	return fmt.Sprint(fsys.SyncDir(one) != nil)
}

// draw describes all that is in a folder.
func draw(fsys durable.FS, dir string) string {
	entries, err := fsys.ReadDir(dir)
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if e.IsDir() {
			fmt.Fprintf(&b, "%s(%s)", e.Name(), draw(fsys, path))
		} else {
			fmt.Fprintf(&b, "%s:%q ", e.Name(), get(fsys, path))
		}
	}
	return b.String()
}
