package cli

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/internal/shell"
	"github.com/descent-go/descent/record"
)

func newRunsShow(a *app, where *runsFlag) *cobra.Command {
	return &cobra.Command{
		Use:   "show RUN",
		Short: "Show a run: settings, results, checkpoints, files, and how to go on",
		Example: `  descent runs show latest
  descent runs show 20261122-0315 --json`,
		Args:              runArgs(1),
		ValidArgsFunction: where.complete,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := positional(1)(cmd, args); err != nil {
				return err
			}
			run, err := where.find(args[0])
			if err != nil {
				return err
			}
			r, err := a.describeRun(run, where.hint())
			if err != nil {
				return err
			}
			return a.show(cmd, r, nil)
		},
	}
}

// A recordReport tells what there is to know of a run.
type recordReport struct {
	record.Summary
	Recorded    map[string]string `json:"recorded"`
	Checkpoints []checkpointEntry `json:"checkpoints"`
	Files       []fileEntry       `json:"files"`
	Resume      string            `json:"resume,omitempty"` // the command that goes on with the run
	Repeat      string            `json:"repeat,omitempty"` // the command that runs it again

	settings, recorded []record.Setting
}

type checkpointEntry struct {
	Name    string `json:"name"`
	Step    int64  `json:"step"`
	Epoch   int    `json:"epoch"`
	Bytes   int64  `json:"bytes"`
	Problem string `json:"problem,omitempty"`
}

type fileEntry struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
}

func (a *app) describeRun(run *record.Run, hint string) (*recordReport, error) {
	r := &recordReport{Summary: run.Summary(), Recorded: map[string]string{}, Checkpoints: []checkpointEntry{}, Files: []fileEntry{}}
	if text, err := run.Experiment(); err == nil {
		r.settings, r.recorded, _ = record.ParseExperiment(record.ExperimentFile, text) // Problem has the error
		r.Repeat = a.program + " repeat " + shell.Word(run.ID) + hint
		for i, s := range r.recorded {
			if s.Key == "command" {
				r.recorded[i].Value = commandOf(text, s.Value)
			}
		}
	}
	for _, s := range r.recorded {
		r.Recorded[s.Key] = s.Value
	}
	store, err := run.Checkpoints(1)
	if err != nil {
		return nil, err
	}
	list, err := store.List()
	if err != nil {
		return nil, err
	}
	for _, e := range list {
		c := checkpointEntry{Name: e.Name, Step: e.Info.Step, Epoch: e.Info.Epoch, Bytes: e.Bytes}
		if e.Err != nil {
			c.Problem = e.Err.Error()
		} else if r.Repeat != "" && r.Status != record.StatusRunning {
			r.Resume = a.program + " resume " + shell.Word(run.ID) + hint
		}
		r.Checkpoints = append(r.Checkpoints, c)
	}
	return r, r.listFiles(run.Dir)
}

// commandOf returns the command that an experiment file has recorded as a shell takes
// it; else what is recorded.
func commandOf(text []byte, recorded string) string {
	r, err := experiment.ParseRecord(record.ExperimentFile, text)
	if err != nil || r == nil || len(r.Command) == 0 {
		return recorded
	}
	return shell.Line(r.Command...)
}

// listFiles lists the folder's files but those of checkpoints, which have their
// own list, and hidden ones.
func (r *recordReport) listFiles(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		switch {
		case err != nil:
			return err
		case name == ".":
			return nil
		case d.IsDir() && (name == "checkpoints" || strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case !d.Type().IsRegular() || strings.HasPrefix(d.Name(), "."):
			return nil
		}
		info, err := d.Info()
		if os.IsNotExist(err) {
			return nil // the run goes on
		}
		if err == nil {
			r.Files = append(r.Files, fileEntry{filepath.ToSlash(name), info.Size()})
		}
		return err
	})
}

func (r *recordReport) text(p *page) {
	p.heading("%s: %s", visible(r.ID), r.Status)
	if r.Verdict != "" {
		p.wrap("", visible(capital(r.Verdict))+".")
	}
	if p.quiet {
		return
	}
	if r.Problem != "" {
		p.wrap("", visible(r.Problem))
	}
	p.line("folder  %s", visible(r.Dir))
	if !r.Created.IsZero() {
		p.line("created %s", r.Created.Format(time.RFC3339))
	}
	if len(r.Tags) > 0 {
		p.line("tags    %s", visible(strings.Join(r.Tags, " ")))
	}
	var results [][]string
	for _, name := range record.Metrics() {
		if text := metricText(&r.Summary, name); text != "" {
			results = append(results, []string{name, text})
		}
	}
	r.section(p, words("result"), words("value"), results)
	r.section(p, words("setting"), words("value"), settingRows(r.settings))
	r.section(p, words("recorded"), words("value"), settingRows(r.recorded))
	r.checkpoints(p)
	var files [][]string
	for _, f := range r.Files {
		files = append(files, []string{visible(f.Name), bytesText(f.Bytes)})
	}
	r.section(p, words("file"), numbers("size"), files)
	if r.Resume != "" || r.Repeat != "" {
		p.blank()
	}
	if r.Resume != "" {
		p.line("To go on:  %s", visible(r.Resume))
	}
	if r.Repeat != "" {
		p.line("To repeat: %s", visible(r.Repeat))
	}
}

// section writes a table of two columns, if there is something in it.
func (r *recordReport) section(p *page, left, right column, rows [][]string) {
	if len(rows) > 0 {
		p.blank()
		p.table([]column{left, right}, rows)
	}
}

func (r *recordReport) checkpoints(p *page) {
	if len(r.Checkpoints) == 0 {
		return
	}
	p.blank()
	var rows [][]string
	for _, c := range r.Checkpoints {
		rows = append(rows, []string{visible(c.Name), grouped(c.Step), grouped(int64(c.Epoch)), bytesText(c.Bytes), visible(c.Problem)})
	}
	p.table([]column{words("checkpoint"), numbers("step"), numbers("epoch"), numbers("size"), words("")}, rows)
}

func settingRows(list []record.Setting) [][]string {
	var rows [][]string
	for _, s := range list {
		rows = append(rows, []string{visible(s.Key), visible(s.Value)})
	}
	return rows
}
