package tail

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

var rounds = flag.Int("rounds", 7, "how often BenchmarkTrainingBesideStreams trains with streams, and without")

// BenchmarkTrainingBesideStreams measures what a training loses when hundreds follow
// it, one in ten of whom never reads. The training has processor 0; the server and
// its readers share processor 1. Rounds with and without readers alternate, and with
// a loop on processor 1 that has nothing to do with the training: two processors that
// are busy may share caches, power and a host. It tells medians and the range of the
// steps a second that the log has, and of the processor time of the training. It
// takes Linux, taskset and two processors:
//
//	go test ./web/internal/tail -run '^$' -bench TrainingBesideStreams -benchtime 1x -rounds 9
//
// On a machine that does other things too, nice -n -15 setsid -w before it keeps
// these out; the processor time is less disturbed by them than the steps a second.
func BenchmarkTrainingBesideStreams(b *testing.B) {
	dir := b.TempDir()
	program := filepath.Join(dir, "descent")
	run(b, exec.CommandContext(b.Context(), "go", "build", "-o", program, "github.com/descent-go/descent/cmd/descent"))
	run(b, exec.CommandContext(b.Context(), "taskset", "-a", "-p", "-c", "1", strconv.Itoa(os.Getpid())))
	runs := filepath.Join(dir, "runs")
	client, stop := besideServer(b, program, runs)
	defer stop()

	const steps = 40_000
	arms := []string{"alone", "followed", "beside-a-loop"}
	var speed, cost [3][]float64
	var told strings.Builder
	for range b.N {
		for round := range 3 * *rounds {
			with := (round + round/3) % 3 // 0 1 2 1 2 0 2 0 1 …
			train := exec.CommandContext(b.Context(), "taskset", "-c", "0", program, "train", "--runs", runs, "--data", "digits:n=2000", "--model", "mlp:16", "--epochs", "0",
				"--steps", strconv.Itoa(steps), "--no-figures", "--quiet", "--seed", strconv.Itoa(round))
			train.Stderr = os.Stderr
			before := folders(b, runs)
			if err := train.Start(); err != nil {
				b.Fatal(err)
			}
			leave := func() int64 { return 0 }
			id := newFolder(b, runs, before)
			switch with {
			case 1:
				leave = client.follow(b, id)
			case 2:
				leave = loop(b)
			}
			if err := train.Wait(); err != nil {
				b.Fatal(err)
			}
			got := leave()
			first, last := stepTimes(b, filepath.Join(runs, id, "events.jsonl"))
			state := train.ProcessState
			speed[with] = append(speed[with], (steps-1)/(last-first))
			cost[with] = append(cost[with], (state.UserTime() + state.SystemTime()).Seconds())
			fmt.Fprintf(&told, "\nround %d, %s (%d bytes read): %.0f steps a second, %.2f s of processor time",
				round/3+1, arms[with], got, speed[with][len(speed[with])-1], cost[with][len(cost[with])-1])
		}
	}
	for with, name := range arms {
		slices.Sort(speed[with])
		slices.Sort(cost[with])
		v, c := speed[with], cost[with]
		b.ReportMetric(v[len(v)/2], name+"-steps/s")
		b.ReportMetric(c[len(c)/2], name+"-cpu-s")
		fmt.Fprintf(&told, "\n%s: %.0f steps a second in the middle, %.0f to %.0f; %.2f s of processor time, %.2f to %.2f", name, v[len(v)/2], v[0], v[len(v)-1], c[len(c)/2], c[0], c[len(c)-1])
	}
	fmt.Fprintln(os.Stderr, told.String()) // a log of a benchmark is cut off
}

// loop keeps processor 1 busy until what it returns is called.
func loop(b *testing.B) func() int64 {
	c := exec.CommandContext(b.Context(), "taskset", "-c", "1", "sh", "-c", "while :; do :; done")
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	return func() int64 {
		_ = errors.Join(c.Process.Kill(), c.Wait()) // it was killed
		return 0
	}
}

// followers is how many follow a training at once.
const followers = 200

