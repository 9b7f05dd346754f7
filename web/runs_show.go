package web

import (
	"errors"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/descent-go/descent/internal/shell"
	"github.com/descent-go/descent/record"
	"github.com/descent-go/descent/train"
)

// A runPage answers GET /api/runs/{id}: what there is to know of a run but its
// curves.
type runPage struct {
	record.Summary
	Metrics     map[string]train.Real `json:"metrics"`
	Settings    []record.Setting      `json:"settings"` // in the order of experiment.yaml
	Recorded    []record.Setting      `json:"recorded"` // where and when it was run
	Experiment  string                `json:"experiment"`
	Checkpoints []runCheckpoint       `json:"checkpoints"`
	Files       []runFile             `json:"files"`
	Running     bool                  `json:"running"`          // a process works on it
	Resume      string                `json:"resume,omitempty"` // the command that goes on with the run
	Repeat      string                `json:"repeat,omitempty"` // the command that runs it again
	Plot        string                `json:"plot"`             // the command that draws its curves
}

type runCheckpoint struct {
	Name    string `json:"name"`
	Step    int64  `json:"step"`
	Epoch   int    `json:"epoch"`
	Bytes   int64  `json:"bytes"`
	Problem string `json:"problem,omitempty"`
}

type runFile struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
}

func (s *Server) showRun(w http.ResponseWriter, r *http.Request) error {
	run, err := s.runs.open(r.PathValue("id"))
	if err != nil {
		return err
	}
	p := runPage{Summary: run.Summary(), Settings: []record.Setting{}, Recorded: []record.Setting{}, Checkpoints: []runCheckpoint{}}
	p.Metrics = map[string]train.Real{}
	for name, v := range p.Summary.Metrics {
		p.Metrics[name] = train.Real(v)
	}
	if p.Running, err = run.Running(); err != nil {
		p.Running = p.Status == record.StatusRunning
	}
	command := func(words string) string {
		text := s.Program + " " + words + " " + shell.Word(run.ID)
		if s.Runs != "runs" {
			text += " --runs " + shell.Word(s.Runs)
		}
		return text
	}
	p.Plot = command("runs plot")
	if text, err := run.Experiment(); err == nil {
		p.Experiment = string(text)
		if settings, recorded, err := record.ParseExperiment(record.ExperimentFile, text); err == nil { // else Problem has the error
			p.Settings, p.Recorded = append(p.Settings, settings...), append(p.Recorded, recorded...)
		}
		p.Repeat = command("repeat")
	}
	store, err := run.Checkpoints(1)
	if err != nil {
		return err
	}
	list, err := store.List()
	if err != nil {
		return err
	}
	for _, e := range list {
		c := runCheckpoint{Name: e.Name, Step: e.Info.Step, Epoch: e.Info.Epoch, Bytes: e.Bytes}
		if e.Err != nil {
			c.Problem = e.Err.Error()
		} else if p.Repeat != "" && !p.Running {
			p.Resume = command("resume")
		}
		p.Checkpoints = append(p.Checkpoints, c)
	}
	if p.Files, err = s.runs.files(run.ID); err != nil {
		return err
	}
	return writeJSON(w, p)
}

// mostFiles is how many files of a run are listed.
const mostFiles = 1000

// files lists a run's files but those of checkpoints, which have their own list,
// and hidden ones.
func (s *runStore) files(id string) ([]runFile, error) {
	list := []runFile{}
	err := fs.WalkDir(s.dir.FS(), id, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // the run goes on
			}
			return err
		}
		inside := strings.TrimPrefix(strings.TrimPrefix(name, id), "/")
		switch {
		case inside == "":
			return nil
		case len(list) == mostFiles:
			return fs.SkipAll
		case d.IsDir() && (inside == "checkpoints" || strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case !d.Type().IsRegular() || strings.HasPrefix(d.Name(), "."):
			return nil
		}
		if info, err := d.Info(); err == nil {
			list = append(list, runFile{inside, info.Size()})
		}
		return nil
	})
	return list, err
}

// shown are the kinds of a run's files that a page may show; the others are
// saved. What they are is not left to the browser to guess.
var shown = map[string]string{
	".svg": "image/svg+xml", ".png": "image/png", ".gif": "image/gif",
	".json": "application/json", ".jsonl": "text/plain; charset=utf-8", ".yaml": "text/plain; charset=utf-8", ".txt": "text/plain; charset=utf-8",
}

// filePolicy lets a file's own styles and pictures be, and nothing run.
const filePolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox"

// runFile sends a file of a run.
func (s *Server) runFile(w http.ResponseWriter, r *http.Request) error {
	run, err := s.runs.open(r.PathValue("id"))
	if err != nil {
		return err
	}
	name := r.PathValue("name")
	none := refuse(http.StatusNotFound, "name", "run %s has no file %.200q", run.ID, name)
	hidden := func(part string) bool { return strings.HasPrefix(part, ".") }
	if name == "" || strings.ContainsAny(name, "\\\x00") || path.Clean("/" + name)[1:] != name || slices.ContainsFunc(strings.Split(name, "/"), hidden) {
		return none
	}
	dir, err := s.runs.dir.OpenRoot(run.ID)
	if err != nil {
		return none
	}
	defer dir.Close()
	info, err := dir.Stat(name) // before it is opened: opening a pipe waits
	if err != nil || !info.Mode().IsRegular() {
		return none // a link that leads out of the folder too
	}
	f, err := dir.Open(name)
	if err != nil {
		return none
	}
	defer f.Close()
	h := w.Header()
	kind := shown[path.Ext(name)]
	if kind == "" || r.URL.Query().Has("save") {
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": path.Base(name)}))
	}
	if kind == "" {
		kind = "application/octet-stream"
	}
	h.Set("Content-Type", kind)
	h.Set("Content-Security-Policy", filePolicy)
	h.Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, "", info.ModTime(), f)
	return nil
}
