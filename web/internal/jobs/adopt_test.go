//go:build unix

package jobs

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// soon is for processes that have locked their jobs: one that has not is none.
func soon(o *Options) { o.birth = 10 * time.Millisecond }

// A manager that is killed leaves its processes at work, and the next one follows
// them to their ends, whether these come then or before.
func TestAdopt(t *testing.T) {
	f := newFolder(t).open(func(o *Options) { o.Parallel = 4 })
	lives, ends, fails, killed := f.start("work"), f.start("work:100"), f.start("stubborn"), f.start("stubborn")
	f.lines(lives, 1)
	f.lines(fails, 1)
	f.lines(killed, 1)
	f.abandon()
	f.lines(ends, 100)
	pid, alive := f.holder(filepath.Join(f.Dir, killed.ID))
	if !alive {
		t.Fatal("the process does not hold its lock")
	}
	p, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	f.open(soon)
	f.until(ends.ID, Done)
	if j := f.until(killed.ID, Paused); !strings.Contains(j.Error, "killed") {
		t.Errorf("%+v", j)
	}
	if j := must(t)(f.Get(lives.ID)); j.State != Running {
		t.Errorf("%+v", j)
	}
	must(t)(f.Pause(lives.ID))
	f.until(lives.ID, Paused)
	must(t)(f.Resume(lives.ID))
	f.abandon() // just begun
	f.open(func(o *Options) { o.Patience = 300 * time.Millisecond })
	if j := must(t)(f.Get(lives.ID)); j.State != Running {
		t.Errorf("%+v", j)
	}
	must(t)(f.Stop(fails.ID))
	f.until(fails.ID, Stopped)
	f.complete(lives)
}

// A process that has nothing to do with the job, and has the number that its
// process had, is left alone.
func TestRecycledNumber(t *testing.T) {
	f := newFolder(t).open()
	j := f.start("stubborn")
	f.lines(j, 1)
	f.abandon()
	dir := filepath.Join(f.Dir, j.ID)
	pid, _ := f.holder(dir)
	if p, err := os.FindProcess(pid); err != nil || p.Kill() != nil {
		t.Fatal(err)
	}
	for alive := true; alive; _, alive = f.holder(dir) {
		time.Sleep(time.Millisecond)
	}
	other := exec.Command(os.Args[0], "tune", "--name=work:1000000", "--events="+filepath.Join(t.TempDir(), "events"))
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = other.Wait() // killed
		close(ended)
	}()
	if err := os.WriteFile(filepath.Join(dir, lockName), []byte(strconv.Itoa(other.Process.Pid)), 0o666); err != nil {
		t.Fatal(err)
	}
	f.open(func(o *Options) { o.birth = 2 * time.Second }) // the stop comes before
	if j, err := f.Stop(j.ID); err != nil && !errors.Is(err, ErrState) {
		t.Errorf("%+v, %v", j, err)
	}
	f.until(j.ID, Stopped, Paused)
	select {
	case <-ended:
		t.Error("another process was ended")
	case <-time.After(100 * time.Millisecond):
	}
	if err := other.Process.Kill(); err != nil {
		t.Error(err)
	}
	<-ended
}

// Jobs that were at work when the manager was closed go on with the next one; those
// that were paused do not.
func TestCloseAndGoOn(t *testing.T) {
	f := newFolder(t).open(func(o *Options) { o.Parallel = 2 })
	work, paused := f.start("work"), f.start("work")
	queued := f.start("work")
	f.lines(work, 20)
	f.lines(paused, 20)
	must(t)(f.Pause(paused.ID))
	f.until(paused.ID, Paused)
	f.lines(queued, 1)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Start(Request{Kind: Tune}); !errors.Is(err, ErrState) {
		t.Errorf("a start after the end: %v", err)
	}
	for _, j := range []Job{work, queued} {
		if now := must(t)(f.Get(j.ID)); now.State != Queued || now.Error != "" {
			t.Errorf("%+v", now)
		}
		if _, alive := f.holder(filepath.Join(f.Dir, j.ID)); alive {
			t.Error("its process lives")
		}
	}
	f.open()
	f.complete(work)
	f.complete(queued)
	if j := must(t)(f.Get(paused.ID)); j.State != Paused {
		t.Errorf("%+v", j)
	}
}

// Who closes does not wait for ever.
func TestCloseWithStubborn(t *testing.T) {
	f := newFolder(t).open(func(o *Options) { o.Patience = 200 * time.Millisecond })
	j := f.start("stubborn")
	f.lines(j, 1)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	f.open(func(o *Options) { o.Patience = 200 * time.Millisecond })
	if now := must(t)(f.Get(j.ID)); now.State != Running || now.Asked != askRestart {
		t.Errorf("%+v", now)
	}
	must(t)(f.Stop(j.ID))
	f.until(j.ID, Stopped)
}
