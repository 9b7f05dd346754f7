package web

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/problem"
)

// ask sends a request to a route, past the guard.
func ask(t *testing.T, ctx context.Context, path, body string) (int, string) {
	t.Helper()
	s, err := New(Options{Runs: t.TempDir(), Note: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range s.routes() {
		if r.pattern == "POST "+path {
			w := httptest.NewRecorder()
			req := httptest.NewRequestWithContext(ctx, http.MethodPost, path, strings.NewReader(body))
			req.Header.Set("Content-Type", "application/json")
			s.limited(r).ServeHTTP(w, req)
			return w.Code, w.Body.String()
		}
	}
	t.Fatalf("no route %s", path)
	return 0, ""
}

func answered[T any](t *testing.T, path, body string) T {
	t.Helper()
	code, text := ask(t, context.Background(), path, body)
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil || code != http.StatusOK {
		t.Fatalf("%s %s: %d %.300s, %v", path, body, code, text, err)
	}
	return v
}

type relief struct {
	N, Undefined, Bands int
	Values, Heights     []*float64
	Marks               []MarkMeta
}

type terrain struct {
	Text       string
	Own        bool
	DependsOn  [2]bool `json:"depends_on"`
	Gradient   [2]string
	Stationary []struct {
		X, Y float64
		Kind string
	}
	Shown    Rectangle
	Relief   *relief
	NoRelief string `json:"no_relief"`
	Colours  map[string]ReliefColours
}

func TestExploreFunction(t *testing.T) {
	for _, f := range problem.Functions() {
		a := answered[terrain](t, "/api/explore/function", `{"function":"`+f.Name+`","grid":16}`)
		if a.Text != f.String() || a.Own || a.Shown != Rectangle(f.Domain) || a.Relief == nil || len(a.Relief.Values) != 256 || len(a.Relief.Heights) != 256 {
			t.Fatalf("%s: %+v", f.Name, a)
		}
		if v := *a.Relief.Values[0]; math.Abs(v-f.Value(f.Domain.XMin, f.Domain.YMin)) > 1e-6*math.Abs(v) {
			t.Errorf("%s: %v at the corner, want %v", f.Name, v, f.Value(f.Domain.XMin, f.Domain.YMin))
		}
		if len(a.Colours["light"].Bands) != a.Relief.Bands || len(a.Colours["dark"].Surface) != a.Relief.Bands {
			t.Errorf("%s: %d bands have %d colours", f.Name, a.Relief.Bands, len(a.Colours["light"].Bands))
		}
	}
	a := answered[terrain](t, "/api/explore/function", `{"function":"sqrt(x)+0*y","domain":{"xmin":-1,"xmax":1,"ymin":0,"ymax":2},"grid":11}`)
	if !a.Own || a.Relief.Undefined != 55 || a.Relief.Values[0] != nil || a.Relief.Heights[0] == nil || a.Shown.YMax != 2 {
		t.Errorf("%+v", a)
	}
	a = answered[terrain](t, "/api/explore/function", `{"function":"x^2 - y^2"}`)
	if len(a.Stationary) != 1 || a.Stationary[0].Kind != "saddle" || a.Relief.N != 128 || a.Gradient != [2]string{"2*x", "-2*y"} {
		t.Errorf("%+v, %v", a.Stationary, a.Gradient)
	}
	if a = answered[terrain](t, "/api/explore/function", `{"function":"log(-1-x^2)"}`); a.Relief != nil || a.NoRelief == "" {
		t.Errorf("%+v", a)
	}
	// What single precision does not hold is sent all the same.
	if a = answered[terrain](t, "/api/explore/function", `{"function":"1e50*x","grid":2}`); a.Relief.Values[1] == nil || math.Abs(*a.Relief.Values[1]/3e50-1) > 1e-15 {
		t.Errorf("%+v", a.Relief.Values)
	}
}

func TestExploreAt(t *testing.T) {
	a := answered[map[string]any](t, "/api/explore/at", `{"function":"rosenbrock","x":1,"y":1}`)
	if a["kind"] != "minimum" || a["distance"] != 0.0 || a["value"] != 0.0 || a["gradient_norm"] != 0.0 {
		t.Errorf("%v", a)
	}
	if h := a["hessian"].([]any); h[0] != 802.0 || h[1] != -400.0 || h[2] != 200.0 {
		t.Errorf("Hessian %v", h)
	}
	a = answered[map[string]any](t, "/api/explore/at", `{"function":"1/x","x":0,"y":1}`)
	if a["value"] != "+Inf" || a["nearest"] != nil || a["distance"] != "+Inf" {
		t.Errorf("%v", a)
	}
}

// Every rule there is goes its way, and what is refused says why.
func TestExplorePaths(t *testing.T) {
	for _, info := range optim.Rules() {
		a := answered[map[string]any](t, "/api/explore/paths", `{"function":"rosenbrock","steps":30,"detail":true,"optimizers":[{"spec":"`+info.Name+`"}]}`)
		p := a["paths"].([]any)[0].(map[string]any)
		n := len(p["step"].([]any))
		for name, v := range p {
			if list, ok := v.([]any); ok && name != "end" && name != "eigenvalues" && name != "milestones" && len(list) != n {
				t.Errorf("%s: %s has %d numbers, want %d", info.Name, name, len(list), n)
			}
		}
		if p["optimizer"] != info.Name || p["lr"] != info.Rate {
			t.Errorf("%v at %v, want %s at %v", p["optimizer"], p["lr"], info.Name, info.Rate)
		}
	}
}

func TestExploreDecimates(t *testing.T) {
	a := answered[map[string]any](t, "/api/explore/paths", `{"function":"bowl","steps":100000,"optimizers":[{"spec":"sgd","lr":1e-6}]}`)
	p := a["paths"].([]any)[0].(map[string]any)
	steps := p["step"].([]any)
	if n := len(steps); n > mostPathPoints || n < mostPathPoints/2 || steps[0] != 0.0 || steps[n-1] != 100000.0 || p["taken"] != 100000.0 {
		t.Errorf("%d points from %v to %v", n, steps[0], steps[n-1])
	}
	end, x := p["end"].([]any), p["x"].([]any)
	if end[0] != x[len(x)-1] {
		t.Errorf("the path ends at x = %v, its rule at %v", x[len(x)-1], end[0])
	}
}

func TestExploreRefuses(t *testing.T) {
	for _, c := range []struct{ path, body, field, text string }{
		{"function", `{"function":"x^2 +* y"}`, "function", `"column":6`},
		{"function", `{"function":"` + strings.Repeat("x+", 9999) + `x"}`, "function", "at most 4096"},
		{"function", `{"function":"` + strings.Repeat("x+", 1000) + `x"}`, "function", "more than 1024"},
		{"function", `{"function":"quadratic:n=100"}`, "function", "has 100 variables"},
		{"function", `{"function":"rosenbrock:c=1"}`, "function", "c"},
		{"function", `{"function":"bowl","grid":1000}`, "grid", "want 2 to 256"},
		{"function", `{"function":"bowl","domain":{"xmin":1,"xmax":1,"ymin":0,"ymax":1}}`, "domain", "empty"},
		{"function", `{"function":"bowl","domain":{"xmin":-1e200,"xmax":1,"ymin":0,"ymax":1}}`, "domain", "1e+150"},
		{"at", `{"function":"rosenbrok","x":0,"y":0}`, "function", "rosenbrock"},
		{"paths", `{"function":"bowl","steps":1000000000}`, "steps", "at most 100000"},
		{"paths", `{"function":"bowl","steps":0}`, "steps", "want at least 1"},
		{"paths", `{"function":"bowl","steps":5,"noise":-1}`, "noise", "want"},
		{"paths", `{"function":"bowl","steps":5,"start":[1]}`, "start", "want 2"},
		{"paths", `{"function":"bowl","steps":5,"schedule":"cosinus"}`, "schedule", "cosine"},
		{"paths", `{"function":"bowl","steps":5,"points":9999}`, "points", "want 2 to 5000"},
		{"paths", `{"function":"bowl","steps":5,"optimizers":[{"spec":"adam"},{"spec":"adom"}]}`, "optimizers.1", "adam"},
		{"paths", `{"function":"bowl","steps":5,"optimizers":[{"spec":"adam:beta1=2"}]}`, "optimizers.0", "[0, 1)"},
		{"paths", `{"function":"bowl","steps":5,"optimizers":[{"spec":"sgd"},{"spec":"adam:schedule=cosinus"}]}`, "optimizers.1.schedule", "cosine"},
		{"paths", `{"function":"bowl","steps":5,"optimizers":[{"spec":"adam:schedule=warmup:steps=5+cosine"}]}`, "optimizers.0.schedule", "5 of 5"},
		{"rates", `{"function":"bowl","steps":5,"optimizers":[{"spec":"adam:schedule=("}]}`, "optimizers.0.schedule", "schedule"},
		{"paths", `{"function":"bowl","steps":5,"optimizers":[{"spec":"adam","lr":-1}]}`, "optimizers.0", "at least 0"},
		{"paths", `{"function":"bowl","steps":5,"optimizers":[{"spec":"adam,sgd"}]}`, "optimizers.0", "want one"},
		{"paths", `{"function":"bowl","steps":5,"optimizers":[` + strings.Repeat(`{"spec":"sgd"},`, 24) + `{"spec":"sgd"}]}`, "optimizers", "at most 24"},
		{"paths", `{"function":"bowl","step":5}`, "step", "no field"},
		{"rates", `{"function":"bowl","steps":5,"optimizers":[]}`, "optimizers", "no rule"},
		{"rates", `{"function":"bowl","steps":100000,"optimizers":[` + strings.Repeat(`{"spec":"sgd"},`, 10) + `{"spec":"adam:beta1=0.5"},{"spec":"adam"},{"spec":"lion"},{"spec":"momentum"},{"spec":"nesterov"},{"spec":"radam"},{"spec":"nadam"},{"spec":"rprop"},{"spec":"asgd"},{"spec":"adagrad"}]}`, "steps", "at most 40000000"},
	} {
		code, text := ask(t, context.Background(), "/api/explore/"+c.path, c.body)
		var got struct{ Error, Field string }
		if err := json.Unmarshal([]byte(text), &got); err != nil || code < 400 || code >= 500 || got.Field != c.field || !strings.Contains(text, c.text) {
			t.Errorf("%s %.100s: %d %s, want field %s and %q", c.path, c.body, code, text, c.field, c.text)
		}
	}
}

// A tab that was closed ends the work.
func TestExploreCancels(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, text := ask(t, ctx, "/api/explore/paths", `{"function":"bowl","steps":100000,"optimizers":[{"spec":"adam"}]}`)
	if text != "" {
		t.Errorf("an answer to nobody: %.100s", text)
	}
}

func BenchmarkExplorePaths(b *testing.B) {
	s, err := New(Options{Runs: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	for _, detail := range []string{"false", "true"} {
		body := `{"function":"rosenbrock","steps":500,"detail":` + detail + `,"optimizers":[`
		for i, spec := range []string{"sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta", "adam", "radam"} {
			if i > 0 {
				body += ","
			}
			body += `{"spec":"` + spec + `","lr":0.0005}`
		}
		body += "]}"
		b.Run("detail="+detail, func(b *testing.B) {
			for b.Loop() {
				w := httptest.NewRecorder()
				req := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
				req.Header.Set("Content-Type", "application/json")
				if err := s.explorePaths(w, req); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(w.Body.Len()), "bytes")
			}
		})
	}
}
