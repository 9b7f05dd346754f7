//go:build unix

package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/web"
)

// A flag of a command that runs as a job is offered to the page, is a setting, or
// is on the list of those that are not for it.
func TestJobFlags(t *testing.T) {
	var settings []string
	for _, s := range experiment.Settings() {
		settings = append(settings, s.Key)
	}
	refused := []string{"out", "json", "quiet", "runs", "resume", "plain", "tensorboard", "metrics", "theme", "resolution", "events", "help"}
	root := newRoot(&app{program: "descent"})
	for _, kind := range []string{"train", "compare", "tune", "find-lr"} {
		cmd, _, err := root.Find([]string{kind})
		if err != nil {
			t.Fatal(err)
		}
		offered, takes := web.JobFlags(kind)
		cmd.InitDefaultHelpFlag()
		all := map[string]bool{}
		each := func(f *pflag.Flag) {
			all[f.Name] = true
			if !slices.Contains(offered, f.Name) && !(takes && slices.Contains(settings, f.Name)) && !slices.Contains(refused, f.Name) {
				t.Errorf("%s --%s: may the page set it?", kind, f.Name)
			}
		}
		cmd.Flags().VisitAll(each)
		cmd.InheritedFlags().VisitAll(each)
		for _, name := range offered {
			if !all[name] {
				t.Errorf("%s has no --%s", kind, name)
			}
			if slices.Contains(refused, name) {
				t.Errorf("%s --%s is for the server to choose", kind, name)
			}
		}
		if takes != all["batch"] {
			t.Errorf("%s takes settings: %v", kind, takes)
		}
	}
}

// A site is a page that a process of its own serves, and a browser that is in.
type site struct {
	t      *testing.T
	dir    string
	env    []string
	addr   string
	client *http.Client
	*process
}

// serve starts a server in a folder.
func serve(t *testing.T, dir string, env ...string) *site {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, dir: dir, env: env, addr: "127.0.0.1:0", client: &http.Client{Jar: jar, Timeout: patience}}
	s.begin()
	return s
}

// begin starts the server, at the address that it had before.
func (s *site) begin() {
	s.t.Helper()
	s.process = prepare(s.t, s.dir, s.env, "serve", "--addr", s.addr, "--json")
	var out written
	s.cmd.Stdout = &out
	s.start()
	s.until("the address", func() bool { return strings.HasSuffix(out.String(), "}\n") })
	var r serveReport
	if err := json.Unmarshal([]byte(out.String()), &r); err != nil {
		s.t.Fatalf("%s: %v", out.String(), err)
	}
	if s.addr == "127.0.0.1:0" {
		s.addr = r.Address
		res, err := s.client.Get(r.URL)
		if err != nil {
			s.t.Fatal(err)
		}
		_ = res.Body.Close()
	}
}

// ask sends a request and decodes the answer, whose status has to be want.
func (s *site) ask(method, path, body string, want int, answer any) {
	s.t.Helper()
	r, err := http.NewRequest(method, "http://"+s.addr+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := s.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != want {
		s.t.Fatalf("%s %s: %s %s %v", method, path, res.Status, text, err)
	}
	if answer != nil {
		if err := json.Unmarshal(text, answer); err != nil {
			s.t.Fatalf("%s %s: %s: %v", method, path, text, err)
		}
	}
}

// A jobView is what the server says of a job.
type jobView struct{ ID, State, Command, Error, Run string }

func (s *site) post(path, body string) (j jobView) {
	s.t.Helper()
	s.ask("POST", path, body, http.StatusOK, &j)
	return j
}

// becomes waits until a job is in a state.
func (s *site) becomes(id string, states ...string) (j jobView) {
	s.t.Helper()
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		s.ask("GET", "/api/jobs/"+id, "", http.StatusOK, &j)
		if slices.Contains(states, j.State) {
			return j
		}
		if time.Since(began) > patience {
			s.t.Fatalf("%+v, want %v", j, states)
		}
	}
}

