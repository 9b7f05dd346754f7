package lab

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"sync"

	"github.com/descent-go/descent/internal/durable"
)

// A Journal is a file of outcomes that only grows, by task and trial. Work that
// was interrupted takes from it what was done. It may be used on several
// goroutines; nil is a journal of nothing.
type Journal struct {
	mu     sync.Mutex
	path   string
	file   durable.File
	unlock func() error
	known  map[string]Outcome
	unsync int
}

// journalFormat is the version of the file, in its first line.
const journalFormat = `{"journal":"descent lab","format":1}`

// syncEvery is the number of outcomes that a failure of power may cost.
const syncEvery = 64

// An entry is a line of the file.
type entry struct {
	Task    string  `json:"task"`
	Outcome Outcome `json:"outcome"`
}

// OpenJournal opens the journal at a path for this process alone, and makes it,
// with its folder, when it is missing. A last line that was not written to its end
// is dropped; any other line that is no outcome is an error.
func OpenJournal(fsys durable.FS, path string) (j *Journal, err error) {
	if err := durable.MkdirAll(fsys, filepath.Dir(path)); err != nil {
		return nil, err
	}
	unlock, err := durable.Lock(path + ".lock")
	if err != nil {
		return nil, err
	}
	j = &Journal{path: path, unlock: unlock, known: map[string]Outcome{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, j.Close())
		}
	}()
	size, err := j.read(fsys)
	if err != nil {
		return nil, err
	}
	if j.file, err = fsys.Append(path); err != nil {
		return nil, err
	}
	if err := j.file.Truncate(size); err != nil {
		return nil, err
	}
	if size > 0 {
		return j, nil
	}
	if _, err := io.WriteString(j.file, journalFormat+"\n"); err != nil {
		return nil, err
	}
	return j, fsys.SyncDir(filepath.Dir(path))
}

// read takes what the file has and returns how much of it is whole.
func (j *Journal) read(fsys durable.FS) (size int64, err error) {
	f, err := fsys.Open(j.path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	text, err := io.ReadAll(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return 0, err
	}
	for number := 1; ; number++ {
		line, rest, whole := bytes.Cut(text, []byte("\n"))
		if !whole {
			return size, nil
		}
		if number == 1 {
			if string(line) != journalFormat {
				return 0, fmt.Errorf("lab: %s is not a journal of this version, want %s in its first line", j.path, journalFormat)
			}
		} else {
			var e entry
			if err := json.Unmarshal(line, &e); err != nil {
				return 0, fmt.Errorf("lab: %s:%d: %w, want an outcome", j.path, number, err)
			}
			j.known[entryKey(e.Task, e.Outcome.Trial)] = e.Outcome
		}
		size += int64(len(line)) + 1
		text = rest
	}
}

// entryKey identifies a trial of a task.
func entryKey(task string, t Trial) string {
	text, _ := json.Marshal(t) // texts and numbers: cannot fail, and its keys are sorted
	return task + string(text)
}

// Len returns how many outcomes there are.
func (j *Journal) Len() int {
	if j == nil {
		return 0
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.known)
}

func (j *Journal) find(t *Task, tr Trial) (Outcome, bool) {
	if j == nil {
		return Outcome{}, false
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	o, ok := j.known[entryKey(t.key, tr)]
	return o, ok
}

func (j *Journal) add(t *Task, o *Outcome) error {
	if j == nil {
		return nil
	}
	line, err := json.Marshal(entry{t.key, *o})
	if err != nil {
		return fmt.Errorf("lab: an outcome of %s: %w", t.name, err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.file == nil {
		return fmt.Errorf("lab: %s is closed", j.path)
	}
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		return err
	}
	j.known[entryKey(t.key, o.Trial)] = *o
	if j.unsync++; j.unsync < syncEvery {
		return nil
	}
	j.unsync = 0
	return j.file.Sync()
}

// Close ends the use of the file. What was found stays known.
func (j *Journal) Close() error {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	var errs []error
	if j.file != nil {
		errs = append(errs, j.file.Sync(), j.file.Close())
		j.file = nil
	}
	if j.unlock != nil {
		errs = append(errs, j.unlock())
		j.unlock = nil
	}
	return errors.Join(errs...)
}
