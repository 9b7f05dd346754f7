package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// outcome is what a command left behind.
type outcome struct {
	code           int
	stdout, stderr string
}

// command runs the whole command line in a folder of its own.
func command(t *testing.T, stdin string, args ...string) outcome {
	t.Helper()
	var out, diag bytes.Buffer
	code := execute(context.Background(), args, strings.NewReader(stdin), &out, &diag)
	return outcome{code, out.String(), diag.String()}
}

// succeed runs a command that is expected to succeed.
func succeed(t *testing.T, stdin string, args ...string) outcome {
	t.Helper()
	o := command(t, stdin, args...)
	if o.code != exitOK {
		t.Fatalf("descent %s: exit code %d\n%s", strings.Join(args, " "), o.code, o.stderr)
	}
	return o
}

// object runs a command with --json and returns its one object.
func object(t *testing.T, stdin string, args ...string) map[string]any {
	t.Helper()
	o := succeed(t, stdin, append(args, "--json")...)
	return parse(t, o.stdout)
}

func parse(t *testing.T, text string) map[string]any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	var m map[string]any
	if err := d.Decode(&m); err != nil {
		t.Fatalf("not a JSON object: %v\n%s", err, text)
	}
	if d.More() {
		t.Fatalf("more than one JSON value:\n%s", text)
	}
	return m
}

// folder makes a folder the working directory and fills it with small files.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	write(t, "points.csv", pointsCSV(60))
	return dir
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// pointsCSV returns a table of points of two classes that a line tells apart.
func pointsCSV(n int) string {
	var b strings.Builder
	b.WriteString("x,y,side\n")
	for i := range n {
		x, y := float64(i%7)-3, float64(i*5%11)-5
		side := "left"
		if x+0.1*y > 0.05 {
			side = "right"
		}
		b.WriteString(strings.Join([]string{short(x), short(y), side}, ",") + "\n")
	}
	return b.String()
}

func exists(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if info, err := os.Stat(name); err != nil || info.Size() == 0 {
			t.Errorf("%s is missing or empty (%v)", name, err)
		}
	}
}

// sniff reports what a file holds by its first bytes.
func sniff(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	switch {
	case err != nil:
		t.Error(err)
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n")):
		return "png"
	case bytes.HasPrefix(b, []byte("GIF89a")):
		return "gif"
	case bytes.Contains(b[:min(len(b), 200)], []byte("<svg")):
		return "svg"
	}
	return ""
}
