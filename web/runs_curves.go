package web

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/descent-go/descent/record"
	"github.com/descent-go/descent/train"
	"github.com/descent-go/descent/web/internal/curves"
)

const (
	mostWidth   = 4096 // columns of a picture
	usualWidth  = 800
	mostMetrics = 64
	// mostDrawn bounds runs × metrics × columns: what the answer has points for.
	mostDrawn = 4 << 20
)

// runsDrawn answers GET /api/runs/{id}/curves and, for several runs,
// GET /api/runs/curves?id=a&id=b. Parameters: metric (as often as there are names;
// without it there are no curves, but their names), x (step, epoch, examples or
// seconds), width (columns of the picture), smooth (decay of the average, in
// [0, 1)), low and high (the part of the axis that is seen), logx, and group (a
// field whose equal values make one band; "all" makes one of all runs).
type runsDrawn struct {
	X      curves.Axis `json:"x"`
	Runs   []runDrawn  `json:"runs"`
	Groups []runGroup  `json:"groups,omitempty"`
}

// A runDrawn is a run's curves.
type runDrawn struct {
	ID       string         `json:"id"`
	Place    string         `json:"place"` // how far the log was read: from there a live stream goes on
	Status   record.Status  `json:"status"`
	Names    []string       `json:"names"` // of the curves that it has
	Epochs   bool           `json:"epochs"`
	Planned  int64          `json:"planned"` // steps at most, 0 when unknown
	Steps    int64          `json:"steps"`
	Seconds  float64        `json:"seconds"`
	Skipped  int            `json:"skipped"` // steps
	Clipped  int64          `json:"clipped"` // steps
	Problem  string         `json:"problem,omitempty"`
	Curves   []curves.Curve `json:"curves"`
	Marks    []curves.Mark  `json:"marks"`
	Finished bool           `json:"finished"` // its log has an end
}

// A runGroup is what runs of a group have in common.
type runGroup struct {
	Name  string        `json:"name"`
	Runs  []string      `json:"runs"`
	Bands []curves.Band `json:"bands"`
}

// askOf reads of which runs what is to be drawn.
func askOf(r *http.Request) (ids []string, ask curves.Ask, err error) {
	if ids, err = idsOf(r); err == nil {
		ask, err = curvesOf(r)
	}
	return ids, ask, err
}

// curvesOf reads what to draw of a run.
func curvesOf(r *http.Request) (curves.Ask, error) {
	form := r.URL.Query()
	ask := curves.Ask{Axis: curves.Step, Width: usualWidth}
	if x := form.Get("x"); x != "" {
		ask.Axis = curves.Axis(x)
	}
	if !slices.Contains(curves.Axes(), ask.Axis) {
		return ask, refuse(http.StatusBadRequest, "x", "%.40q, want step, epoch, examples or seconds", string(ask.Axis))
	}
	number := func(name string, v *float64, low, high float64) error {
		text := form.Get(name)
		if text == "" {
			return nil
		}
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || !(n >= low && n <= high) {
			return refuse(http.StatusBadRequest, name, "%.40q, want a number from %g to %g", text, low, high)
		}
		*v = n
		return nil
	}
	width := float64(ask.Width)
	const far = 1e300
	for _, err := range []error{
		number("width", &width, 1, mostWidth), number("smooth", &ask.Smooth, 0, 0.9999),
		number("low", &ask.Window.From, -far, far), number("high", &ask.Window.To, -far, far),
	} {
		if err != nil {
			return ask, err
		}
	}
	ask.Width, ask.Window.Log = int(width), form.Get("logx") == "1"
	if ask.Metrics = different(form["metric"]); len(ask.Metrics) > mostMetrics {
		return ask, refuse(http.StatusBadRequest, "metric", "%d curves of a run, want at most %d", len(ask.Metrics), mostMetrics)
	}
	return ask, nil
}

