//go:build unix

package jobs

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A folder is where managers of a test work, one after the other.
type folder struct {
	t   *testing.T
	dir string
	*Manager

	mu    sync.Mutex
	notes []string
}

func newFolder(t *testing.T) *folder {
	t.Parallel()
	return &folder{t: t, dir: t.TempDir()}
}

// open opens a manager; ready changes the options.
func (f *folder) open(ready ...func(*Options)) *folder {
	f.t.Helper()
	o := Options{
		Dir: filepath.Join(f.dir, "runs", ".serve", "jobs"), Runs: filepath.Join(f.dir, "runs"), Folder: f.dir, Parallel: 2,
		Command: []string{os.Args[0]}, Program: "prog", Clock: time.Now, Patience: 5 * time.Second,
		Note: func(format string, args ...any) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.notes = append(f.notes, fmt.Sprintf(format, args...))
		},
	}
	for _, r := range ready {
		r(&o)
	}
	m, err := Open(o)
	if err != nil {
		f.t.Fatal(err)
	}
	f.Manager = m
	f.t.Cleanup(func() {
		if err := m.Close(); err != nil {
			f.t.Error(err)
		}
	})
	return f
}

// abandon is what a manager that is killed does: nothing any more.
func (f *folder) abandon() {
	m := f.Manager
	m.mu.Lock()
	m.closing = true
	m.mu.Unlock()
	close(m.closed)
	m.work.Wait()
	if err := m.unlock(); err != nil {
		f.t.Fatal(err)
	}
}

func (f *folder) start(name string) Job {
	f.t.Helper()
	j, err := f.Start(Request{Kind: Tune, Flags: map[string]Value{"name": {name}}})
	if err != nil {
		f.t.Fatal(err)
	}
	return j
}

// until waits until a job is in a state.
func (f *folder) until(id string, states ...State) Job {
	f.t.Helper()
	for limit := time.After(30 * time.Second); ; {
		changed := f.Changed(id)
		j, err := f.Get(id)
		if err != nil {
			f.t.Fatal(err)
		}
		if slices.Contains(states, j.State) {
			return j
		}
		select {
		case <-changed:
		case <-limit:
			f.t.Fatalf("job %s is %s, want %v (%s)", id, j.State, states, j.Error)
		}
	}
}

// lines waits until a job has written so many events, and returns them.
func (f *folder) lines(j Job, n int) []string {
	f.t.Helper()
	for range 3000 {
		text, _ := os.ReadFile(f.Events(&j))
		if lines := strings.Fields(string(text)); len(lines) >= n {
			return lines
		}
		time.Sleep(10 * time.Millisecond)
	}
	f.t.Fatalf("job %s does not write %d lines", j.ID, n)
	return nil
}

// enough lets a job that works without an end come to it.
func (f *folder) enough(j Job) {
	f.t.Helper()
	if err := os.WriteFile(f.Events(&j)+".enough", nil, 0o666); err != nil {
		f.t.Fatal(err)
	}
}

// complete lets a job come to its end and fails unless its events are 0, 1, 2, …,
// each once.
func (f *folder) complete(j Job) {
	f.t.Helper()
	f.enough(j)
	lines := f.lines(f.until(j.ID, Done), 1)
	counted(f.t, lines, len(lines))
}

// counted fails unless events are 0, 1, 2, … n-1, each once.
func counted(t *testing.T, lines []string, n int) {
	t.Helper()
	for i, line := range lines {
		if line != strconv.Itoa(i) {
			t.Fatalf("line %d is %s", i, line)
		}
	}
	if len(lines) != n {
		t.Fatalf("%d lines, want %d", len(lines), n)
	}
}

func must(t *testing.T) func(j Job, err error) Job {
	return func(j Job, err error) Job {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return j
	}
}

