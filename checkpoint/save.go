package checkpoint

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"path/filepath"

	"github.com/descent-go/descent/internal/durable"
)

// Save writes a checkpoint. When it returns nil, the checkpoint survives any
// crash; when it returns an error, the earlier ones are as they were. Then it
// drops those that are older than the newest ones to keep, and counts only
// complete ones: whose manifest is sound and whose parts have the sizes that it
// states. That an old one could not be dropped is not an error, see Saved.
func (s *Store) Save(info Info, parts []Part) (Saved, error) {
	m := manifest{Format: formatVersion, Step: info.Step, Epoch: info.Epoch, Meta: info.Meta}
	noSum := fmt.Sprintf("%x", sha256.Sum256(nil))
	for _, p := range parts {
		m.Parts = append(m.Parts, partEntry{Name: p.Name, SHA256: noSum})
	}
	if err := m.check(); err != nil {
		return Saved{}, fmt.Errorf("checkpoint: save: %w", err)
	}
	slots, err := s.scan()
	if err != nil {
		return Saved{}, fmt.Errorf("checkpoint: save: %w", err)
	}
	if !s.made {
		if err := durable.MkdirAll(s.fsys, s.dir); err != nil {
			return Saved{}, fmt.Errorf("checkpoint: save: %w", err)
		}
		s.made = true
	}
	seq := int64(1)
	var unswept []error
	for _, slot := range slots {
		seq = max(seq, slot.seq+1)
		if slot.state == stateWriting || slot.state == stateRemoved {
			unswept = append(unswept, s.fsys.RemoveAll(s.path(slot.name+slot.state)))
		}
	}
	saved := Saved{Name: nameOf(seq, info.Step)}
	if saved.Bytes, err = s.write(saved.Name, &m, parts); err != nil {
		return Saved{}, fmt.Errorf("checkpoint: save %s: %w", saved.Name, err)
	}
	saved.Undropped = errors.Join(append(unswept, s.drop())...)
	return saved, nil
}

// write makes the folder of a checkpoint and returns its size in bytes.
func (s *Store) write(name string, m *manifest, parts []Part) (size int64, err error) {
	tmp := s.path(name + stateWriting)
	defer func() {
		if err != nil {
			_ = s.fsys.RemoveAll(tmp) // else the next Save does
		}
	}()
	if err := s.fsys.MkdirAll(tmp); err != nil {
		return 0, err
	}
	buffer := bufio.NewWriterSize(nil, 64<<10)
	for i, p := range parts {
		entry := &m.Parts[i]
		if entry.Bytes, entry.SHA256, err = writeFile(s.fsys, filepath.Join(tmp, p.Name), buffer, p.Write); err != nil {
			return 0, fmt.Errorf("part %s: %w", p.Name, err)
		}
		size += entry.Bytes
	}
	file, err := m.encode()
	if err != nil {
		return 0, err
	}
	if _, _, err = writeFile(s.fsys, filepath.Join(tmp, manifestName), buffer, func(w io.Writer) error {
		_, err := w.Write(file)
		return err
	}); err != nil {
		return 0, err
	}
	if err := s.fsys.SyncDir(tmp); err != nil {
		return 0, err
	}
	if err := s.fsys.Rename(tmp, s.path(name)); err != nil {
		return 0, err
	}
	return size + int64(len(file)), s.fsys.SyncDir(s.dir)
}

// writeFile writes and syncs a new file and returns its size and sum.
func writeFile(fsys durable.FS, path string, w *bufio.Writer, write func(io.Writer) error) (int64, string, error) {
	f, err := fsys.Create(path)
	if err != nil {
		return 0, "", err
	}
	summed := &summer{w: f, sum: sha256.New()}
	w.Reset(summed)
	for _, step := range []func() error{func() error { return write(w) }, w.Flush, f.Sync} {
		if err = step(); err != nil {
			break
		}
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return 0, "", err
	}
	return summed.n, fmt.Sprintf("%x", summed.sum.Sum(nil)), nil
}

// A summer counts and sums what it passes on.
type summer struct {
	w   io.Writer
	sum hash.Hash
	n   int64
}

func (s *summer) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.sum.Write(p[:n])
	s.n += int64(n)
	return n, err
}

// drop removes the checkpoints older than the newest complete ones to keep.
func (s *Store) drop() error {
	slots, err := s.scan()
	if err != nil {
		return err
	}
	var errs []error
	complete := 0
	for _, slot := range slots {
		if slot.state != "" {
			continue
		}
		if complete < s.keep {
			if _, _, err := s.inspect(slot); err == nil {
				complete++
			}
			continue
		}
		old := s.path(slot.name + stateRemoved)
		if err := s.fsys.Rename(s.path(slot.name), old); err != nil {
			errs = append(errs, err)
		} else if err := s.fsys.RemoveAll(old); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
