package web

import (
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/report"
)

// A PlaneMeta is a map of a report as the page draws it.
type PlaneMeta struct {
	X     PlaneAxisMeta `json:"x"`
	Y     PlaneAxisMeta `json:"y"`
	Value string        `json:"value"` // what the heights are
	// Relief has its values with all digits.
	Relief *ReliefMeta         `json:"relief"`
	Paths  []report.PlanePath  `json:"paths"`
	Tries  []report.PlaneTry   `json:"tries"`
	Minima []PointMeta         `json:"minima"`
	Bands  map[string][]string `json:"colours"` // of each theme, from the lowest to the highest
}

// PlaneAxisMeta is an axis with the places of the grid on it.
type PlaneAxisMeta struct {
	report.PlaneAxis
	At coarse `json:"at"`
}

// PointMeta is a point of a plane.
type PointMeta struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// labFigure answers with a figure of a job's report that is more than the report
// holds: FILE.json is a map as numbers, FILE.gif an animation.
func (s *Server) labFigure(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	kind := path.Ext(name)
	answer, err := s.readReport(r)
	if err != nil {
		return err
	}
	figures := answer.Report.Figures()
	i := slices.IndexFunc(figures, func(f *report.Figure) bool {
		return f.File == strings.TrimSuffix(name, kind) && (kind == ".json" && f.Plane != nil || kind == ".gif" && f.Animation != nil)
	})
	if i < 0 {
		return refuse(http.StatusNotFound, "", "the report has no %.200q, want FILE.json of a map or FILE.gif of what is animated", name)
	}
	if kind == ".json" {
		p, err := figures[i].Plane()
		if err != nil {
			return err
		}
		return writeJSON(w, planeMeta(p))
	}
	gif, err := figures[i].GIF()
	if err != nil {
		return err
	}
	describe(w.Header(), r, name)
	_, err = w.Write(gif)
	return err
}

func planeMeta(p *report.Plane) *PlaneMeta {
	axis := func(a report.PlaneAxis, at []float64) PlaneAxisMeta { return PlaneAxisMeta{a, coarse{at, 'g', -1, 64}} }
	m := &PlaneMeta{
		X: axis(p.X, p.Relief.X), Y: axis(p.Y, p.Relief.Y), Value: p.Value, Relief: reliefMeta(p.Relief),
		Paths: append([]report.PlanePath{}, p.Paths...), Tries: append([]report.PlaneTry{}, p.Tries...), Minima: []PointMeta{},
		Bands: map[string][]string{},
	}
	m.Relief.Values.bits = 64
	for _, q := range p.Minima {
		m.Minima = append(m.Minima, PointMeta(q))
	}
	for _, t := range []figure.Theme{figure.Light, figure.Dark} {
		m.Bands[t.String()] = hexes(t.Colours(figure.Bands, false))
	}
	return m
}
