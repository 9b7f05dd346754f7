//go:build unix

package web

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A program for the shell: it writes events and files where it is told to, and does
// what --name says.
const program = `
for a; do
	case $a in --out=*) out=${a#--out=};; --events=*) events=${a#--events=};; --name=*) name=${a#--name=};; esac
done
echo "remark <b>" >&2
mkdir -p "$out/sub"
echo '{"html":"<script>"}' > "$out/$1.json"
echo '<script>alert(1)</script>' > "$out/report.html"
echo '<svg xmlns="http://www.w3.org/2000/svg"/>' > "$out/sub/a b.svg"
printf 'function: rosenbrock\nsteps: 5\n' > "$out/best.yaml"
echo secret > "$out/.hidden"
echo x > "$out/model.bin"
ln -sf /etc/passwd "$out/link.txt"
ln -sf ../job.json "$out/up.txt"
if [ -n "$events" ]; then echo '{"event":"a<b"}' >> "$events"; fi
case $name in
	wait) trap 'exit 143' TERM; while :; do sleep 0.01; done;;
	fail) echo "prog: <i>bad</i>" >&2; exit 1;;
esac
`

// jobSite serves jobs that the program above does.
func jobSite(t *testing.T) (*site, *http.Client) {
	t.Helper()
	t.Chdir(t.TempDir())
	s := open(t, Options{Runs: "runs", Program: "prog", Command: []string{"/bin/sh", "-c", program, "prog"}, Streams: 3})
	return s, s.browser()
}

type jobView struct{ ID, State, Error, Command, Run, Kind string }

// jobOf asks for something that a job is the answer to.
func (s *site) jobOf(c *http.Client, method, path, body string) (j jobView) {
	s.t.Helper()
	a := s.do(c, method, path, body)
	if a.status != http.StatusOK {
		s.t.Fatalf("%s %s: %d %s", method, path, a.status, a.body)
	}
	if err := json.Unmarshal([]byte(a.body), &j); err != nil {
		s.t.Fatal(err)
	}
	return j
}

