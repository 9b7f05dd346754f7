package metrics

import (
	"context"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/descent-go/descent/train"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func metrics(t *testing.T, labels map[string]string) *Metrics {
	t.Helper()
	m, err := New(Options{Labels: labels})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// serve serves metrics at a free port for as long as a test runs.
func serve(t *testing.T, m *Metrics) string {
	t.Helper()
	addr, err := m.Serve(t.Context(), ":0")
	if err != nil {
		t.Fatal(err)
	}
	return "http://" + addr
}

// play is a run that measures everything.
func play(m *Metrics) {
	nan := train.Real(math.NaN())
	m.Event(&train.Started{Optimizer: `adamw{"eps":1e-8}`, Rate: 0.5, Parameters: 6, StateBytes: 48, Steps: 12, Watched: true})
	m.Event(&train.Step{Step: 1, Loss: 2, Rate: 0.5, Examples: 32, GradNorm: 3, UpdateNorm: 0.25, ParamNorm: 8, Clipped: true})
	m.Event(&train.Step{Step: 1, Loss: math.NaN(), Rate: 0.5, Examples: 32, GradNorm: math.Inf(1), Skipped: true})
	m.Event(&train.Diagnosis{Step: 1, Cosine: -0.5, Alpha: nan, Along: 3, Sharpness: 4, Edge: 0.5})
	m.Event(&train.Diagnosis{Step: 1, Cosine: nan, Alpha: 0.75, Along: nan, Sharpness: nan, Edge: nan})
	m.Event(&train.Step{Step: 2, Loss: 1.5, Rate: 0.25, Examples: 16, GradNorm: 0.1})
	m.Event(&train.EpochEnd{Epoch: 1, Step: 2, Loss: 1.75, Rate: 0.25})
	m.Event(&train.Evaluation{Step: 1, Set: "validation", Loss: 0.5, Accuracy: 0.5, Labelled: true})
	m.Event(&train.Evaluation{Step: 2, Set: "validation", Loss: 0.75, Accuracy: 0.875, Labelled: true})
	m.Event(&train.Evaluation{Step: 2, Set: "train", Loss: 0.125})
	m.Event(&train.Checkpointed{Step: 2, Name: "00000002", Bytes: 4096, Seconds: 0.25})
	m.Event(&train.Checkpointed{Step: 3, Error: "no space left on device"})
	m.Event(&train.Oscillating{Step: 2})
}

// played is what Prometheus reads of it, without help.
const played = `
gauge   descent_run_info{optimizer="adamw{\"eps\":1e-8}",run="a \"b\"\n"} 1
gauge   descent_run_state{state="running"} 1
gauge   descent_parameters 6
gauge   descent_state_bytes 48
gauge   descent_planned_steps 12
counter descent_steps_total 2
counter descent_skipped_steps_total 1
counter descent_clipped_steps_total 1
counter descent_examples_total 80
counter descent_epochs_total 1
gauge   descent_loss 1.5
gauge   descent_learning_rate 0.25
gauge   descent_gradient_norm 0.1
gauge   descent_update_norm 0
gauge   descent_parameter_norm 0
gauge   descent_epoch_loss 1.75
gauge   descent_evaluation_loss{set="train"} 0.125
gauge   descent_evaluation_loss{set="validation"} 0.75
gauge   descent_evaluation_accuracy{set="validation"} 0.875
gauge   descent_evaluation_step{set="train"} 2
gauge   descent_evaluation_step{set="validation"} 2
counter descent_evaluations_total{set="train"} 1
counter descent_evaluations_total{set="validation"} 2
gauge   descent_best_loss 0.5
counter descent_checkpoints_total 1
counter descent_checkpoint_failures_total 1
gauge   descent_checkpoint_step 2
gauge   descent_checkpoint_bytes 4096
gauge   descent_checkpoint_duration_seconds 0.25
gauge   descent_gradient_cosine -0.5
gauge   descent_step_alpha 0.75
gauge   descent_curvature 3
gauge   descent_sharpness 4
gauge   descent_edge 0.5
gauge   descent_oscillating 1
`

var help = regexp.MustCompile(`(?m)^# HELP (\S+) .*$`)

// exposition writes lines as above in Prometheus' own format, with the help
// that text has.
func exposition(lines, text string) (expected string, names []string) {
	helps := map[string]string{}
	for _, match := range help.FindAllStringSubmatch(text, -1) {
		helps[match[1]] = match[0]
	}
	var b strings.Builder
	for line := range strings.Lines(strings.TrimSpace(lines)) {
		kind, sample, _ := strings.Cut(strings.TrimSpace(line), " ")
		sample = strings.TrimSpace(sample)
		name := sample[:strings.IndexAny(sample, "{ ")]
		if !slices.Contains(names, name) {
			names = append(names, name)
			fmt.Fprintf(&b, "%s\n# TYPE %s %s\n", helps[name], name, kind)
		}
		fmt.Fprintln(&b, sample)
	}
	return b.String(), names
}

func get(t *testing.T, method, url string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// Prometheus' own parser reads over the network what the run told.
func TestScrape(t *testing.T) {
	m := metrics(t, map[string]string{"run": "a \"b\"\n"})
	play(m)
	url := serve(t, m) + "/metrics"
	_, text := get(t, http.MethodGet, url)
	expected, names := exposition(played, text)
	if err := testutil.ScrapeAndCompare(url, strings.NewReader(expected), names...); err != nil {
		t.Error(err)
	}
	for _, match := range help.FindAllStringSubmatch(text, -1) {
		if name := match[1]; strings.HasPrefix(name, "descent_") && !slices.Contains(names, name) {
			t.Errorf("%s is served and not expected", name)
		}
	}
	if !strings.Contains(text, "\ngo_goroutines ") {
		t.Error("the metrics of the Go runtime are missing")
	}
	problems, err := testutil.GatherAndLint(m.Gatherer(), names...)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("against Prometheus' conventions: %s: %s", p.Metric, p.Text)
	}
}

// samples returns the lines of the run's metrics.
func samples(t *testing.T, url string) []string {
	t.Helper()
	_, text := get(t, http.MethodGet, url)
	var lines []string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "descent_") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// What a run does not measure is not served; counters go on after a resume.
func TestStates(t *testing.T) {
	m := metrics(t, nil)
	url := serve(t, m) + "/metrics"
	if lines := samples(t, url); lines != nil {
		t.Errorf("before the run: %v", lines)
	}
	m.Event(&train.Resumed{Started: train.Started{Optimizer: "sgd\xff", Parameters: 2}, Step: 500, Epoch: 3})
	want := []string{
		"descent_checkpoint_failures_total 0", "descent_checkpoints_total 0", "descent_clipped_steps_total 0",
		"descent_epochs_total 3", "descent_examples_total 0", "descent_parameters 2",
		"descent_run_info{optimizer=\"sgd\uFFFD\"} 1", `descent_run_state{state="running"} 1`,
		"descent_skipped_steps_total 0", "descent_state_bytes 0", "descent_steps_total 500",
	}
	if lines := samples(t, url); !slices.Equal(lines, want) {
		t.Errorf("resumed: %v, want %v", lines, want)
	}
	m.Event(&train.Step{Step: 501, Loss: math.Inf(-1)})
	m.Event(&train.Finished{Result: &train.Result{Reason: train.ReasonNoImprovement}})
	lines := samples(t, url)
	for _, line := range []string{"descent_steps_total 501", "descent_loss -Inf", `descent_run_state{state="no improvement"} 1`} {
		if !slices.Contains(lines, line) {
			t.Errorf("finished: %v, want %s", lines, line)
		}
	}
}

func TestHTTP(t *testing.T) {
	url := serve(t, metrics(t, nil))
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{http.MethodGet, "/metrics", 200}, {http.MethodHead, "/metrics", 200}, {http.MethodPost, "/metrics", 405},
		{http.MethodDelete, "/metrics", 405}, {http.MethodGet, "/", 404}, {http.MethodGet, "/metrics/x", 404}, {http.MethodGet, "/debug/pprof/", 404},
	} {
		if got, _ := get(t, c.method, url+c.path); got != c.want {
			t.Errorf("%s %s: %d, want %d", c.method, c.path, got, c.want)
		}
	}
}

