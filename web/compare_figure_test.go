package web

import (
	"bytes"
	"encoding/json"
	"image/gif"
	"net/http"
	"strings"
	"testing"

	"github.com/descent-go/descent/lab"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/train"
)

// A planeAnswer is a map as the page reads it.
type planeAnswer struct {
	X, Y struct {
		Label   string
		Log     bool
		Choices []string
		At      []float64
	}
	Relief struct {
		N      int
		Values []*float64
	}
	Paths []struct {
		Name string
		X, Y []float64
		F    []train.Real
		Step []int64
	}
	Tries []struct {
		Number int
		Loss   train.Real
	}
	Minima  []struct{ X, Y float64 }
	Colours map[string][]string
}

// figureOf asks for a figure of a job, in whose place the answer is the status.
func figureOf(t *testing.T, call func(method, path, body string) (int, []byte), query string, want int) []byte {
	t.Helper()
	status, body := call("GET", "/api/jobs/one/figures/"+query, "")
	if status != want {
		t.Fatalf("%s: %d %.300s, want %d", query, status, body, want)
	}
	return body
}

// A map of a comparison has the function's own values with all digits, and the paths
// of its result; what is no figure of that kind is refused.
func TestComparisonFigures(t *testing.T) {
	root := t.TempDir()
	_, c, _ := smallComparison(t)
	keepJob(t, root, "compare", "one", c)
	call := labSite(t, root)
	var p planeAnswer
	if err := json.Unmarshal(figureOf(t, call, "rosenbrock-paths.json", http.StatusOK), &p); err != nil {
		t.Fatal(err)
	}
	f, err := problem.Resolve("rosenbrock")
	if err != nil {
		t.Fatal(err)
	}
	n := p.Relief.N
	if n < 64 || len(p.X.At) != n || len(p.Y.At) != n || len(p.Relief.Values) != n*n || len(p.Minima) != 1 {
		t.Fatalf("%d places, %d and %d on the axes, %d values, %d minima", n, len(p.X.At), len(p.Y.At), len(p.Relief.Values), len(p.Minima))
	}
	for i, v := range p.Relief.Values {
		if want := f.Value(p.X.At[i%n], p.Y.At[i/n]); v == nil || *v != want {
			t.Fatalf("value %d is %v, want %v", i, v, want)
		}
	}
	if len(p.Paths) != len(c.Tasks[0].Paths) || len(p.Colours["light"]) == 0 || len(p.Colours["dark"]) == 0 {
		t.Fatalf("%d paths, colours %v", len(p.Paths), p.Colours)
	}
	for i, q := range p.Paths {
		was := c.Tasks[0].Paths[i]
		if q.Name != was.Name || len(q.X) != len(was.X) || len(q.F) != len(q.X) || q.Step[len(q.Step)-1] != was.Step[len(was.Step)-1] {
			t.Errorf("path %d: %+v, want that of %+v", i, q, was)
		}
	}
	if moving, err := gif.DecodeAll(bytes.NewReader(figureOf(t, call, "rosenbrock-paths.gif", http.StatusOK))); err != nil || len(moving.Image) < 2 {
		t.Errorf("the animation: %v, want frames", err)
	}
	for _, query := range []string{
		"rosenbrock-paths.svg", "rosenbrock-paths.pdf", "rosenbrock-paths", "rosenbrock-convergence.gif", "rosenbrock-convergence.json",
		"%3Cscript%3E.json", "..%2F..%2Fjob.json",
	} {
		if body := string(figureOf(t, call, query, http.StatusNotFound)); strings.Contains(body, "<script>") {
			t.Errorf("%s: %s", query, body)
		}
	}
}

// A map of a search has logarithmic axes and choices as its space has them, and the
// tries of its result. Where no try is near there is no value.
func TestSearchFigure(t *testing.T) {
	root := t.TempDir()
	o := lab.DefaultTune()
	o.Trials, o.Seeds = 16, 4
	var err error
	if o.Space, err = lab.ParseSpace([]string{"lr=1e-5..1 log", "optimizer={sgd,adam}"}); err != nil {
		t.Fatal(err)
	}
	found, err := lab.Tune(t.Context(), labTask(t, "function: rosenbrock\nsteps: 40\n"), o)
	if err != nil {
		t.Fatal(err)
	}
	keepJob(t, root, "tune", "one", found)
	call := labSite(t, root)
	var p planeAnswer
	if err := json.Unmarshal(figureOf(t, call, "heat.json", http.StatusOK), &p); err != nil {
		t.Fatal(err)
	}
	if p.X.Label != "lr" || !p.X.Log || p.Y.Label != "optimizer" || p.Y.Log || len(p.Y.Choices) != 2 || p.Y.At[0] != -0.5 || len(p.Paths) != 0 {
		t.Errorf("axes %+v, %+v", p.X, p.Y)
	}
	if len(p.Tries) != len(found.Tries) {
		t.Fatalf("%d tries, want %d", len(p.Tries), len(found.Tries))
	}
	for i, q := range p.Tries {
		if was := found.Tries[i]; q.Number != was.Number || float64(q.Loss) != was.Loss() {
			t.Errorf("try %+v, want %d with %v", q, was.Number, was.Loss())
		}
	}
	figureOf(t, call, "heat.gif", http.StatusNotFound)
	figureOf(t, call, "history.json", http.StatusNotFound)
}
