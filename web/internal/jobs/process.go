package jobs

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/descent-go/descent/internal/durable"
	"github.com/descent-go/descent/record"
)

const (
	experimentName = "experiment.yaml"
	eventsName     = "events.jsonl"
	outName        = "out"
)

// glance is how often a process is looked after.
const glance = 100 * time.Millisecond

// An ending is how a process ended.
type ending struct {
	code   int
	killed bool // without a code
}

// The codes that commands end with: see the help of the command line.
const (
	codeDone        = 0
	codeDiverged    = 3
	codeInterrupted = 130
	codeTerminated  = 143
)

func writeText(path, text string) error {
	return durable.WriteFile(durable.OS, path, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

// schedule starts what has its turn.
func (m *Manager) schedule() {
	if m.closing {
		return
	}
	for _, e := range m.queue() {
		if m.active() >= m.Parallel {
			return
		}
		if err := m.begin(e); err != nil {
			e.Error, e.Ended = err.Error(), m.Clock().Round(0)
			m.set(e, Failed)
		}
	}
}

// begin starts the process of a job. It is kept as running before it is, so that
// no process is without a job.
func (m *Manager) begin(e *entry) error {
	if err := os.Remove(filepath.Join(e.dir, exitName)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	log, err := os.OpenFile(filepath.Join(e.dir, logName), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return err
	}
	defer log.Close()
	e.Starts++
	e.Asked, e.Error, e.Started, e.Ended = "", "", m.Clock().Round(0), time.Time{}
	m.set(e, Running)
	args := append(m.Command[1:len(m.Command):len(m.Command)], m.arguments(e)...)
	cmd := exec.Command(m.Command[0], args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = e.Folder, log, log
	cmd.Env = append(os.Environ(), folderEnv+"="+e.dir)
	apart(cmd)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("the process does not start: %w", err)
	}
	e.process, e.told = cmd.Process, false
	ended := make(chan ending, 1)
	go func() {
		_ = cmd.Wait() // ProcessState says it
		ended <- ending{cmd.ProcessState.ExitCode(), wasKilled(cmd.ProcessState)}
	}()
	m.work.Go(func() { m.attend(e, ended) })
	return nil
}

// arguments are those of a job's process: what the user asked for, and where the
// files go.
func (m *Manager) arguments(e *entry) []string {
	args := []string{string(e.Kind)}
	if path := filepath.Join(e.dir, experimentName); exists(path) {
		args = append(args, near(e.Folder, path))
	}
	args = append(args, e.Args...)
	out := filepath.Join(e.dir, outName)
	if e.Kind == Train {
		out = filepath.Join(m.Runs, e.Run)
		if e.Starts > 1 {
			args = append(args, "--resume")
		}
	}
	args = append(args, "--quiet", "--out="+near(e.Folder, out))
	if e.commands().events {
		args = append(args, "--events="+near(e.Folder, filepath.Join(e.dir, eventsName)))
	}
	return args
}

// near writes a path as it is called in a folder, if it is within it.
func near(folder, path string) string {
	if rel, err := filepath.Rel(folder, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return path
}

// adopt follows a job that another manager has started.
func (m *Manager) adopt(e *entry) {
	e.asked, e.told = time.Now(), e.Asked != ""
	ended := make(chan ending, 1)
	m.work.Go(func() { m.await(e.dir, e.Started, ended) })
	m.work.Go(func() { m.attend(e, ended) })
}

// holder returns the number of the process that does a job: see the function of
// that name. One goroutine at a time looks, or it would find the other one.
func (m *Manager) holder(dir string) (pid int, alive bool) {
	m.looking.Lock()
	defer m.looking.Unlock()
	return holder(dir)
}

// await waits until a process of another parent has ended.
func (m *Manager) await(dir string, started time.Time, ended chan<- ending) {
	t := time.NewTicker(glance)
	defer t.Stop()
	for seen := false; ; {
		_, alive := m.holder(dir)
		code, told := exitCode(dir)
		switch {
		case alive:
			seen = true
		case told:
			ended <- ending{code: code}
			return
		case seen, m.Clock().Sub(started) > m.birth, m.Clock().Before(started):
			ended <- ending{killed: true}
			return
		}
		select {
		case <-m.closed:
			return
		case <-t.C:
		}
	}
}

// attend looks after a process until it ends.
func (m *Manager) attend(e *entry, ended <-chan ending) {
	t := time.NewTicker(glance)
	defer t.Stop()
	for {
		select {
		case <-m.closed:
			return
		case end := <-ended:
			m.trim(e)
			m.finish(e, end)
			return
		case <-t.C:
			m.trim(e)
			m.press(e)
		}
	}
}

// trim shortens the log of a job that has become too long.
func (m *Manager) trim(e *entry) {
	if err := trim(filepath.Join(e.dir, logName)); err != nil && !errors.Is(err, os.ErrNotExist) {
		m.Note("job %s: %v", e.ID, err)
	}
}

// ask asks a running job's process to end.
func (m *Manager) ask(e *entry, what string) {
	if e.Asked == what {
		return
	}
	e.Asked, e.asked = what, time.Now()
	m.keep(e)
	if !e.told { // a second time would kill it
		e.told = m.signal(e, interrupt)
	}
}

// press sees to it that a process that was asked to end does.
func (m *Manager) press(e *entry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case e.State != Running || e.Asked == "":
	case !e.told:
		e.told = m.signal(e, interrupt)
	case e.Asked == askStop && time.Since(e.asked) > m.Patience:
		e.asked = time.Now()
		m.signal(e, kill)
	}
}

// signal does something to the process of a running job, and reports whether there
// was one. The number of a process that another manager has started is looked up
// while it holds its lock, before and after: so it is that of no other.
func (m *Manager) signal(e *entry, do func(*os.Process) error) bool {
	p := e.process
	if p == nil {
		pid, alive := m.holder(e.dir)
		if !alive || pid <= 0 {
			return false // it has ended, or has just begun
		}
		var err error
		if p, err = os.FindProcess(pid); err != nil {
			return false
		}
		defer func() { _ = p.Release() }() // of a handle
		if again, alive := m.holder(e.dir); !alive || again != pid {
			return false
		}
	}
	if err := do(p); err != nil && !errors.Is(err, os.ErrProcessDone) {
		m.Note("job %s: its process cannot be ended: %v", e.ID, err)
		return false
	}
	return true
}

// finish takes note of how a process ended.
func (m *Manager) finish(e *entry, end ending) {
	m.mu.Lock()
	defer m.mu.Unlock()
	asked := e.Asked
	e.process, e.Asked, e.Error, e.Ended = nil, "", "", m.Clock().Round(0)
	switch {
	case end.code == codeDone && !end.killed:
		m.set(e, Done)
	case end.code == codeDiverged && !end.killed:
		m.set(e, Diverged)
	case !end.killed && end.code != codeInterrupted && end.code != codeTerminated:
		e.Error = complaint(filepath.Join(e.dir, logName), m.Program)
		if e.Error == "" {
			e.Error = fmt.Sprintf("the process ended with code %d and its log is empty, perhaps because the disk is full", end.code)
		}
		m.set(e, Failed)
	case asked == askStop:
		m.set(e, Stopped)
	case asked == askRestart:
		e.Queue, e.Ended = e.Created, time.Time{} // before those that have not begun
		m.set(e, Queued)
	default:
		if asked == "" && end.killed {
			e.Error = "the process was killed; resume goes on from what it has kept"
		}
		m.set(e, Paused)
	}
	m.schedule()
}

// Events returns the file of a job's events; it may be missing.
func (m *Manager) Events(j *Job) string {
	if j.Kind == Train {
		return filepath.Join(m.Runs, j.Run, record.EventsFile)
	}
	return filepath.Join(m.Dir, j.ID, eventsName)
}

// Files returns the folder of what a job has written; it may be missing.
func (m *Manager) Files(j *Job) string {
	if j.Kind == Train {
		return filepath.Join(m.Runs, j.Run)
	}
	return filepath.Join(m.Dir, j.ID, outName)
}

// Result returns the name of the report among the files of a job.
func (j *Job) Result() string { return string(j.Kind) + ".json" }

// Log returns the end of what a job's process has written.
func (m *Manager) Log(j *Job) ([]byte, error) {
	text, err := tail(filepath.Join(m.Dir, j.ID, logName), keptLog)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return text, err
}
