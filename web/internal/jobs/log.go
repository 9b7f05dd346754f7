package jobs

import (
	"bytes"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"
)

// logName is the file of what a process has written.
const logName = "log"

const (
	mostLog  = 1 << 20  // bytes that a log may have
	keptLog  = 64 << 10 // bytes that are kept of a longer one
	readLog  = 16 << 10 // bytes of its end that errors are looked for in
	mostText = 2000     // bytes of an error
	leftOut  = "[earlier output was left out]\n"
)

// tail returns the last n bytes of a file, from the beginning of a line on.
func tail(path string, n int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	from := max(0, info.Size()-n)
	text, err := io.ReadAll(io.NewSectionReader(f, from, n))
	if from > 0 {
		_, text, _ = bytes.Cut(text, []byte("\n"))
	}
	return text, err
}

// trim shortens a log that has become too long. The process goes on writing to
// its end: it has opened it for appending.
func trim(path string) error {
	info, err := os.Stat(path)
	if err != nil || info.Size() <= mostLog {
		return err
	}
	last, err := tail(path, keptLog)
	if err != nil {
		return err
	}
	if err := os.Truncate(path, 0); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(append([]byte(leftOut), last...))
	if closing := f.Close(); err == nil {
		err = closing
	}
	return err
}

// complaint finds what a process said last about why it failed: lines that begin
// with its name, else the first line of a panic, else the last line.
func complaint(path, program string) string {
	text, err := tail(path, readLog)
	if err != nil {
		return ""
	}
	var said, panicked, last string
	for line := range strings.Lines(string(text)) {
		line = printable(strings.TrimSpace(line))
		if line == "" || strings.HasPrefix(line, "Try: ") {
			continue
		}
		last = line
		if rest, ok := strings.CutPrefix(line, program+": "); ok {
			said = rest
		}
		if panicked == "" && (strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ")) {
			panicked = line
		}
	}
	for _, s := range []string{panicked, said, last} {
		if s != "" {
			return s
		}
	}
	return ""
}

// printable returns a line that is short and has no control characters.
func printable(line string) string {
	if len(line) > mostText {
		line = line[:mostText]
	}
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, line)
}
