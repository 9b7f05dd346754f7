package web

import (
	"encoding/json"
	"errors"
	"hash/fnv"
	"io/fs"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/descent-go/descent/internal/durable"
	"github.com/descent-go/descent/record"
	"github.com/descent-go/descent/train"
)

func (s *Server) runsRoutes() []route {
	return []route{
		{pattern: "GET /api/runs", limit: limit{work: true}, handle: s.listRuns},
		{pattern: "GET /api/runs/compare", limit: limit{work: true}, handle: s.compareRuns},
		{pattern: "GET /api/runs/curves", limit: limit{work: true, time: time.Minute}, handle: s.drawRuns},
		{pattern: "GET /api/runs/sparks", limit: limit{work: true}, handle: s.sparkRuns},
		{pattern: "GET /api/runs/live", limit: limit{stream: true}, handle: s.followRuns},
		{pattern: "GET /api/runs/{id}", limit: limit{work: true}, handle: s.showRun},
		{pattern: "GET /api/runs/{id}/curves", limit: limit{work: true, time: time.Minute}, handle: s.drawRuns},
		{pattern: "GET /api/runs/{id}/live", limit: limit{stream: true}, handle: s.followRuns},
		{pattern: "GET /api/runs/{id}/diagnosis", limit: limit{work: true, time: time.Minute}, handle: s.diagnoseRun},
		{pattern: "GET /api/runs/{id}/files/{name...}", limit: limit{time: 2 * time.Minute}, handle: s.runFile},
		{pattern: "POST /api/runs/{id}/tags", handle: s.tagRun},
		{pattern: "DELETE /api/runs/{id}", limit: limit{time: time.Minute}, handle: s.deleteRun},
	}
}

// A runList answers GET /api/runs. The query is that of descent runs: where,
// tag and status, each any number of times, sort and limit; columns are the
// fields to show, and seen the answer that the page has.
type runList struct {
	Seen      string   `json:"seen"`
	Unchanged bool     `json:"unchanged,omitempty"` // the answer is the one that was seen
	Columns   []string `json:"columns"`
	Runs      []runRow `json:"runs"`
	Total     int      `json:"total"`  // runs that there are
	Fields    []string `json:"fields"` // that conditions and sorting may name
	Tags      []string `json:"tags"`   // that some run has
	Varied    []string `json:"varied"` // settings whose values differ among the runs listed
	Root      string   `json:"root"`
}

// A runRow is a run in a list.
type runRow struct {
	ID      string        `json:"id"`
	Name    string        `json:"name,omitempty"`
	Created *time.Time    `json:"created,omitempty"`
	Status  record.Status `json:"status"`
	Verdict string        `json:"verdict,omitempty"`
	Problem string        `json:"problem,omitempty"`
	Tags    []string      `json:"tags"`
	Cells   []any         `json:"cells"` // as columns: a number, a text, or null
}

// mostColumnsShown is how many columns a list may have.
const mostColumnsShown = 64

func (s *Server) listRuns(w http.ResponseWriter, r *http.Request) error {
	form := r.URL.Query()
	q := record.Query{Tags: form["tag"], Sort: form.Get("sort")}
	for _, text := range form["where"] {
		c, err := record.ParseCondition(text)
		if err != nil {
			return refuse(http.StatusBadRequest, "where", "%s", plain(err))
		}
		q.Where = append(q.Where, c)
	}
	for _, status := range form["status"] {
		q.Statuses = append(q.Statuses, record.Status(status))
	}
	if text := form.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return refuse(http.StatusBadRequest, "limit", "%.40q, want a whole number of at least 0", text)
		}
		q.Limit = n
	}
	if err := q.Check(); err != nil {
		return refuse(http.StatusBadRequest, "status", "%s", plain(err))
	}
	columns := form["column"]
	if len(columns) > mostColumnsShown {
		return refuse(http.StatusBadRequest, "column", "%d columns, want at most %d", len(columns), mostColumnsShown)
	}
	all, err := s.runs.list(record.Query{})
	if err != nil {
		return err
	}
	list := runList{Columns: slices.Clone(columns), Runs: []runRow{}, Total: len(all), Root: s.Runs}
	if list.Columns == nil {
		list.Columns = []string{}
	}
	list.Fields, list.Tags = fieldsOf(all)
	found, err := q.Filter(all)
	if bad, ok := errors.AsType[*record.FieldError](err); ok {
		field := "sort"
		for _, c := range q.Where {
			if c.Field == bad.Field {
				field = "where"
			}
		}
		return refuse(http.StatusBadRequest, field, "no run has a field %.100q", bad.Field)
	}
	if err != nil {
		return err
	}
	list.Varied = varied(found)
	sum := fnv.New64a()
	for i := range found {
		row := rowOf(&found[i], columns)
		list.Runs = append(list.Runs, row)
	}
	text, err := json.Marshal(list)
	if err != nil {
		return err
	}
	_, _ = sum.Write(text) // never fails
	if list.Seen = strconv.FormatUint(sum.Sum64(), 36); list.Seen == form.Get("seen") {
		return writeJSON(w, map[string]any{"seen": list.Seen, "unchanged": true})
	}
	return writeJSON(w, list)
}

// rowOf returns a run with the cells of some columns.
func rowOf(run *record.Summary, columns []string) runRow {
	row := runRow{
		ID: run.ID, Name: run.Name, Status: run.Status, Verdict: run.Verdict, Problem: run.Problem, Tags: run.Tags,
		Cells: make([]any, len(columns)),
	}
	if row.Tags == nil {
		row.Tags = []string{}
	}
	if !run.Created.IsZero() {
		row.Created = &run.Created
	}
	for i, name := range columns {
		if v, ok := run.Metrics[name]; ok {
			row.Cells[i] = train.Real(v)
		} else if text, ok := run.Field(name); ok {
			row.Cells[i] = text
		}
	}
	return row
}

