package checkpoint

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"syscall"
)

// damage is an error that will not go away: what is on the disk is not what was
// saved.
type damage struct{ error }

func (d damage) Unwrap() error { return d.error }

func damaged(format string, args ...any) error { return damage{fmt.Errorf(format, args...)} }

// inspect reads the manifest of a checkpoint, checks that the parts are there
// with the sizes that it states, and returns it with the size of everything.
func (s *Store) inspect(slot slot) (*manifest, int64, error) {
	if !slot.folder {
		return nil, 0, damaged("not a folder")
	}
	entries, err := s.fsys.ReadDir(s.path(slot.name))
	if err != nil {
		return nil, 0, unreadable(err)
	}
	files := map[string]fs.DirEntry{}
	for _, e := range entries {
		files[e.Name()] = e
	}
	size, err := regular(files, manifestName)
	if err != nil {
		return nil, 0, err
	}
	if size > maxManifest {
		return nil, 0, damaged("%s: %d bytes, want at most %d", manifestName, size, maxManifest)
	}
	file, err := s.read(slot.name, manifestName, size)
	if err != nil {
		return nil, 0, err
	}
	m, err := decodeManifest(file)
	if _, future := errors.AsType[*FutureError](err); future {
		return nil, 0, err
	}
	if err != nil {
		return nil, 0, damaged("%s: %w", manifestName, err)
	}
	for _, p := range m.Parts {
		n, err := regular(files, p.Name)
		if err != nil {
			return nil, 0, err
		}
		if n != p.Bytes {
			return nil, 0, damaged("part %s: %d bytes, want %d", p.Name, n, p.Bytes)
		}
		size += n
	}
	return m, size, nil
}

// regular returns the size of a regular file of a folder; a link is none.
func regular(files map[string]fs.DirEntry, name string) (int64, error) {
	e := files[name]
	if e == nil {
		return 0, damaged("%s is missing", name)
	}
	if !e.Type().IsRegular() {
		return 0, damaged("%s: not a regular file", name)
	}
	info, err := e.Info()
	if err != nil {
		return 0, unreadable(err)
	}
	return info.Size(), nil
}

// load reads a checkpoint and verifies it.
func (s *Store) load(slot slot) (*Checkpoint, error) {
	m, _, err := s.inspect(slot)
	if err != nil {
		return nil, err
	}
	c := &Checkpoint{Name: slot.name, Info: m.info(), parts: map[string][]byte{}}
	for _, p := range m.Parts {
		b, err := s.read(slot.name, p.Name, p.Bytes)
		if err != nil {
			return nil, err
		}
		if sum := fmt.Sprintf("%x", sha256.Sum256(b)); sum != p.SHA256 {
			return nil, damaged("part %s: sha256 = %s, want %s", p.Name, sum, p.SHA256)
		}
		c.order = append(c.order, p.Name)
		c.parts[p.Name] = b
	}
	return c, nil
}

// read returns the content of a file that has size bytes.
func (s *Store) read(checkpoint, name string, size int64) ([]byte, error) {
	if size > math.MaxInt-2*bytes.MinRead {
		return nil, fmt.Errorf("%s: %d bytes are more than this machine can address", name, size)
	}
	f, err := s.fsys.Open(s.path(checkpoint, name))
	if err != nil {
		return nil, unreadable(err)
	}
	defer f.Close()
	var b bytes.Buffer
	b.Grow(int(size) + bytes.MinRead) // as large as the file is, the folder says
	if _, err := b.ReadFrom(io.LimitReader(f, size+1)); err != nil {
		return nil, unreadable(err)
	}
	if int64(b.Len()) != size {
		return nil, damaged("%s: read %d bytes, want %d", name, b.Len(), size)
	}
	return b.Bytes(), nil
}

// unreadable tells what the disk has lost from what may be read another time.
func unreadable(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.EIO) {
		return damage{err}
	}
	return err
}
