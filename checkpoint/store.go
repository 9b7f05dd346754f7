package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"

	"github.com/descent-go/descent/internal/durable"
)

// A Store is a folder of checkpoints. One goroutine at a time may use it, and
// one process at a time may save to the folder.
type Store struct {
	fsys durable.FS
	dir  string
	keep int
	made bool // the folder and those above it are durable
}

// Open returns the store in a folder, which the first Save makes when it is
// missing. A Save leaves the keep newest complete checkpoints, at least 1; the
// disk must hold one more.
func Open(dir string, keep int) (*Store, error) { return OpenFS(durable.OS, dir, keep) }

// OpenFS is Open on a file system other than that of the operating system.
func OpenFS(fsys durable.FS, dir string, keep int) (*Store, error) {
	if dir == "" {
		return nil, errors.New("checkpoint: no folder is named")
	}
	if keep < 1 {
		return nil, fmt.Errorf("checkpoint: keep = %d, want at least 1", keep)
	}
	return &Store{fsys: fsys, dir: dir, keep: keep}, nil
}

// Dir returns the folder.
func (s *Store) Dir() string { return s.dir }

// Newest reads the newest checkpoint that is valid. Damaged ones that are newer
// are renamed to NAME.invalid, skipped and returned too, the newest first; there
// may be such and no checkpoint, which is then nil, as it is in an empty or
// missing folder.
//
// An error means that the newest checkpoint may well be sound, but cannot be
// read here and now: it is a *FutureError, or permission is missing, or so. It
// stays where it is, and no older one is taken in its place.
func (s *Store) Newest() (*Checkpoint, []Rejected, error) {
	slots, err := s.scan()
	if err != nil {
		return nil, nil, fmt.Errorf("checkpoint: %w", err)
	}
	var rejected []Rejected
	for _, slot := range slots {
		if slot.state != "" {
			continue
		}
		c, err := s.load(slot)
		if err == nil {
			return c, rejected, nil
		}
		if _, bad := errors.AsType[damage](err); !bad {
			return nil, rejected, slot.fail(err)
		}
		r := Rejected{Name: slot.name, Err: err, MovedTo: slot.name + stateInvalid}
		if err := s.fsys.Rename(s.path(slot.name), s.path(r.MovedTo)); err != nil {
			r.MovedTo, r.Err = "", fmt.Errorf("%w; it could not be set aside: %w", r.Err, err)
		}
		rejected = append(rejected, r)
	}
	return nil, rejected, nil
}

// Load reads the checkpoint of that name. An error that there is none is
// fs.ErrNotExist; a damaged one stays where it is.
func (s *Store) Load(name string) (*Checkpoint, error) {
	slots, err := s.scan()
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	for _, slot := range slots {
		if slot.name == name && slot.state == "" {
			c, err := s.load(slot)
			if err != nil {
				return nil, slot.fail(err)
			}
			return c, nil
		}
	}
	return nil, fmt.Errorf("checkpoint: %s: none called %q: %w", s.dir, name, fs.ErrNotExist)
}

// List returns the folder's checkpoints, the oldest first.
func (s *Store) List() ([]Entry, error) {
	slots, err := s.scan()
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	var list []Entry
	for _, slot := range slices.Backward(slots) {
		if slot.state != "" {
			continue
		}
		e := Entry{Name: slot.name}
		if m, size, err := s.inspect(slot); err != nil {
			e.Err = slot.fail(err)
		} else {
			e.Info, e.Bytes = m.info(), size
		}
		list = append(list, e)
	}
	return list, nil
}

func (s *Store) path(name ...string) string {
	return filepath.Join(append([]string{s.dir}, name...)...)
}

// A slot is an entry of the folder with the name of a checkpoint.
type slot struct {
	name   string // without the state
	state  string // what follows the name: how far it got
	seq    int64
	folder bool
}

const (
	stateWriting = ".tmp"
	stateRemoved = ".old"
	stateInvalid = ".invalid"
)

// fail says of which checkpoint err tells; a FutureError gets the name.
func (s slot) fail(err error) error {
	if future, ok := errors.AsType[*FutureError](err); ok {
		return &FutureError{Name: s.name, Format: future.Format}
	}
	return fmt.Errorf("checkpoint: %s: %w", s.name, err)
}

var slotName = regexp.MustCompile(`^(([0-9]{6,18})-step-[0-9]+)(\.tmp|\.old|\.invalid)?$`)

func nameOf(seq, step int64) string { return fmt.Sprintf("%06d-step-%d", seq, step) }

// scan lists the folder, the newest first; a missing one is empty.
func (s *Store) scan() ([]slot, error) {
	entries, err := s.fsys.ReadDir(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		s.made = false
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var slots []slot
	for _, e := range entries {
		match := slotName.FindStringSubmatch(e.Name())
		if match == nil {
			continue
		}
		seq, err := strconv.ParseInt(match[2], 10, 64)
		if err != nil {
			return nil, err // 18 digits fit: a bug
		}
		slots = append(slots, slot{name: match[1], state: match[3], seq: seq, folder: e.IsDir()})
	}
	slices.SortStableFunc(slots, func(a, b slot) int { return int(min(max(b.seq-a.seq, -1), 1)) })
	return slots, nil
}