// fieldsOf returns the fields that conditions may name, and all tags.
func fieldsOf(all []record.Summary) (fields, tags []string) {
	settings, tagged := map[string]bool{}, map[string]bool{}
	metrics := map[string]bool{}
	for i := range all {
		for key := range all[i].Settings {
			settings[key] = true
		}
		for key := range all[i].Metrics {
			metrics[key] = true
		}
		for _, tag := range all[i].Tags {
			tagged[tag] = true
		}
	}
	fields = []string{"id", "status", "created"}
	for _, m := range record.Metrics() {
		if metrics[m] {
			fields = append(fields, m)
		}
	}
	return append(fields, sortedKeys(settings)...), sortedKeys(tagged)
}

func sortedKeys(set map[string]bool) []string {
	list := make([]string, 0, len(set))
	for key := range set {
		list = append(list, key)
	}
	slices.Sort(list)
	return list
}

// varied returns the settings that differ among runs: those to group by.
func varied(all []record.Summary) []string {
	first, differs := map[string]string{}, map[string]bool{}
	for i := range all {
		for key, value := range all[i].Settings {
			if was, ok := first[key]; !ok {
				if first[key] = value; i > 0 {
					differs[key] = true
				}
			} else if was != value {
				differs[key] = true
			}
		}
		for key := range first {
			if _, ok := all[i].Settings[key]; !ok {
				differs[key] = true
			}
		}
	}
	return sortedKeys(differs)
}

// compareRuns answers with the settings in which runs differ, and their results.
func (s *Server) compareRuns(w http.ResponseWriter, r *http.Request) error {
	ids, err := idsOf(r)
	if err != nil {
		return err
	}
	var runs []*record.Run
	for _, id := range ids {
		run, err := s.runs.open(id)
		if err != nil {
			return err
		}
		runs = append(runs, run)
	}
	settings, metrics := record.Differences(runs...)
	return writeJSON(w, struct {
		IDs      []string            `json:"ids"`
		Settings []record.Difference `json:"settings"` // those that differ
		Metrics  []record.Difference `json:"metrics"`
	}{ids, settings, metrics})
}

// mostRuns is how many runs may be drawn or compared at a time.
const mostRuns = 50

// idsOf returns the runs that a request is about.
func idsOf(r *http.Request) ([]string, error) {
	if id := r.PathValue("id"); id != "" {
		return []string{id}, nil
	}
	ids := different(r.URL.Query()["id"])
	switch {
	case len(ids) == 0:
		return nil, refuse(http.StatusBadRequest, "id", "there is no run, want IDs")
	case len(ids) > mostRuns:
		return nil, refuse(http.StatusBadRequest, "id", "%d runs, want at most %d at a time", len(ids), mostRuns)
	}
	return ids, nil
}

// different returns the texts that are not empty, each once.
func different(texts []string) (out []string) {
	for _, text := range texts {
		if text != "" && !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

// mostTags is how many tags a run may be given.
const mostTags = 200

// tagRun adds and removes tags.
func (s *Server) tagRun(w http.ResponseWriter, r *http.Request) error {
	change, err := readJSON[struct {
		Add    []string `json:"add"`
		Remove []string `json:"remove"`
	}](r)
	if err != nil {
		return err
	}
	run, err := s.runs.open(r.PathValue("id"))
	if err != nil {
		return err
	}
	if len(change.Add)+len(change.Remove) > 100 {
		return refuse(http.StatusBadRequest, "add", "%d tags, want at most 100 at a time", len(change.Add)+len(change.Remove))
	}
	had, err := run.Tags()
	if err != nil {
		return err
	}
	would := slices.DeleteFunc(different(slices.Concat(had, change.Add)), func(tag string) bool { return slices.Contains(change.Remove, tag) })
	if n := len(would); len(change.Add) > 0 && n > mostTags {
		return refuse(http.StatusBadRequest, "add", "the run would have %d tags, want at most %d", n, mostTags)
	}
	tags, err := run.Tag(change.Add, change.Remove)
	if err != nil {
		if len(change.Add) > 0 && slices.ContainsFunc(change.Add, func(tag string) bool { return !slices.Contains(had, tag) }) {
			return refuse(http.StatusBadRequest, "add", "%s", plain(err))
		}
		return err
	}
	return writeJSON(w, struct {
		ID   string   `json:"id"`
		Tags []string `json:"tags"`
	}{run.ID, tags})
}

// deleteRun removes a run that is not running.
func (s *Server) deleteRun(w http.ResponseWriter, r *http.Request) error {
	run, err := s.runs.open(r.PathValue("id"))
	if err != nil {
		return err
	}
	switch err := record.Delete(run.Dir); {
	case errors.Is(err, durable.ErrLocked):
		return refuse(http.StatusConflict, "id", "run %s is running: stop it first", run.ID)
	case errors.Is(err, fs.ErrNotExist):
		return refuse(http.StatusNotFound, "id", "there is no run %.100q", run.ID)
	case err != nil:
		return err
	}
	s.runs.forget(run.ID)
	return writeJSON(w, map[string]string{"deleted": run.ID})
}

// plain returns an error's text without the name of the package.
func plain(err error) string {
	text := err.Error()
	for _, room := range []string{"record: ", "experiment: ", "train: "} {
		text = strings.TrimPrefix(text, room)
	}
	return text
}
