package jobs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/descent-go/descent/internal/durable"
	"github.com/descent-go/descent/record"
)

// Start takes a request. An *Error says what is wrong with it.
func (m *Manager) Start(r Request) (Job, error) {
	p, err := m.plan(&r)
	if err != nil {
		return Job{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.room(); err != nil {
		return Job{}, err
	}
	if n := len(m.jobs); n >= MostKept {
		return Job{}, fmt.Errorf("%w: %d are kept, remove some", ErrMany, n)
	}
	now := m.Clock().Round(0)
	e := &entry{
		Job:    Job{Kind: r.Kind, State: Queued, Flags: r.Flags, Created: now},
		Args:   p.args,
		Folder: m.Folder, Queue: now,
		changed: make(chan struct{}),
	}
	for e.dir == "" || exists(e.dir) || exists(filepath.Join(m.Runs, e.ID)) {
		e.ID = record.NewID(now, p.name)
		e.dir = filepath.Join(m.Dir, e.ID)
	}
	words := []string{m.Program, string(r.Kind)}
	if err := durable.MkdirAll(durable.OS, e.dir); err != nil {
		return Job{}, err
	}
	if p.yaml != "" {
		words = append(words, "experiment.yaml")
		err = writeText(filepath.Join(e.dir, experimentName), p.yaml)
	}
	e.Command = strings.Join(append(words, p.words...), " ")
	if r.Kind == Train {
		e.Run = e.ID
	}
	if err == nil {
		err = e.save()
	}
	if err != nil {
		return Job{}, errors.Join(err, os.RemoveAll(e.dir))
	}
	m.jobs[e.ID] = e
	m.schedule()
	return m.shown(e), nil
}

// room fails when no more jobs may wait.
func (m *Manager) room() error {
	if m.closing {
		return fmt.Errorf("%w: the server is ending", ErrState)
	}
	if n := len(m.queue()); n >= MostQueued {
		return fmt.Errorf("%w: %d wait, which are the most that may", ErrMany, n)
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// best returns the best experiment that a tuning has found.
func (m *Manager) best(id string) (string, error) {
	e, err := m.entry(id)
	if err != nil {
		return "", bad("from", "job %.80q: %w", id, err)
	}
	if e.Kind != Tune {
		return "", bad("from", "job %s is a %s, want a tuning", id, e.Kind)
	}
	text, err := os.ReadFile(filepath.Join(e.dir, outName, "best.yaml"))
	if err != nil {
		return "", bad("from", "job %s has found no best experiment", id)
	}
	return string(text), nil
}

// entry returns a job by its ID.
func (m *Manager) entry(id string) (*entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.jobs[id]
	if e == nil {
		return nil, ErrNoJob
	}
	return e, nil
}
