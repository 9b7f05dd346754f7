package web

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/descent-go/descent/internal/durable"
	"github.com/descent-go/descent/record"
)

const (
	// mostColumns is how much memory the columns of runs may take that nobody
	// looks at any more.
	mostColumns = 512 << 20
	// mostName is how long the name of a folder may be, in bytes.
	mostName = 255
	// lookAgain is how long what was read of a log counts as new.
	lookAgain = 40 * time.Millisecond
)

// A runStore keeps what the page has read of the folder of runs.
type runStore struct {
	root  string
	dir   *os.Root
	index *record.Index

	mu   sync.Mutex
	logs map[string]*runLog

	sparks sparkStore
}

// A runLog is a run's log in columns. Those who draw share it.
type runLog struct {
	run   *record.Run
	using int       // under runStore.mu
	used  time.Time // under runStore.mu

	mu      sync.RWMutex
	columns *record.Columns
	looked  time.Time
	err     error

	state struct {
		sync.Mutex
		status record.Status
		asked  time.Time
	}
}

func newRunStore(root string) (*runStore, error) {
	dir, err := os.OpenRoot(root)
	if err != nil {
		return nil, fmt.Errorf("web: the folder of runs: %w", err)
	}
	index, err := record.OpenIndex(root)
	if err != nil {
		return nil, errors.Join(err, dir.Close())
	}
	return &runStore{root: root, dir: dir, index: index, logs: map[string]*runLog{}}, nil
}

// close gives back what the store has open.
func (s *runStore) close() error { return errors.Join(s.index.Close(), s.dir.Close()) }

// list asks the index for runs.
func (s *runStore) list(q record.Query) ([]record.Summary, error) {
	return s.index.List(q)
}

// open returns a run by its ID, which is the name of a folder of the root and
// nothing else.
func (s *runStore) open(id string) (*record.Run, error) {
	none := refuse(http.StatusNotFound, "id", "there is no run %.100q", id)
	if id == "" || len(id) > mostName || strings.HasPrefix(id, ".") || strings.ContainsAny(id, "/\\\x00:") || !filepath.IsLocal(id) {
		return nil, none
	}
	info, err := s.dir.Lstat(id)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
		return nil, none
	}
	if err != nil {
		return nil, err
	}
	run, err := record.Open(filepath.Join(s.root, id))
	if err != nil {
		return nil, none
	}
	return run, nil
}

// log returns a run's log, as it is now. The caller must release it.
func (s *runStore) log(ctx context.Context, id string) (*runLog, error) {
	run, err := s.open(id)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	l := s.logs[id]
	if l == nil {
		l = &runLog{run: run, columns: run.Columns()}
		s.logs[id] = l
	}
	l.using++
	s.mu.Unlock()
	if _, err := l.refresh(ctx); err != nil {
		s.release(l)
		if errors.Is(err, context.DeadlineExceeded) {
			read := int64(0)
			l.read(func(c *record.Columns) { read = c.Size() })
			return nil, refuse(http.StatusServiceUnavailable, "id", "the log of run %s is long: %d MiB of it are read by now, ask again", id, read>>20)
		}
		if errors.Is(err, durable.ErrNotFile) {
			return nil, refuse(http.StatusUnprocessableEntity, "id", "the log of run %s is %v", id, durable.ErrNotFile)
		}
		return nil, err
	}
	return l, nil
}

// release gives back a log, and forgets those that were used least lately when
// they take too much memory.
func (s *runStore) release(l *runLog) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.using--
	l.used = time.Now()
	for {
		var total int64
		oldest := ""
		for id, l := range s.logs {
			if l.using > 0 {
				continue // nobody writes to its columns but those who use it
			}
			total += l.columns.Bytes()
			if oldest == "" || l.used.Before(s.logs[oldest].used) {
				oldest = id
			}
		}
		if total <= mostColumns {
			return
		}
		delete(s.logs, oldest)
	}
}

// forget drops what is known of a run.
func (s *runStore) forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.logs, id)
}

// refresh reads what the log has got, at most every lookAgain, and reports
// whether it was cut back.
func (l *runLog) refresh(ctx context.Context) (rewound bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(l.looked) < lookAgain {
		return false, l.err
	}
	_, rewound, l.err = l.columns.Refresh(ctx)
	if errors.Is(l.err, context.Canceled) || errors.Is(l.err, context.DeadlineExceeded) {
		err, l.err = l.err, nil
		return true, err // those who come next try again
	}
	l.looked = time.Now()
	return rewound, l.err
}

// read calls f with the columns, which do not change meanwhile.
func (l *runLog) read(f func(c *record.Columns)) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	f(l.columns)
}

// readAll calls f with the columns of several logs, which do not change meanwhile.
// It takes the logs by their IDs, one order for all: of two that read the same ones
// in different orders, each would wait for the other when somebody wants to write.
func readAll(logs []*runLog, f func(all []*record.Columns)) {
	columns := make([]*record.Columns, len(logs))
	for i, l := range logs {
		columns[i] = l.columns
	}
	for _, l := range slices.SortedFunc(slices.Values(logs), func(a, b *runLog) int { return strings.Compare(a.run.ID, b.run.ID) }) {
		l.mu.RLock()
		defer l.mu.RUnlock()
	}
	f(columns)
}

// status returns where the run stands, as of the last second.
func (l *runLog) status() record.Status {
	l.state.Lock()
	defer l.state.Unlock()
	if l.state.status == "" || time.Since(l.state.asked) > time.Second {
		l.state.status, l.state.asked = l.run.Summary().Status, time.Now()
	}
	return l.state.status
}
