//go:build !unix

package jobs

import (
	"os"
	"os/exec"
)

// apart does nothing: there are no process groups.
func apart(*exec.Cmd) {}

// interrupt kills, for there is nothing else: a training goes on from its newest
// checkpoint, and the others from what they have kept.
func interrupt(p *os.Process) error { return p.Kill() }

func kill(p *os.Process) error { return p.Kill() }

// wasKilled takes the code that Kill gives for that of a killed process.
func wasKilled(s *os.ProcessState) bool { return s.ExitCode() == 1 }
