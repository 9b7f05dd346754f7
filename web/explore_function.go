package web

import (
	"fmt"
	"image/color"
	"math"
	"net/http"

	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/lab"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/train"
)

// A FunctionQuery asks for a function as the Explorer draws it.
type FunctionQuery struct {
	Function string     `json:"function"`
	Domain   *Rectangle `json:"domain"`  // to draw; null: the function's own
	Grid     int        `json:"grid"`    // places along each side; 0: 128
	Surface  bool       `json:"surface"` // asks for Lifts
}

// Terrain answers a FunctionQuery.
type Terrain struct {
	FunctionMeta
	Own       bool      `json:"own"` // an expression of the user's
	Gradient  [2]string `json:"gradient"`
	DependsOn [2]bool   `json:"depends_on"` // x, y
	// Stationary are the points of the domain with a zero gradient that were found.
	Stationary []StationaryMeta `json:"stationary"`
	Shown      Rectangle        `json:"shown"`
	Relief     *ReliefMeta      `json:"relief,omitempty"`
	NoRelief   string           `json:"no_relief,omitempty"` // why there is none
	// Colours are those of each theme.
	Colours map[string]ReliefColours `json:"colours"`
}

// StationaryMeta is a point with a zero gradient.
type StationaryMeta struct {
	X     float64      `json:"x"`
	Y     float64      `json:"y"`
	Value float64      `json:"value"`
	Kind  problem.Kind `json:"kind"` // "minimum", "maximum" or "saddle"
}

// ReliefMeta is a function on a grid of N by N places, row by row from the lowest y
// up.
type ReliefMeta struct {
	N       int     `json:"n"`
	Values  coarse  `json:"values"`          // in single precision; null where not finite
	Heights coarse  `json:"heights"`         // the values on the scale of figures, from 0 to 1
	Lifts   *coarse `json:"lifts,omitempty"` // on the scale of surfaces
	Min     string  `json:"min"`
	Max     string  `json:"max"`
	// Undefined counts the places without a value.
	Undefined int        `json:"undefined"`
	Bands     int        `json:"bands"` // of contours, evenly spaced in Heights
	Marks     []MarkMeta `json:"marks"` // of the scale
	Title     string     `json:"title"` // of the scale: what the marks are
}

// MarkMeta is a labelled height of a scale.
type MarkMeta struct {
	Height float64 `json:"height"`
	Text   string  `json:"text"`
}

// ReliefColours are colours from the lowest band to the highest: of contours and
// of surfaces.
type ReliefColours struct {
	Bands   []string `json:"bands"`
	Surface []string `json:"surface"`
}

func (s *Server) exploreFunction(w http.ResponseWriter, r *http.Request) error {
	q, err := readJSON[FunctionQuery](r)
	if err != nil {
		return err
	}
	f, err := plane(q.Function)
	if err != nil {
		return err
	}
	if q.Grid == 0 {
		q.Grid = 128
	}
	if q.Grid < 2 || q.Grid > mostGrid {
		return refuse(http.StatusUnprocessableEntity, "grid", "grid = %d, want 2 to %d", q.Grid, mostGrid)
	}
	t := &Terrain{
		FunctionMeta: functionMeta(f), Own: f.Source == "", Stationary: []StationaryMeta{}, Shown: Rectangle(f.Domain),
		Colours: map[string]ReliefColours{"light": reliefColours(figure.Light), "dark": reliefColours(figure.Dark)},
	}
	if q.Domain != nil {
		if err := q.Domain.check(); err != nil {
			return err
		}
		t.Shown = *q.Domain
	}
	t.Gradient[0], t.Gradient[1] = f.GradientText()
	t.DependsOn[0], t.DependsOn[1] = f.DependsOn()
	for _, p := range f.Stationary(problem.Domain(t.Shown)) {
		t.Stationary = append(t.Stationary, StationaryMeta(p))
	}
	if err := r.Context().Err(); err != nil {
		return err
	}
	var minima []figure.Point
	for _, m := range f.Minima {
		minima = append(minima, figure.Point{X: m.X, Y: m.Y})
	}
	relief, err := figure.NewRelief(f.Value, figure.Domain(t.Shown), q.Grid, minima)
	if err != nil { // the rest is checked: it is not finite anywhere
		t.NoRelief = "the function is not finite anywhere here"
	} else {
		t.Relief = reliefMeta(relief)
		if q.Surface {
			t.Relief.Lifts = &coarse{relief.Lifts, 'f', 4, 64}
		}
	}
	return writeJSON(w, t)
}

