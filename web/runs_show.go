package web

import (
	"net/http"
	"slices"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/internal/shell"
	"github.com/descent-go/descent/record"
	"github.com/descent-go/descent/train"
)

// A runPage answers GET /api/runs/{id}: what there is to know of a run but its
// curves.
type runPage struct {
	record.Summary
	Metrics     map[string]train.Real `json:"metrics"`
	Settings    []record.Setting      `json:"settings"`          // in the order of experiment.yaml
	Recorded    []record.Setting      `json:"recorded"`          // where and when it was run
	Command     string                `json:"command,omitempty"` // that it was run with, as it was typed
	Experiment  string                `json:"experiment"`
	Checkpoints []runCheckpoint       `json:"checkpoints"`
	Files       []file                `json:"files"`
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
		p.takeCommand(text)
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
	dir, err := s.runs.dir.OpenRoot(run.ID)
	if err != nil {
		return err
	}
	defer dir.Close()
	if p.Files, err = listFiles(dir, "checkpoints"); err != nil { // those have their own list
		return err
	}
	return writeJSON(w, p)
}

// takeCommand writes the words of the recorded command as a shell takes them.
func (p *runPage) takeCommand(text []byte) {
	r, err := experiment.ParseRecord(record.ExperimentFile, text)
	if err != nil || r == nil || len(r.Command) == 0 {
		return // what is recorded stays as it is
	}
	p.Command = shell.Line(r.Command...)
	p.Recorded = slices.DeleteFunc(p.Recorded, func(s record.Setting) bool { return s.Key == "command" })
}

// runFile sends a file of a run.
func (s *Server) runFile(w http.ResponseWriter, r *http.Request) error {
	run, err := s.runs.open(r.PathValue("id"))
	if err != nil {
		return err
	}
	name := r.PathValue("name")
	dir, err := s.runs.dir.OpenRoot(run.ID)
	if err != nil {
		return noFile(name)
	}
	defer dir.Close()
	return sendFile(w, r, dir, name)
}