func TestServe(t *testing.T) {
	m := metrics(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	addr, err := m.Serve(ctx, ":0")
	if err != nil {
		t.Fatal(err)
	}
	if host, _, _ := net.SplitHostPort(addr); host != "127.0.0.1" {
		t.Errorf(":0 listens on %s, want this machine alone", addr)
	}
	if _, err := m.Serve(ctx, addr); err == nil || !strings.Contains(err.Error(), "metrics: listen tcp4 "+addr) {
		t.Errorf("an address that is taken: %v", err)
	}
	for _, bad := range []string{"9090", "", "localhost", "a:b:c", ":no-such-port"} {
		if _, err := m.Serve(ctx, bad); err == nil || !strings.HasPrefix(err.Error(), "metrics: ") {
			t.Errorf("address %q: %v", bad, err)
		}
	}
	open, err := m.Serve(ctx, "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	if host, _, _ := net.SplitHostPort(open); host != "0.0.0.0" {
		t.Errorf("0.0.0.0:0 listens on %s", open)
	}
	cancel()
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			break
		}
		_ = conn.Close()
		if time.Now().After(deadline) {
			t.Fatal("the server answers after the context has ended")
		}
	}
}

func TestLabels(t *testing.T) {
	for _, name := range []string{"", "optimizer", "__name__", "1st", "a-b", "ä", "a b"} {
		if _, err := New(Options{Labels: map[string]string{name: "x"}}); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("metrics: label %q", name)) {
			t.Errorf("label %q: %v", name, err)
		}
	}
}