func run(b *testing.B, c *exec.Cmd) {
	b.Helper()
	if text, err := c.CombinedOutput(); err != nil {
		b.Fatalf("%v: %v\n%s", c.Args, err, text)
	}
}

// A besides is a browser that is in.
type besides struct {
	http.Client
	host string
}

// besideServer starts a server on processor 1.
func besideServer(b *testing.B, program, runs string) (*besides, func()) {
	server := exec.CommandContext(b.Context(), "taskset", "-c", "1", program, "serve", "--addr", "127.0.0.1:0", "--json", "--runs", runs)
	server.Cancel = func() error { return server.Process.Signal(os.Interrupt) }
	out, err := server.StdoutPipe()
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	stop := func() { _ = errors.Join(server.Process.Signal(os.Interrupt), server.Wait()) }
	var at struct{ URL, Address string }
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &at)
	}
	jar, _ := cookiejar.New(nil) // no options: no error
	c := &besides{http.Client{Jar: jar}, at.Address}
	if err == nil {
		var res *http.Response
		if res, err = c.Get(at.URL); err == nil {
			_ = res.Body.Close()
		}
	}
	if err != nil {
		stop()
		b.Fatal(err)
	}
	return c, stop
}

// follow opens the streams of a run. What it returns closes them, and says how much
// has been read.
func (c *besides) follow(b *testing.B, id string) func() int64 {
	ctx, cancel := context.WithCancel(b.Context())
	path := "/api/runs/" + url.PathEscape(id) + "/live?metric=loss&metric=val_loss&metric=rate"
	var all, ready sync.WaitGroup
	var mu sync.Mutex
	var total int64
	for i := range followers {
		ready.Add(1)
		all.Go(func() {
			if i%10 == 0 { // never reads
				c.stall(ctx, path, ready.Done)
				return
			}
			r, err := http.NewRequestWithContext(ctx, "GET", "http://"+c.host+path, nil)
			var res *http.Response
			if err == nil {
				res, err = c.Do(r)
			}
			ready.Done()
			if err != nil {
				b.Error(err)
				return
			}
			defer res.Body.Close()
			n, _ := io.Copy(io.Discard, res.Body) // until it is closed
			mu.Lock()
			total += n
			mu.Unlock()
		})
	}
	ready.Wait()
	return func() int64 {
		cancel()
		all.Wait()
		return total
	}
}

// stall asks for a stream and does not read it.
func (c *besides) stall(ctx context.Context, path string, ready func()) {
	defer ready()
	conn, err := net.Dial("tcp", c.host)
	if err != nil {
		return
	}
	context.AfterFunc(ctx, func() { _ = conn.Close() })
	cookies := c.Jar.Cookies(&url.URL{Scheme: "http", Host: c.host, Path: "/"})
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nCookie: %s=%s\r\n\r\n", path, c.host, cookies[0].Name, cookies[0].Value)
}

// folders lists the runs that there are.
func folders(b *testing.B, runs string) map[string]bool {
	all, err := os.ReadDir(runs)
	if err != nil {
		b.Fatal(err)
	}
	set := map[string]bool{}
	for _, f := range all {
		if f.IsDir() && !strings.HasPrefix(f.Name(), ".") {
			set[f.Name()] = true
		}
	}
	return set
}

// newFolder waits for the log of a run that was not there before.
func newFolder(b *testing.B, runs string, before map[string]bool) string {
	for until := time.Now().Add(20 * time.Second); time.Now().Before(until); time.Sleep(5 * time.Millisecond) {
		for id := range folders(b, runs) {
			if _, err := os.Stat(filepath.Join(runs, id, "events.jsonl")); err == nil && !before[id] {
				return id
			}
		}
	}
	b.Fatal("the training has no log")
	return ""
}

// stepTimes returns when the first and the last step of a log were.
func stepTimes(b *testing.B, path string) (first, last float64) {
	text, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		var e struct {
			Event string
			T     float64
			Step  int64
		}
		if bytes.HasPrefix(line, []byte(`{"event":"step"`)) {
			if err := json.Unmarshal(line, &e); err != nil {
				b.Fatal(err)
			}
			if last = e.T; e.Step == 1 {
				first = e.T
			}
		}
	}
	return first, last
}
