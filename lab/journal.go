package lab

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/descent-go/descent/internal/durable"
	"github.com/descent-go/descent/train"
)

// A Journal is a file of outcomes that only grows, by task and trial. Work that
// was interrupted takes from it what was done. It may be used on several
// goroutines; nil is a journal of nothing.
type Journal struct {
	path   string
	unlock func() error

	mu      sync.Mutex
	known   map[string]Outcome
	pending []entry     // that are not written yet
	timer   *time.Timer // writes them, beside the trainings; nil: there are none
	failed  error       // of a writing; nothing is written after it

	writing sync.Mutex   // is locked before mu
	file    durable.File // nil: closed
	written int          // times since the last Sync
}

// journalFormat is the version of the file, in its first line.
const journalFormat = `{"journal":"descent lab","format":2}`

// What the end of the process may cost, and a failure of power.
const (
	writeEvery = 50 * time.Millisecond
	writeMost  = 256 // outcomes; so many are written at once
	syncEvery  = 20  // of the times above
)

// An entry is a line of the file.
type entry struct {
	Task    string  `json:"task"`
	Outcome Outcome `json:"outcome"` // without its curve
	Curve   []byte  `json:"curve,omitempty"`
}

// newEntry packs the curve, which is most of an outcome: writing so many numbers as
// text takes longer than the rest of the line.
func newEntry(task string, o Outcome) entry {
	e := entry{Task: task, Outcome: o}
	e.Outcome.Curve = nil
	for _, p := range o.Curve {
		e.Curve = binary.AppendUvarint(e.Curve, uint64(p.Step))
		e.Curve = binary.LittleEndian.AppendUint64(e.Curve, math.Float64bits(float64(p.Loss)))
	}
	return e
}

// outcome is that of newEntry.
func (e *entry) outcome() (Outcome, error) {
	o := e.Outcome
	for rest := e.Curve; len(rest) > 0; {
		step, n := binary.Uvarint(rest)
		if n <= 0 || len(rest) < n+8 {
			return Outcome{}, errors.New("a curve with half a point")
		}
		loss := math.Float64frombits(binary.LittleEndian.Uint64(rest[n:]))
		o.Curve = append(o.Curve, Point{int64(step), train.Real(loss)})
		rest = rest[n+8:]
	}
	return o, nil
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
			o, err := e.outcome()
			if err != nil {
				return 0, fmt.Errorf("lab: %s:%d: %w, want an outcome", j.path, number, err)
			}
			j.known[entryKey(e.Task, o.Trial)] = o
		}
		size += int64(len(line)) + 1
		text = rest
	}
}

// entryKey identifies a trial of a task.
func entryKey(task string, t Trial) string {
	b := append(make([]byte, 0, 256), task...)
	keys := slices.AppendSeq(make([]string, 0, 8), maps.Keys(t.Settings))
	slices.Sort(keys)
	for _, key := range keys {
		b = strconv.AppendQuote(b, key)
		b = strconv.AppendQuote(b, t.Settings[key])
	}
	b = strconv.AppendUint(append(b, ' '), t.Seed, 10)
	b = strconv.AppendInt(append(b, ' '), t.Steps, 10)
	b = strconv.AppendBool(append(b, ' '), t.Test)
	return string(strconv.AppendBool(append(b, ' '), t.Curve))
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
	full, err := j.remember(t, o)
	if full {
		return j.write(false)
	}
	return err
}

// remember adds an outcome to those that are to be written, and reports whether
// there are so many that it cannot wait.
func (j *Journal) remember(t *Task, o *Outcome) (full bool, err error) {
	key := entryKey(t.key, o.Trial)
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.failed != nil {
		return false, j.failed
	}
	j.known[key] = *o
	j.pending = append(j.pending, newEntry(t.key, *o))
	if j.timer == nil {
		j.timer = time.AfterFunc(writeEvery, func() { _ = j.write(false) }) // the next outcome is told of an error
	}
	return len(j.pending) >= writeMost, nil
}

// write writes what is pending, and now and then, or at last, sees to it that it is
// on the disk.
func (j *Journal) write(last bool) error {
	j.writing.Lock()
	defer j.writing.Unlock()
	j.mu.Lock()
	pending, err := j.pending, j.failed
	j.pending, j.timer = nil, nil
	j.mu.Unlock()
	switch {
	case j.file == nil:
		return nil
	case err != nil:
		return err
	}
	var lines bytes.Buffer
	for to := json.NewEncoder(&lines); len(pending) > 0 && err == nil; pending = pending[1:] {
		err = to.Encode(pending[0])
	}
	if err == nil {
		_, err = j.file.Write(lines.Bytes())
	}
	if j.written++; err == nil && (last || j.written >= syncEvery) {
		j.written = 0
		err = j.file.Sync()
	}
	if err != nil {
		j.mu.Lock()
		j.failed = err
		j.mu.Unlock()
	}
	return err
}

// Close ends the use of the file. What was found stays known.
func (j *Journal) Close() error {
	if j == nil {
		return nil
	}
	errs := []error{j.write(true)}
	j.writing.Lock()
	defer j.writing.Unlock()
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.file != nil {
		errs = append(errs, j.file.Close())
		j.file = nil
		j.failed = cmp.Or(j.failed, fmt.Errorf("lab: %s is closed", j.path))
	}
	if j.unlock != nil {
		errs = append(errs, j.unlock())
		j.unlock = nil
	}
	return errors.Join(errs...)
}
