//go:build unix

package durable_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/descent-go/descent/internal/durable"
)

// What is not a file is neither opened, which may wait for ever, nor locked, which
// would write to what a link leads to.
func TestNotAFile(t *testing.T) {
	dir := t.TempDir()
	file, link, pipe := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "pipe")
	if err := errors.Join(os.WriteFile(file, []byte("precious"), 0o600), os.Symlink(file, link), syscall.Mkfifo(pipe, 0o600)); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{file: true, filepath.Join(dir, "none"): true, link: false, pipe: false, dir: false} {
		if err := durable.Own(path); (err == nil) != want || err != nil && !errors.Is(err, durable.ErrNotFile) {
			t.Errorf("%s: %v", path, err)
		}
	}
	for _, path := range []string{link, pipe} {
		if _, err := durable.Lock(path); !errors.Is(err, durable.ErrNotFile) {
			t.Errorf("lock %s: %v", path, err)
		}
	}
	if _, err := durable.OS.Open(pipe); !errors.Is(err, durable.ErrNotFile) {
		t.Errorf("open %s: %v", pipe, err)
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "precious" {
		t.Errorf("the file has become %q, %v", text, err)
	}
}
