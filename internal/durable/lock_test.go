package durable_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/descent-go/descent/internal/durable"
)

// holdLock names the file that the test's binary is to lock when it is run as
// the other process.
const holdLock = "DURABLE_TEST_LOCK"

func TestMain(m *testing.M) {
	path := os.Getenv(holdLock)
	if path == "" {
		os.Exit(m.Run())
	}
	if _, err := durable.Lock(path); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("locked")
	_, _ = io.Copy(io.Discard, os.Stdin) // until killed
}

func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	for range 3 {
		unlock, err := durable.Lock(path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = durable.Lock(path)
		if want := fmt.Sprintf("lock %s: in use by another process (pid %d)", path, os.Getpid()); !errors.Is(err, durable.ErrLocked) || err.Error() != want {
			t.Errorf("a second lock: %v, want %s", err, want)
		}
		if err := unlock(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := durable.Lock(filepath.Join(path, "none")); err == nil || errors.Is(err, durable.ErrLocked) {
		t.Errorf("a lock in no folder: %v", err)
	}
}

// The lock of a process ends with it, however it ends.
func TestLockOfKilledProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	other := exec.Command(self)
	other.Env = append(os.Environ(), holdLock+"="+path)
	stdin, err1 := other.StdinPipe()
	stdout, err2 := other.StdoutPipe()
	if err := errors.Join(err1, err2, other.Start()); err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if line != "locked\n" {
		t.Fatalf("the other process: %q, %v", line, err)
	}
	_, err = durable.Lock(path)
	if !errors.Is(err, durable.ErrLocked) || !strings.Contains(err.Error(), fmt.Sprintf("(pid %d)", other.Process.Pid)) {
		t.Errorf("while the other process (%d) has it: %v", other.Process.Pid, err)
	}
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = other.Wait() // killed, it says
	unlock, err := durable.Lock(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := unlock(); err != nil {
		t.Error(err)
	}
}
