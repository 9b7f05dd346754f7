package durable

import (
	"errors"
	"io/fs"
	"os"
)

// ErrNotFile is what Own's error is: what is there may lead elsewhere, wait, or
// never end.
var ErrNotFile = errors.New("a link, a pipe or something else, want a file")

// Own fails when there is something at path that is not a file by itself: a link,
// a folder, a pipe, a device. What is missing is for the opening to tell.
func Own(path string) error {
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return &fs.PathError{Op: "open", Path: path, Err: ErrNotFile}
	}
	return nil
}
