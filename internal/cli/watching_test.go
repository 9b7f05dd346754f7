package cli

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/descent-go/descent/record"
)

// Metrics of a run can be had while it goes on, and not any longer.
func TestMetrics(t *testing.T) {
	folder(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r, w := io.Pipe()
	code := make(chan int, 1)
	go func() {
		var out bytes.Buffer
		code <- execute(ctx, []string{"train", "--function", "rosenbrock", "--steps", "1000000000", "--metrics", ":0", "--no-figures", "--out", "made"}, strings.NewReader(""), &out, w)
		_ = w.Close()
	}()
	said := make([]byte, 100)
	n, err := r.Read(said)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, r) }()
	m := regexp.MustCompile(`^metrics at (http://127\.0\.0\.1:[0-9]+/metrics)\n$`).FindSubmatch(said[:n])
	if m == nil {
		t.Fatalf("%q does not say where metrics are", said[:n])
	}
	url := string(m[1])
	steps := regexp.MustCompile(`(?m)^descent_steps_total [1-9]`)
	text := ""
	for range 1000 {
		if text = scrape(t, url); steps.MatchString(text) {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	for _, want := range []string{"\ndescent_loss ", "\ndescent_learning_rate 0.001\n", `descent_run_state{state="running"} 1`, `model="rosenbrock"`, `run="made"`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q among the metrics", want)
		}
	}
	if !steps.MatchString(text) {
		t.Error("no step is counted")
	}
	cancel()
	if code := <-code; code != exitInterrupted {
		t.Errorf("exit code %d", code)
	}
	if response, err := http.Get(url); err == nil {
		_ = response.Body.Close()
		t.Error("metrics outlast the run")
	}
}

func scrape(t *testing.T, url string) string {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatal(response.Status, err)
	}
	return string(text)
}

// Event files for TensorBoard are in the run's folder, one for each process that
// worked on it, made of records whose sums fit.
func TestTensorBoard(t *testing.T) {
	folder(t)
	args := append(append([]string{}, small...), "--tensorboard", "--out", "made")
	interrupt(t, "epoch 2/4", args...)
	succeed(t, "", "resume", "./made", "--tensorboard", "--no-figures")
	files, err := filepath.Glob("made/tensorboard/events.out.tfevents.*")
	if err != nil || len(files) != 2 {
		t.Fatalf("%q, %v", files, err)
	}
	for _, name := range files {
		all := tfRecords(t, name)
		if len(all) < 10 || !bytes.Contains(all[0], []byte("brain.Event:2")) {
			t.Errorf("%s: %d records", name, len(all))
		}
		content := bytes.Join(all, nil)
		for _, tag := range []string{"loss", "dense1.weight"} {
			if !bytes.Contains(content, []byte(tag)) {
				t.Errorf("%s: no %s", name, tag)
			}
		}
	}
	run, err := record.Open("made")
	if err != nil {
		t.Fatal(err)
	}
	if s := run.Summary(); s.Status != record.StatusFinished {
		t.Errorf("the run is %s", s.Status)
	}
}

// tfRecords reads the records of a file: each has its length, the masked CRC-32C
// of that, the content, and the masked CRC-32C of the content.
func tfRecords(t *testing.T, name string) (all [][]byte) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	masked := func(b []byte) uint32 {
		sum := crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))
		return (sum>>15 | sum<<17) + 0xa282ead8
	}
	for len(b) > 0 {
		if len(b) < 16 || binary.LittleEndian.Uint32(b[8:]) != masked(b[:8]) {
			t.Fatalf("%s: record %d: the length is damaged", name, len(all))
		}
		n := binary.LittleEndian.Uint64(b)
		if n > uint64(len(b)-16) || binary.LittleEndian.Uint32(b[12+n:]) != masked(b[12:12+n]) {
			t.Fatalf("%s: record %d of %d bytes is damaged", name, len(all), n)
		}
		all = append(all, b[12:12+n])
		b = b[16+n:]
	}
	return all
}
