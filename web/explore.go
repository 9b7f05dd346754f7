package web

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/lab"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/train"
)

// The bounds of what the Explorer computes in a request.
const (
	mostExplored   = 24      // rules at a time
	mostSteps      = 100_000 // of a path
	mostPathPoints = 5000    // that are sent of a path
	mostGrid       = 256     // places along each side of a grid
	mostCoordinate = 1e150   // of a domain
)

func (s *Server) exploreRoutes() []route {
	return []route{
		{pattern: "POST /api/explore/function", limit: limit{work: true}, handle: s.exploreFunction},
		{pattern: "POST /api/explore/at", handle: s.exploreAt},
		{pattern: "POST /api/explore/paths", limit: limit{work: true, time: 30 * time.Second, does: "paths on a function"}, handle: s.explorePaths},
		{pattern: "POST /api/explore/rates", limit: limit{heavy: true, time: 2 * time.Minute, does: "a search for good rates"}, handle: s.exploreRates},
	}
}

// A Conditions object says what is descended and how: those of descent run.
type Conditions struct {
	Function string    `json:"function"`
	Start    []float64 `json:"start"` // x, y; null: the function's own
	Schedule string    `json:"schedule"`
	Steps    int64     `json:"steps"`
	Noise    float64   `json:"noise"`
	Seed     uint64    `json:"seed"`
}

// An Explorer is a rule that descends.
type Explorer struct {
	Spec string   `json:"spec"` // as lab.ParseRules reads it: "adam:beta2=0.99,schedule=cosine"
	LR   *float64 `json:"lr"`   // null: its default
}

// descent checks conditions.
func (c *Conditions) descent() (*lab.Descent, error) {
	if c.Steps > mostSteps {
		return nil, refuse(http.StatusUnprocessableEntity, "steps", "%d steps, and the page takes at most %d: the command line takes any number", c.Steps, mostSteps)
	}
	if _, err := plane(c.Function); err != nil {
		return nil, err
	}
	d, err := lab.NewDescent(lab.DescentOptions(*c))
	var bad *lab.OptionError
	if errors.As(err, &bad) {
		return nil, refuse(http.StatusUnprocessableEntity, bad.Option, "%s %s: %v", bad.Option, bad.Value, bad.Err)
	}
	return d, err
}

// plane reads a function of two variables.
func plane(spec string) (*problem.Function, error) {
	f, err := problem.Resolve(spec)
	var syntax *problem.SyntaxError
	switch {
	case err == nil:
		return f, nil
	case errors.As(err, &syntax) && syntax.Expr == spec:
		return nil, refuseAt(http.StatusUnprocessableEntity, "function", syntax.Column, "%s", syntax.Msg)
	}
	if p, ok := problem.ResolveProblem(spec); ok == nil {
		return nil, refuse(http.StatusUnprocessableEntity, "function", "%s has %d variables; what is explored here has two", p.Name(), p.Dim())
	}
	return nil, refuse(http.StatusUnprocessableEntity, "function", "%v", err)
}

// paces reads the rules of a request.
func paces(d *lab.Descent, all []Explorer) ([]lab.Pace, error) {
	if len(all) > mostExplored {
		return nil, refuse(http.StatusUnprocessableEntity, "optimizers", "%d rules, want at most %d", len(all), mostExplored)
	}
	var out []lab.Pace
	for i, e := range all {
		field := "optimizers." + strconv.Itoa(i)
		some, err := lab.ParseRules([]string{e.Spec}, nil)
		var bad *lab.OptionError
		switch {
		case errors.As(err, &bad):
			return nil, refuse(http.StatusUnprocessableEntity, field, "%s: %v", bad.Value, bad.Err)
		case err != nil:
			return nil, err
		case len(some) != 1:
			return nil, refuse(http.StatusUnprocessableEntity, field, "%.100q names %d rules, want one", e.Spec, len(some))
		case e.LR != nil && (!(*e.LR >= 0) || math.IsInf(*e.LR, 1)):
			return nil, refuse(http.StatusUnprocessableEntity, field, "lr = %v, want a finite number of at least 0", *e.LR)
		}
		if e.LR != nil {
			some[0].Rate = *e.LR
		}
		if _, err := d.CurveOf(some[0]); errors.As(err, &bad) {
			return nil, refuse(http.StatusUnprocessableEntity, field+".schedule", "schedule %s", strings.TrimPrefix(bad.Err.Error(), "schedule: "))
		}
		out = append(out, some[0])
	}
	return out, nil
}

// arguments are the conditions as flags of the command line, as few as there may
// be, with the flag that names the function.
func (c *Conditions) arguments(function string) []string {
	args := []string{function, c.Function}
	if len(c.Start) > 0 {
		args = append(args, "--start="+experiment.PointText(c.Start))
	}
	args = append(args, "--steps", strconv.FormatInt(c.Steps, 10))
	if c.Schedule != "" {
		args = append(args, "--schedule", c.Schedule)
	}
	if c.Noise > 0 {
		args = append(args, "--noise", numberText(c.Noise))
	}
	if c.Seed != 0 {
		args = append(args, "--seed", strconv.FormatUint(c.Seed, 10))
	}
	return args
}

func numberText(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// ruleText writes a rule with its rate and schedule as --optimizer takes it.
func ruleText(p lab.Pace) string {
	text := p.Spec
	if p.Rate != p.Rule.Info().Rate {
		text = experiment.WithOption(text, "lr", numberText(p.Rate))
	}
	return experiment.WithSchedule(text, p.Schedule)
}

// A column is a list of numbers, with "NaN", "+Inf" and "-Inf" as text.
type column []float64

// MarshalJSON writes the list.
func (c column) MarshalJSON() ([]byte, error) {
	if c == nil {
		return []byte("null"), nil
	}
	text := append(make([]byte, 0, 12*len(c)+2), '[')
	for i, v := range c {
		if i > 0 {
			text = append(text, ',')
		}
		if math.IsNaN(v) || math.IsInf(v, 0) {
			word, err := train.Real(v).MarshalJSON()
			if err != nil {
				return nil, err
			}
			text = append(text, word...)
			continue
		}
		text = strconv.AppendFloat(text, v, 'g', -1, 64)
	}
	return append(text, ']'), nil
}

// A coarse column has as many digits as a drawing needs; what is not finite is
// null.
type coarse struct {
	values []float64
	format byte // of strconv.FormatFloat, as digits and bits are
	digits int
	bits   int
}

// MarshalJSON writes the list.
func (c coarse) MarshalJSON() ([]byte, error) {
	text := append(make([]byte, 0, 8*len(c.values)+2), '[')
	for i, v := range c.values {
		if i > 0 {
			text = append(text, ',')
		}
		bits := c.bits
		if math.Abs(v) > math.MaxFloat32 {
			bits = 64
		}
		if math.IsNaN(v) || math.IsInf(v, 0) {
			text = append(text, "null"...)
		} else {
			text = strconv.AppendFloat(text, v, c.format, c.digits, bits)
		}
	}
	return append(text, ']'), nil
}

var _, _ json.Marshaler = column(nil), coarse{}
