package jobs

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/nn"
	"github.com/descent-go/descent/problem"
)

// inside fails when a path does not lead to something in the working folder:
// neither by its text nor by links.
func (m *Manager) inside(path string) error {
	if !filepath.IsLocal(path) {
		return errors.New("want a path within the folder that the server works in")
	}
	root, err := os.OpenRoot(m.Folder)
	if err != nil {
		return err
	}
	defer root.Close()
	info, err := root.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return errors.New("there is no such file in the folder that the server works in")
	case err != nil:
		return errors.New("want a file within the folder that the server works in, which links do not leave")
	case !info.Mode().IsRegular() && !info.IsDir(): // opening a pipe waits
		return errors.New("want a file, not a pipe or a device")
	case m.keeps(path):
		return errors.New("want a file that is not one of the server's own")
	}
	return nil
}

// keeps reports whether a path leads to what the server keeps for itself, such as
// the key of sessions; what jobs have written is not that.
func (m *Manager) keeps(path string) bool {
	dir, err := filepath.Abs(m.Dir)
	if err != nil || m.Dir == "" {
		return false
	}
	own, err := filepath.Rel(filepath.Dir(dir), filepath.Join(m.Folder, path))
	return err == nil && filepath.IsLocal(own) && !strings.HasPrefix(own, filepath.Base(dir)+string(filepath.Separator))
}

// read reads an experiment of the working folder.
func (m *Manager) read(path string) (*experiment.Experiment, error) {
	root, err := os.OpenRoot(m.Folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	info, err := root.Stat(path) // before it is opened: opening a pipe waits
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("want a regular file")
	}
	f, err := root.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, experiment.MaxBytes+1))
	if err != nil {
		return nil, err
	}
	return experiment.Parse(path, text)
}

// checkProblems checks what is to be compared on, as far as it can be done before
// the data are read. Whether a text is a function, data with a model or a file is
// decided as descent compare does.
func (m *Manager) checkProblems(r *Request) error {
	for _, spec := range r.Flags["problem"] {
		e, err := m.problem(spec)
		if err != nil {
			return bad("problem", "--problem %s: %w", spec, err)
		}
		if e.Data == "-" {
			return bad("problem", "--problem %s: a job has no standard input, want a file", spec)
		}
		if err := affordable(e); err != nil {
			return bad("problem", "--problem %s: %w", spec, err)
		}
		for _, path := range e.Paths() {
			if err := m.inside(path); err != nil {
				return bad("problem", "--problem %s: %w", spec, err)
			}
		}
	}
	return nil
}

func (m *Manager) problem(spec string) (*experiment.Experiment, error) {
	if strings.HasSuffix(spec, ".yaml") || strings.HasSuffix(spec, ".yml") {
		if err := m.inside(spec); err != nil {
			return nil, err
		}
		return m.read(spec)
	}
	e := experiment.Default()
	if i := strings.LastIndexByte(spec, '/'); i > 0 && nn.Check(spec[i+1:]) == nil {
		e.Data, e.Model = spec[:i], spec[i+1:]
		return e, nil
	}
	_, err := problem.ResolveProblem(spec)
	if err == nil {
		e.Function = spec
		return e, nil
	}
	e.Data = spec
	for _, path := range e.Paths() {
		if m.inside(path) != nil {
			return nil, fmt.Errorf("%w; nor is it data within the folder that the server works in", err)
		}
	}
	return e, nil
}
