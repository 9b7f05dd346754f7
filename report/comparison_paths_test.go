package report

import (
	"bytes"
	"image/gif"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/lab"
	"github.com/descent-go/descent/train"
)

// onPlane is a comparison on a function of two variables, with a schedule, tuned over
// more than the rate.
func onPlane() *lab.Comparison {
	c := compared(1)
	t := &c.Tasks[0]
	t.Function = "rosenbrock"
	for i, name := range c.Protocol.Contenders {
		p := lab.TunedPath{Name: name, X: []float64{-1.2, 0, float64(i)}, Y: []float64{1, 0.5, float64(i)}, Step: []int64{0, 3, 9}, Final: train.Real(i)}
		if i == 2 {
			p.Diverged = &train.Diverged{Step: 11}
		}
		t.Paths = append(t.Paths, p)
	}
	for i := range t.Rows {
		t.Rows[i].Schedule, t.Rows[i].Updates = "cosine", 40
	}
	c.Protocol.Space = []string{"optimizer.beta1=0.5..0.99", "clip-norm=1..5"}
	adam := &t.Rows[0]
	adam.Values = lab.Configuration{"optimizer.beta1": "0.75", "clip-norm": "2"}
	adam.Places = []lab.RatePoint{{Rate: 0.01, Losses: []train.Real{3}}, {Rate: adam.Rate, Values: adam.Values, Losses: []train.Real{1, 2}}}
	return c
}

func TestPaths(t *testing.T) {
	c := onPlane()
	d, err := Comparison(c, Repeat{Redraw: func(file string) string { return "redraw " + file }})
	if err != nil {
		t.Fatal(err)
	}
	figures := map[string]*Figure{}
	for _, f := range d.Figures() {
		figures[f.File] = f
		if f.Command != "redraw "+f.File {
			t.Errorf("figure %s is drawn by %q", f.File, f.Command)
		}
		if _, err := f.Draw(figure.Style{Width: 400}); err != nil {
			t.Errorf("%s: %v", f.File, err)
		}
	}
	paths, rates := figures["task-0-paths"], figures["task-0-schedule"]
	if paths == nil || rates == nil || paths.Animation == nil || rates.Animation != nil {
		t.Fatalf("figures %v", figures)
	}
	if !strings.Contains(paths.Alt, "sgd at (0, 0); adam at (1, 1); "+evil+" diverges") {
		t.Errorf("the paths are %q", paths.Alt)
	}
	moving, err := paths.GIF()
	if err != nil {
		t.Fatal(err)
	}
	g, err := gif.DecodeAll(bytes.NewReader(moving))
	if err != nil || len(g.Image) != animationFrames || g.Config.Width != animationWidth || g.Config.Height != animationHeight {
		t.Errorf("the animation: %v", err)
	}
	if _, err := rates.GIF(); err == nil || !strings.Contains(err.Error(), "no animation") {
		t.Errorf("an animation of rates: %v", err)
	}
	if first := rates.Chart.Lines[0]; len(first.X) != 40 || first.Y[0] != 0.1 || first.Y[39] >= 0.001 {
		t.Errorf("the rates are %v", first.Y)
	}
	var page bytes.Buffer
	if err := d.Write(&page); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<details class=\"animation\">", "data:image/gif;base64,", "img-src data:", `download="task-0-paths.gif"`, ">beta1<", ">clip-norm<", "Every place that was tried"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page has no %s", want)
		}
	}
	if c.Tasks[0].Paths[2].X[2] != 2 || len(c.Tasks[0].Paths[2].X) != 3 {
		t.Error("drawing has changed the comparison")
	}
}

// What was tuned beside the rate stands behind it, and nothing where it was not.
func TestTunedBesideTheRate(t *testing.T) {
	d := documentOf(t, onPlane())
	var results, places *Table
	_ = d.walk(func(b Block) error {
		if table, ok := b.(*Table); ok {
			switch table.File {
			case "task-0-results":
				results = table
			case "task-0-places":
				places = table
			}
		}
		return nil
	})
	if results == nil || places == nil {
		t.Fatal("tables are missing")
	}
	var names []string
	for _, c := range results.Columns {
		names = append(names, c.Name)
	}
	if !slices.Equal(names[:5], []string{"contender", "learning rate", "clip-norm", "beta1", "median"}) {
		t.Errorf("columns %q", names)
	}
	adam, sgd := results.Rows[0].Cells, results.Rows[1].Cells
	if adam[2].Text() != "2" || adam[3].Text() != "0.75" || sgd[3] != (Cell{}) || len(adam) != len(results.Columns) || len(sgd) != len(results.Columns) {
		t.Errorf("cells %v, %v", adam, sgd)
	}
	if len(places.Rows) != 3 || places.Rows[0].Cells[6] != (Cell{}) || places.Rows[1].Cells[6].Text() != "chosen" {
		t.Errorf("places %v", places.Rows)
	}
	// Without schedule, function and space there is none of it.
	d = documentOf(t, compared(1))
	for _, f := range d.Figures() {
		if strings.HasSuffix(f.File, "paths") || strings.HasSuffix(f.File, "schedule") {
			t.Errorf("figure %s of nothing", f.File)
		}
	}
}
