package cli

import (
	"bytes"
	"context"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/descent-go/descent/bench"
	"github.com/descent-go/descent/figure"
)

func TestBench(t *testing.T) {
	t.Chdir(t.TempDir())
	m := object(t, "", "bench", "--quick", "--only", "rules,memory", "--optimizer", "adamw,sgd:momentum=0.5", "--sizes", "100,1e3",
		"--threads", "1", "--float64", "--out", "o")
	rules := m["rules"].([]any)
	if len(rules) != 2*2*2 {
		t.Fatalf("%d rules, want 2 rules × 2 sizes × 2 types: %v", len(rules), rules)
	}
	seen := map[string]bool{}
	for _, r := range rules {
		r := r.(map[string]any)
		seen[r["rule"].(string)+" "+r["dtype"].(string)] = true
		if !(r["ns_per_param"].(float64) > 0) || !(r["stream_share"].(float64) > 0) || r["threads"] != 1.0 || r["allocs_per_step"] != 0.0 {
			t.Errorf("%v", r)
		}
	}
	if len(seen) != 4 || !seen["sgd:momentum=0.5 float64"] {
		t.Errorf("rules: %v", seen)
	}
	if got := len(m["bandwidth"].([]any)); got != 2 {
		t.Errorf("bandwidth of %d sizes, want 2", got)
	}
	if gemm := m["gemm"].([]any); len(gemm) != 0 {
		t.Errorf("measured %v, though --only leaves it out", gemm)
	}
	exists(t, "o/bench.json", "o/bench.png", "o/bench.svg")
	if got := sniff(t, "o/bench.png"); got != "png" {
		t.Errorf("bench.png is %q", got)
	}
	saved, err := os.ReadFile("o/bench.json")
	if err != nil {
		t.Fatal(err)
	}
	if parse(t, string(saved))["machine"] == nil {
		t.Errorf("bench.json has no machine:\n%s", saved)
	}
}

func TestBenchWithoutFigures(t *testing.T) {
	t.Chdir(t.TempDir())
	o := succeed(t, "", "bench", "--quick", "--only", "rules,plain", "--optimizer", "lion", "--sizes", "50", "--no-figures")
	for _, want := range []string{"lion", "ns per parameter", "plain loop", runtime.Version()} {
		if !strings.Contains(o.stdout, want) {
			t.Errorf("no %q in\n%s", want, o.stdout)
		}
	}
	exists(t, "out/bench.json")
	if _, err := os.Stat("out/bench.png"); err == nil {
		t.Error("a figure in spite of --no-figures")
	}
}

func TestBenchBadFlags(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range []struct {
		args string
		want string
	}{
		{"--only gem", "--only gem: want some of memory, rules"},
		{"--optimizer adamx", `no rule "adamx"`},
		{"--sizes 1.5", "--sizes 1.5: want a whole number"},
		{"--sizes 1e12", "--sizes 1e12: want at most"},
		{"--threads 0", "--threads 0: want 1 to"},
		{"--threads two", "--threads"},
		{"--theme pink", "--theme pink"},
		{"--resolution 99", "--resolution 99"},
		{"fast", `unexpected argument "fast"`},
	} {
		o := command(t, "", append([]string{"bench"}, strings.Fields(c.args)...)...)
		if o.code != exitUsage || !strings.Contains(o.stderr, c.want) || o.stdout != "" {
			t.Errorf("bench %s: code %d, %q, want %q", c.args, o.code, o.stderr, c.want)
		}
	}
}

// What has been measured before an interrupt is shown.
func TestBenchInterrupted(t *testing.T) {
	t.Chdir(t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out, diag bytes.Buffer
	if code := execute(ctx, []string{"bench", "--quick", "--json"}, strings.NewReader(""), &out, &diag); code != exitInterrupted {
		t.Errorf("code %d, want %d: %s", code, exitInterrupted, diag.String())
	}
	if rules := parse(t, out.String())["rules"].([]any); len(rules) != 0 {
		t.Errorf("measured %v after the end", rules)
	}
}

// benchExample has what a measurement on a machine of four cores could find.
func benchExample() *benchReport {
	r := &bench.Report{
		Machine:   bench.Machine{CPU: "Some CPU", Cores: 4, SIMD: "avx2", Go: "go1.26", OS: "linux", Arch: "amd64"},
		Bandwidth: []bench.Bandwidth{{Params: 1000, Bytes: 16000, Threads: 1, GBs: 123.4}},
		Plain:     []bench.Plain{{Params: 2, NS: 45.6, Ratio: 7.5}},
		Tensors:   []bench.Tensors{{Tensors: 1000, Size: 100, Threads: 4, NS: 25000, Ratio: 1.25, Allocs: 3}},
		GEMM:      []bench.Product{{M: 2, N: 3, K: 4, TransA: true, Threads: 1, GFLOPS: 98.7}, {M: 2, N: 3, K: 4, TransB: true, Threads: 1, GFLOPS: 1}},
		Train:     []bench.Training{{Model: "784-128-10", Batch: 32, Threads: 4, NS: 64000, Rate: 500000}},
		Notes:     []string{"something is left out"},
	}
	for _, dtype := range []string{"float32", "float64"} {
		for _, threads := range []int{1, 4} {
			for _, n := range []int{1000, 16000} {
				r.Rules = append(r.Rules, bench.Rule{Rule: "adam", DType: dtype, Params: n, Threads: threads, NS: 0.25, Share: 0.875, Allocs: n / 16000})
			}
		}
	}
	return &benchReport{Report: r}
}

func TestBenchText(t *testing.T) {
	r := benchExample()
	p := &page{width: 100}
	r.text(p)
	text := p.b.String()
	for _, want := range []string{
		"Some CPU, 4 cores, avx2, go1.26, linux/amd64",
		"adam float64        4  0.250  88%  0.250  88%            1\n", "1.6e4",
		"15.62 KiB", "123", "45.6", "7.5", "1000 of 100", "25.0", "1.25", "apart",
		"(4×2)ᵀ · 4×3", "2×4 · (3×4)ᵀ", "98.7", "500,000", "64.0", "Note: something is left out",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	short := &page{width: 100, quiet: true}
	r.text(short)
	if got := short.b.String(); !strings.Contains(got, "adam float32") || strings.Contains(got, "Note") {
		t.Errorf("quietly:\n%s", got)
	}
}

func TestBenchFigure(t *testing.T) {
	drawn, err := benchExample().draw(figure.Style{Theme: figure.Dark})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := drawn.WriteSVG(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"adam float32", "adam float64", "1 thread<", "4 threads<", "1e3 parameters", "1.6e4 parameters", "Some CPU"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the figure has no %q", want)
		}
	}
}

func TestBenchNumbers(t *testing.T) {
	for n, want := range map[int]string{2: "2", 1000: "1e3", 16000: "1.6e4", 100_000_000: "1e8", 1234: "1.234e3"} {
		if got := sizeText(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	for v, want := range map[float64]string{0.1234: "0.123", 1.234: "1.23", 12.34: "12.3", 1234.5: "1234"} {
		if got := digits3(v); got != want {
			t.Errorf("%v: %q, want %q", v, got, want)
		}
	}
}