func (s *site) becomes(c *http.Client, id, state string) (j jobView) {
	s.t.Helper()
	for range 1000 {
		if j = s.jobOf(c, "GET", "/api/jobs/"+id, ""); j.State == state {
			return j
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.t.Fatalf("%+v, want %s", j, state)
	return j
}

func TestJobFiles(t *testing.T) {
	s, c := jobSite(t)
	j := s.jobOf(c, "POST", "/api/jobs", `{"kind":"tune"}`)
	s.becomes(c, j.ID, "done")
	base := "/api/jobs/" + j.ID
	if a := s.do(c, "GET", base+"/result", ""); a.body != "{\"html\":\"<script>\"}\n" || a.header.Get("Content-Type") != "application/json" {
		t.Errorf("%+v", a)
	}
	if a := s.do(c, "GET", base+"/log", ""); a.body != "remark <b>\n" || a.header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("%+v", a)
	}
	if a := s.do(c, "GET", base+"/files", ""); a.body != `{"files":[{"name":"best.yaml","bytes":30},{"name":"model.bin","bytes":2},{"name":"report.html","bytes":26},{"name":"sub/a b.svg","bytes":42},{"name":"tune.json","bytes":20}]}`+"\n" {
		t.Errorf("%+v", a)
	}
	for name, kind := range map[string]string{
		"report.html": "text/html; charset=utf-8", "sub/a%20b.svg": "image/svg+xml", "best.yaml": "text/plain; charset=utf-8", "model.bin": "application/octet-stream",
	} {
		a := s.do(c, "GET", base+"/files/"+name, "")
		csp := a.header.Get("Content-Security-Policy")
		if a.status != http.StatusOK || a.header.Get("Content-Type") != kind || a.header.Get("X-Content-Type-Options") != "nosniff" ||
			!strings.HasPrefix(csp, "sandbox allow-downloads; default-src 'none';") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "script") {
			t.Errorf("%s: %+v", name, a)
		}
		if got := a.header.Get("Content-Disposition"); (got != "") != (name == "model.bin") {
			t.Errorf("%s: %q", name, got)
		}
		if got := s.do(c, "GET", base+"/files/"+name+"?download", "").header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment; filename=") {
			t.Errorf("%s: %q", name, got)
		}
	}
	for _, name := range []string{
		"none", "sub", "", ".hidden", "link.txt", "up.txt", "../job.json", "%2e%2e/job.json", "..%2fjob.json", "%2e%2e%2fjob.json", `..\job.json`, `sub\..\..\job.json`, "sub%5c..%5c..%5cjob.json",
		"%2fetc%2fpasswd", "/etc/passwd", "sub/../../job.json", "%252e%252e/job.json", "report.html%00", "C:%5cjob.json",
	} {
		a := s.do(c, "GET", base+"/files/"+name, "")
		if a.status == http.StatusOK && !strings.HasPrefix(a.body, `{"files":`) && !strings.HasPrefix(a.body, `{"id":`) || strings.Contains(a.body, "root:") || strings.Contains(a.body, `"args"`) {
			t.Errorf("%s: %+v", name, a)
		}
	}
	for _, id := range []string{"..", "%2e%2e", "..%2f..%2fkey", j.ID + "%2f..", "%00", "kinds%2f"} {
		if a := s.do(c, "GET", "/api/jobs/"+id+"/files/job.json", ""); a.status == http.StatusOK {
			t.Errorf("%s: %+v", id, a)
		}
	}
	// The best settings are trained with by a job of their own.
	train := s.jobOf(c, "POST", "/api/jobs", `{"kind":"train","from":"`+j.ID+`","flags":{"seed":4}}`)
	if train.Command != "prog train experiment.yaml --seed 4" || train.Run != train.ID || !strings.Contains(train.ID, "-rosenbrock-adamw-") {
		t.Errorf("%+v", train)
	}
	s.becomes(c, train.ID, "done")
	text, err := os.ReadFile(filepath.Join("runs", ".serve", "jobs", train.ID, "experiment.yaml"))
	if err != nil || string(text) != "function: rosenbrock\nsteps: 5\n" {
		t.Errorf("%s, %v", text, err)
	}
	if _, err := os.Stat(filepath.Join("runs", train.Run, "train.json")); err != nil {
		t.Error(err)
	}
	if a := s.do(c, "DELETE", base, ""); a.status != http.StatusOK {
		t.Errorf("%+v", a)
	}
	if a := s.do(c, "GET", base+"/files", ""); a.status != http.StatusNotFound {
		t.Errorf("%+v", a)
	}
}

