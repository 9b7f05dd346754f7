package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"

	"github.com/descent-go/descent/internal/durable"
	"github.com/descent-go/descent/web/internal/jobs"
	"github.com/descent-go/descent/web/internal/tail"
)

// Attend is for a program that serves the page, and so may be a process that a
// server has started: it must be called before anything else, and leave with the
// exit code at the end. For another process both do nothing.
func Attend() (leave func(code int), err error) { return jobs.Attend() }

// JobFlags returns the names of the flags, beside the settings of experiments,
// that a kind of jobs ("train", "compare", "tune", "find-lr") may be given by the
// page, and whether it may be given these.
func JobFlags(kind string) (names []string, settings bool) {
	flags, settings := jobs.Flags(jobs.Kind(kind))
	for _, f := range flags {
		names = append(names, f.Name)
	}
	return names, settings
}

// A jobService keeps what takes longer than a request.
type jobService struct {
	*jobs.Manager
	files tail.Hub // the files that streams follow
}

func newJobService(o Options) (*jobService, error) {
	command := o.Command
	if len(command) == 0 {
		self, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("web: this program does not know its own file: %w", err)
		}
		command = []string{self}
	}
	m, err := jobs.Open(jobs.Options{
		Dir: filepath.Join(o.Runs, ".serve", "jobs"), Runs: o.Runs, Parallel: o.Jobs,
		Command: command, Program: o.Program, Own: o.Own, Note: o.Note, Clock: o.Clock,
	})
	if errors.Is(err, durable.ErrLocked) {
		return nil, fmt.Errorf("web: another server has the folder %s: %w", o.Runs, err)
	}
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	return &jobService{Manager: m}, nil
}

func (s *Server) jobRoutes() []route {
	change := func(do func(*jobs.Manager, string) (jobs.Job, error)) func(http.ResponseWriter, *http.Request) error {
		return func(w http.ResponseWriter, r *http.Request) error {
			j, err := do(s.jobs.Manager, r.PathValue("id"))
			if err != nil {
				return refuseJob(err)
			}
			return writeJSON(w, j)
		}
	}
	return []route{
		{pattern: "GET /api/jobs", handle: s.listJobs},
		{pattern: "POST /api/jobs", limit: limit{body: 2 << 20, work: true}, handle: s.startJob},
		{pattern: "GET /api/jobs/kinds", handle: s.jobKinds},
		{pattern: "GET /api/jobs/{id}", handle: change((*jobs.Manager).Get)},
		{pattern: "DELETE /api/jobs/{id}", handle: s.removeJob},
		{pattern: "POST /api/jobs/{id}/stop", handle: change((*jobs.Manager).Stop)},
		{pattern: "POST /api/jobs/{id}/pause", handle: change((*jobs.Manager).Pause)},
		{pattern: "POST /api/jobs/{id}/resume", handle: change((*jobs.Manager).Resume)},
		{pattern: "GET /api/jobs/{id}/events", limit: limit{stream: true}, handle: s.jobEvents},
		{pattern: "GET /api/jobs/{id}/result", handle: s.jobResult},
		{pattern: "GET /api/jobs/{id}/log", handle: s.jobLog},
		{pattern: "GET /api/jobs/{id}/files", handle: s.jobFiles},
		{pattern: "GET /api/jobs/{id}/files/{name...}", handle: s.jobFile},
	}
}

// refuseJob tells the client what is wrong with a request for a job.
func refuseJob(err error) error {
	var bad *jobs.Error
	switch {
	case errors.As(err, &bad):
		return refuseAt(http.StatusBadRequest, bad.Field, bad.Column, "%v", bad)
	case errors.Is(err, jobs.ErrNoJob):
		return refuse(http.StatusNotFound, "", "%v", err)
	case errors.Is(err, jobs.ErrState):
		return refuse(http.StatusConflict, "", "%v", err)
	case errors.Is(err, jobs.ErrMany):
		return refuse(http.StatusTooManyRequests, "", "%v", err)
	}
	return err
}

func (s *Server) job(r *http.Request) (*jobs.Job, error) {
	j, err := s.jobs.Get(r.PathValue("id"))
	if err != nil {
		return nil, refuseJob(err)
	}
	return &j, nil
}

// jobList is what GET /api/jobs answers: the newest first.
type jobList struct {
	Jobs []jobs.Job `json:"jobs"`
}

