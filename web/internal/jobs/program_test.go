//go:build unix

package jobs

import (
	"bytes"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asProgram makes the test binary a program whose commands do what the flag
// --name says.
const asProgram = "JOBS_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) == "" || strings.HasPrefix(os.Args[1], "-test.") { // a worker of a fuzz test has them too
		if err := os.Setenv(asProgram, "yes"); err != nil { // for the processes that tests start
			panic(err)
		}
		os.Exit(m.Run())
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	leave, err := Attend()
	if err != nil {
		fmt.Fprintln(os.Stderr, "prog:", err)
		os.Exit(1)
	}
	code := program(flagsOf(os.Args[1:]), signals)
	leave(code)
	os.Exit(code)
}

func flagsOf(args []string) map[string]string {
	flags := map[string]string{"": args[0]}
	for _, arg := range args[1:] {
		if name, value, ok := strings.Cut(arg, "="); ok {
			flags[strings.TrimPrefix(name, "--")] = value
		} else {
			flags[arg] = "true"
		}
	}
	return flags
}

// program does what --name says: "work:N" counts to N in its events, a
// millisecond each, and goes on where it was; without N until there is a file
// enough beside them.
func program(flags map[string]string, signals <-chan os.Signal) int {
	what, n, _ := strings.Cut(flags["name"], ":")
	switch what {
	case "fail":
		fmt.Fprintln(os.Stderr, "a remark\nprog: --lr 0: want more\x1b[31m\nTry: prog --help")
		return 2
	case "mute":
		return 7
	case "diverge":
		return codeDiverged
	case "panic":
		panic("as it was told")
	case "kill":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "stubborn":
		note(flags, "ready\n")
		time.Sleep(time.Minute)
	case "flood": // until its log is shortened, and again
		flood()
		for range 3000 {
			if logged() > mostLog {
				time.Sleep(10 * time.Millisecond)
			}
		}
		if logged() > mostLog {
			return 9
		}
		flood()
		fmt.Fprintln(os.Stderr, "prog: flooded")
		return 1
	case "work":
		return work(flags, n, signals)
	}
	return 0
}

// flood writes more than a log may have.
func flood() {
	for line := append(bytes.Repeat([]byte("x"), 4<<10), '\n'); logged() <= mostLog; {
		_, _ = os.Stderr.Write(line)
	}
}

// logged returns how many bytes the log has.
func logged() int64 {
	info, err := os.Stderr.Stat()
	if err != nil {
		panic(err)
	}
	return info.Size()
}

func note(flags map[string]string, text string) {
	f, err := os.OpenFile(flags["events"], os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
	if err == nil {
		_, err = f.WriteString(text)
	}
	if err != nil || f.Close() != nil {
		panic(err)
	}
}

func work(flags map[string]string, goal string, signals <-chan os.Signal) int {
	n, err := strconv.Atoi(goal)
	enough := func(i int) bool { return i >= n }
	if err != nil {
		enough = func(int) bool { return exists(flags["events"] + ".enough") }
	}
	done, _ := os.ReadFile(flags["events"])
	for i := bytes.Count(done, []byte("\n")); !enough(i); i++ {
		select {
		case <-signals:
			return codeTerminated
		case <-time.After(time.Millisecond):
			note(flags, strconv.Itoa(i)+"\n")
		}
	}
	if err := os.MkdirAll(flags["out"], 0o777); err != nil {
		panic(err)
	}
	if err := os.WriteFile(filepath.Join(flags["out"], flags[""]+".json"), []byte("{}\n"), 0o666); err != nil {
		panic(err)
	}
	return codeDone
}
