//go:build unix

package cli

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/descent-go/descent/checkpoint"
	"github.com/descent-go/descent/internal/rng"
	"github.com/descent-go/descent/record"
	"github.com/descent-go/descent/train"
)

// How long TestTorture goes on, and how the moments are drawn. A thousand:
//
//	go test ./internal/cli -run TestTorture -kills 1000 -timeout 0 -v
var (
	kills    = flag.Int("kills", 50, "how many processes TestTorture kills")
	killSeed = flag.Uint64("kill-seed", 1, "seed of the moments at which TestTorture kills")
)

// tortured are the trainings that are killed, in turn. A checkpoint is due
// after every few steps, so that one is being written nearly all the time.
var tortured = map[string][]string{
	"dropout and batch normalisation": {"--data", "digits:n=400", "--model", "dense:32,bn,dropout:0.3,dense:16,bn", "--epochs", "120", "--schedule", "onecycle"},
	"exponential average":             {"--data", "points.csv", "--model", "mlp:32,16", "--optimizer", "adamax", "--ema", "0.95", "--batch", "4", "--epochs", "400"},
	"plateau and patience":            {"--data", "spirals:n=500", "--model", "mlp:24,act=tanh", "--optimizer", "sgd:momentum=0.9,nesterov=true", "--lr", "0.05", "--plateau", "factor=0.5,patience=2", "--patience", "50", "--epochs", "500"},
	"look-ahead, accumulation":        {"--data", "spirals:n=400", "--model", "mlp:32", "--optimizer", "nesterov:beta=0.8", "--lr", "0.02", "--batch", "8", "--accumulate", "3", "--epochs", "400", "--clip-norm", "1"},
	"images, a mean":                  {"--data", "digits:n=150", "--model", "conv:2x3,pool:4,dropout:0.2", "--optimizer", "lion", "--lr", "0.002", "--swa", "--average-from", "20", "--batch", "8", "--epochs", "60"},
	"a function with noise":           {"--function", "rosenbrock", "--noise", "0.1", "--optimizer", "adam", "--lr", "0.01", "--schedule", "warmup:steps=100+cosine", "--steps", "20000"},
	"diagnoses":                       {"--data", "points.csv", "--model", "mlp:16", "--optimizer", "rmsprop", "--lr", "0.003", "--diagnose", "all", "--diagnose-every", "3", "--batch", "8", "--epochs", "300"},
}

// Processes are killed at random moments, also while they save, and the run is
// gone on with by other processes, with other numbers of threads and levels of
// vector instructions, until one comes to the end. The model, what happened and
// the report are those of a run that nothing happened to, to the bit; and every
// process goes on from the newest checkpoint that the dead have completed.
func TestTorture(t *testing.T) {
	names := slices.Sorted(maps.Keys(tortured))
	v := &victims{t: t, random: rng.New(*killSeed, "kills"), whole: map[string]whole{}}
	began := time.Now()
	for round := 0; v.killed < *kills; round++ {
		for _, name := range names {
			if v.killed < *kills {
				v.torment(name, round)
			}
		}
	}
	t.Logf("%d killed, %d of them while they saved, %d before they had; %d runs ended with the same bits as those left in peace; %v (-kill-seed %d)",
		v.killed, v.saving, v.unsaved, v.runs, time.Since(began).Round(time.Second), *killSeed)
	if *kills >= 50 && (v.saving == 0 || v.resumed == 0) {
		t.Errorf("nobody was killed while saving (%d) or went on from a checkpoint (%d): this tests nothing", v.saving, v.resumed)
	}
}

// victims are what TestTorture keeps of its runs.
type victims struct {
	t      *testing.T
	random *rng.Rand
	whole  map[string]whole

	killed, saving, unsaved, resumed, runs int
}

// A whole is a run that nothing happened to, and how long it took.
type whole struct {
	dir  string
	took time.Duration
}

// reference runs a training of tortured to its end, once.
func (v *victims) reference(name string) whole {
	if w, ok := v.whole[name]; ok {
		return w
	}
	w := whole{dir: v.folder()}
	began := time.Now()
	complete(v.t, w.dir, nil, exitOK, v.command(name)...)
	w.took = time.Since(began)
	v.t.Logf("%s: %v", name, w.took.Round(time.Millisecond))
	v.whole[name] = w
	return w
}

func (v *victims) command(name string) []string {
	return append([]string{"train", "--out", "made", "--seed", "7", "--no-figures", "--checkpoint-every", "5", "--keep", "2"}, tortured[name]...)
}

