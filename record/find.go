package record

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/descent-go/descent/internal/durable"
)

// Latest is the name that Find takes for the newest run.
const Latest = "latest"

// Find returns the folder of a run: its ID, the beginning of an ID that no other
// run of the root shares, "latest", or the path of a folder. When there is not
// exactly one, the error names those that there are.
func Find(root, name string) (string, error) {
	if name == "" {
		return "", errors.New(`record: run "", want an ID, the beginning of one, "latest" or a folder`)
	}
	if strings.ContainsRune(name, filepath.Separator) || strings.ContainsRune(name, '/') || name == "." || name == ".." {
		r, err := Open(name)
		if err != nil {
			return "", err
		}
		return r.Dir, nil
	}
	x := &Index{root: root}
	folders, err := x.folders()
	if err != nil {
		return "", err
	}
	ids := make([]string, len(folders))
	for i, f := range folders {
		ids[i] = f.name
	}
	if slices.Contains(ids, name) {
		return filepath.Join(root, name), nil
	}
	if name == Latest {
		return latest(root)
	}
	var hits []string
	for _, id := range ids {
		if strings.HasPrefix(id, name) {
			hits = append(hits, id)
		}
	}
	switch len(hits) {
	case 0:
	case 1:
		return filepath.Join(root, hits[0]), nil
	default:
		return "", fmt.Errorf("record: %s begins more than one run: %s", name, several(hits))
	}
	if r, err := Open(name); err == nil {
		return r.Dir, nil
	}
	if len(ids) == 0 {
		return "", fmt.Errorf("record: no run %+q: there are none in %s", name, root)
	}
	return "", fmt.Errorf("record: no run %+q in %s, there are %s", name, root, several(ids))
}

// latest returns the newest run's folder.
func latest(root string) (string, error) {
	x, err := OpenIndex(root)
	if err != nil {
		return "", err
	}
	defer x.Close()
	all, err := x.all()
	if err != nil {
		return "", err
	}
	if len(all) == 0 {
		return "", fmt.Errorf("record: no latest run: there are none in %s", root)
	}
	return all[0].Dir, nil
}

// several lists the last few IDs, which are the newest.
func several(ids []string) string {
	const most = 8
	slices.Sort(ids)
	slices.Reverse(ids)
	if len(ids) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(ids[:most], ", "), len(ids)-most)
	}
	return strings.Join(ids, ", ")
}

// trash is how the names of folders begin that are being deleted.
const trash = ".deleted-"

// Delete removes the folder of a run with all that is in it, at once for those
// who look at the root, and not what links in it lead to. A running run is not
// deleted; the error wraps durable.ErrLocked.
func Delete(dir string) error {
	r, err := OpenForWork(dir)
	if err != nil {
		return err
	}
	defer r.Close()
	path, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	defer root.Close()
	if runtime.GOOS == "windows" { // which moves no folder with an open file in it
		if err := r.Close(); err != nil {
			return fmt.Errorf("record: %w", err)
		}
	}
	gone := trash + r.ID
	if err := root.Rename(r.ID, gone); err != nil {
		return fmt.Errorf("record: %w", err)
	}
	if err := root.RemoveAll(gone); err != nil {
		return fmt.Errorf("record: %w", err)
	}
	return nil
}

// sweep removes what interrupted deletions have left in a root.
func sweep(dir string) error {
	root, err := os.OpenRoot(dir)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	defer root.Close()
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), trash) {
			if err := root.RemoveAll(e.Name()); err != nil {
				return fmt.Errorf("record: %w", err)
			}
		}
	}
	return nil
}

// IsRunning reports whether an error says that another process works on a run.
func IsRunning(err error) bool { return errors.Is(err, durable.ErrLocked) }
