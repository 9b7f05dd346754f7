package web

import (
	"net/http"

	"github.com/descent-go/descent/internal/shell"
	"github.com/descent-go/descent/lab"
	"github.com/descent-go/descent/train"
)

// A PathsQuery asks for the paths of rules.
type PathsQuery struct {
	Conditions
	Optimizers []Explorer `json:"optimizers"`
	// Detail asks for gradients, momenta, α, rates and distances along the paths.
	Detail bool `json:"detail"`
	Points int  `json:"points"` // of a path at most; 0: 5000, which is also the most
}

// Paths answers a PathsQuery.
type Paths struct {
	Start [2]float64 `json:"start"`
	Steps int64      `json:"steps"`
	Paths []PathMeta `json:"paths"`
	// Command does the same on the command line.
	Command string `json:"command"`
	Detail  bool   `json:"detail"`
}

// PathMeta is the path of a rule. Columns have a number for each of Step; those
// of a path with more points than asked for leave out some, but never the start
// and the end.
type PathMeta struct {
	Optimizer string  `json:"optimizer"` // without the rate
	Label     string  `json:"label"`     // with it, as --optimizer takes it
	LR        float64 `json:"lr"`
	Schedule  string  `json:"schedule,omitempty"` // of its own
	Step      []int64 `json:"step"`
	Stride    int64   `json:"stride"` // of the steps that are there
	X         column  `json:"x"`
	Y         column  `json:"y"`
	F         column  `json:"f"`

	Rate      column `json:"rate,omitempty"` // of the update that led there; NaN at the start
	GradX     column `json:"gradient_x,omitempty"`
	GradY     column `json:"gradient_y,omitempty"`
	GradNorm  column `json:"gradient_norm,omitempty"`
	Distance  column `json:"distance,omitempty"` // to the nearest known minimum
	MomentumX column `json:"momentum_x,omitempty"`
	MomentumY column `json:"momentum_y,omitempty"`
	Alpha     column `json:"alpha,omitempty"` // see train.Diagnosis; NaN at the start

	FinalLoss   train.Real         `json:"final_loss"`
	Taken       int64              `json:"taken"` // updates applied
	Verdict     string             `json:"verdict"`
	Why         string             `json:"why"`
	Reason      train.Reason       `json:"reason"`
	End         column             `json:"end"`            // null where it is not finite
	EndGradNorm train.Real         `json:"end_gradient"`   // norm
	Eigenvalues column             `json:"eigenvalues"`    // of the Hessian at the end
	EndDistance *train.Real        `json:"end_distance"`   // to the nearest known minimum; null when none is known
	Arrived     *int64             `json:"arrived"`        // step from which on it is within Near of one; null: it ended elsewhere
	Failed      bool               `json:"failed"`         // it diverged; one that follows a function without a lower bound did not
	Diverged    *train.Diverged    `json:"diverged"`       // null if it did not
	Oscillating *train.Oscillating `json:"oscillating"`    // null if it did not
	Milestones  []MilestoneMeta    `json:"milestones"`     // the rows of descent run's table
	Near        float64            `json:"near,omitempty"` // see lab.Near
}

// MilestoneMeta is a row of descent run's table.
type MilestoneMeta struct {
	Step     int64      `json:"step"`
	Point    column     `json:"point"`
	F        train.Real `json:"f"`
	GradNorm train.Real `json:"gradient_norm"`
}

func (s *Server) explorePaths(w http.ResponseWriter, r *http.Request) error {
	q, err := readJSON[PathsQuery](r)
	if err != nil {
		return err
	}
	d, err := q.descent()
	if err != nil {
		return err
	}
	rules, err := paces(d, q.Optimizers)
	if err != nil {
		return err
	}
	if q.Points == 0 {
		q.Points = mostPathPoints
	}
	if q.Points < 2 || q.Points > mostPathPoints {
		return refuse(http.StatusUnprocessableEntity, "points", "points = %d, want 2 to %d", q.Points, mostPathPoints)
	}
	out := &Paths{Start: [2]float64(d.From), Steps: d.Steps, Paths: []PathMeta{}, Command: s.runCommand(&q.Conditions, rules), Detail: q.Detail}
	for _, p := range rules {
		t, err := d.Run(r.Context(), p, lab.Keeping{Points: q.Points, Detail: q.Detail})
		if err == nil {
			err = r.Context().Err()
		}
		if err != nil {
			return err
		}
		m, err := pathMeta(d, t, q.Detail)
		if err != nil {
			return err
		}
		out.Paths = append(out.Paths, *m)
	}
	return writeJSON(w, out)
}

// runCommand is the command that draws what the page shows.
func (s *Server) runCommand(c *Conditions, rules []lab.Pace) string {
	args := append([]string{s.Program, "run"}, c.arguments("--function")...)
	for _, p := range rules {
		args = append(args, "--optimizer", ruleText(p))
	}
	return shell.Line(args...)
}

func pathMeta(d *lab.Descent, t *lab.Track, detail bool) (*PathMeta, error) {
	l, err := d.Judge(t.Result)
	if err != nil {
		return nil, err
	}
	res := t.Result
	m := &PathMeta{
		Optimizer: t.Spec, Label: ruleText(t.Pace), LR: t.Rate, Schedule: t.Pace.Schedule,
		Step: t.Steps, Stride: t.Stride, X: t.X, Y: t.Y, F: t.Values,
		FinalLoss: train.Real(res.FinalLoss), Taken: res.Steps, Verdict: l.Verdict, Why: l.Why, Reason: res.Reason,
		End: res.Point, EndGradNorm: train.Real(l.Point.GradNorm), Eigenvalues: l.Point.Eigenvalues,
		Failed: lab.HasDiverged(res), Diverged: res.Diverged, Oscillating: res.Oscillating, Near: lab.Near,
	}
	if l.Nearest != nil {
		distance := train.Real(l.Distance)
		m.EndDistance = &distance
	}
	if t.Arrived >= 0 && res.Diverged == nil {
		m.Arrived = &t.Arrived
	}
	for _, k := range t.Milestones {
		m.Milestones = append(m.Milestones, MilestoneMeta{k.Step, k.Point, train.Real(k.Value), train.Real(k.GradNorm)})
	}
	if !detail {
		return m, nil
	}
	m.Rate, m.GradX, m.GradY, m.GradNorm = t.Rates, t.GradX, t.GradY, t.GradNorms
	m.MomentumX, m.MomentumY, m.Alpha = t.MomentumX, t.MomentumY, t.Alpha
	if minima := d.Plane.Minima; len(minima) > 0 {
		m.Distance = make(column, len(t.X))
		for i := range t.X {
			_, m.Distance[i] = lab.Nearest(minima, t.X[i], t.Y[i])
		}
	}
	return m, nil
}
