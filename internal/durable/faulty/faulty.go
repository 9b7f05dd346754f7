// Package faulty is a file system for tests: in memory, failing on request, and
// with the memory of a disk, so that a test can ask what a crash leaves.
//
// What the disk keeps for certain is what POSIX promises: the content of a file
// at its last Sync, and the names of a folder at its last SyncDir. A file's Sync
// does not keep its name, a folder's SyncDir not the content of its files, nor
// its own name. After a Sync that fails, what was written to that file is not kept for
// certain any more, though later calls of Sync succeed, as in Linux. What else
// survives is chance; Survivals lists what chance may do.
package faulty

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/descent-go/descent/internal/durable"
)

// A Kind is what happens at the operation that FailAt names.
type Kind int

const (
	NoSpace  Kind = iota // the disk is full from then on: writes stop halfway, nothing new is made; removing works
	IO                   // this operation alone fails with EIO
	ReadOnly             // the file system is read-only from then on
	Short                // this write stops halfway, with an error; another operation fails with EIO
	Crash                // this write stops halfway, another operation does not happen; then nothing works any more
)

// Kinds lists all of them.
var Kinds = []Kind{NoSpace, IO, ReadOnly, Short, Crash}

func (k Kind) String() string {
	return [...]string{"no space", "I/O error", "read-only", "short write", "crash"}[k]
}

// ErrCrashed is what everything returns after a crash.
var ErrCrashed = errors.New("faulty: the machine has crashed")

// An FS is a file system that starts with the root folder alone; relative paths
// start there too. Many goroutines may use it.
type FS struct {
	mu      sync.Mutex
	root    *node
	pending []change // of names, in order, not durable yet

	operations, failAt int
	kind               Kind
	fault              bool // the fault is in force
}

var _ durable.FS = (*FS)(nil)

// A node is a file or a folder.
type node struct {
	folder  bool
	content []byte // of a file, as it reads
	synced  []byte // what the disk keeps for certain
	lost    bool   // a Sync has failed: nothing more gets to the disk
	names   map[string]*node
	durable map[string]*node
}

func newFolder() *node {
	return &node{folder: true, names: map[string]*node{}, durable: map[string]*node{}}
}

// A change is what one operation did to names, as a whole; to is nil for a name
// removed.
type change []edit

type edit struct {
	folder *node
	name   string
	to     *node
}

// New returns an empty file system.
func New() *FS { return &FS{root: newFolder()} }

// FailAt makes the n-th operation from now, counted from 1, fail. It ends an
// earlier fault, but no crash.
func (f *FS) FailAt(n int, kind Kind) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fault && f.kind == Crash {
		return
	}
	f.fault, f.failAt, f.kind = false, f.operations+n, kind
}

// Heal ends a fault, but no crash.
func (f *FS) Heal() { f.FailAt(0, IO) }

// Operations returns the number of operations so far: calls of the methods of
// durable.FS and of its files, where every file and folder that MkdirAll makes
// or RemoveAll removes is one.
func (f *FS) Operations() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.operations
}

// What an operation does decides which faults it feels.
type effect int

const (
	reads effect = iota
	writes
	adds    // makes a file or folder
	changes // names, lengths and syncs: no room is needed
)

// operate counts an operation and returns its fault, if it has one. The caller
// holds the lock.
func (f *FS) operate(op, name string, does effect) error {
	f.operations++
	now := f.operations == f.failAt
	f.fault = f.fault || now
	if !f.fault {
		return nil
	}
	var cause error
	switch f.kind {
	case Crash:
		cause = ErrCrashed
	case NoSpace:
		if now && does != reads || does == writes || does == adds {
			cause = syscall.ENOSPC
		}
	case ReadOnly:
		if does != reads {
			cause = syscall.EROFS
		}
	case IO, Short:
		if now {
			cause = syscall.EIO
		}
		f.fault = false
	}
	if cause == nil {
		return nil
	}
	return &fs.PathError{Op: op, Path: name, Err: cause}
}

// halfway reports whether the operation that has just failed, if it is a write,
// got through with half of the bytes.
func (f *FS) halfway() bool {
	return f.operations == f.failAt && (f.kind == NoSpace || f.kind == Short || f.kind == Crash)
}

// walk returns the node of a path and, if its folder is there, that folder and
// the last element of the path.
func (f *FS) walk(path string) (n, folder *node, name string) {
	n = f.root
	for _, part := range elements(path) {
		if n == nil || !n.folder {
			return nil, nil, ""
		}
		folder, name = n, part
		n = n.names[part]
	}
	return n, folder, name
}

func elements(path string) []string {
	path = filepath.Clean(path)
	path = strings.TrimPrefix(path, filepath.VolumeName(path))
	return slices.DeleteFunc(strings.Split(filepath.ToSlash(path), "/"), func(s string) bool { return s == "" || s == "." })
}

// apply does to names what a change says; it is not durable yet.
func (f *FS) apply(c change) {
	for _, e := range c {
		set(e.folder.names, e.name, e.to)
	}
	f.pending = append(f.pending, c)
}

func set(names map[string]*node, name string, to *node) {
	if to == nil {
		delete(names, name)
	} else {
		names[name] = to
	}
}

// SyncDir makes the folder's names durable, and with a rename into or out of
// another folder both of its names.
func (f *FS) SyncDir(name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.operate("sync", name, changes); err != nil {
		return err
	}
	folder, _, _ := f.walk(name)
	if folder == nil || !folder.folder {
		return &fs.PathError{Op: "sync", Path: name, Err: fs.ErrNotExist}
	}
	f.pending = slices.DeleteFunc(f.pending, func(c change) bool {
		if !slices.ContainsFunc(c, func(e edit) bool { return e.folder == folder }) {
			return false
		}
		for _, e := range c {
			set(e.folder.durable, e.name, e.to)
		}
		return true
	})
	return nil
}

// String draws the tree as it reads, for the messages of tests.
func (f *FS) String() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var b strings.Builder
	var draw func(n *node, indent string)
	draw = func(n *node, indent string) {
		for _, name := range sorted(n.names) {
			if child := n.names[name]; child.folder {
				fmt.Fprintf(&b, "%s%s/\n", indent, name)
				draw(child, indent+"  ")
			} else {
				fmt.Fprintf(&b, "%s%s %q\n", indent, name, clip(child.content))
			}
		}
	}
	draw(f.root, "")
	return b.String()
}

func clip(b []byte) []byte { return b[:min(len(b), 40)] }
