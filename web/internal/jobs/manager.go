package jobs

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/internal/durable"
)

// How many jobs there may be.
const (
	MostQueued = 100  // that wait
	MostKept   = 1000 // in all
)

// Options say how a manager works.
type Options struct {
	// Dir is the folder of jobs, made when missing.
	Dir string
	// Runs is the folder of runs.
	Runs string
	// Folder is where processes work, and which the files that requests name must
	// be in. Default: the working folder.
	Folder string
	// Parallel is how many jobs go on at a time, at least 1.
	Parallel int
	// Command is how the program is started: the beginning of a command line.
	Command []string
	// Program is what users call it, and what it calls itself in what it says.
	Program string
	// Own is the program's own model, or nil.
	Own *experiment.Own
	// Note gets what the operator should see: a line.
	Note func(format string, args ...any)
	// Clock is the time of day.
	Clock func() time.Time
	// Patience is how long processes that were asked to end may take: those that
	// are to stop are killed then, and Close waits no longer. Default 6 s.
	Patience time.Duration

	// birth is how long a process may take to lock its job: one that has not by
	// then is none. Default 5 s.
	birth time.Duration
}

// A Manager keeps jobs. Its methods may be called at the same time.
type Manager struct {
	Options
	unlock func() error
	closed chan struct{}
	work   sync.WaitGroup

	looking sync.Mutex // for locks of jobs; taken last

	mu      sync.Mutex
	jobs    map[string]*entry
	closing bool
}

// What can be wrong with a job that a caller names.
var (
	ErrNoJob = errors.New("there is no such job")
	ErrState = errors.New("not as the job is")
	ErrMany  = errors.New("too many jobs")
)