func (d *Rectangle) check() error {
	for _, v := range [4]float64{d.XMin, d.XMax, d.YMin, d.YMax} {
		if !(math.Abs(v) <= mostCoordinate) {
			return refuse(http.StatusUnprocessableEntity, "domain", "the domain reaches to %v, want numbers within ±%g", v, mostCoordinate)
		}
	}
	if !(d.XMin < d.XMax && d.YMin < d.YMax) {
		return refuse(http.StatusUnprocessableEntity, "domain", "the domain is empty, want xmin < xmax and ymin < ymax")
	}
	return nil
}

func reliefMeta(r *figure.Relief) *ReliefMeta {
	m := &ReliefMeta{
		N: r.N, Values: coarse{r.Values, 'g', -1, 32}, Heights: coarse{r.Heights, 'f', 4, 64},
		Min: numberText(r.Min), Max: numberText(r.Max), Undefined: r.Undefined, Bands: figure.Bands, Title: r.Title, Marks: []MarkMeta{},
	}
	if r.Min == r.Max {
		m.Bands = 1
	}
	for _, k := range r.Marks {
		m.Marks = append(m.Marks, MarkMeta{k.Height, k.Text})
	}
	return m
}

func reliefColours(t figure.Theme) ReliefColours {
	return ReliefColours{hexes(t.Colours(figure.Bands, false)), hexes(t.Colours(figure.Bands, true))}
}

func hexes(colours []color.NRGBA) []string {
	all := make([]string, len(colours))
	for i, c := range colours {
		all[i] = fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B)
	}
	return all
}

// A PlaceQuery asks what a function is like at a point.
type PlaceQuery struct {
	Function string  `json:"function"`
	X        float64 `json:"x"`
	Y        float64 `json:"y"`
}

// A Place answers a PlaceQuery.
type Place struct {
	X        float64       `json:"x"`
	Y        float64       `json:"y"`
	Value    train.Real    `json:"value"`
	Gradient [2]train.Real `json:"gradient"`
	GradNorm train.Real    `json:"gradient_norm"`
	Hessian  [3]train.Real `json:"hessian"` // xx, xy, yy
	// Eigenvalues of the Hessian are ascending, and Eigenvectors of length 1.
	Eigenvalues  [2]train.Real    `json:"eigenvalues"`
	Eigenvectors [2][2]train.Real `json:"eigenvectors"`
	Condition    train.Real       `json:"condition"`
	Kind         problem.Kind     `json:"kind"`
	Why          string           `json:"why"`
	Nearest      *MinimumMeta     `json:"nearest"` // known minimum; null when none is known
	Distance     train.Real       `json:"distance"`
}

func (s *Server) exploreAt(w http.ResponseWriter, r *http.Request) error {
	q, err := readJSON[PlaceQuery](r)
	if err != nil {
		return err
	}
	f, err := plane(q.Function)
	if err != nil {
		return err
	}
	v, err := problem.Classify(f.Problem(), []float64{q.X, q.Y})
	if err != nil {
		return err
	}
	p := Place{X: q.X, Y: q.Y, Value: train.Real(v.Value), GradNorm: train.Real(v.GradNorm), Condition: train.Real(v.Condition), Kind: v.Kind, Why: v.Reason}
	gx, gy := f.Gradient(q.X, q.Y)
	c := f.Curvature(q.X, q.Y)
	p.Gradient = [2]train.Real{train.Real(gx), train.Real(gy)}
	p.Hessian = [3]train.Real{train.Real(c.XX), train.Real(c.XY), train.Real(c.YY)}
	for i := range 2 {
		p.Eigenvalues[i] = train.Real(c.Values[i])
		p.Eigenvectors[i] = [2]train.Real{train.Real(c.Vectors[i][0]), train.Real(c.Vectors[i][1])}
	}
	nearest, distance := lab.Nearest(f.Minima, q.X, q.Y)
	p.Distance = train.Real(distance)
	if nearest != nil {
		m := MinimumMeta(*nearest)
		p.Nearest = &m
	}
	return writeJSON(w, p)
}
