//go:build unix

package web

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A folder of runs that comes from elsewhere may have links that lead out, and
// pipes and devices, of which no reading ends: the page shows the other runs, and
// of these nothing.
func TestStrangeRuns(t *testing.T) {
	runs, secret := t.TempDir(), filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("name: the secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	files := []string{"experiment.yaml", "events.jsonl", "tags.json", ".lock"}
	ids := []string{"20260101-000000-links-aaaa", "20260101-000000-pipes-aaaa", "20260101-000000-zeros-aaaa"}
	for i, make := range []func(path string) error{
		func(path string) error { return os.Symlink(secret, path) },
		func(path string) error { return syscall.Mkfifo(path, 0o600) },
		func(path string) error { return os.Symlink("/dev/zero", path) },
	} {
		dir := filepath.Join(runs, ids[i])
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if err := make(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	s := open(t, Options{Runs: runs, Command: []string{"/bin/false"}})
	c := s.browser()
	c.Timeout = 10 * time.Second
	for _, id := range ids {
		for _, path := range []string{"", "/curves?metric=loss", "/diagnosis", "/live", "/files/events.jsonl", "/files/experiment.yaml"} {
			if r := s.do(c, "GET", "/api/runs/"+id+path, ""); r.status >= 500 || strings.Contains(r.body, "secret\n") || strings.Contains(r.body, "the secret") {
				t.Errorf("%s%s: %d %s", id, path, r.status, r.body)
			}
		}
	}
	if r := s.do(c, "GET", "/api/runs", ""); r.status != http.StatusOK || strings.Contains(r.body, "the secret") || !strings.Contains(r.body, ids[0]) || !strings.Contains(r.body, "want a file") {
		t.Errorf("%d %s", r.status, r.body)
	}
	if text, err := os.ReadFile(secret); err != nil || string(text) != "name: the secret\n" {
		t.Errorf("the file behind the links has become %q, %v", text, err)
	}
}

// Pipes in the working folder are no data: opening one waits.
func TestPipesAreRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := syscall.Mkfifo("pipe.yaml", 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, Options{Runs: "runs", Command: []string{"/bin/false"}})
	c := s.browser()
	c.Timeout = 5 * time.Second
	for _, body := range []string{
		`{"kind":"train","flags":{"data":"pipe.yaml"}}`, `{"kind":"train","flags":{"data":"idx:pipe.yaml,pipe.yaml"}}`, `{"kind":"compare","flags":{"problem":["pipe.yaml"]}}`,
	} {
		if r := s.do(c, "POST", "/api/jobs/plan", body); r.status != http.StatusBadRequest || !strings.Contains(r.body, "not a pipe") {
			t.Errorf("%s: %d %s", body, r.status, r.body)
		}
	}
}