// Open opens a folder of jobs. Jobs whose processes have lived on are followed
// again, and those that wait are started. When another process has the folder
// open, the error wraps durable.ErrLocked. The manager must be closed.
func Open(o Options) (*Manager, error) {
	if o.Patience == 0 {
		o.Patience = 6 * time.Second
	}
	if o.birth == 0 {
		o.birth = 5 * time.Second
	}
	m := &Manager{Options: o, closed: make(chan struct{}), jobs: map[string]*entry{}}
	err := m.places()
	if err == nil {
		err = durable.MkdirAll(durable.OS, m.Dir)
	}
	for tries := 0; err == nil; tries++ { // one that was just killed may still be about
		m.unlock, err = durable.Lock(filepath.Join(m.Dir, lockName))
		if err == nil {
			break
		}
		if errors.Is(err, durable.ErrLocked) && tries < 20 {
			err = nil
			time.Sleep(100 * time.Millisecond)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	if err := m.find(); err != nil {
		return nil, fmt.Errorf("jobs: %w", errors.Join(err, m.unlock()))
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.jobs {
		if e.State == Running {
			m.adopt(e)
		}
	}
	m.schedule()
	return m, nil
}

// places makes paths that mean the same in every folder.
func (m *Manager) places() (err error) {
	for _, path := range []*string{&m.Folder, &m.Dir, &m.Runs} {
		if *path, err = filepath.Abs(*path); err != nil {
			return err
		}
	}
	return nil
}

// find reads what is in the folder. What cannot be read is left alone, and told;
// what a manager leaves that is killed is cleared away.
func (m *Manager) find() error {
	entries, err := os.ReadDir(m.Dir)
	if err != nil {
		return err
	}
	for _, d := range entries {
		if !d.IsDir() {
			continue
		}
		dir := filepath.Join(m.Dir, d.Name())
		e, err := load(dir)
		switch {
		case errors.Is(err, fs.ErrNotExist): // not a job yet, or no more
			err = os.RemoveAll(dir)
		case err == nil:
			if m.jobs[e.ID] = e; e.State != Running {
				err = durable.Sweep(durable.OS, dir)
			}
		}
		if err != nil {
			m.Note("the folder of a job: %v", err)
		}
	}
	return nil
}

// Get returns a job.
func (m *Manager) Get(id string) (Job, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.jobs[id]
	if e == nil {
		return Job{}, ErrNoJob
	}
	return m.shown(e), nil
}

// List returns the jobs of a kind, or all for "", the newest first.
func (m *Manager) List(kind Kind) []Job {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := []Job{}
	for _, e := range m.jobs {
		if kind == "" || e.Kind == kind {
			all = append(all, m.shown(e))
		}
	}
	slices.SortFunc(all, func(a, b Job) int {
		return cmp.Or(b.Created.Compare(a.Created), strings.Compare(b.ID, a.ID))
	})
	return all
}

// shown is an entry as others see it.
func (m *Manager) shown(e *entry) Job {
	j := e.Job
	if j.State == Queued {
		j.Place = 1 + slices.Index(m.queue(), e)
	}
	return j
}

// queue returns the jobs that wait, the next one first.
func (m *Manager) queue() []*entry {
	var all []*entry
	for _, e := range m.jobs {
		if e.State == Queued {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b *entry) int {
		return cmp.Or(a.Queue.Compare(b.Queue), strings.Compare(a.ID, b.ID))
	})
	return all
}

// Changed returns a channel that is closed when the job changes next, or is
// removed.
func (m *Manager) Changed(id string) <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.jobs[id]
	if e == nil {
		c := make(chan struct{})
		close(c)
		return c
	}
	return e.changed
}

// set changes the state of a job, keeps it and tells who waits for it.
func (m *Manager) set(e *entry, s State) {
	e.State = s
	m.keep(e)
}

// keep saves an entry and tells who waits for it. One that cannot be saved goes on
// all the same, but not across a restart.
func (m *Manager) keep(e *entry) {
	if err := e.save(); err != nil {
		m.Note("job %s: %v", e.ID, err)
	}
	close(e.changed)
	e.changed = make(chan struct{})
}

// Pause makes a job keep what it has and end; Resume goes on from there.
func (m *Manager) Pause(id string) (Job, error) {
	return m.change(id, "paused", func(e *entry) bool {
		switch {
		case e.State == Queued:
			m.set(e, Paused)
		case e.State == Running && e.Asked == "":
			m.ask(e, askPause)
		default:
			return e.State == Running || e.State == Paused // as it is asked already
		}
		return true
	})
}

// Stop ends a job. What it has kept is still there, and Resume goes on from it.
func (m *Manager) Stop(id string) (Job, error) {
	return m.change(id, "stopped", func(e *entry) bool {
		switch e.State {
		case Queued, Paused:
			m.set(e, Stopped)
		case Running:
			m.ask(e, askStop)
		default:
			return e.State == Stopped
		}
		return true
	})
}

// Resume puts a job that has not come to its end back into the queue.
func (m *Manager) Resume(id string) (Job, error) {
	return m.change(id, "resumed", func(e *entry) bool {
		switch e.State {
		case Paused, Stopped, Failed:
			e.Queue, e.Error, e.Ended = m.Clock().Round(0), "", time.Time{}
			m.set(e, Queued)
			m.schedule()
		default:
			return e.State == Queued || e.State == Running && e.Asked == ""
		}
		return true
	})
}

// Remove removes a job that has no process, with its folder. The run of a training
// stays.
func (m *Manager) Remove(id string) error {
	var failed error
	_, err := m.change(id, "removed", func(e *entry) bool {
		if e.State == Running {
			return false
		}
		if failed = os.Remove(filepath.Join(e.dir, jobName)); failed == nil { // it is none from here on
			delete(m.jobs, id)
			close(e.changed)
			e.changed = make(chan struct{})
			failed = os.RemoveAll(e.dir)
		}
		return true
	})
	return errors.Join(err, failed)
}

// change does something with a job, which is false when its state forbids it.
func (m *Manager) change(id, what string, do func(e *entry) bool) (Job, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.jobs[id]
	switch {
	case e == nil:
		return Job{}, ErrNoJob
	case m.closing:
		return Job{}, fmt.Errorf("%w: the server is ending", ErrState)
	case what == "resumed" && e.over():
		if err := m.room(); err != nil {
			return Job{}, err
		}
	}
	if !do(e) {
		return Job{}, fmt.Errorf("%w: job %s is %s, which cannot be %s", ErrState, id, e.State, what)
	}
	return m.shown(e), nil
}

// Close asks the processes to end, waits for them for a while, and lets go of the
// folder. Jobs that were at work go on with the next manager.
func (m *Manager) Close() error {
	m.mu.Lock()
	if m.closing {
		m.mu.Unlock()
		return nil
	}
	m.closing = true
	for _, e := range m.jobs {
		if e.State == Running && e.Asked == "" {
			m.ask(e, askRestart)
		}
	}
	m.mu.Unlock()
	for until := time.Now().Add(m.Patience); m.running() > 0 && time.Now().Before(until); {
		time.Sleep(10 * time.Millisecond)
	}
	close(m.closed)
	m.work.Wait()
	return m.unlock()
}

func (m *Manager) running() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.active()
}

// active returns how many jobs have a process.
func (m *Manager) active() int {
	n := 0
	for _, e := range m.jobs {
		if e.State == Running {
			n++
		}
	}
	return n
}