func TestJob(t *testing.T) {
	f := newFolder(t).open()
	j := f.start("work:20")
	if j.State != Running || j.Command != "prog tune --name work:20" || j.Started.IsZero() || !strings.HasSuffix(j.ID[:20], "-tune") {
		t.Errorf("%+v", j)
	}
	j = f.until(j.ID, Done)
	counted(t, f.lines(j, 20), 20)
	if _, err := os.Stat(filepath.Join(f.Files(&j), j.Result())); err != nil || j.Ended.IsZero() || j.Error != "" {
		t.Errorf("%+v, %v", j, err)
	}
	for what, do := range map[string]func(string) (Job, error){"paused": f.Pause, "stopped": f.Stop, "resumed": f.Resume} {
		if _, err := do(j.ID); !errors.Is(err, ErrState) {
			t.Errorf("a job that is done is %s: %v", what, err)
		}
		if _, err := do("none"); !errors.Is(err, ErrNoJob) {
			t.Errorf("no job is %s: %v", what, err)
		}
	}
	changed := f.Changed(j.ID)
	if err := f.Remove(j.ID); err != nil {
		t.Fatal(err)
	}
	<-changed
	<-f.Changed(j.ID)
	if _, err := f.Get(j.ID); !errors.Is(err, ErrNoJob) || exists(filepath.Join(f.Dir, j.ID)) {
		t.Errorf("a job that was removed: %v", err)
	}
}

func TestQueue(t *testing.T) {
	f := newFolder(t).open(func(o *Options) { o.Parallel = 1 })
	first := f.start("work")
	var ids []string
	for i := range 4 {
		j := f.start("work:1")
		if ids = append(ids, j.ID); j.State != Queued || j.Place != i+1 {
			t.Fatalf("%+v", j)
		}
	}
	if j := must(t)(f.Pause(ids[0])); j.State != Paused || j.Place != 0 {
		t.Errorf("%+v", j)
	}
	if j := must(t)(f.Get(ids[3])); j.Place != 3 {
		t.Errorf("%+v", j)
	}
	if j := must(t)(f.Resume(ids[0])); j.Place != 4 {
		t.Errorf("%+v", j)
	}
	if j := must(t)(f.Stop(ids[2])); j.State != Stopped {
		t.Errorf("%+v", j)
	}
	must(t)(f.Stop(first.ID))
	f.until(first.ID, Stopped)
	var ends []time.Time
	for _, i := range []int{1, 3, 0} {
		j := f.until(ids[i], Done)
		if n := len(ends); n > 0 && j.Started.Before(ends[n-1]) {
			t.Errorf("job %d began before the one that was before it had ended", i)
		}
		ends = append(ends, j.Ended)
	}
	all := f.List("")
	if len(all) != 5 || all[0].Created.Before(all[4].Created) || len(f.List(Compare)) != 0 || len(f.List(Tune)) != 5 {
		t.Errorf("%+v", all)
	}
}

func TestPauseResume(t *testing.T) {
	f := newFolder(t).open()
	j := f.start("work")
	for n := 50; n < 200; n += 50 {
		f.lines(j, n)
		if asked := must(t)(f.Pause(j.ID)); asked.Asked != askPause || asked.State != Running {
			t.Fatalf("%+v", asked)
		}
		must(t)(f.Pause(j.ID))
		if _, err := f.Resume(j.ID); !errors.Is(err, ErrState) {
			t.Errorf("resumed while it pauses: %v", err)
		}
		j = f.until(j.ID, Paused)
		if j.Error != "" || j.Asked != "" {
			t.Errorf("%+v", j)
		}
		must(t)(f.Resume(j.ID))
	}
	f.lines(j, 200)
	must(t)(f.Stop(j.ID))
	f.until(j.ID, Stopped)
	must(t)(f.Resume(j.ID))
	f.complete(j)
}

// A process that does not end is killed when it is to stop, not when it is to
// pause.
func TestStubborn(t *testing.T) {
	f := newFolder(t).open(func(o *Options) { o.Patience = 300 * time.Millisecond })
	j := f.start("stubborn")
	f.lines(j, 1)
	must(t)(f.Pause(j.ID))
	time.Sleep(600 * time.Millisecond)
	if now := must(t)(f.Get(j.ID)); now.State != Running {
		t.Fatalf("%+v", now)
	}
	began := time.Now()
	must(t)(f.Stop(j.ID))
	if j = f.until(j.ID, Stopped); time.Since(began) < f.Patience || j.Error != "" {
		t.Errorf("after %v: %+v", time.Since(began), j)
	}
}

