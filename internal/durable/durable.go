// Package durable writes files that survive: a killed process, a power failure or
// a full disk leaves a file as it was or as it should be, never something between.
//
// What the operating system promises is little. Written bytes are in memory
// until File.Sync; a new or changed name is in memory until FS.SyncDir of the
// folder that holds it, and neither sync implies the other. Renaming within a
// file system is the one step that happens as a whole. WriteFile and MkdirAll
// are what follows from this; everything else goes through the interface FS,
// which tests replace by one that fails (package faulty).
package durable

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// An FS is a file system. Paths are those of the operating system.
type FS interface {
	// Create makes a file for writing and fails with fs.ErrExist if there is one.
	Create(name string) (File, error)
	// Append opens a file for writing at its end, and makes it when missing.
	Append(name string) (File, error)
	// Open opens a file for reading.
	Open(name string) (File, error)
	// Rename moves a file or folder and replaces a file of the new name.
	Rename(oldName, newName string) error
	// Remove removes a file or an empty folder.
	Remove(name string) error
	// RemoveAll removes a file or folder with all that is in it; to remove
	// what is not there is no error. It does not happen as a whole.
	RemoveAll(name string) error
	// MkdirAll makes a folder and those above it, as far as they are missing.
	// They are not durable; the function MkdirAll sees to that.
	MkdirAll(name string) error
	// ReadDir lists a folder, sorted by name. It does not follow links.
	ReadDir(name string) ([]fs.DirEntry, error)
	// Stat describes a file or folder; it follows links.
	Stat(name string) (fs.FileInfo, error)
	// SyncDir makes the creations, removals and renames within a folder durable.
	SyncDir(name string) error
}

// A File is an open file: for reading when it comes from Open, else for
// writing.
type File interface {
	io.Reader
	io.Writer
	io.Closer
	// Sync makes the content durable. After an error nobody can tell what is on
	// the disk, and a second Sync that succeeds proves nothing: give the file up.
	Sync() error
	// Truncate sets the file's length; the next Write goes to its end.
	Truncate(size int64) error
	Stat() (fs.FileInfo, error)
}

// WriteFile makes the file at path have what write writes, or, when it returns
// an error, leaves what was there untouched: it writes a file beside it, syncs
// it, renames it and syncs the folder. (When the very last of these fails, the
// new file is there, whole, and may not outlast a crash.) The folder must exist.
// The writer is buffered. Modes are 0666 before umask; a link to a file is
// replaced, not followed; what is there and not a regular file is refused.
//
// An error of write is returned as it is; every other names path.
func WriteFile(fsys FS, path string, write func(io.Writer) error) (err error) {
	if info, err := fsys.Stat(path); err == nil && !info.Mode().IsRegular() {
		what := "is not a regular file"
		if info.IsDir() {
			what = "is a folder, want the name of a file"
		}
		return &fs.PathError{Op: "write", Path: path, Err: errors.New(what)}
	}
	dir := filepath.Dir(path)
	tmp := filepath.Join(dir, tempPrefix+rand.Text()[:8]+tempSuffix)
	f, err := fsys.Create(tmp)
	if err != nil {
		return pathError(path, fmt.Errorf("folder cannot be written: %w", cause(err)))
	}
	defer func() {
		if err != nil {
			_ = f.Close() // closed twice on some paths: what counts is err
			_ = fsys.Remove(tmp)
		}
	}()
	w := bufio.NewWriterSize(named{f, path}, 64<<10)
	if err := write(w); err != nil {
		return err
	}
	for _, step := range []func() error{w.Flush, f.Sync, f.Close} {
		if err := step(); err != nil {
			return pathError(path, err)
		}
	}
	if err := fsys.Rename(tmp, path); err != nil {
		return pathError(path, err)
	}
	if err := fsys.SyncDir(dir); err != nil {
		return pathError(path, err)
	}
	return nil
}

// What WriteFile calls the file that it writes beside another.
const tempPrefix, tempSuffix = ".descent-", ".tmp"

// Sweep removes from a folder what a process leaves that is killed within
// WriteFile. The caller must have the folder for itself.
func Sweep(fsys FS, dir string) error {
	entries, err := fsys.ReadDir(dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), tempPrefix) && strings.HasSuffix(e.Name(), tempSuffix) {
			errs = append(errs, fsys.Remove(filepath.Join(dir, e.Name())))
		}
	}
	return errors.Join(errs...)
}

// named writes to a file whose name means nothing to the user: errors name path.
type named struct {
	w    io.Writer
	path string
}

func (n named) Write(p []byte) (int, error) {
	k, err := n.w.Write(p)
	if err != nil {
		err = pathError(n.path, err)
	}
	return k, err
}

// pathError returns the cause of err as the failure to write path.
func pathError(path string, err error) error {
	return &fs.PathError{Op: "write", Path: path, Err: cause(err)}
}

// cause strips the names of files from an error.
func cause(err error) error {
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

// MkdirAll makes a folder and those above it, as far as they are missing, and
// makes all their names durable: one that is there may be the work of a process
// that was killed before it could sync. A folder that was there and may not be
// read is passed over.
func MkdirAll(fsys FS, dir string) error {
	type parent struct {
		name string
		old  bool // nothing new is in it
	}
	var parents []parent // the nearest first
	for child := filepath.Clean(dir); filepath.Dir(child) != child; child = filepath.Dir(child) {
		_, err := fsys.Stat(child)
		parents = append(parents, parent{filepath.Dir(child), err == nil})
	}
	if err := fsys.MkdirAll(dir); err != nil {
		return err
	}
	for _, p := range slices.Backward(parents) {
		if err := fsys.SyncDir(p.name); err != nil && !(p.old && errors.Is(err, fs.ErrPermission)) {
			return err
		}
	}
	return nil
}