// A comparison that the page starts is that of the command line, number by number.
func TestServeComparison(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, dir)
	j := s.post("/api/jobs", `{"kind":"compare","flags":{"problem":"rosenbrock","optimizer":["adam","sgd:momentum=0.9"],"steps":150,"trials":3,"seeds":3,"seed":7}}`)
	if want := "descent compare --problem rosenbrock --optimizer adam --optimizer sgd:momentum=0.9 --steps 150 --trials 3 --seeds 3 --seed 7"; j.Command != want {
		t.Errorf("command %s", j.Command)
	}
	s.becomes(j.ID, "done")
	var page, line map[string]any
	s.ask("GET", "/api/jobs/"+j.ID+"/result", "", http.StatusOK, &page)
	complete(t, dir, nil, exitOK, append(strings.Fields(j.Command)[1:], "--out", "mine", "--no-figures")...)
	text, err := os.ReadFile(filepath.Join(dir, "mine", "compare.json"))
	if err == nil {
		err = json.Unmarshal(text, &line)
	}
	if err != nil {
		t.Fatal(err)
	}
	undated(page)
	undated(line)
	if !reflect.DeepEqual(page, line) {
		t.Errorf("the page has\n%v\nthe command line\n%v", page, line)
	}
	var files struct{ Files []struct{ Name string } }
	s.ask("GET", "/api/jobs/"+j.ID+"/files", "", http.StatusOK, &files)
	if !slices.ContainsFunc(files.Files, func(f struct{ Name string }) bool { return f.Name == "report.html" }) {
		t.Errorf("files: %v", files)
	}
	s.ask("DELETE", "/api/jobs/"+j.ID, "", http.StatusOK, nil)
	s.ask("GET", "/api/jobs/"+j.ID, "", http.StatusNotFound, nil)
}

// undated removes from a report what is another time another time.
func undated(v any) {
	switch v := v.(type) {
	case map[string]any:
		for key, x := range v {
			if strings.Contains(key, "seconds") || key == "command" || key == "files" {
				delete(v, key)
			}
			undated(x)
		}
	case []any:
		for _, x := range v {
			undated(x)
		}
	}
}

// What only the command finds out is told as it says it, whatever is in it.
func TestServeFailure(t *testing.T) {
	dir := t.TempDir()
	const name = `<img src=x onerror=alert(1)>.csv`
	if err := os.WriteFile(filepath.Join(dir, name), []byte("a,b\n1,<script>\n2\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	s := serve(t, dir)
	j := s.post("/api/jobs", `{"kind":"train","flags":{"data":"<img src=x onerror=alert(1)>.csv","name":"<b>bold</b>"}}`)
	if j = s.becomes(j.ID, "failed"); !strings.Contains(j.Error, name) || strings.Contains(j.ID, "<") || !strings.Contains(j.Command, "--name '<b>bold</b>'") {
		t.Errorf("%+v", j)
	}
}

// A follower is a browser that follows the events of a job, across servers.
type follower struct {
	mu     sync.Mutex
	text   bytes.Buffer // what came and was not cut back
	lines  int          // that came at all
	last   string
	states []string
	ended  bool
	wrong  error
}

// follow reads a stream until it breaks.
func (f *follower) follow(ctx context.Context, s *site, id string) {
	r, err := http.NewRequestWithContext(ctx, "GET", "http://"+s.addr+"/api/jobs/"+id+"/events", nil)
	if err != nil {
		f.fail(err)
		return
	}
	f.mu.Lock()
	if f.last != "" {
		r.Header.Set("Last-Event-ID", f.last)
	}
	f.mu.Unlock()
	client := *s.client
	client.Timeout = 0
	res, err := client.Do(r)
	if err != nil {
		return // the server is away
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		f.fail(fmt.Errorf("the stream: %s", res.Status))
		return
	}
	var name, id2 string
	for in := bufio.NewReader(res.Body); ; {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		field, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch field {
		case "event":
			name, id2 = value, ""
		case "id":
			id2 = value
		case "data":
			f.event(name, id2, value)
		}
	}
}

func (f *follower) event(name, id, data string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch name {
	case "line":
		f.lines++
		f.text.WriteString(data + "\n")
		f.last = id
		if want := fmt.Sprintf("%d-", f.text.Len()); !strings.HasPrefix(id, want) && f.wrong == nil {
			f.wrong = fmt.Errorf("the place is %s after %d bytes: a line is missing or there twice", id, f.text.Len())
		}
	case "rewind":
		place, _, _ := strings.Cut(id, "-")
		if n, err := strconv.Atoi(place); err == nil && n <= f.text.Len() {
			f.text.Truncate(n)
		} else if f.wrong == nil {
			f.wrong = fmt.Errorf("cut back to %s, after %d bytes", id, f.text.Len())
		}
		f.last = id
	case "job":
		var j jobView
		if err := json.Unmarshal([]byte(data), &j); err != nil && f.wrong == nil {
			f.wrong = err
		}
		f.states = append(f.states, j.State)
	case "end":
		f.ended = true
	}
}

func (f *follower) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.wrong = err
}

// more waits for so many lines more.
func (f *follower) more(t *testing.T, n int) {
	t.Helper()
	f.mu.Lock()
	goal := f.lines + n
	f.mu.Unlock()
	f.until(t, fmt.Sprintf("%d lines", goal), func() bool { return f.lines >= goal })
}

// until waits for what f has been told.
func (f *follower) until(t *testing.T, what string, told func() bool) {
	t.Helper()
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		f.mu.Lock()
		done, lines, states, wrong := told(), f.lines, slices.Clone(f.states), f.wrong
		f.mu.Unlock()
		if wrong != nil {
			t.Fatal(wrong)
		}
		if done {
			return
		}
		if time.Since(began) > patience {
			t.Fatalf("%d lines and the states %v, want %s", lines, states, what)
		}
	}
}

