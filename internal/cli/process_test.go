//go:build unix

package cli

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The environment variables by which the test binary becomes another process:
// the command line, or that of a program with a model of its own, under limits.
const (
	asProcess   = "DESCENT_TEST_PROCESS" // "descent", "own", or "steady": see slowly
	fileSize    = "DESCENT_TEST_FSIZE"   // bytes that a file may have
	otherUser   = "DESCENT_TEST_UID"     // the user to be
	undisturbed = "DESCENT_TEST_IGNORE"  // ignore SIGINT from the start
)

func TestMain(m *testing.M) {
	program := os.Getenv(asProcess)
	if program == "" {
		os.Exit(m.Run())
	}
	if err := confine(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(99)
	}
	if program != "descent" {
		os.Exit(ExecuteOwn("mine", slowly(program == "steady"), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(Execute(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// confine takes what the environment says from the process.
func confine() error {
	if os.Getenv(undisturbed) != "" {
		signal.Ignore(os.Interrupt)
	}
	if n, err := strconv.ParseUint(os.Getenv(fileSize), 10, 64); err == nil {
		limit := syscall.Rlimit{Cur: n, Max: n}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			return err
		}
	}
	if uid, err := strconv.Atoi(os.Getenv(otherUser)); err == nil {
		return syscall.Setuid(uid)
	}
	return nil
}

// A process is the command line at work in a folder.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdout bytes.Buffer
	stderr written
	ended  chan struct{}
}

// launch starts descent in a folder, with variables added to the environment.
func launch(t *testing.T, dir string, env []string, args ...string) *process {
	t.Helper()
	p := prepare(t, dir, env, args...)
	p.start()
	return p
}

// prepare is launch without the start.
func prepare(t *testing.T, dir string, env []string, args ...string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, cmd: exec.Command(self, args...), ended: make(chan struct{})}
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = dir, &p.stdout, &p.stderr
	p.cmd.Env = append(os.Environ(), append([]string{asProcess + "=descent", runsEnv + "="}, env...)...)
	return p
}

func (p *process) start() {
	p.t.Helper()
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // ProcessState says it
		close(p.ended)
	}()
	p.t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // unless it has ended
		<-p.ended
	})
}

// patience is how long a process may take that should have ended or written
// something long ago.
const patience = 60 * time.Second

// wait waits for the end and returns the exit code, or minus the signal that
// killed the process.
func (p *process) wait() int {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Fatalf("%q goes on and on\n%s", p.cmd.Args[1:], p.stderr.String())
	}
	if status := p.cmd.ProcessState.Sys().(syscall.WaitStatus); status.Signaled() {
		return -int(status.Signal())
	}
	return p.cmd.ProcessState.ExitCode()
}

// until waits until something is so while the process goes on.
func (p *process) until(what string, so func() bool) {
	p.t.Helper()
	for began := time.Now(); !so(); time.Sleep(time.Millisecond) {
		select {
		case <-p.ended:
			p.t.Fatalf("%q ended with code %d before %s\n%s", p.cmd.Args[1:], p.wait(), what, p.stderr.String())
		default:
		}
		if time.Since(began) > patience {
			p.t.Fatalf("%q: %s is not to be seen\n%s", p.cmd.Args[1:], what, p.stderr.String())
		}
	}
}

// says waits until the process has written a text to standard error.
func (p *process) says(text string) {
	p.t.Helper()
	p.until(strconv.Quote(text), func() bool { return strings.Contains(p.stderr.String(), text) })
}

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// complete runs descent to its end, in a process of its own, and returns what it
// wrote to standard error; any exit code but want is fatal.
func complete(t *testing.T, dir string, env []string, want int, args ...string) string {
	t.Helper()
	p := launch(t, dir, env, args...)
	if code := p.wait(); code != want {
		t.Fatalf("%q: exit code %d, want %d\n%s", args, code, want, p.stderr.String())
	}
	return p.stderr.String()
}