// Scrapes while the run goes on see whole events, and race with nothing.
func TestScrapesWhileTraining(t *testing.T) {
	m := metrics(t, nil)
	url := serve(t, m) + "/metrics"
	var wait sync.WaitGroup
	done := make(chan struct{})
	wait.Go(func() {
		m.Event(&train.Started{})
		for step := int64(1); ; step++ {
			m.Event(&train.Step{Step: step, Loss: float64(step), Examples: 1})
			m.Event(&train.Evaluation{Step: step, Set: fmt.Sprint("set", step%3)})
			select {
			case <-done:
				return
			default:
			}
		}
	})
	for range 50 {
		var steps, examples string
		for _, line := range samples(t, url) {
			if rest, ok := strings.CutPrefix(line, "descent_steps_total "); ok {
				steps = rest
			}
			if rest, ok := strings.CutPrefix(line, "descent_examples_total "); ok {
				examples = rest
			}
		}
		if steps != examples {
			t.Errorf("%s steps of one example, and %s examples", steps, examples)
		}
	}
	close(done)
	wait.Wait()
}

// A step costs no memory.
func TestNoAllocation(t *testing.T) {
	m := metrics(t, nil)
	play(m)
	step := &train.Step{Step: 3, Loss: 1, Rate: 0.5, Examples: 32, GradNorm: 1}
	evaluation := &train.Evaluation{Step: 3, Set: "validation", Loss: 1, Labelled: true}
	if n := testing.AllocsPerRun(1000, func() {
		m.Event(step)
		m.Event(evaluation)
	}); n != 0 {
		t.Errorf("%v allocations in a step, want none", n)
	}
}

func BenchmarkStep(b *testing.B) {
	m, err := New(Options{})
	if err != nil {
		b.Fatal(err)
	}
	play(m)
	e := &train.Step{Step: 3, Loss: 1, Rate: 0.5, Examples: 32, GradNorm: 1}
	b.ReportAllocs()
	for b.Loop() {
		m.Event(e)
	}
}
