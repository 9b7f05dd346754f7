package record

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/descent-go/descent/checkpoint"
	"github.com/descent-go/descent/internal/durable"
	"github.com/descent-go/descent/train"
)

// The files of a run's folder.
const (
	ExperimentFile = "experiment.yaml"
	EventsFile     = "events.jsonl"
	ModelFile      = "model.safetensors"
	ReportFile     = "train.json"
	tagsFile       = "tags.json"
	lockFile       = ".lock"
	checkpointsDir = "checkpoints"
	figuresDir     = "figures"
)

// A Run is the folder of one run.
type Run struct {
	ID  string // the folder's name
	Dir string // its path

	fsys   durable.FS
	unlock func() error
}

// CreateOptions say what a new run is.
type CreateOptions struct {
	// FS holds the folder. Nil is the operating system's; another is not locked.
	FS durable.FS
	// Dir is the folder to use, which must be missing or empty. "" makes a new one.
	Dir string
	// Name becomes part of the ID: up to 200 printable characters. "" is "run".
	Name string
	// Now becomes part of the ID.
	Now time.Time
	// Experiment is the text of experiment.yaml. Nil writes none, for
	// WriteExperiment to do when the ID is known.
	Experiment []byte
	// Tags are those of the new run: see Run.Tag.
	Tags []string
}

// Create makes the folder of a new run, in root unless Dir says where, and takes
// its lock. The run must be closed.
func Create(root string, o CreateOptions) (*Run, error) {
	if err := checkWord("name", o.Name, "", 200); err != nil {
		return nil, err
	}
	if o.FS == nil {
		o.FS = durable.OS
	}
	r, err := reserve(root, o)
	if err != nil {
		return nil, fmt.Errorf("record: a new run: %w", err)
	}
	if o.Experiment != nil {
		err = r.WriteExperiment(o.Experiment)
	}
	if err == nil && len(o.Tags) > 0 {
		_, err = r.Tag(o.Tags, nil)
	}
	if err != nil {
		return nil, errors.Join(err, o.FS.RemoveAll(r.Dir), r.Close())
	}
	return r, nil
}

// reserve makes and locks a folder that no other process has.
func reserve(root string, o CreateOptions) (*Run, error) {
	const tries = 20
	for n := 1; ; n++ {
		dir := o.Dir
		if dir == "" {
			dir = filepath.Join(root, newID(o.Now, o.Name))
		}
		r, err := reserveDir(o.FS, dir)
		if err == nil || o.Dir != "" || n == tries || !errors.Is(err, fs.ErrExist) && !errors.Is(err, durable.ErrLocked) {
			return r, err
		}
	}
}