func (s *Server) drawRuns(w http.ResponseWriter, r *http.Request) error {
	ids, ask, err := askOf(r)
	if err != nil {
		return err
	}
	if n := len(ids) * len(ask.Metrics); n > 0 {
		ask.Width = min(ask.Width, max(100, mostDrawn/n))
	}
	answer := runsDrawn{X: ask.Axis, Runs: []runDrawn{}}
	var logs []*runLog
	defer func() {
		for _, l := range logs {
			s.runs.release(l)
		}
	}()
	for _, id := range ids {
		l, err := s.runs.log(r.Context(), id)
		if err != nil {
			return err
		}
		logs = append(logs, l)
		answer.Runs = append(answer.Runs, l.draw(ask))
		if err := r.Context().Err(); err != nil {
			return err
		}
	}
	if field := r.URL.Query().Get("group"); field != "" {
		answer.Groups = grouped(logs, field, ask)
	}
	return writeJSON(w, answer)
}

// draw draws the curves of a run.
func (l *runLog) draw(ask curves.Ask) (d runDrawn) {
	d = runDrawn{ID: l.run.ID, Status: l.status()}
	l.read(func(c *record.Columns) {
		d.Place, d.Names, d.Planned, d.Problem = c.Place(), c.Names(), c.Planned, c.Problem
		d.Epochs, d.Skipped, d.Clipped, d.Finished = c.PerEpoch > 0, int(c.Skips), c.Clipped, c.Finished
		if steps := c.Steps(); steps.Len() > 0 {
			d.Steps, d.Seconds = steps.Step[steps.Len()-1], steps.Seconds[steps.Len()-1]
		}
		d.Curves, d.Marks = curves.Draw(c, ask), curves.Marks(c, ask.Axis)
	})
	if d.Names == nil {
		d.Names = []string{}
	}
	return d
}

// grouped draws what runs have in common that have the same value of a field.
func grouped(logs []*runLog, field string, ask curves.Ask) []runGroup {
	groups := []runGroup{}
	members := map[string][]*runLog{}
	for _, l := range logs {
		name := "all"
		if field != "all" {
			summary := l.run.Summary()
			value, ok := summary.Field(field)
			if !ok {
				value = "none"
			}
			name = field + " " + value
		}
		if members[name] == nil {
			groups = append(groups, runGroup{Name: name})
		}
		members[name] = append(members[name], l)
	}
	for i := range groups {
		g := &groups[i]
		for _, l := range members[g.Name] {
			g.Runs = append(g.Runs, l.run.ID)
		}
		readAll(members[g.Name], func(all []*record.Columns) { g.Bands = curves.Group(all, ask) })
	}
	return groups
}

// A runDiagnosis answers GET /api/runs/{id}/diagnosis: the last look at each
// parameter. Curves of the same numbers are named value/P, grad/P, update/P and
// ratio/P for a parameter P.
type runDiagnosis struct {
	ID     string         `json:"id"`
	Step   int64          `json:"step"` // of the last diagnosis, 0 for none
	Cosine *train.Real    `json:"cosine"`
	Alpha  *train.Real    `json:"alpha"`
	Along  *train.Real    `json:"along"`
	Sharp  *train.Real    `json:"sharpness"`
	Edge   *train.Real    `json:"edge"`
	Params []runParameter `json:"params"`
	Count  int            `json:"count"` // of diagnoses
}

type runParameter struct {
	Name   string      `json:"name"`
	Value  *train.Real `json:"value"`
	Grad   *train.Real `json:"grad"`
	Update *train.Real `json:"update"`
	Ratio  *train.Real `json:"ratio"`
}

func (s *Server) diagnoseRun(w http.ResponseWriter, r *http.Request) error {
	l, err := s.runs.log(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	defer s.runs.release(l)
	d := runDiagnosis{ID: l.run.ID, Params: []runParameter{}}
	l.read(func(c *record.Columns) {
		last := func(name string) *train.Real {
			rows, column, ok := c.Column(name)
			if !ok {
				return nil
			}
			if n := rows.Len(); rows.Step[n-1] >= d.Step {
				d.Step, d.Count = rows.Step[n-1], n
			}
			v := train.Real(column[len(column)-1])
			if record.Absent(column[len(column)-1]) {
				return nil
			}
			return &v
		}
		d.Cosine, d.Alpha, d.Along, d.Sharp, d.Edge = last("cosine"), last("alpha"), last("along"), last("sharpness"), last("edge")
		for _, name := range c.Params() {
			d.Params = append(d.Params, runParameter{name, last("value/" + name), last("grad/" + name), last("update/" + name), last("ratio/" + name)})
		}
	})
	return writeJSON(w, d)
}