// A training outlives the server that started it; who follows it gets every line
// once, whichever server it is, and begins again where the run goes on from a
// checkpoint.
func TestServeTraining(t *testing.T) {
	for _, program := range []string{"descent", "steady"} {
		t.Run(program, func(t *testing.T) {
			dir := t.TempDir()
			s := serve(t, dir, asProcess+"="+program)
			body := `{"kind":"train","experiment":"data: digits:n=2000\nmodel: mlp:256,128\nepochs: 100000\n","flags":{"seed":3}}`
			if program == "steady" {
				s.ask("POST", "/api/jobs", `{"kind":"train","flags":{"data":"digits"}}`, http.StatusBadRequest, nil)
				body = `{"kind":"train","flags":{"steps":100000,"lr":0.001}}`
			}
			j := s.post("/api/jobs", body)
			waiting := s.post("/api/jobs", body)
			f := &follower{}
			var followed sync.WaitGroup
			ctx, stop := context.WithCancel(t.Context())
			followed.Go(func() {
				for {
					f.follow(ctx, s, j.ID)
					f.mu.Lock()
					done := f.ended || f.wrong != nil
					f.mu.Unlock()
					select {
					case <-ctx.Done():
						return
					case <-time.After(50 * time.Millisecond):
						if done {
							return
						}
					}
				}
			})
			defer followed.Wait()
			defer stop()

			f.more(t, 100)
			s.signal(syscall.SIGKILL)
			s.wait()
			time.Sleep(200 * time.Millisecond) // it goes on, and nobody looks
			s.begin()
			f.more(t, 200)
			if now := s.becomes(waiting.ID, "queued", "running"); now.State != "queued" {
				t.Errorf("two go on at a time: %+v", now)
			}
			s.post("/api/jobs/"+waiting.ID+"/pause", "{}")
			s.post("/api/jobs/"+j.ID+"/pause", "{}")
			s.becomes(j.ID, "paused")
			f.until(t, "paused", func() bool { return slices.Contains(f.states, "paused") })
			s.post("/api/jobs/"+j.ID+"/resume", "{}")
			f.more(t, 200)
			s.signal(syscall.SIGINT)
			if code := s.wait(); code != exitOK {
				t.Errorf("exit code %d of the server", code)
			}
			s.begin()
			s.becomes(j.ID, "running")
			f.more(t, 200)
			s.post("/api/jobs/"+j.ID+"/stop", "{}")
			s.becomes(j.ID, "stopped")
			followed.Wait()

			want, err := os.ReadFile(filepath.Join(dir, "runs", j.Run, "events.jsonl"))
			if err != nil {
				t.Fatal(err)
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			if f.wrong != nil || !bytes.Equal(f.text.Bytes(), want) {
				t.Errorf("the browser has %d bytes, the log %d: %v", f.text.Len(), len(want), f.wrong)
			}
			if last := f.states[len(f.states)-1]; !f.ended || last != "stopped" {
				t.Errorf("states: %v", f.states)
			}
			s.signal(syscall.SIGINT)
			s.wait()
			complete(t, dir, s.env, exitOK, "runs", "show", j.Run)
		})
	}
}
