//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package durable

import (
	"errors"
	"io/fs"
	"os"
)

func openLocked(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return nil, ErrLocked
	}
	return f, err
}

func closeLocked(f *os.File) error { return errors.Join(f.Close(), os.Remove(f.Name())) }
