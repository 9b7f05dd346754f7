package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/internal/shell"
	"github.com/descent-go/descent/lab"
	"github.com/descent-go/descent/report"
)

// labSite is a server's routes of comparisons and searches, without the guard.
func labSite(t *testing.T, root string) func(method, path, body string) (int, []byte) {
	t.Helper()
	s, err := New(Options{Runs: root, Note: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	mux := http.NewServeMux()
	for _, r := range s.compareRoutes() {
		mux.Handle(r.pattern, s.limited(r))
	}
	return func(method, path, body string) (int, []byte) {
		r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return w.Code, w.Body.Bytes()
	}
}

func labTask(t *testing.T, yaml string) *lab.Task {
	t.Helper()
	e, err := experiment.Parse("a.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	task, err := lab.NewTask(t.Context(), e, experiment.Inputs{})
	if err != nil {
		t.Fatal(err)
	}
	return task
}

// keepJob puts a job that is done into a folder of runs, with the result of its
// command.
func keepJob(t *testing.T, root, kind, id string, result any) {
	t.Helper()
	dir := filepath.Join(root, ".serve", "jobs", id)
	if err := os.MkdirAll(filepath.Join(dir, "out"), 0o777); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(result)
	if err != nil {
		t.Fatal(err)
	}
	job := fmt.Sprintf(`{"id":%q,"kind":%q,"state":"done","command":"descent %s -p a","created":"2026-01-02T03:04:05Z"}`, id, kind, kind)
	for name, data := range map[string][]byte{"job.json": []byte(job), "out/" + kind + ".json": text} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// again is how the job that keepJob has kept says that it is done again.
func again(root, id, kind string) report.Repeat {
	result := filepath.Join(root, ".serve", "jobs", id, "out", kind+".json")
	return report.Repeat{
		Command: "descent " + kind + " -p a", Redraw: func(file string) string { return shell.Line("descent", "redraw", result, file) },
	}
}

func smallComparison(t *testing.T) (lab.CompareOptions, *lab.Comparison, int) {
	t.Helper()
	o := lab.DefaultCompare()
	o.Tasks = []*lab.Task{labTask(t, "function: rosenbrock\nsteps: 40\n"), labTask(t, "function: beale\nsteps: 40\n")}
	o.Contenders, o.Trials, o.Seeds = lab.Classic()[:3], 4, 5
	planned := 0
	o.Sink = func(e lab.Event) {
		if s, ok := e.(*lab.ComparisonStarted); ok {
			planned = s.Trials
		}
	}
	c, err := lab.Compare(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return o, c, planned
}

// What the page shows of a comparison is what its report shows, cell by cell, and
// what was planned is what it was.
func TestComparisonReport(t *testing.T) {
	root := t.TempDir()
	o, c, planned := smallComparison(t)
	keepJob(t, root, "compare", "one", c)
	call := labSite(t, root)
	status, text := call("GET", "/api/jobs/one/report", "")
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	doc, err := report.Comparison(c, again(root, "one", "compare"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := json.Marshal(map[string]any{"report": doc})
	if err != nil {
		t.Fatal(err)
	}
	if string(want)+"\n" != string(text) {
		t.Errorf("the page is told\n%.2000s\nthe report says\n%.2000s", text, want)
	}

	var rules []string
	for _, k := range o.Contenders {
		rules = append(rules, fmt.Sprintf("%q", k.Optimizer))
	}
	var plan LabPlan
	status, text = call("POST", "/api/jobs/plan", `{"kind":"compare","flags":{"problem":["rosenbrock","beale"],"trials":"4","seeds":"5","optimizer":[`+strings.Join(rules, ",")+`]}}`)
	if err := json.Unmarshal(text, &plan); err != nil || status != http.StatusOK {
		t.Fatalf("%d %s: %v", status, text, err)
	}
	if plan.Trainings != planned || plan.Each != planned/6 || plan.Problems != 2 || len(plan.Contenders) != 3 {
		t.Errorf("a plan of %+v for %d trainings", plan, planned)
	}
	status, text = call("POST", "/api/jobs/plan", `{"kind":"compare","flags":{}}`)
	if plan = (LabPlan{}); json.Unmarshal(text, &plan) != nil || status != http.StatusOK || plan.Problems != 2 || len(plan.Contenders) != len(lab.Classic()) {
		t.Errorf("a plan of nothing: %d %s", status, text)
	}
}

func TestTuningReport(t *testing.T) {
	root := t.TempDir()
	o := lab.DefaultTune()
	o.Trials, o.Seeds = 8, 4
	space, err := lab.ParseSpace([]string{"lr=1e-4..1e-2 log", "optimizer={sgd,adam}"})
	if err != nil {
		t.Fatal(err)
	}
	o.Space = space
	found, err := lab.Tune(t.Context(), labTask(t, "function: rosenbrock\nsteps: 40\n"), o)
	if err != nil {
		t.Fatal(err)
	}
	keepJob(t, root, "tune", "two", found)
	call := labSite(t, root)
	status, text := call("GET", "/api/jobs/two/report", "")
	var got struct {
		Report         json.RawMessage
		BestExperiment string `json:"best_experiment"`
	}
	if err := json.Unmarshal(text, &got); err != nil || status != http.StatusOK {
		t.Fatalf("%d %s: %v", status, text, err)
	}
	doc, err := report.Tuning(found, again(root, "two", "tune"))
	if err != nil {
		t.Fatal(err)
	}
	if want, err := json.Marshal(doc); err != nil || string(want) != string(got.Report) || got.BestExperiment != found.BestExperiment {
		t.Errorf("the page is told\n%.2000s\nthe report says\n%.2000s (%v)", got.Report, want, err)
	}
	var plan LabPlan
	status, text = call("POST", "/api/jobs/plan", `{"kind":"tune","flags":{"function":"rosenbrock","space":["lr=1e-4..1e-2 log","optimizer={sgd,adam}"],"trials":"8","fresh-seeds":"4"}}`)
	if err := json.Unmarshal(text, &plan); err != nil || status != http.StatusOK || plan.Tries != 8 || plan.Trainings != 8+9+8 {
		t.Errorf("%d %s: %v", status, text, err)
	}
}

// What is wrong is refused where it is wrong.
func TestPlansRefuse(t *testing.T) {
	root := t.TempDir()
	keepJob(t, root, "tune", "found", nil)
	call := labSite(t, root)
	for _, c := range []struct{ body, field, want string }{
		{`{"kind":"compare","flags":{"problem":["rosenbrock","rosenbrok"]}}`, "problem.1", "rosenbrok"},
		{`{"kind":"compare","flags":{"optimizer":["sgd","adamm","adam"]}}`, "optimizer.1", "adamm"},
		{`{"kind":"compare","flags":{"optimizer":"adamm"}}`, "optimizer", "adamm"},
		{`{"kind":"compare","flags":{"problem":["../../etc/passwd.yaml"]}}`, "problem", "within the folder"},
		{`{"kind":"compare","flags":{"trials":"0"}}`, "trials", "1 to"},
		{`{"kind":"compare","flags":{"out":"x"}}`, "out", "--out"},
		{`{"kind":"tune","flags":{"space":["lr=1..0","batch={1,2}"]}}`, "space.0", "higher"},
		{`{"kind":"tune","flags":{"space":["lr=1e-3..1 log","optimizer.beta9=0..1"],"optimizer":"adam"}}`, "space", "beta9"},
		{`{"kind":"tune","flags":{"optimizer":"sgdd"}}`, "optimizer", "sgdd"},
		{`{"kind":"dance","flags":{}}`, "kind", "dance"},
	} {
		status, text := call("POST", "/api/jobs/plan", c.body)
		var no struct{ Error, Field string }
		if err := json.Unmarshal(text, &no); err != nil || status != http.StatusBadRequest || no.Field != c.field || !strings.Contains(no.Error, c.want) {
			t.Errorf("%s: %d %s, want the field %s and %q", c.body, status, text, c.field, c.want)
		}
	}
	// A dimension under a condition is not wrong by itself.
	if status, text := call("POST", "/api/jobs/plan", `{"kind":"tune","flags":{"function":"beale","space":["optimizer={adam,sgd}","optimizer.momentum=0..0.9 if optimizer=sgd"]}}`); status != http.StatusOK {
		t.Errorf("%d %s", status, text)
	}
	// What is searched around is the experiment that another search has found.
	best := filepath.Join(root, ".serve", "jobs", "found", "out", "best.yaml")
	for _, c := range []struct{ yaml, want string }{
		{"function: beale\nsteps: 9\noptimizer: sgd\n", `"trainings"`},
		{"function: beale\nsteps: 9\noptimizer: adam\n", "adam has no hyper-parameter"},
	} {
		if err := os.WriteFile(best, []byte(c.yaml), 0o644); err != nil {
			t.Fatal(err)
		}
		if status, text := call("POST", "/api/jobs/plan", `{"kind":"tune","from":"found","flags":{"space":["optimizer.momentum=0..0.9"]}}`); !strings.Contains(string(text), c.want) {
			t.Errorf("%q: %d %s, want %s", c.yaml, status, text, c.want)
		}
	}
	for _, path := range []string{"/api/jobs/none/report", "/api/jobs/..%2f..%2fx/report"} {
		if status, text := call("GET", path, ""); status != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
}

// A job without a result says so, and so does one of a kind that has no report.
func TestReportsThatAreMissing(t *testing.T) {
	root := t.TempDir()
	keepJob(t, root, "compare", "early", nil)
	keepJob(t, root, "find-lr", "rate", nil)
	if err := os.Remove(filepath.Join(root, ".serve", "jobs", "early", "out", "compare.json")); err != nil {
		t.Fatal(err)
	}
	call := labSite(t, root)
	for path, want := range map[string]string{"/api/jobs/early/report": "no result yet", "/api/jobs/rate/report": "want one of compare or tune"} {
		if status, text := call("GET", path, ""); status != http.StatusNotFound || !strings.Contains(string(text), want) {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
}
