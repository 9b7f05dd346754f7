package tail

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var howLong = flag.Duration("for", 2*time.Second, "how long TestManyStreams goes on")

// What TestManyStreams is made of: browsers that read, some that read slowly, some
// that do not read at all, and what there is to read.
const (
	quick, slow, deaf = 200, 10, 10
	updates           = 20 // a second
	backlog           = 6 << 20
)

// A reading is what a browser has got.
type reading struct {
	lines int
	delay []time.Duration // from the write to the receipt
	bytes int64           // of lines, of a slow one, and their checksum
	sum   uint32
	err   error
}

// read takes events and checks that every line comes once and in order: line n ends
// with the number n. Those of browsers that are quick are counted in arrived.
func (g *reading) read(in io.Reader, first int, keep bool, arrived *atomic.Int64) {
	lines := bufio.NewReaderSize(in, 4<<10)
	for at := first; ; {
		text, err := lines.ReadString('\n')
		if err != nil {
			return // the test is over, or the stream was dropped
		}
		data, ok := strings.CutPrefix(text, "data: ")
		if !ok {
			if strings.HasPrefix(text, "event: rewind") {
				g.err = errors.New("rewound")
				return
			}
			continue
		}
		var n int
		var sent int64
		if _, err := fmt.Sscanf(data, `{"n":%d,"sent":%d,`, &n, &sent); err != nil || n != at {
			g.err = fmt.Errorf("line %d came where %d was due: %v", n, at, err)
			return
		}
		at++
		g.lines++
		if keep {
			g.bytes += int64(len(data))
			g.sum = crc32.Update(g.sum, table, []byte(data))
		} else {
			g.delay = append(g.delay, time.Since(time.Unix(0, sent)))
			arrived.Add(1)
		}
	}
}

// throttled is a body that is read slowly: 256 KiB a second.
type throttled struct{ in io.Reader }

func (t throttled) Read(p []byte) (int, error) {
	n, err := t.in.Read(p[:min(len(p), 4<<10)])
	time.Sleep(time.Duration(n) * time.Second / (256 << 10))
	return n, err
}

// Hundreds follow a file that grows. Nobody who reads misses anything, memory is
// bounded, and the writer does not notice.
func TestManyStreams(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	pad := strings.Repeat("x", 200)
	written, place := 0, Place{}
	line := func() []byte {
		text := fmt.Appendf(nil, `{"n":%d,"sent":%d,"pad":"%s"}`+"\n", written, time.Now().UnixNano(), pad)
		written++
		place = place.after(text)
		return text
	}
	var old []byte
	for len(old) < backlog {
		old = append(old, line()...)
	}
	if _, err := file.Write(old); err != nil {
		t.Fatal(err)
	}
	size := len(old)
	first := written

	var dropped atomic.Int32
	var arrived atomic.Int64
	server, hub := serve(t, func() Feed { return Feed{} }, path, time.Second)
	inner := server.Config.Handler
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(w, r)
		dropped.Add(1)
	})
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	readings := make([]reading, quick+slow+deaf)
	var ready, all sync.WaitGroup
	for i := range readings {
		ready.Add(1)
		all.Go(func() {
			url := server.URL
			if i < quick {
				url += "?from=" + place.String()
			}
			r, err := http.NewRequestWithContext(ctx, "GET", url, nil)
			if err != nil {
				readings[i].err = err
				ready.Done()
				return
			}
			res, err := client.Do(r)
			ready.Done()
			if err != nil {
				readings[i].err = err
				return
			}
			defer res.Body.Close()
			switch {
			case i < quick:
				readings[i].read(res.Body, first, false, &arrived)
			case i < quick+slow:
				readings[i].read(throttled{res.Body}, 0, true, &arrived)
			default:
				<-ctx.Done()
			}
		})
	}
	ready.Wait()

	var worst time.Duration
	var heap uint64
	tick := time.NewTicker(time.Second / updates)
	defer tick.Stop()
	for began := time.Now(); time.Since(began) < *howLong; {
		<-tick.C
		text := line()
		size += len(text)
		at := time.Now()
		if _, err := file.Write(text); err != nil {
			t.Fatal(err)
		}
		worst = max(worst, time.Since(at))
		if written%updates == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			heap = max(heap, m.HeapAlloc)
		}
	}
	want := written - first
	for until := time.Now().Add(20 * time.Second); arrived.Load() < int64(quick*want) || dropped.Load() < deaf; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(until) {
			break // what is missing is told below
		}
	}
	gone := dropped.Load() // nobody has left yet
	cancel()
	all.Wait()

	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var delays []time.Duration
	for i := range readings {
		g := &readings[i]
		if g.err != nil {
			t.Errorf("browser %d: %v", i, g.err)
		}
		switch {
		case i < quick:
			delays = append(delays, g.delay...)
			if g.lines != want {
				t.Errorf("browser %d has %d of %d lines", i, g.lines, want)
			}
		case i < quick+slow:
			if sum := crc32.Checksum(whole[:min(g.bytes, int64(len(whole)))], table); g.lines == 0 || g.sum != sum {
				t.Errorf("slow browser %d has %d lines that are not the first ones", i, g.lines)
			}
		}
	}
	if gone < deaf || gone > deaf+slow { // how slow is too slow depends on the machine
		t.Errorf("%d streams were dropped, want the %d that nobody reads", gone, deaf)
	}
	if heap > 96<<20 {
		t.Errorf("heap of %d MiB", heap>>20)
	}
	if worst > 2*time.Second {
		t.Errorf("a write took %v", worst)
	}
	server.Close()
	hub.mu.Lock()
	if len(hub.readers) != 0 {
		t.Errorf("%d readers are left", len(hub.readers))
	}
	hub.mu.Unlock()
	slices.Sort(delays)
	t.Logf("%d streams, %d updates in %v, %s MiB of file: %d deliveries, delay %v in the middle, %v at 99 %%, %v at most; slowest write %v; heap at most %d MiB; %d dropped",
		len(readings), want, *howLong, strconv.Itoa(size>>20), len(delays), delays[len(delays)/2], delays[len(delays)*99/100], delays[len(delays)-1], worst, heap>>20, gone)
}
