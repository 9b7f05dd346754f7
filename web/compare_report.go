package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/descent-go/descent/internal/shell"
	"github.com/descent-go/descent/lab"
	"github.com/descent-go/descent/report"
	"github.com/descent-go/descent/web/internal/jobs"
)

// mostReport is the size of a result that is read for the page.
const mostReport = 256 << 20

func (s *Server) compareRoutes() []route {
	return []route{
		{pattern: "POST /api/jobs/plan", limit: limit{body: 2 << 20}, handle: s.planJob},
		{pattern: "GET /api/jobs/{id}/report", limit: limit{work: true, time: 30 * time.Second}, handle: s.labReport},
		{pattern: "GET /api/jobs/{id}/figures/{name}", limit: limit{work: true, time: 30 * time.Second}, handle: s.labFigure},
	}
}

// A LabReport is what came of a comparison or a search for settings: the report that
// the command has written as a page, with the same texts in every cell. Figures of
// lines come with their numbers; those of a search are for its events to tell.
type LabReport struct {
	Report *report.Document `json:"report"`
	// Of a search: the experiment with the chosen settings, which is "" when everything
	// diverged; how much each dimension matters, where that can be told.
	BestExperiment string          `json:"best_experiment,omitempty"`
	Importance     *lab.Importance `json:"importance,omitempty"`
}

// labReport answers with the report of a job that is done.
func (s *Server) labReport(w http.ResponseWriter, r *http.Request) error {
	answer, err := s.readReport(r)
	if err != nil {
		return err
	}
	return writeJSON(w, answer)
}

// readReport makes the report of the job that a request names. Its figures are drawn
// again from the job's result.
func (s *Server) readReport(r *http.Request) (*LabReport, error) {
	j, err := s.job(r)
	if err != nil {
		return nil, err
	}
	if j.Kind != jobs.Compare && j.Kind != jobs.Tune {
		return nil, refuse(http.StatusNotFound, "", "a job %s has no report, want one of %s or %s", j.Kind, jobs.Compare, jobs.Tune)
	}
	text, err := s.readResult(j)
	if err != nil {
		return nil, err
	}
	var answer LabReport
	result := filepath.Join(s.jobs.Files(j), j.Result())
	again := report.Repeat{Command: j.Command, Redraw: func(file string) string {
		return shell.Line(s.Program, "redraw", result, file)
	}}
	switch j.Kind {
	case jobs.Compare:
		var c lab.Comparison
		if err = json.Unmarshal(text, &c); err == nil {
			answer.Report, err = report.Comparison(&c, again)
		}
	default:
		var t lab.Tuning
		if err = json.Unmarshal(text, &t); err == nil {
			answer.BestExperiment, answer.Importance = t.BestExperiment, t.Importance
			answer.Report, err = report.Tuning(&t, again)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s of job %s: %w", j.Result(), j.ID, err)
	}
	return &answer, nil
}

// readResult reads the report of a job's command.
func (s *Server) readResult(j *jobs.Job) ([]byte, error) {
	none := refuse(http.StatusNotFound, "", "job %s has no result yet", j.ID)
	root, err := os.OpenRoot(s.jobs.Files(j))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, none
	}
	if err != nil {
		return nil, err
	}
	defer root.Close()
	f, err := root.Open(j.Result())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, none
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, mostReport+1))
	if err == nil && len(text) > mostReport {
		return nil, refuse(http.StatusRequestEntityTooLarge, "", "the result of job %s is larger than %d MiB, the most that the page shows: see its report.html", j.ID, mostReport>>20)
	}
	return text, err
}
