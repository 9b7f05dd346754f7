//go:build unix

package jobs

import (
	"os"
	"os/exec"
	"syscall"
)

// apart makes a command a process group of its own: what the terminal sends to
// the server is not for it.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// interrupt asks a process to end with what it has. It is not SIGINT, which
// programs in the background of a shell's script ignore.
func interrupt(p *os.Process) error { return p.Signal(syscall.SIGTERM) }

// kill ends a process and what it has started.
func kill(p *os.Process) error {
	_ = syscall.Kill(-p.Pid, syscall.SIGKILL) // it may have left its group
	return p.Kill()
}

// wasKilled reports whether a process ended without being asked.
func wasKilled(s *os.ProcessState) bool {
	status, ok := s.Sys().(syscall.WaitStatus)
	return ok && status.Signaled()
}
