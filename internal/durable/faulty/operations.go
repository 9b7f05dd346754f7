package faulty

import (
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/descent-go/descent/internal/durable"
)

func sorted(names map[string]*node) []string { return slices.Sorted(maps.Keys(names)) }

// Create implements durable.FS.
func (f *FS) Create(name string) (durable.File, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n, _, _ := f.walk(name); n != nil {
		if err := f.operate("open", name, reads); err != nil {
			return nil, err
		}
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrExist}
	}
	return f.add(name)
}

// Append implements durable.FS.
func (f *FS) Append(name string) (durable.File, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, _, _ := f.walk(name)
	if n == nil {
		return f.add(name)
	}
	if err := f.operate("open", name, changes); err != nil {
		return nil, err
	}
	if n.folder {
		return nil, &fs.PathError{Op: "open", Path: name, Err: syscall.EISDIR}
	}
	return &file{fs: f, node: n, name: name, writable: true}, nil
}

// add makes a file.
func (f *FS) add(name string) (durable.File, error) {
	if err := f.operate("open", name, adds); err != nil {
		return nil, err
	}
	_, folder, base := f.walk(name)
	if folder == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	n := &node{}
	f.apply(change{{folder, base, n}})
	return &file{fs: f, node: n, name: name, writable: true}, nil
}

// Open implements durable.FS.
func (f *FS) Open(name string) (durable.File, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.operate("open", name, reads); err != nil {
		return nil, err
	}
	n, _, _ := f.walk(name)
	if n == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &file{fs: f, node: n, name: name}, nil
}

// Rename implements durable.FS.
func (f *FS) Rename(oldName, newName string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.operate("rename", oldName, changes); err != nil {
		return err
	}
	n, from, oldBase := f.walk(oldName)
	target, to, newBase := f.walk(newName)
	switch {
	case n == nil || from == nil || to == nil:
		return &fs.PathError{Op: "rename", Path: oldName, Err: fs.ErrNotExist}
	case target == n && !n.folder:
		return nil
	case target != nil && (target.folder || n.folder):
		return &fs.PathError{Op: "rename", Path: newName, Err: fs.ErrExist}
	}
	f.apply(change{{from, oldBase, nil}, {to, newBase, n}})
	return nil
}

// Remove implements durable.FS.
func (f *FS) Remove(name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.remove(name)
}

func (f *FS) remove(name string) error {
	if err := f.operate("remove", name, changes); err != nil {
		return err
	}
	n, folder, base := f.walk(name)
	switch {
	case n == nil || folder == nil:
		return &fs.PathError{Op: "remove", Path: name, Err: fs.ErrNotExist}
	case len(n.names) > 0:
		return &fs.PathError{Op: "remove", Path: name, Err: syscall.ENOTEMPTY}
	}
	f.apply(change{{folder, base, nil}})
	return nil
}

// RemoveAll implements durable.FS.
func (f *FS) RemoveAll(name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, _, _ := f.walk(name)
	if n == nil {
		return f.operate("remove", name, reads)
	}
	return f.removeAll(name, n)
}

func (f *FS) removeAll(name string, n *node) error {
	for _, child := range sorted(n.names) {
		if err := f.removeAll(filepath.Join(name, child), n.names[child]); err != nil {
			return err
		}
	}
	return f.remove(name)
}

// MkdirAll implements durable.FS.
func (f *FS) MkdirAll(name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	at, made := f.root, false
	for _, part := range elements(name) {
		next := at.names[part]
		if next == nil {
			if err := f.operate("mkdir", name, adds); err != nil {
				return err
			}
			next, made = newFolder(), true
			f.apply(change{{at, part, next}})
		}
		if !next.folder {
			return &fs.PathError{Op: "mkdir", Path: name, Err: syscall.ENOTDIR}
		}
		at = next
	}
	if made {
		return nil
	}
	return f.operate("mkdir", name, reads)
}

// ReadDir implements durable.FS.
func (f *FS) ReadDir(name string) ([]fs.DirEntry, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.operate("open", name, reads); err != nil {
		return nil, err
	}
	n, _, _ := f.walk(name)
	if n == nil || !n.folder {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	var list []fs.DirEntry
	for _, child := range sorted(n.names) {
		list = append(list, fs.FileInfoToDirEntry(n.names[child].info(child)))
	}
	return list, nil
}

// Stat implements durable.FS.
func (f *FS) Stat(name string) (fs.FileInfo, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.operate("stat", name, reads); err != nil {
		return nil, err
	}
	n, _, base := f.walk(name)
	if n == nil {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
	}
	return n.info(base), nil
}

// info describes a node as it is now.
func (n *node) info(name string) fs.FileInfo {
	mode := fs.FileMode(0o666)
	if n.folder {
		mode = fs.ModeDir | 0o777
	}
	return info{name, int64(len(n.content)), mode}
}

type info struct {
	name string
	size int64
	mode fs.FileMode
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) Mode() fs.FileMode  { return i.mode }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return i.mode.IsDir() }
func (i info) Sys() any           { return nil }
