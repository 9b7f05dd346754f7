package record

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/descent-go/descent/internal/durable"
)

func TestCreate(t *testing.T) {
	root := filepath.Join(t.TempDir(), "deep", "runs")
	r, err := Create(root, CreateOptions{Name: "MLP:128,64 / AdamW!", Now: noon, Experiment: []byte("lr: 0.1\n"), Tags: []string{"b", "a", "b"}})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if !regexp.MustCompile(`^20261122-120000-mlp-128-64-adamw-[a-z2-7]{4}$`).MatchString(r.ID) {
		t.Errorf("ID %s", r.ID)
	}
	if r.Dir != filepath.Join(root, r.ID) {
		t.Errorf("folder %s", r.Dir)
	}
	if text, err := r.Experiment(); err != nil || string(text) != "lr: 0.1\n" {
		t.Errorf("experiment %q, %v", text, err)
	}
	if tags, err := r.Tags(); err != nil || !slices.Equal(tags, []string{"a", "b"}) {
		t.Errorf("tags %q, %v", tags, err)
	}
	if _, err := OpenForWork(r.Dir); !IsRunning(err) || !strings.Contains(err.Error(), r.ID) || !strings.Contains(err.Error(), "process") {
		t.Errorf("opened twice: %v", err)
	}
	if looked, err := Open(r.Dir); err != nil || looked.ID != r.ID || looked.Close() != nil {
		t.Errorf("opened to look: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := OpenForWork(r.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(again.Close(), again.Close()); err != nil {
		t.Error(err)
	}
	if figures, err := r.Figures(); err != nil || figures != filepath.Join(r.Dir, "figures") {
		t.Errorf("figures %s, %v", figures, err)
	}
	if s, err := r.Checkpoints(2); err != nil {
		t.Error(err)
	} else if list, err := s.List(); err != nil || len(list) != 0 {
		t.Errorf("checkpoints %v, %v", list, err)
	}
}

func TestCreateRefuses(t *testing.T) {
	root := t.TempDir()
	full := filepath.Join(root, "full")
	if err := errors.Join(os.MkdirAll(full, 0o777), os.WriteFile(filepath.Join(full, "thesis.tex"), nil, 0o666), os.Mkdir(filepath.Join(root, "empty"), 0o777)); err != nil {
		t.Fatal(err)
	}
	for want, o := range map[string]CreateOptions{
		"has thesis.tex in it":                     {Dir: full},
		"not a directory":                          {Dir: filepath.Join(full, "thesis.tex")},
		`name "a\nb" has '\n'`:                     {Name: "a\nb"},
		"of 201 characters":                        {Name: strings.Repeat("x", 201)},
		`tag "a b" has ' '`:                        {Dir: filepath.Join(root, "tagged"), Tags: []string{"a b"}},
		`name "\xff" has '\ufffd', want printable`: {Name: "\xff"},
	} {
		if r, err := Create(root, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, %v, want %q", o, r, err, want)
		}
	}
	if _, err := os.Stat(filepath.Join(root, "tagged")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a run that could not be made is left: %v", err)
	}
	r, err := Create(root, CreateOptions{Dir: filepath.Join(root, "empty"), Experiment: []byte("lr: 1\n")})
	if err != nil || r.ID != "empty" {
		t.Fatalf("%v, %v", r, err)
	}
	defer r.Close()
	for _, dir := range []string{r.Dir, filepath.Join(root, "empty", ".")} {
		if _, err := Create(root, CreateOptions{Dir: dir}); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: %v", dir, err)
		}
	}
	for dir, want := range map[string]string{full: "is not that of a run", filepath.Join(root, "none"): "no such file"} {
		if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", dir, err, want)
		}
	}
}

// Many runs that begin in the same second have folders of their own.
func TestCreateTogether(t *testing.T) {
	root := t.TempDir()
	var mu sync.Mutex
	ids := map[string]bool{}
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() {
			r, err := Create(root, CreateOptions{Now: noon})
			if err != nil {
				t.Error(err)
				return
			}
			defer r.Close()
			mu.Lock()
			defer mu.Unlock()
			ids[r.ID] = true
		})
	}
	wg.Wait()
	if len(ids) != 40 {
		t.Errorf("%d IDs", len(ids))
	}
	dir := filepath.Join(root, "one")
	made := 0
	for range 20 {
		wg.Go(func() {
			if r, err := Create(root, CreateOptions{Dir: dir, Experiment: []byte("lr: 1\n")}); err == nil {
				defer r.Close()
				mu.Lock()
				defer mu.Unlock()
				made++
			} else if !errors.Is(err, fs.ErrExist) && !errors.Is(err, durable.ErrLocked) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if made != 1 {
		t.Errorf("%d runs in one folder", made)
	}
}

func TestSlug(t *testing.T) {
	for text, want := range map[string]string{
		"": "run", "---": "run", "Adam": "adam", "mlp:128,64": "mlp-128-64", " a  b ": "a-b", "../../etc": "etc", "µ-net": "net",
		strings.Repeat("a", 60):        strings.Repeat("a", 40),
		strings.Repeat("a", 39) + " b": strings.Repeat("a", 39),
	} {
		if got := slug(text); got != want {
			t.Errorf("slug(%q) = %q, want %q", text, got, want)
		}
	}
	safe := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	rapid.Check(t, func(t *rapid.T) {
		if got := slug(rapid.String().Draw(t, "text")); !safe.MatchString(got) || len(got) > 40 {
			t.Errorf("slug %q", got)
		}
	})
	if got, ok := idTime(newID(noon, "x")); !ok || !got.Equal(noon) {
		t.Errorf("time %v", got)
	}
	for _, id := range []string{"", "x", "20261399-000000-x", "a-run-with-a-long-name"} {
		if got, ok := idTime(id); ok {
			t.Errorf("%s has time %v", id, got)
		}
	}
}

func TestTag(t *testing.T) {
	r := newTestRun(t, CreateOptions{Experiment: []byte("lr: 1\n")})
	for _, c := range []struct {
		add, remove []string
		want        string
	}{
		{[]string{"best", "µ"}, nil, "best µ"},
		{[]string{"draft"}, []string{"best", "none"}, "draft µ"},
		{[]string{"x"}, []string{"x"}, "draft µ"},
		{nil, []string{"draft", "µ"}, ""},
	} {
		tags, err := r.Tag(c.add, c.remove)
		if got := strings.Join(tags, " "); err != nil || got != c.want {
			t.Errorf("+%q -%q: %q, %v, want %q", c.add, c.remove, got, err, c.want)
		}
		if again, err := r.Tags(); err != nil || !slices.Equal(again, tags) {
			t.Errorf("read back %q, %v", again, err)
		}
	}
	for _, tag := range []string{"", "+a", "-a", "a b", "a,b", "a/b", `a"b`, "a\x1b[31m", "\xff", strings.Repeat("x", 65)} {
		if _, err := r.Tag([]string{tag}, nil); err == nil || !strings.Contains(err.Error(), "want") {
			t.Errorf("tag %q: %v", tag, err)
		}
	}
	for _, text := range []string{"{", `{"a":1}`, `["a b"]`, `[1]`} {
		if err := os.WriteFile(r.Path(tagsFile), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Tag([]string{"a"}, nil); err == nil || !strings.Contains(err.Error(), "tags.json") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
