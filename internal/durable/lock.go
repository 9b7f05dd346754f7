package durable

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// ErrLocked is what Lock's error is when another holds the lock.
var ErrLocked = errors.New("in use by another process")

// Lock takes the lock that the file at path stands for, and makes the file when
// it is missing; its folder must exist. It does not wait: when another holds the
// lock, in this process or any other of the machine, the error is ErrLocked and
// names the holder. The lock is advisory, ends with unlock or with the process,
// however that ends, and leaves the file, which must stay.
//
// On systems that lock no files (there are hardly any) the file itself is the
// lock: unlock removes it, and what a killed process leaves is for the user to
// remove.
func Lock(path string) (unlock func() error, err error) {
	if err := Own(path); err != nil {
		return nil, err
	}
	f, err := openLocked(path)
	if errors.Is(err, ErrLocked) {
		return nil, &fs.PathError{Op: "lock", Path: path, Err: fmt.Errorf("%w%s", ErrLocked, holder(path))}
	}
	if err != nil {
		return nil, err
	}
	// The number is for people: a disk without room for it is no reason to fail.
	if f.Truncate(0) == nil {
		_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	return func() error { return closeLocked(f) }, nil
}

// holder names the process that a lock file names, if it does.
func holder(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 32))
	if err != nil {
		return ""
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return ""
	}
	return fmt.Sprintf(" (pid %d)", pid)
}