func (s *Server) listJobs(w http.ResponseWriter, r *http.Request) error {
	return writeJSON(w, jobList{s.jobs.List(jobs.Kind(r.URL.Query().Get("kind")))})
}

// jobKind is what GET /api/jobs/kinds tells of each kind: what it may be given.
type jobKind struct {
	Kind     jobs.Kind   `json:"kind"`
	Flags    []jobs.Flag `json:"flags"`
	Settings bool        `json:"settings"` // those of experiments too
}

func (s *Server) jobKinds(w http.ResponseWriter, _ *http.Request) error {
	var all struct {
		Kinds []jobKind `json:"kinds"`
	}
	for _, kind := range jobs.Kinds() {
		flags, settings := jobs.Flags(kind)
		all.Kinds = append(all.Kinds, jobKind{kind, flags, settings})
	}
	return writeJSON(w, all)
}

func (s *Server) startJob(w http.ResponseWriter, r *http.Request) error {
	request, err := readJSON[jobs.Request](r)
	if err != nil {
		return err
	}
	j, err := s.jobs.Start(request)
	if err != nil {
		return refuseJob(err)
	}
	return writeJSON(w, j)
}

func (s *Server) removeJob(w http.ResponseWriter, r *http.Request) error {
	if err := s.jobs.Remove(r.PathValue("id")); err != nil {
		return refuseJob(err)
	}
	return writeJSON(w, struct{}{})
}

// jobEvents streams what happens: "line" for every line of the job's events, with
// its place as id; "rewind" when those were cut back, with the place as id behind
// which all lines are void, 0 for the beginning; "job" when its state has changed; "end" when nothing comes any more.
// The stream of a paused job goes on.
func (s *Server) jobEvents(w http.ResponseWriter, r *http.Request) error {
	j, err := s.job(r)
	if err != nil {
		return err
	}
	from, err := tail.From(r)
	if err != nil {
		return refuse(http.StatusBadRequest, "from", "%v", err)
	}
	cursor := s.jobs.files.Open(s.jobs.Events(j), from)
	defer cursor.Close()
	stream, err := tail.NewStream(w, 0)
	if err != nil {
		return err
	}
	var last string
	err = stream.Follow(r.Context(), tail.Feed{
		Cursor:  cursor,
		Changed: func() <-chan struct{} { return s.jobs.Changed(j.ID) },
		Ended: func() bool {
			now, err := s.jobs.Get(j.ID)
			return err != nil || now.State != jobs.Queued && now.State != jobs.Running && now.State != jobs.Paused
		},
		State: func(stream *tail.Stream) error {
			now, err := s.jobs.Get(j.ID)
			if err != nil {
				return nil // it was removed, and the stream ends
			}
			text, err := json.Marshal(now)
			if err == nil && string(text) != last {
				last = string(text)
				stream.Event("job", "", text)
			}
			return err
		},
	})
	if err != nil {
		return err
	}
	stream.Event("end", "", nil)
	return stream.Flush()
}

func (s *Server) jobLog(w http.ResponseWriter, r *http.Request) error {
	j, err := s.job(r)
	if err != nil {
		return err
	}
	text, err := s.jobs.Log(j)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, err = w.Write(text)
	return err
}

// jobResult answers with the report of the command: what it writes with --json.
func (s *Server) jobResult(w http.ResponseWriter, r *http.Request) error {
	j, err := s.job(r)
	if err != nil {
		return err
	}
	return s.sendJobFile(w, r, j, j.Result())
}

func (s *Server) jobFiles(w http.ResponseWriter, r *http.Request) error {
	j, err := s.job(r)
	if err != nil {
		return err
	}
	answer := struct {
		Files []file `json:"files"`
	}{[]file{}}
	dir, err := os.OpenRoot(s.jobs.Files(j))
	if err == nil {
		defer dir.Close()
		answer.Files, err = listFiles(dir)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return writeJSON(w, answer)
}

func (s *Server) jobFile(w http.ResponseWriter, r *http.Request) error {
	j, err := s.job(r)
	if err != nil {
		return err
	}
	return s.sendJobFile(w, r, j, r.PathValue("name"))
}

func (s *Server) sendJobFile(w http.ResponseWriter, r *http.Request, j *jobs.Job, name string) error {
	dir, err := os.OpenRoot(s.jobs.Files(j))
	if err != nil {
		return noFile(name)
	}
	defer dir.Close()
	return sendFile(w, r, dir, name)
}