func TestFailures(t *testing.T) {
	f := newFolder(t).open(func(o *Options) { o.Parallel = 8 })
	for _, c := range []struct {
		name  string
		state State
		want  string
	}{
		{"fail", Failed, "--lr 0: want more[31m"},
		{"mute", Failed, "the process ended with code 7 and its log is empty, perhaps because the disk is full"},
		{"panic", Failed, "panic: as it was told"},
		{"kill", Paused, "the process was killed; resume goes on from what it has kept"},
		{"flood", Failed, "flooded"},
		{"diverge", Diverged, ""},
		{"<b>x</b>", Done, ""},
	} {
		j := f.start(c.name)
		defer func() {
			if j = f.until(j.ID, c.state); j.Error != c.want {
				t.Errorf("%s: error %q, want %q", c.name, j.Error, c.want)
			}
			if text, err := f.Log(&j); err != nil || len(text) > keptLog {
				t.Errorf("%s: the log has %d bytes, %v", c.name, len(text), err)
			}
			if info, err := os.Stat(filepath.Join(f.Dir, j.ID, logName)); err != nil || info.Size() > mostLog {
				t.Errorf("%s: log of %d bytes, %v", c.name, info.Size(), err)
			}
		}()
	}
}

func TestNoProgram(t *testing.T) {
	f := newFolder(t).open(func(o *Options) { o.Command = []string{filepath.Join(t.TempDir(), "none")} })
	j := f.start("work:1")
	if j.State != Failed || !strings.HasPrefix(j.Error, "the process does not start: ") {
		t.Errorf("%+v", j)
	}
	if j = must(t)(f.Resume(j.ID)); j.State != Failed {
		t.Errorf("%+v", j)
	}
}

func TestOneManager(t *testing.T) {
	f := newFolder(t).open()
	_, err := Open(f.Options)
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("in use by another process (pid %d)", os.Getpid())) {
		t.Errorf("two managers of one folder: %v", err)
	}
}

// What is damaged is passed over, what is half is removed.
func TestDamaged(t *testing.T) {
	f := newFolder(t).open()
	good := f.start("work:1")
	f.until(good.ID, Done)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"none": "", "broken": "{", "state": `{"id":"state","kind":"tune","state":"lost"}`, "kind": `{"id":"kind","kind":"rm","state":"queued"}`,
		"name": `{"id":"../name","kind":"tune","state":"queued"}`,
	} {
		dir := filepath.Join(f.Dir, name)
		if err := os.Mkdir(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		if name != "none" {
			if err := os.WriteFile(filepath.Join(dir, jobName), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	f.open()
	if all := f.List(""); len(all) != 1 || all[0].ID != good.ID {
		t.Errorf("%+v", all)
	}
	if len(f.notes) != 4 || exists(filepath.Join(f.Dir, "none")) || !exists(filepath.Join(f.Dir, "broken")) {
		t.Errorf("notes: %q", f.notes)
	}
}

func TestTooMany(t *testing.T) {
	f := newFolder(t).open(func(o *Options) { o.Parallel, o.Patience = 1, 100*time.Millisecond })
	first := f.start("stubborn")
	f.lines(first, 1)
	var last Job
	for range MostQueued {
		last = f.start("work:1")
	}
	if _, err := f.Start(Request{Kind: Tune}); !errors.Is(err, ErrMany) {
		t.Errorf("one more: %v", err)
	}
	must(t)(f.Pause(last.ID))
	f.start("work:1")
	if _, err := f.Resume(last.ID); !errors.Is(err, ErrMany) {
		t.Errorf("one more: %v", err)
	}
	for _, j := range f.List("") {
		if j.State != Running {
			if err := f.Remove(j.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := f.Remove(first.ID); !errors.Is(err, ErrState) {
		t.Errorf("removed while it runs: %v", err)
	}
	must(t)(f.Stop(first.ID))
	f.until(first.ID, Stopped)
}

// Two processes do not do the same job.
func TestAttendOnce(t *testing.T) {
	f := newFolder(t).open(func(o *Options) { o.Patience = 100 * time.Millisecond })
	j := f.start("stubborn")
	f.lines(j, 1)
	second := exec.Command(os.Args[0], "tune", "--name=work:1")
	second.Env = append(os.Environ(), folderEnv+"="+filepath.Join(f.Dir, j.ID))
	var said bytes.Buffer
	second.Stderr = &said
	if err := second.Run(); err == nil || !strings.Contains(said.String(), "in use by another process") {
		t.Errorf("%v: %s", err, said.String())
	}
	if _, told := exitCode(filepath.Join(f.Dir, j.ID)); told {
		t.Error("the second process has told the end of the first")
	}
	must(t)(f.Stop(j.ID))
	f.until(j.ID, Stopped)
}
