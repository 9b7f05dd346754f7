package jobs

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/descent-go/descent/internal/durable"
)

// folderEnv tells a process that it is a job, and which.
const folderEnv = "DESCENT_JOB"

const (
	lockName = "lock" // held by the process for as long as it lives
	exitName = "exit" // the code that it ended with
)

// Attend is for the process: one that a manager has started takes the lock of its
// job, by which it is found again, and leave, called with the exit code at the
// end, tells how it went. Another process does nothing by it. Two processes
// cannot do the same job: the error says so.
func Attend() (leave func(code int), err error) {
	dir := os.Getenv(folderEnv)
	if dir == "" {
		return func(int) {}, nil
	}
	if err := os.Unsetenv(folderEnv); err != nil {
		return nil, err
	}
	var unlock func() error
	for range 200 { // managers look whether it is locked, which takes it for a moment
		unlock, err = durable.Lock(filepath.Join(dir, lockName))
		if !errors.Is(err, durable.ErrLocked) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err != nil {
		return nil, fmt.Errorf("the job: %w", err)
	}
	return func(code int) {
		// When this fails the manager takes the process for one that was killed.
		_ = durable.WriteFile(durable.OS, filepath.Join(dir, exitName), func(w io.Writer) error {
			_, err := fmt.Fprintln(w, code)
			return err
		})
		_ = unlock() // and so does its end
	}, nil
}

// holder returns the number of the process that does a job, 0 when that has not
// said it yet, and false when there is none.
func holder(dir string) (pid int, alive bool) {
	path := filepath.Join(dir, lockName)
	unlock, err := durable.Lock(path)
	switch {
	case errors.Is(err, durable.ErrLocked):
		if pid = number(path); pid == os.Getpid() {
			pid = 0 // left by one that looked, as it seems
		}
		return pid, true
	case err == nil: // it was taken to look, and leaves no number behind
		_ = os.Truncate(path, 0)
		_ = unlock()
	}
	return 0, false
}

// exitCode returns the code that the last process of a job ended with, and false
// when it could not tell any.
func exitCode(dir string) (int, bool) {
	path := filepath.Join(dir, exitName)
	if _, err := os.Stat(path); err != nil {
		return 0, false
	}
	return number(path), true
}

// number returns the number that a file holds, 0 for none.
func number(path string) int {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0
	}
	return n
}
