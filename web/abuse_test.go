package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/descent-go/descent/record"
	"github.com/descent-go/descent/train"
)

// What costs too much, or reaches out of the working folder, is refused clearly
// and at once, by a browser that is in, too; and no job comes of it.
func TestAbuse(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("inside.csv", []byte("a,b\n1,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	outside := filepath.Join(t.TempDir(), "outside.csv")
	if err := os.WriteFile(outside, []byte("a,b\n1,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, "link.csv"); err != nil {
		t.Fatal(err)
	}
	s := open(t, Options{Runs: "runs", Command: []string{"/bin/false"}})
	c := s.browser()
	terms := strings.Repeat("x+", 10_000) + "y"
	brackets := strings.Repeat("(", 10_000) + "x" + strings.Repeat(")", 10_000)
	job := func(kind, flags string) string { return fmt.Sprintf(`{"kind":%q,"flags":{%s}}`, kind, flags) }
	for _, a := range []struct{ path, body, field string }{
		{"explore/function", `{"function":"` + terms + `"}`, "function"},
		{"explore/function", `{"function":"` + brackets + `"}`, "function"},
		{"explore/function", `{"function":"rosenbrock","grid":1000000}`, "grid"},
		{"explore/paths", `{"function":"rosenbrock","steps":1000000000,"optimizers":[{"spec":"sgd"}]}`, "steps"},
		{"explore/paths", `{"function":"` + terms + `","steps":10,"optimizers":[{"spec":"sgd"}]}`, "function"},
		{"explore/paths", `{"function":"rosenbrock","steps":10,"optimizers":[` + strings.Repeat(`{"spec":"sgd"},`, 99) + `{"spec":"sgd"}]}`, "optimizers"},
		{"schedules/curve", `{"total":1000000000,"schedules":[{"spec":"cosine"}]}`, "total"},
		{"memory", `{"params":"1e18"}`, "params"},
		{"jobs", job("rm", ``), "kind"},
		{"jobs", job("serve", ``), "kind"},
		{"jobs", job("train", `"out":"/tmp/x"`), "out"},
		{"jobs", job("train", `"runs":"/tmp/x"`), "runs"},
		{"jobs", job("train", `"metrics":":9090"`), "metrics"},
		{"jobs", job("train", `"no-such-flag":"1"`), "no-such-flag"},
		{"jobs", job("train", `"data":"/etc/passwd"`), "data"},
		{"jobs", job("train", `"data":"../outside.csv"`), "data"},
		{"jobs", job("train", `"data":"link.csv"`), "data"},
		{"jobs", job("train", `"data":"-"`), "data"},
		{"jobs", job("train", `"data":"idx:/etc/passwd,/etc/passwd"`), "data"},
		{"jobs", job("train", `"data":"mnist:/etc"`), "data"},
		{"jobs", job("train", `"data":"runs/.serve/key"`), "data"},
		{"jobs", job("train", `"data":"digits:n=1000000"`), "data"},
		{"jobs", job("train", `"data":"digits:n=9223372036854775807"`), "data"},
		{"jobs", job("train", `"data":"spirals:turns=1e308"`), "data"},
		{"jobs", job("train", `"model":"mlp:100000,100000"`), "model"},
		{"jobs", job("train", `"test":"/etc/passwd"`), "test"},
		{"jobs", job("train", `"lr":"-1"`), "lr"},
		{"jobs", job("train", `"optimizer":"--out=/tmp/x"`), "optimizer"},
		{"jobs", job("compare", `"problem":["/etc/passwd"]`), "problem"},
		{"jobs", job("compare", `"problem":["../outside.yaml"]`), "problem"},
		{"jobs", job("compare", `"problem":["-"]`), "problem"},
		{"jobs", job("compare", `"problem":["digits:n=1000000000/softmax"]`), "problem"},
		{"schedules/curve", `{"total":` + strings.Repeat("9", 60_000) + `,"schedules":[]}`, "total"},
		{"explore/at", `{"` + strings.Repeat("z", 60_000) + `":1}`, ""},
		{"explore/paths", `{"function":"bowl","steps":5,"seed":-1}`, "seed"},
		{"jobs", `{"kind":"train","flags":{},"experiment":"data: /etc/passwd\n"}`, ""},
		{"jobs", `{"kind":"train","flags":{},"experiment":"data: link.csv\n"}`, ""},
		{"jobs", `{"kind":"train","flags":{},"experiment":"` + strings.Repeat("a", 3<<20) + `"}`, ""},
	} {
		start := time.Now()
		r := s.do(c, "POST", "/api/"+a.path, a.body)
		var e refusal
		if err := json.Unmarshal([]byte(r.body), &e); err != nil || r.status < 400 || r.status >= 500 || e.Text == "" || a.field != "" && e.Field != a.field && !strings.HasSuffix(e.Field, "."+a.field) {
			t.Errorf("%s %.100s: %d %.300s, want the field %s", a.path, a.body, r.status, r.body, a.field)
		}
		if len(e.Text) > 2000 || len(e.Field) > 200 {
			t.Errorf("%s %.100s: the answer has %d bytes", a.path, a.body, len(e.Text))
		}
		if d := time.Since(start); d > 3*time.Second {
			t.Errorf("%s %.100s: refused after %v", a.path, a.body, d)
		}
	}
	if r := s.do(c, "GET", "/api/jobs", ""); strings.TrimSpace(r.body) != `{"jobs":[]}` {
		t.Errorf("jobs: %s", r.body)
	}
	for _, path := range []string{
		"/api/jobs/..%2f..%2fkey", "/api/jobs/%2e%2e", "/api/jobs/../key/log", "/api/jobs/x/files/..%2f..%2fkey", "/api/jobs/x/files/%2e%2e%2fkey", "/api/jobs/..%5c..%5ckey/log",
		"/api/runs/" + strings.Repeat("a", 8000), "/api/runs/.serve/files/key", "/api/runs/..%2fruns%2f.serve/files/key", "/api/runs/.serve%2fjobs/files/x", "/api/runs/%2e%2e/files/inside.csv",
	} {
		if r := s.do(c, "GET", path, ""); r.status < 300 || strings.Contains(r.body, "a,b") || len(r.body) == keyBytes {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
	for _, path := range []string{"/api/jobs/%2e%2e", "/api/jobs/..%2f..%2fkey", "/api/runs/.serve", "/api/runs/%2e%2e", "/api/runs/..%2f"} {
		if r := s.do(c, "DELETE", path, ""); r.status < 300 {
			t.Errorf("DELETE %s: %d %s", path, r.status, r.body)
		}
	}
	if _, err := os.Stat("runs/.serve/key"); err != nil {
		t.Error(err)
	}
}

// Names, tags, settings and verdicts of runs are data wherever they are shown.
func TestMarkupInRuns(t *testing.T) {
	const evil = `<img src=x onerror=alert(1)><script>alert(2)</script>`
	runs := t.TempDir()
	run, err := record.Create(runs, record.CreateOptions{Now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Name: evil})
	if err != nil {
		t.Fatal(err)
	}
	if err := run.WriteExperiment([]byte("name: " + fmt.Sprintf("%q", evil) + "\noptimizer: " + fmt.Sprintf("%q", evil) + "\n")); err != nil {
		t.Fatal(err)
	}
	l, err := run.Log(nil)
	if err != nil {
		t.Fatal(err)
	}
	l.Event(&train.Started{Optimizer: evil, Steps: 1})
	l.Event(&train.Step{Step: 1, Loss: 1, Rate: 0.1})
	l.Event(&train.Finished{Result: &train.Result{Reason: train.ReasonSteps, Steps: 1, FinalLoss: 1, Verdict: evil}})
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := run.Tag([]string{"<b>tag</b>"}, nil); err != nil {
		t.Log(err) // such a tag may be refused
	}
	for _, name := range []string{"report.html", "picture.svg", "page.xhtml", "x.js", "<b>.txt"} {
		if err := os.WriteFile(run.Path(name), []byte(evil), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := run.Close(); err != nil {
		t.Fatal(err)
	}
	s := open(t, Options{Runs: runs, Command: []string{"/bin/false"}})
	c := s.browser()
	for _, path := range []string{
		"/api/runs", "/api/runs?column=optimizer&column=name", "/api/runs/" + run.ID, "/api/runs/compare?id=" + run.ID, "/api/runs/" + run.ID + "/curves",
		"/api/runs?where=" + "%3Cscript%3Ealert(2)%3C/script%3E%3D1", "/api/runs?sort=%3Cscript%3Ealert(2)", "/api/runs/%3Cscript%3Ealert(2)", "/api/jobs/%3Cscript%3Ealert(2)/log",
		"/api/runs/" + run.ID + "/files/%3Cscript%3Ealert(2)",
	} {
		r := s.do(c, "GET", path, "")
		if strings.Contains(r.body, "<script") || strings.Contains(r.body, "<img") || r.header.Get("Content-Type") != "application/json" || r.status >= 500 {
			t.Errorf("%s: %d %s %s", path, r.status, r.header.Get("Content-Type"), r.body)
		}
	}
	for _, name := range []string{"report.html", "picture.svg", "page.xhtml", "x.js", "%3Cb%3E.txt"} {
		r := s.do(c, "GET", "/api/runs/"+run.ID+"/files/"+name, "")
		csp := r.header.Get("Content-Security-Policy")
		kind := r.header.Get("Content-Type")
		active := !strings.HasPrefix(kind, "text/plain") && kind != "application/octet-stream"
		if r.status != http.StatusOK || r.header.Get("X-Content-Type-Options") != "nosniff" || active && (!strings.Contains(csp, "sandbox") || strings.Contains(csp, "allow-scripts") || strings.Contains(csp, "allow-same-origin")) {
			t.Errorf("%s: %d, a %s with policy %q", name, r.status, kind, csp)
		}
	}
}

// The tags of a run have an end.
func TestManyTags(t *testing.T) {
	runs := t.TempDir()
	run, err := record.Create(runs, record.CreateOptions{Now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)})
	if err == nil {
		err = run.WriteExperiment([]byte("name: x\n"))
	}
	if err != nil || run.Close() != nil {
		t.Fatal(err)
	}
	s := open(t, Options{Runs: runs, Command: []string{"/bin/false"}})
	c := s.browser()
	for i, want := range []int{200, 200, 400} {
		var tags []string
		for j := range 100 {
			tags = append(tags, fmt.Sprintf("%q", fmt.Sprintf("t%d-%d", i, j)))
		}
		if r := s.do(c, "POST", "/api/runs/"+run.ID+"/tags", `{"add":[`+strings.Join(tags, ",")+`]}`); r.status != want {
			t.Errorf("%d tags more: %d %.200s", 100*i, r.status, r.body)
		}
	}
	for change, want := range map[string]int{
		`{"add":["t0-0"]}`:                 200, // it is there
		`{"add":["more"],"remove":["no"]}`: 400, // which makes no room
	} {
		if r := s.do(c, "POST", "/api/runs/"+run.ID+"/tags", change); r.status != want {
			t.Errorf("%s: %d %.200s", change, r.status, r.body)
		}
	}
}