func (v *victims) folder() string {
	dir := v.t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "points.csv"), []byte(pointsCSV(90)), 0o644); err != nil {
		v.t.Fatal(err)
	}
	return dir
}

var goingOn = regexp.MustCompile(`(?m)^going on from step ([0-9]+), `)

// torment kills the processes of one run until one of them ends before.
func (v *victims) torment(name string, round int) {
	t := v.t
	t.Helper()
	w := v.reference(name)
	dir := v.folder()
	defer func() {
		if !t.Failed() {
			_ = os.RemoveAll(dir) // a thousand runs need room; what is left goes with the test
		}
	}()
	args := v.command(name)
	saved := int64(-1) // step of the newest checkpoint
	for life := 0; ; life++ {
		moment := time.Duration(v.random.Float64() * 1.5 * float64(w.took))
		p := launch(t, dir, v.circumstances(), args...)
		select {
		case <-p.ended:
		case <-time.After(moment):
			_ = p.cmd.Process.Kill() // it may just have ended
		}
		code := p.wait()
		said := p.stderr.String()
		at := func(format string, a ...any) {
			t.Helper()
			t.Errorf("%s, round %d, life %d, killed after %v (-kill-seed %d): %s\n%s", name, round, life, moment, *killSeed, fmt.Sprintf(format, a...), said)
		}
		if m := goingOn.FindStringSubmatch(said); m != nil {
			v.resumed++
			if from, err := strconv.ParseInt(m[1], 10, 64); err != nil || from != saved {
				at("went on from step %s, the newest checkpoint is of step %d", m[1], saved)
			}
		} else if saved >= 0 && code == exitOK {
			at("began anew, the newest checkpoint is of step %d", saved)
		}
		if strings.Contains(said, "checkpoint 0") {
			at("a checkpoint of a killed process is damaged")
		}
		switch code {
		case exitOK:
			v.runs++
			if differ := sameRun(t, filepath.Join(w.dir, "made"), filepath.Join(dir, "made")); differ != "" {
				at("%s", differ)
			}
			return
		case -int(syscall.SIGKILL):
			v.killed++
		default:
			at("exit code %d", code)
			return
		}
		made := filepath.Join(dir, "made")
		if _, err := record.Open(made); err != nil {
			if args[0] == "resume" {
				at("the run is gone: %v", err)
			}
			v.unsaved++
			if err := os.RemoveAll(made); err != nil { // it was killed before there was a run
				t.Fatal(err)
			}
			continue
		}
		args = []string{"resume", "./made", "--no-figures"}
		newest, told, writing := v.autopsy(made)
		if saved = newest; saved < 0 {
			v.unsaved++
		}
		if told > newest {
			at("the log tells of a checkpoint at step %d, the newest is of step %d", told, newest)
		}
		if writing {
			v.saving++
		}
	}
}

// circumstances are the environment of a process.
func (v *victims) circumstances() []string {
	return []string{
		"GOMAXPROCS=" + []string{"1", "2", "5"}[v.random.IntN(3)],
		"DESCENT_SIMD=" + []string{"generic", "avx2", ""}[v.random.IntN(3)],
	}
}

// autopsy looks at what a killed process has left: the step of the newest
// checkpoint, that of the newest which the log tells of, −1 for none, and
// whether one was being written.
func (v *victims) autopsy(made string) (newest, told int64, writing bool) {
	t := v.t
	t.Helper()
	store, err := checkpoint.Open(filepath.Join(made, "checkpoints"), 2)
	if err != nil {
		t.Fatal(err)
	}
	list, err := store.List()
	if err != nil {
		t.Fatal(err)
	}
	newest, told = -1, -1
	for _, e := range list {
		if e.Err != nil {
			t.Errorf("left damaged: %v", e.Err)
		}
		newest = e.Info.Step
	}
	run, err := record.Open(made)
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Events(func(_ float64, e train.Event) error {
		if e, ok := e.(*train.Checkpointed); ok {
			if told = e.Step; e.Error != "" {
				t.Errorf("a checkpoint failed: %s", e.Error)
			}
		}
		return nil
	}); err != nil {
		t.Errorf("the log of a killed process: %v", err)
	}
	entries, err := filepath.Glob(filepath.Join(made, "checkpoints", "*.tmp"))
	if err != nil {
		t.Fatal(err)
	}
	return newest, told, len(entries) > 0
}
