package web

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/descent-go/descent/record"
	"github.com/descent-go/descent/train"
)

// A runsBench is a server's routes of runs without the guard, over a folder.
type runsBench struct {
	*httptest.Server
	t    testing.TB
	root string
	s    *Server
}

func newRunsBench(t testing.TB, root string) *runsBench {
	t.Helper()
	s, err := New(Options{Runs: root, Note: func(format string, args ...any) { t.Logf(format, args...) }})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	for _, r := range s.runsRoutes() {
		mux.Handle(r.pattern, s.limited(r))
	}
	b := &runsBench{httptest.NewServer(mux), t, root, s}
	t.Cleanup(b.end)
	return b
}

// end ends the server, for another one over the same folder.
func (b *runsBench) end() {
	b.Close()
	if err := b.s.Close(); err != nil {
		b.t.Error(err)
	}
}

// call sends a request and reads the answer into v, and returns the status.
func (b *runsBench) call(method, path string, body, v any) int {
	b.t.Helper()
	var r io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			b.t.Fatal(err)
		}
		r = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.URL+path, r)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if v != nil {
		if err := json.Unmarshal(text, v); err != nil {
			b.t.Fatalf("%s %s: %d %s: %v", method, path, resp.StatusCode, text, err)
		}
	}
	return resp.StatusCode
}

// get asks for what must be there.
func (b *runsBench) get(path string, v any) {
	b.t.Helper()
	if status := b.call("GET", path, nil, v); status != http.StatusOK {
		b.t.Fatalf("GET %s: status %d", path, status)
	}
}

// beginRun begins a run and opens its log.
func beginRun(t testing.TB, root, name string, at time.Time) (*record.Run, *record.Log) {
	t.Helper()
	run, err := record.Create(root, record.CreateOptions{Now: at, Name: name})
	if err != nil {
		t.Fatal(err)
	}
	l, err := run.Log(nil)
	if err != nil {
		t.Fatal(err)
	}
	return run, l
}

// makeRun records a run with a setting of lr and a loss for each step.
func makeRun(t testing.TB, root, lr string, at time.Time, losses ...float64) *record.Run {
	t.Helper()
	run, l := beginRun(t, root, "test", at)
	if err := run.WriteExperiment([]byte("optimizer: adam\nlr: " + lr + "\n")); err != nil {
		t.Fatal(err)
	}
	l.Event(&train.Started{Optimizer: "adam", Steps: int64(len(losses))})
	for i, loss := range losses {
		l.Event(&train.Step{Step: int64(i + 1), Loss: loss, Rate: 0.1})
	}
	l.Event(&train.Finished{Result: &train.Result{Reason: train.ReasonSteps, Steps: int64(len(losses)), FinalLoss: losses[len(losses)-1], Verdict: "all steps are done"}})
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := run.Close(); err != nil {
		t.Fatal(err)
	}
	return run
}

var morning = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