func reserveDir(fsys durable.FS, dir string) (*Run, error) {
	taken := func() error {
		entries, err := fsys.ReadDir(dir)
		for _, e := range entries {
			if e.Name() != lockFile {
				return fmt.Errorf("folder %s has %s in it: %w, want a new or empty folder", dir, e.Name(), fs.ErrExist)
			}
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	if err := taken(); err != nil {
		return nil, err
	}
	if err := durable.MkdirAll(fsys, dir); err != nil {
		return nil, err
	}
	r, err := newRun(fsys, dir)
	if err != nil {
		return nil, err
	}
	if err := r.lock(); err != nil {
		return nil, err
	}
	if err := taken(); err != nil { // by one that was faster
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

func newRun(fsys durable.FS, dir string) (*Run, error) {
	path, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	return &Run{ID: filepath.Base(path), Dir: dir, fsys: fsys}, nil
}

// Open opens the folder of a run to look at it.
func Open(dir string) (*Run, error) {
	r, err := newRun(durable.OS, dir)
	if err != nil {
		return nil, err
	}
	if !r.has(ExperimentFile) && !r.has(EventsFile) {
		if _, err := r.fsys.Stat(dir); err != nil {
			return nil, fmt.Errorf("record: %w", err)
		}
		return nil, fmt.Errorf("record: folder %s is not that of a run: it has neither %s nor %s", dir, ExperimentFile, EventsFile)
	}
	return r, nil
}

// OpenForWork opens the folder of a run and takes its lock, to go on with the
// run. The run must be closed. When another process has the lock, the error
// wraps durable.ErrLocked and names the process.
func OpenForWork(dir string) (*Run, error) {
	r, err := Open(dir)
	if err != nil {
		return nil, err
	}
	if err := r.lock(); err != nil {
		if IsRunning(err) {
			return nil, fmt.Errorf("record: run %s is running: %w", r.ID, err)
		}
		return nil, fmt.Errorf("record: run %s: %w", r.ID, err)
	}
	return r, nil
}

// lock takes the lock. Looking whether a run is running takes it for a moment,
// so it is tried more than once.
func (r *Run) lock() (err error) {
	if r.fsys != durable.OS {
		return nil
	}
	for range 10 {
		r.unlock, err = durable.Lock(r.Path(lockFile))
		if !errors.Is(err, durable.ErrLocked) {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
	return err
}

// Close gives the lock back. A run without it needs no closing.
func (r *Run) Close() error {
	unlock := r.unlock
	if r.unlock = nil; unlock == nil {
		return nil
	}
	return unlock()
}

// Path returns the path of a file of the folder.
func (r *Run) Path(name string) string { return filepath.Join(r.Dir, name) }

func (r *Run) has(name string) bool {
	info, err := r.fsys.Stat(r.Path(name))
	return err == nil && info.Mode().IsRegular()
}

// WriteExperiment writes experiment.yaml, whole or not at all.
func (r *Run) WriteExperiment(text []byte) error {
	return r.WriteFile(ExperimentFile, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// Experiment returns the text of experiment.yaml. It is an error when that is
// missing or has more than 1 MiB.
func (r *Run) Experiment() ([]byte, error) {
	text, err := readFile(r.fsys, r.Path(ExperimentFile), mostExperiment)
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	return text, nil
}

// WriteFile writes a file of the folder, whole or not at all.
func (r *Run) WriteFile(name string, write func(io.Writer) error) error {
	if err := durable.WriteFile(r.fsys, r.Path(name), write); err != nil {
		return fmt.Errorf("record: %w", err)
	}
	return nil
}

// Figures returns the path of the folder for figures, which it makes.
func (r *Run) Figures() (string, error) {
	dir := r.Path(figuresDir)
	if err := r.fsys.MkdirAll(dir); err != nil {
		return "", fmt.Errorf("record: %w", err)
	}
	return dir, nil
}

// Checkpoints returns the run's checkpoints, of which keep are kept.
func (r *Run) Checkpoints(keep int) (*checkpoint.Store, error) {
	return checkpoint.OpenFS(r.fsys, r.Path(checkpointsDir), keep)
}

// Events calls event with what has been logged, as Replay does. A run that has
// not begun has no events.
func (r *Run) Events(event func(at float64, e train.Event) error) error {
	if err := durable.Own(r.Path(EventsFile)); err != nil {
		return fmt.Errorf("record: %w", err)
	}
	f, err := r.fsys.Open(r.Path(EventsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	defer f.Close()
	return Replay(r.Path(EventsFile), f, event)
}

// openOwn opens a file of a run's folder, and nothing that a link there leads to:
// a folder may come from elsewhere.
func openOwn(path string) (*os.File, error) {
	if err := durable.Own(path); err != nil {
		return nil, err
	}
	return os.Open(path)
}

// readFile returns a file of at most most bytes, as openOwn does.
func readFile(fsys durable.FS, path string, most int64) ([]byte, error) {
	if err := durable.Own(path); err != nil {
		return nil, err
	}
	f, err := fsys.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(text)) > most {
		return nil, fmt.Errorf("%s has more than %d bytes", path, most)
	}
	return text, nil
}
