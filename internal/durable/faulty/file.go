package faulty

import (
	"bytes"
	"io"
	"io/fs"
	"path/filepath"
	"syscall"
)

// A file is an open file: a reader has a place, a writer writes at the end.
type file struct {
	fs               *FS
	node             *node
	name             string
	at               int
	writable, closed bool
}

// begin starts an operation on an open file; the caller holds the lock.
func (f *file) begin(op string, does effect) error {
	switch err := f.fs.operate(op, f.name, does); {
	case err != nil:
		return err
	case f.closed:
		return &fs.PathError{Op: op, Path: f.name, Err: fs.ErrClosed}
	case does != reads && !f.writable:
		return &fs.PathError{Op: op, Path: f.name, Err: syscall.EBADF}
	}
	return nil
}

func (f *file) Read(p []byte) (int, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if err := f.begin("read", reads); err != nil {
		return 0, err
	}
	if f.node.folder {
		return 0, &fs.PathError{Op: "read", Path: f.name, Err: syscall.EISDIR}
	}
	if f.at >= len(f.node.content) && len(p) > 0 {
		return 0, io.EOF
	}
	n := copy(p, f.node.content[f.at:])
	f.at += n
	return n, nil
}

func (f *file) Write(p []byte) (int, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	err := f.begin("write", writes)
	n := len(p)
	switch {
	case err != nil && f.fs.halfway() && f.writable && !f.closed:
		n /= 2
	case err != nil:
		n = 0
	}
	f.node.content = append(f.node.content, p[:n]...)
	return n, err
}

func (f *file) Sync() error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if err := f.begin("sync", changes); err != nil {
		f.node.lost = true
		return err
	}
	if !f.node.lost {
		f.node.synced = bytes.Clone(f.node.content)
	}
	return nil
}

func (f *file) Truncate(size int64) error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if err := f.begin("truncate", changes); err != nil {
		return err
	}
	if size < 0 {
		return &fs.PathError{Op: "truncate", Path: f.name, Err: fs.ErrInvalid}
	}
	kept := f.node.content[:min(size, int64(len(f.node.content)))]
	f.node.content = append(kept, make([]byte, size-int64(len(kept)))...)
	return nil
}

func (f *file) Stat() (fs.FileInfo, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if err := f.begin("stat", reads); err != nil {
		return nil, err
	}
	return f.node.info(filepath.Base(f.name)), nil
}

func (f *file) Close() error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	err := f.begin("close", reads)
	f.closed = true
	return err
}