func TestRunsList(t *testing.T) {
	root := t.TempDir()
	b := newRunsBench(t, root)
	var list runList
	b.get("/api/runs", &list)
	if len(list.Runs) != 0 || list.Total != 0 {
		t.Fatalf("%+v, want none", list)
	}
	for i, lr := range []string{"0.1", "0.01", "0.001"} {
		run := makeRun(t, root, lr, morning.Add(time.Duration(i)*time.Minute), 3, 2-float64(i))
		if i == 1 {
			if _, err := run.Tag([]string{"<b>best"}, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	lrs := func(query string) string {
		t.Helper()
		var list runList
		b.get("/api/runs?column=lr&column=final_loss"+query, &list)
		var got []string
		for _, r := range list.Runs {
			got = append(got, r.Cells[0].(string))
		}
		return strings.Join(got, " ")
	}
	for query, want := range map[string]string{
		"":                                   "0.001 0.01 0.1",
		"&sort=final_loss":                   "0.001 0.01 0.1",
		"&sort=-final_loss":                  "0.1 0.01 0.001",
		"&where=lr%3E0.005&sort=lr":          "0.01 0.1",
		"&tag=" + url.QueryEscape("<b>best"): "0.01",
		"&status=finished&limit=1":           "0.001",
		"&status=running":                    "",
	} {
		if got := lrs(query); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	b.get("/api/runs", &list)
	if list.Total != 3 || !slices.Equal(list.Tags, []string{"<b>best"}) || !slices.Equal(list.Varied, []string{"lr"}) || !slices.Contains(list.Fields, "final_loss") || list.Runs[0].Status != record.StatusFinished {
		t.Errorf("%+v", list)
	}
	var same runList
	b.get("/api/runs?seen="+list.Seen, &same)
	if !same.Unchanged || same.Runs != nil {
		t.Error("an answer that was seen is sent again")
	}
	for query, field := range map[string]string{"where=lr": "where", "where=nope%3D1": "where", "sort=nope": "sort", "status=tired": "status", "limit=-1": "limit"} {
		var no refusal
		if status := b.call("GET", "/api/runs?"+query, nil, &no); status != http.StatusBadRequest || no.Field != field || no.Text == "" {
			t.Errorf("%s: %d %+v, want 400 for %s", query, status, no, field)
		}
	}
}

func TestRunPageTagsAndDelete(t *testing.T) {
	root := t.TempDir()
	b := newRunsBench(t, root)
	run := makeRun(t, root, "0.1", morning, 3, 2, 1)
	if err := os.MkdirAll(run.Path("figures"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(run.Path("figures/a.svg"), []byte("<svg/>"), 0o644); err != nil {
		t.Fatal(err)
	}
	var page runPage
	b.get("/api/runs/"+run.ID, &page)
	if page.ID != run.ID || page.Running || page.Metrics["final_loss"] != 1 || !slices.Contains(page.Settings, record.Setting{Key: "lr", Value: "0.1"}) ||
		!strings.HasPrefix(page.Repeat, "descent repeat "+run.ID) || !strings.Contains(page.Experiment, "lr: 0.1") || !slices.Contains(page.Files, file{"figures/a.svg", 6}) {
		t.Errorf("%+v", page)
	}
	var tagged struct{ Tags []string }
	for _, change := range []struct {
		add, remove []string
		want        int
		tags        []string
	}{
		{[]string{"<img>", "b"}, nil, 200, []string{"<img>", "b"}},
		{nil, []string{"b", "c"}, 200, []string{"<img>"}},
		{[]string{"two words"}, nil, 400, nil},
		{[]string{""}, nil, 400, nil},
		{slices.Repeat([]string{"x"}, 101), nil, 400, nil},
	} {
		status := b.call("POST", "/api/runs/"+run.ID+"/tags", map[string]any{"add": change.add, "remove": change.remove}, &tagged)
		if status != change.want || status == 200 && !slices.Equal(tagged.Tags, change.tags) {
			t.Errorf("%v: %d %v", change, status, tagged.Tags)
		}
	}
	work, err := record.OpenForWork(run.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if status := b.call("DELETE", "/api/runs/"+run.ID, nil, nil); status != http.StatusConflict {
		t.Errorf("a run that is running is deleted: %d", status)
	}
	if err := work.Close(); err != nil {
		t.Fatal(err)
	}
	if status := b.call("DELETE", "/api/runs/"+run.ID, nil, nil); status != http.StatusOK {
		t.Errorf("delete: %d", status)
	}
	if _, err := os.Stat(run.Dir); !os.IsNotExist(err) {
		t.Error("the folder is still there")
	}
	if status := b.call("GET", "/api/runs/"+run.ID, nil, nil); status != http.StatusNotFound {
		t.Errorf("a run that is deleted: %d", status)
	}
}

// Nothing outside of a run's folder is sent, whatever the address.
func TestRunFiles(t *testing.T) {
	root := t.TempDir()
	run := makeRun(t, filepath.Join(root, "runs"), "0.1", morning, 1)
	b := newRunsBench(t, filepath.Join(root, "runs"))
	const secret = "the secret"
	for _, path := range []string{"secret.txt", "runs/secret.txt", "runs/" + run.ID + "/.hidden"} {
		if err := os.WriteFile(filepath.Join(root, path), []byte(secret), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, target := range map[string]string{"link.txt": "../secret.txt", "far.txt": filepath.Join(root, "secret.txt"), "up": ".."} {
		if err := os.Symlink(target, run.Path(name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(root, filepath.Join(root, "runs", "outside")); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		run.ID + "/files/../../secret.txt", run.ID + "/files/..%2f..%2fsecret.txt", run.ID + "/files/%2e%2e/%2e%2e/secret.txt", run.ID + "/files/..%5c..%5csecret.txt",
		run.ID + "/files/%252e%252e/secret.txt", run.ID + "/files/link.txt", run.ID + "/files/far.txt", run.ID + "/files/up/secret.txt", run.ID + "/files/.hidden",
		run.ID + "/files/" + url.PathEscape(filepath.Join(root, "secret.txt")), run.ID + "/files/", run.ID + "/files/nothing", run.ID + "/files/figures",
		"outside/files/secret.txt", "..%2f/files/secret.txt", ".serve/files/key", "%2e/files/secret.txt", "%2e%2e/files/secret.txt", run.ID + "/files/x%00",
	} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", b.URL+"/api/runs/"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode < 400 || strings.Contains(string(text), secret) {
			t.Errorf("%s: %d %s", path, resp.StatusCode, text)
		}
	}
	resp, err := http.Get(b.URL + "/api/runs/" + run.ID + "/files/experiment.yaml") //nolint:noctx // of this test's own server
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, _ := io.ReadAll(resp.Body); !strings.Contains(string(text), "lr: 0.1") || resp.Header.Get("Content-Type") != "text/plain; charset=utf-8" || !strings.Contains(resp.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("experiment.yaml: %s %v", text, resp.Header)
	}
}

func TestRunsCompare(t *testing.T) {
	root := t.TempDir()
	b := newRunsBench(t, root)
	x, y := makeRun(t, root, "0.1", morning, 3, 2), makeRun(t, root, "0.2", morning.Add(time.Minute), 3, 1)
	var c struct{ Settings, Metrics []record.Difference }
	b.get("/api/runs/compare?id="+x.ID+"&id="+y.ID, &c)
	if len(c.Settings) != 1 || c.Settings[0].Field != "lr" || *c.Settings[0].Values[1] != "0.2" || len(c.Metrics) == 0 {
		t.Errorf("%+v", c)
	}
	for _, query := range []string{"", "?id=", "?id=nope", "?id=" + strings.Join(manyIDs(mostRuns+1), "&id=")} {
		if status := b.call("GET", "/api/runs/compare"+query, nil, nil); status < 400 || status >= 500 {
			t.Errorf("%.40s: %d", query, status)
		}
	}
}

func manyIDs(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprint("run-", i)
	}
	return ids
}

func TestRunsCurves(t *testing.T) {
	root := t.TempDir()
	b := newRunsBench(t, root)
	x, y := makeRun(t, root, "0.1", morning, 3, 2, 1), makeRun(t, root, "0.2", morning.Add(time.Minute), 5, 4, 3)
	var d runsDrawn
	b.get("/api/runs/"+x.ID+"/curves?metric=loss&metric=rate&metric=nothing&width=100", &d)
	if len(d.Runs) != 1 || len(d.Runs[0].Curves) != 2 || !slices.Equal(d.Runs[0].Curves[0].Y, []float64{3, 2, 1}) || d.Runs[0].Place == "" || !d.Runs[0].Finished {
		t.Errorf("%+v", d)
	}
	b.get("/api/runs/curves?id="+x.ID+"&id="+y.ID+"&metric=loss&group=optimizer&smooth=0.5", &d)
	if len(d.Groups) != 1 || d.Groups[0].Name != "optimizer adam" || len(d.Groups[0].Bands) != 1 || d.Groups[0].Bands[0].Mid[0] != 4 || d.Runs[1].Curves[0].Smooth == nil {
		t.Errorf("%+v", d)
	}
	strange := makeRun(t, root, "0.3", morning.Add(2*time.Minute), 7) // the folder was renamed
	if err := os.Rename(strange.Dir, filepath.Join(root, "a,b&id=c d")); err != nil {
		t.Fatal(err)
	}
	b.get("/api/runs/curves?id=a%2Cb%26id%3Dc+d&id="+y.ID+"&metric=loss", &d)
	if len(d.Runs) != 2 || d.Runs[0].ID != "a,b&id=c d" || len(d.Runs[0].Curves) != 1 || d.Runs[0].Curves[0].Y[0] != 7 {
		t.Errorf("%+v", d)
	}
	for query, field := range map[string]string{"x=time": "x", "width=0": "width", "width=9999": "width", "smooth=1": "smooth", "smooth=NaN": "smooth", "metric=" + strings.Join(manyIDs(65), "&metric="): "metric"} {
		var no refusal
		if status := b.call("GET", "/api/runs/"+x.ID+"/curves?"+query, nil, &no); status != http.StatusBadRequest || no.Field != field {
			t.Errorf("%.40s: %d %+v, want 400 for %s", query, status, no, field)
		}
	}
}

// Whoever draws the same runs takes their logs in the same order, or two could wait
// for each other while the logs grow.
func TestReadAll(t *testing.T) {
	root := t.TempDir()
	b := newRunsBench(t, root)
	var logs []*runLog
	for i := range 2 {
		l, err := b.s.runs.log(t.Context(), makeRun(t, root, "0.1", morning.Add(time.Duration(i)*time.Minute), 1).ID)
		if err != nil {
			t.Fatal(err)
		}
		defer b.s.runs.release(l)
		logs = append(logs, l)
	}
	for _, order := range [][]*runLog{{logs[0], logs[1]}, {logs[1], logs[0]}} {
		logs[1].mu.Lock()
		var got []*record.Columns
		done := make(chan struct{})
		go func() {
			defer close(done)
			readAll(order, func(all []*record.Columns) { got = all })
		}()
		taken := false
		for until := time.Now().Add(5 * time.Second); !taken && time.Now().Before(until); time.Sleep(time.Millisecond) {
			if taken = !logs[0].mu.TryLock(); !taken {
				logs[0].mu.Unlock()
			}
		}
		if !taken {
			t.Error("the second log is waited for before the first is taken")
		}
		logs[1].mu.Unlock()
		if <-done; !slices.Equal(got, []*record.Columns{order[0].columns, order[1].columns}) {
			t.Errorf("columns %v", got)
		}
	}
}

func TestRunDiagnosis(t *testing.T) {
	root := t.TempDir()
	b := newRunsBench(t, root)
	run := makeRun(t, root, "0.1", morning, 1)
	work, err := record.OpenForWork(run.Dir)
	if err != nil {
		t.Fatal(err)
	}
	l, err := work.Log(nil)
	if err != nil {
		t.Fatal(err)
	}
	l.Event(&train.Diagnosis{Step: 1, Alpha: 0.5, Params: []train.ParamNorms{{Name: "w", Value: 2, Grad: 3, Update: 4, Ratio: 2}}})
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := work.Close(); err != nil {
		t.Fatal(err)
	}
	var d runDiagnosis
	b.get("/api/runs/"+run.ID+"/diagnosis", &d)
	if d.Step != 1 || d.Alpha == nil || *d.Alpha != 0.5 || len(d.Params) != 1 || d.Params[0].Name != "w" || *d.Params[0].Ratio != 2 {
		t.Errorf("%+v", d)
	}
}

var manyRuns = flag.Int("runs", 500, "how many runs TestManyRuns lists")

// Many runs are listed, filtered and sorted fast once they are known.
func TestManyRuns(t *testing.T) {
	root := t.TempDir()
	n, last, want := *manyRuns, 0, 0 // of those whose lr is above 2
	for i := range n {
		if i%7 > 2 {
			last, want = i, want+1
		}
		dir := filepath.Join(root, fmt.Sprintf("20261122-%06d-run-%04d", i, i))
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		text := record.AppendEvent(nil, 0, &train.Started{})
		text = record.AppendEvent(text, 1, &train.Finished{Result: &train.Result{Reason: train.ReasonSteps, FinalLoss: float64(i)}})
		if err := os.WriteFile(filepath.Join(dir, record.EventsFile), text, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, record.ExperimentFile), fmt.Appendf(nil, "optimizer: adam\nlr: %d\nseed: %d\nmodel: mlp:128\ndata: digits\nbatch: 32\nepochs: 10\n", i%7, i), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b := newRunsBench(t, root)
	var list runList
	begin := time.Now()
	b.get("/api/runs?column=lr", &list)
	cold := time.Since(begin)
	best := time.Hour
	for range 5 {
		begin := time.Now()
		b.get("/api/runs?column=lr&column=seed&column=final_loss&column=model&where=lr%3E2&sort=-final_loss", &list)
		best = min(best, time.Since(begin))
	}
	if list.Total != n || len(list.Runs) != want || list.Runs[0].Cells[2].(float64) != float64(last) {
		t.Errorf("%d of %d runs", len(list.Runs), list.Total)
	}
	t.Logf("%d runs: %v at first, %v when they are known", n, cold, best)
	if best > time.Duration(n)*time.Millisecond {
		t.Errorf("%d runs take %v", n, best)
	}
}
