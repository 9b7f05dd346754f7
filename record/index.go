package record

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// An Index lists the runs in the folders of a root. It keeps summaries in
// <root>/index.sqlite, reads again what has changed, and makes the file anew
// when it is missing, damaged or of another version: nothing is lost with it. In
// a root that cannot be written, everything is read from the folders every time.
// Several processes may use the same index.
type Index struct {
	root  string
	cache *cache // nil: none

	mu   sync.Mutex
	memo map[string]memo // what this process has read, by name
}

// A memo is a run's summary and the stamp of what it was read from.
type memo struct {
	stamp   string
	summary Summary
}

// OpenIndex opens the index of a root, which need not be there yet. The index
// must be closed.
func OpenIndex(root string) (*Index, error) {
	switch info, err := os.Stat(root); {
	case errors.Is(err, fs.ErrNotExist):
		return &Index{root: root}, nil
	case err != nil:
		return nil, fmt.Errorf("record: %w", err)
	case !info.IsDir():
		return nil, fmt.Errorf("record: %s is not a folder, want the one that runs are in", root)
	}
	return &Index{root: root, cache: openCache(filepath.Join(root, indexFile))}, nil
}

// Close closes the index.
func (x *Index) Close() error {
	if x.cache == nil {
		return nil
	}
	return x.cache.close()
}

// Rebuild reads all folders again and returns how many runs there are. It also
// removes what a deletion that was interrupted has left.
func (x *Index) Rebuild() (int, error) {
	if err := sweep(x.root); err != nil {
		return 0, err
	}
	if x.cache != nil {
		_ = x.cache.close() // what it has is given up
		_ = removeCache(x.cache.path)
		x.cache = openCache(x.cache.path)
	}
	x.mu.Lock()
	x.memo = nil
	x.mu.Unlock()
	all, err := x.all()
	return len(all), err
}

// List returns the runs that a query asks for.
func (x *Index) List(q Query) ([]Summary, error) {
	all, err := x.all()
	if err != nil {
		return nil, err
	}
	return q.apply(all)
}

// A folder is one that holds a run, and a stamp that differs when a file has
// changed.
type folder struct {
	name, stamp string
	written     int64 // when experiment.yaml was
}

// all returns all runs, the newest first.
func (x *Index) all() ([]Summary, error) {
	folders, err := x.folders()
	if err != nil {
		return nil, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	known := map[string]row{} // of the cache
	if x.cache != nil && x.memo == nil {
		known = x.cache.rows()
	}
	for name := range x.memo {
		known[name] = row{name: name}
	}
	list := make([]Summary, len(folders))
	stale := make([]bool, len(folders))
	parallel(len(folders), func(i int) {
		f := folders[i]
		if m, ok := x.memo[f.name]; ok && m.stamp == f.stamp {
			list[i] = m.summary
		} else if r, ok := known[f.name]; !ok || !r.read(f, &list[i]) {
			list[i] = summarize(filepath.Join(x.root, f.name))
			stale[i] = true
		}
	})
	var fresh []row
	memos := make(map[string]memo, len(folders))
	for i, f := range folders {
		if stale[i] {
			fresh = append(fresh, newRow(f, &list[i]))
		}
		memos[f.name] = memo{f.stamp, list[i]}
		delete(known, f.name)
	}
	x.memo = memos
	if x.cache != nil && len(fresh)+len(known) > 0 {
		x.cache.update(fresh, known)
	}
	parallel(len(list), func(i int) {
		s := &list[i]
		s.ID, s.Dir, s.written = folders[i].name, filepath.Join(x.root, folders[i].name), folders[i].written
		s.settle()
	})
	slices.SortFunc(list, func(a, b Summary) int {
		return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(b.written, a.written), strings.Compare(b.ID, a.ID))
	})
	return list, nil
}

// folders returns the folders of the root that hold runs.
func (x *Index) folders() ([]folder, error) {
	entries, err := os.ReadDir(x.root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	list := make([]folder, len(entries))
	parallel(len(entries), func(i int) {
		name := entries[i].Name()
		if entries[i].Type().IsRegular() || strings.HasPrefix(name, ".") {
			return
		}
		var stamp strings.Builder
		found := false
		for _, file := range []string{ExperimentFile, EventsFile, tagsFile} {
			info, err := os.Stat(filepath.Join(x.root, name, file))
			if err != nil {
				stamp.WriteString("-;")
				continue
			}
			fmt.Fprintf(&stamp, "%d@%d;", info.Size(), info.ModTime().UnixNano())
			if file == ExperimentFile {
				list[i].written = info.ModTime().UnixNano()
			}
			found = found || file != tagsFile
		}
		if found {
			list[i].name, list[i].stamp = name, stamp.String()
		}
	})
	return slices.DeleteFunc(list, func(f folder) bool { return f.name == "" }), nil
}

// A row is what the index keeps of a run.
type row struct {
	name, stamp string
	summary     string // JSON
	sum         int64  // of the fields above
}

func newRow(f folder, s *Summary) row {
	text, err := json.Marshal(s)
	if err != nil {
		text = nil // read anew each time
	}
	return row{f.name, f.stamp, string(text), checksum(f.name, f.stamp, string(text))}
}

// read sets s to what the row says, if it says it of the folder as it is.
func (r *row) read(f folder, s *Summary) bool {
	return r.stamp == f.stamp && r.sum == checksum(r.name, r.stamp, r.summary) && json.Unmarshal([]byte(r.summary), s) == nil
}

// parallel calls f with 0 to n-1, from as many goroutines as there are processors.
func parallel(n int, f func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n; i += workers {
				f(i)
			}
		})
	}
	wg.Wait()
}
