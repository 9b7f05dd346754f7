package cli

import (
	"fmt"
	"io"
	"math"
	"sync"
	"time"

	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/lab"
)

// A landscapeReport tells what the loss around a model is.
type landscapeReport struct {
	Run string `json:"run"`
	*lab.Landscape
	Differs string   `json:"model_differs,omitempty"` // where the model is not that of the run
	Files   []string `json:"files"`
}

// on is what the loss is of.
func (r *landscapeReport) on() string {
	switch r.Set {
	case "":
		return r.Task
	case "train":
		return fmt.Sprintf("%s, %s examples of the training set", r.Task, grouped(int64(r.Examples)))
	}
	return fmt.Sprintf("%s, the %s examples for validation", r.Task, grouped(int64(r.Examples)))
}

// held says how much of the paths lies in the plane.
func held(p lab.Projection, whose string) string {
	if math.IsNaN(float64(p.Share)) {
		return "nothing moved"
	}
	return fmt.Sprintf("the plane holds %s of %s variance; points are up to %s beside it, up to %s from the model",
		percent(float64(p.Share)), whose, brief(float64(p.Distance)), brief(float64(p.Reach)))
}

func (r *landscapeReport) whose() string {
	if len(r.Paths) > 1 {
		return "the paths'"
	}
	return "the path's"
}

func (r *landscapeReport) text(p *page) {
	p.heading("Loss around the model of run %s: %s there", visible(r.Run), brief(float64(r.Center)))
	p.wrap("  ", "on "+r.on())
	if p.quiet {
		return
	}
	lo, hi, holes := r.extremes()
	p.wrap("  ", fmt.Sprintf("from %s to %s on %d × %d points%s", brief(lo), brief(hi), len(r.X), len(r.Y), holes))
	p.wrap("  ", held(r.Projection, r.whose()))
	p.blank()
	var rows [][]string
	for _, t := range r.Paths {
		end := "step " + grouped(t.Step[len(t.Step)-1])
		if t.Diverged != nil {
			end = "diverged after step " + grouped(t.Diverged.Step)
		}
		rows = append(rows, []string{
			t.Optimizer, brief(t.Rate), percent(float64(t.Projection.Share)), brief(float64(t.Projection.Distance)), brief(float64(t.Projection.Reach)), end,
		})
	}
	p.table([]column{words("path of"), numbers("lr"), numbers("in the plane"), numbers("beside it"), numbers("from the model"), words("to")}, rows)
}

// extremes returns the lowest and highest loss, and what to say of points without
// one.
func (r *landscapeReport) extremes() (lo, hi float64, holes string) {
	lo, hi = math.Inf(1), math.Inf(-1)
	n := 0
	for _, row := range r.Loss {
		for _, loss := range row {
			v := float64(loss)
			if math.IsNaN(v) || math.IsInf(v, 0) {
				n++
				continue
			}
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	if n > 0 {
		holes = fmt.Sprintf(", not finite on %d of them", n)
	}
	return lo, hi, holes
}

// draw shows the landscape from above, and as a surface if that is asked for.
func (r *landscapeReport) draw(style figure.Style, surface bool) ([]picture, error) {
	c := figure.Landscape{
		Style: titled(style, "Loss around the model of "+r.Task, capital(held(r.Projection, r.whose()))),
		X:     r.X, Y: r.Y, Center: []figure.Point{{}}, Equal: r.Plane == lab.RandomPlane,
	}
	for _, row := range r.Loss {
		values := make([]float64, len(row))
		for i, v := range row {
			values[i] = float64(v)
		}
		c.Loss = append(c.Loss, values)
	}
	if parts := r.Components; parts != nil {
		c.XLabel = fmt.Sprintf("first component, %s of the variance", percent(float64(parts[0])))
		c.YLabel = fmt.Sprintf("second component, %s", percent(float64(parts[1])))
	} else {
		c.XLabel, c.YLabel = "first random direction", "second random direction"
	}
	for _, t := range r.Paths {
		path := figure.Path{
			Name: t.Optimizer + ", lr " + brief(t.Rate), X: t.X, Y: t.Y, Step: t.Step, Ends: true,
			Note: fmt.Sprintf("%s in the plane, %s beside it", percent(float64(t.Projection.Share)), brief(float64(t.Projection.Distance))),
		}
		if d := t.Diverged; d != nil { // as figures mark it
			path.X, path.Y = append(path.X, math.NaN()), append(path.Y, math.NaN())
			path.Step = append(path.Step, d.Step)
		}
		c.Paths = append(c.Paths, path)
	}
	above, err := c.Figure()
	if err != nil {
		return nil, err
	}
	pictures := []picture{{"landscape", above}}
	if surface {
		drawn, err := c.Surface()
		if err != nil {
			return nil, err
		}
		pictures = append(pictures, picture{"landscape-surface", drawn})
	}
	return pictures, nil
}

// A surveyBar shows on standard error how far a survey is: on a terminal in one
// line that is drawn again and again, elsewhere in a line for each stage.
type surveyBar struct {
	a        *app
	out      io.Writer
	terminal bool
	columns  func() int
	clock    func() time.Time

	mu           sync.Mutex
	began, shown time.Time
	stage        string
	drawn        bool
}

func (a *app) newSurveyBar() *surveyBar {
	one := a.newBar("")
	return &surveyBar{a: a, out: one.out, terminal: one.terminal, columns: one.columns, clock: one.clock, began: one.clock()}
}

// event takes an event of the lab.
func (b *surveyBar) event(event lab.Event) {
	e, ok := event.(*lab.Surveying)
	if !ok || b.a.quiet {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock()
	fresh := e.Stage != b.stage
	b.stage = e.Stage
	of := fmt.Sprintf("%s %s", e.Stage, grouped(e.Done))
	share := 0.0
	if e.Total > 0 {
		of += "/" + grouped(e.Total)
		share = min(float64(e.Done)/float64(e.Total), 1)
	}
	switch {
	case b.terminal && now.Sub(b.began) >= patient && (fresh || now.Sub(b.shown) >= refresh):
		b.shown, b.drawn = now, true
		fmt.Fprintf(b.out, "\r%s\x1b[K\r", cut(barText(share, barMost)+"  "+of, b.columns()-1))
	case !b.terminal && (fresh || now.Sub(b.shown) >= heartbeat):
		b.shown = now
		fmt.Fprintf(b.out, "%7s  %s\n", clockText(now.Sub(b.began)), of)
	}
}

// close clears the line.
func (b *surveyBar) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.drawn {
		fmt.Fprint(b.out, "\r\x1b[J")
		b.drawn = false
	}
}