func TestJobEvents(t *testing.T) {
	s, c := jobSite(t)
	j := s.jobOf(c, "POST", "/api/jobs", `{"kind":"find-lr","flags":{"name":"wait"}}`)
	events := "/api/jobs/" + j.ID + "/events"
	streamed := make(chan string, 1)
	go func() { streamed <- s.do(c, "GET", events, "").body }()
	path := filepath.Join("runs", ".serve", "jobs", j.ID, "events.jsonl")
	for range 500 {
		if _, err := os.Stat(path); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.jobOf(c, "POST", "/api/jobs/"+j.ID+"/stop", "{}")
	s.becomes(c, j.ID, "stopped")
	body := <-streamed
	line := strings.Index(body, "event: line\nid: 16-")
	end := strings.Index(body, "event: end\n")
	if line < 0 || end < line || !strings.Contains(body[line:end], `data: {"event":"a<b"}`) || !strings.Contains(body[line:end], `"state":"stopped"`) || !strings.Contains(body, `"state":"running"`) {
		t.Errorf("stream:\n%s", body)
	}
	id, _, _ := strings.Cut(body[line+len("event: line\nid: "):], "\n")
	for _, header := range [][]string{{"Last-Event-ID", id}, {"Last-Event-ID", "0"}, nil} {
		body := s.do(c, "GET", events, "", header...).body
		if again := strings.Contains(body, "event: line"); again != (header == nil || header[1] == "0") || strings.Contains(body, "rewind") || !strings.Contains(body, "event: end") {
			t.Errorf("from %v:\n%s", header, body)
		}
	}
	for _, place := range []string{"9", "-1", "x", "16-zzzzzzzz", strings.Repeat("9", 100)} {
		if a := s.do(c, "GET", events+"?from="+place, ""); a.status != http.StatusBadRequest || !strings.Contains(a.body, `"field":"from"`) {
			t.Errorf("from %s: %+v", place, a)
		}
	}
	if body := s.do(c, "GET", events+"?from=4711-00000000", "").body; !strings.Contains(body, "event: rewind\nid: 0\n") {
		t.Errorf("from a place of another file:\n%s", body)
	}
}

// What a client does wrong is told with the field, and by the right status.
func TestJobRefusals(t *testing.T) {
	s, c := jobSite(t)
	failed := s.jobOf(c, "POST", "/api/jobs", `{"kind":"find-lr","flags":{"name":"fail"}}`)
	if j := s.becomes(c, failed.ID, "failed"); j.Error != "<i>bad</i>" {
		t.Errorf("%+v", j)
	}
	for _, q := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"POST", "/api/jobs", `{"kind":"rm"}`, 400, `"field":"kind"`},
		{"POST", "/api/jobs", `{"kind":"train","flags":{"out":"/tmp/x"}}`, 400, `"field":"out"`},
		{"POST", "/api/jobs", `{"kind":"train","flags":{"steps":1000000000,"function":"rosenbrock"}}`, 400, `1000000000 steps, want at most 100000000`},
		{"POST", "/api/jobs", `{"kind":"train","experiment":"batch: many"}`, 400, `"field":"experiment","column":8`},
		{"POST", "/api/jobs", `{"kind":"train","flags":{"lr":{}}}`, 400, "want a string"},
		{"POST", "/api/jobs", `{"kind":"train","argv":["rm"]}`, 400, `"field":"argv"`},
		{"POST", "/api/jobs", `{"kind":"train","from":"../../key"}`, 400, `"field":"from"`},
		{"POST", "/api/jobs", `{"kind":"train","from":"` + failed.ID + `"}`, 400, "want a tuning"},
		{"POST", "/api/jobs", `{"kind":"train","experiment":"` + strings.Repeat("x", 3<<20) + `"}`, 413, "longer than"},
		{"POST", "/api/jobs/none/stop", `{}`, 404, "there is no such job"},
		{"POST", "/api/jobs/" + failed.ID + "/pause", `{}`, 409, "which cannot be paused"},
		{"GET", "/api/jobs/none/events", "", 404, "there is no such job"},
		{"DELETE", "/api/jobs/none", "", 404, "there is no such job"},
	} {
		if a := s.do(c, q.method, q.path, q.body); a.status != q.status || !strings.Contains(a.body, q.want) {
			t.Errorf("%s %s %.100s: %d %s, want %d %s", q.method, q.path, q.body, a.status, a.body, q.status, q.want)
		}
	}
	var kinds struct {
		Kinds []struct {
			Kind  string
			Flags []struct{ Name string }
		}
	}
	if err := json.Unmarshal([]byte(s.do(c, "GET", "/api/jobs/kinds", "").body), &kinds); err != nil || len(kinds.Kinds) != 4 || kinds.Kinds[1].Kind != "compare" || kinds.Kinds[1].Flags[0].Name != "problem" {
		t.Errorf("%+v, %v", kinds, err)
	}
	var list struct{ Jobs []jobView }
	for kind, n := range map[string]int{"": 1, "find-lr": 1, "train": 0} {
		if err := json.Unmarshal([]byte(s.do(c, "GET", "/api/jobs?kind="+kind, "").body), &list); err != nil || len(list.Jobs) != n || list.Jobs == nil {
			t.Errorf("jobs of kind %q: %+v, %v", kind, list, err)
		}
	}
}
