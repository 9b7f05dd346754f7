package train_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/descent-go/descent/checkpoint"
	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/internal/cpu"
	"github.com/descent-go/descent/internal/durable"
	"github.com/descent-go/descent/internal/durable/faulty"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/train"
)

// store opens checkpoints in a folder.
func store(t testing.TB, fsys durable.FS, dir string, keep int) *checkpoint.Store {
	t.Helper()
	s, err := checkpoint.OpenFS(fsys, dir, keep)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// resumable returns checkpoints that a run goes on from, in memory.
func resumable(t testing.TB, fsys durable.FS) *train.Checkpoints {
	return &train.Checkpoints{Store: store(t, fsys, "/run", 3), Resume: true}
}

// patience is a sink that gives what is being written the time that it takes.
// It looks after each step that comes next to one that every divides.
func patience(disk *faulty.FS, every int64) train.Sink {
	return train.SinkFunc(func(e train.Event) {
		if e, ok := e.(*train.Step); !ok || (e.Step-1)%every != 0 {
			return
		}
		for seen := -1; seen != disk.Operations(); time.Sleep(200 * time.Microsecond) {
			seen = disk.Operations()
		}
	})
}

// Environment of a process that goes on with the runs of another.
const (
	childDir   = "DESCENT_TEST_RESUME" // the folder of all runs
	childSteps = "DESCENT_TEST_STEPS"  // to take in each, 0 to the end
)

// Every rule, every schedule and everything else is interrupted within an epoch,
// goes on in a process with another number of threads and another level of
// vector instructions, is interrupted there, goes on in a third one, and ends
// with the bits of a run that was never interrupted.
func TestResumeElsewhere(t *testing.T) {
	if dir := os.Getenv(childDir); dir != "" {
		resumeChild(t, dir)
		return
	}
	t.Parallel()
	dir := t.TempDir()
	whole := map[string]string{}
	for _, s := range subjects() {
		whole[s.name] = s.whole(t)
		_, from, err := s.part(t, folder(t, dir, s.name), 5)
		if err != nil || from != "" {
			t.Fatalf("%s: from %q, %v", s.name, from, err)
		}
	}
	best := cpu.Best().String()
	child(t, dir, 14, "GOMAXPROCS=1", "DESCENT_SIMD=generic")
	got := child(t, dir, 0, "GOMAXPROCS=3", "DESCENT_SIMD="+map[bool]string{true: "avx2", false: best}[best == "avx512"])
	for name, want := range whole {
		if got[name] != want {
			t.Errorf("%s: resumed twice:\n%swant\n%s", name, got[name], want)
		}
	}
}

func folder(t testing.TB, dir, name string) *train.Checkpoints {
	return &train.Checkpoints{Store: store(t, durable.OS, filepath.Join(dir, strings.ReplaceAll(name, " ", "-")), 1), Resume: true}
}

// child goes on with all runs in a new process, and returns their bits.
func child(t *testing.T, dir string, steps int, env ...string) map[string]string {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestResumeElsewhere$")
	cmd.Env = append(os.Environ(), append(env, childDir+"="+dir, childSteps+"="+strconv.Itoa(steps))...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", env, err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "bits.json"))
	if err != nil {
		t.Fatal(err)
	}
	bits := map[string]string{}
	if err := json.Unmarshal(text, &bits); err != nil {
		t.Fatal(err)
	}
	return bits
}

func resumeChild(t *testing.T, dir string) {
	steps, err := strconv.Atoi(os.Getenv(childSteps))
	if err != nil {
		t.Fatal(err)
	}
	bits := map[string]string{}
	for _, s := range subjects() {
		var from string
		if bits[s.name], from, err = s.part(t, folder(t, dir, s.name), steps); err != nil || from == "" {
			t.Errorf("%s: from %q, %v", s.name, from, err)
		}
	}
	text, err := json.Marshal(bits)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "bits.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A run that is killed goes on from whichever checkpoint is left.
func TestResumeAfterKill(t *testing.T) {
	for _, name := range []string{"EMA", "accumulate", "best", "skipped steps", "function", "noise", "oscillation"} {
		s := subjectNamed(t, name)
		whole := s.whole(t)
		if strings.Contains(whole, `"oscillating"`) != (name == "oscillation") {
			t.Errorf("%s: %s", name, whole)
		}
		disk := faulty.New()
		c := resumable(t, disk)
		c.Store, c.Every = store(t, disk, "/run", 1000), 3
		if bits, _, err := s.part(t, c, 0, patience(disk, 3)); err != nil || bits != whole {
			t.Fatalf("%s: with checkpoints %v:\n%swant\n%s", name, err, bits, whole)
		}
		list, err := c.Store.List()
		if err != nil || len(list) < 2 {
			t.Fatal(list, err)
		}
		for i := len(list) - 1; i >= 0; i-- {
			left := disk.Crash(faulty.Everything)
			for _, gone := range list[i+1:] {
				if err := left.RemoveAll("/run/" + gone.Name); err != nil {
					t.Fatal(err)
				}
			}
			bits, from, err := s.part(t, resumable(t, left), 0)
			if err != nil || from != list[i].Name || bits != whole {
				t.Errorf("%s: from %s, want %s, %v:\n%swant\n%s", name, from, list[i].Name, err, bits, whole)
			}
		}
	}
}

// ends are runs that end for every reason that leaves a checkpoint, with what
// makes them end later.
func ends() []struct {
	subject
	reason train.Reason
	later  func(*train.Options)
} {
	at := func(loss float64) *float64 { return &loss }
	function := func(sigma float64, change func(*train.Options)) subject {
		return subject{"function", func(t testing.TB) trial { return functionTrial(t, "rosenbrock", sigma, "adam", 0.05, change) }}
	}
	net := func(change func(*train.Options)) subject {
		return subject{"network", func(t testing.TB) trial { return networkTrial(t, normed, "adam", change) }}
	}
	type end = struct {
		subject
		reason train.Reason
		later  func(*train.Options)
	}
	return []end{
		{function(0, nil), train.ReasonSteps, func(o *train.Options) { o.Steps = 61 }},
		{function(0, func(o *train.Options) { o.TargetLoss = at(5) }), train.ReasonTarget, func(o *train.Options) { o.TargetLoss = at(4.25) }},
		{function(0.5, func(o *train.Options) { o.TargetLoss = at(5) }), train.ReasonTarget, func(o *train.Options) { o.TargetLoss = nil }},
		{function(0, func(o *train.Options) { o.MinGrad, o.Steps = 15, 400 }), train.ReasonSmallGradient, func(o *train.Options) { o.MinGrad = 1 }},
		{function(0, func(o *train.Options) { o.MinUpdate, o.Steps = 0.03, 400 }), train.ReasonSmallUpdate, func(o *train.Options) { o.MinUpdate = 0.001 }},
		{function(0, func(o *train.Options) { o.Patience, o.MinDelta, o.Steps = 3, 0.5, 400 }), train.ReasonNoImprovement, func(o *train.Options) { o.Patience = 5 }},
		{subject{"look-ahead", func(t testing.TB) trial {
			return functionTrial(t, "rosenbrock", 0, "nesterov", 1e-3, func(o *train.Options) { o.TargetLoss = at(5) })
		}}, train.ReasonTarget, func(o *train.Options) { o.TargetLoss = at(4.2) }},
		// At the end of an epoch, which is still to be reported.
		{net(func(o *train.Options) { o.Schedule, o.MinUpdate = dip(8), 1e-12 }), train.ReasonSmallUpdate, func(o *train.Options) { o.MinUpdate = 0 }},
		{net(nil), train.ReasonEpochs, func(o *train.Options) { o.Epochs = 6 }},
		{net(func(o *train.Options) { o.Steps = 22 }), train.ReasonSteps, func(o *train.Options) { o.Steps = 0 }},
		{net(func(o *train.Options) { o.TargetLoss = at(0.7) }), train.ReasonTarget, func(o *train.Options) { o.TargetLoss = nil }},
		{net(func(o *train.Options) { o.Patience, o.LR, o.Epochs, o.KeepBest = 2, 0.5, 40, true }), train.ReasonNoImprovement, func(o *train.Options) { o.Patience, o.Epochs = 0, 45 }},
	}
}

// A dip is a schedule with a rate of nothing at a step.
type dip int64

func (d dip) At(step int64) float64 {
	if step == int64(d) {
		return 0
	}
	return 1
}

// A run that had ended ends again at once, with the same result; with limits
// that let it go on, it becomes the run that had them from the beginning.
func TestResumeEnded(t *testing.T) {
	for _, c := range ends() {
		whole := c.whole(t)
		disk := faulty.New()
		first, _, err := c.part(t, resumable(t, disk), 0)
		if err != nil || first != whole || !strings.Contains(first, `"reason":"`+c.reason.String()+`"`) {
			t.Errorf("%s until %v: %v:\n%swant\n%s", c.name, c.reason, err, first, whole)
			continue
		}
		for range 2 {
			again, from, err := c.part(t, resumable(t, disk), 0)
			if err != nil || from == "" || again != first {
				t.Errorf("%s until %v, again, from %q: %v:\n%swant\n%s", c.name, c.reason, from, err, again, first)
			}
		}
		if list, err := resumable(t, disk).Store.List(); err != nil || len(list) != 1 {
			t.Errorf("%s until %v: a run that ends at once leaves %d checkpoints, %v", c.name, c.reason, len(list), err)
		}
		longer := subject{c.name, func(t testing.TB) trial {
			tr := c.make(t)
			c.later(&tr.options)
			return tr
		}}
		want := longer.whole(t)
		got, from, err := longer.part(t, resumable(t, disk), 0)
		if err != nil || from == "" || got != want || got == whole {
			t.Errorf("%s until %v, longer, from %q: %v:\n%swant\n%s", c.name, c.reason, from, err, got, want)
		}
	}
}

// The time of a run is that of all its parts.
func TestResumeTime(t *testing.T) {
	disk := faulty.New()
	run := func(steps int64, budget time.Duration) *train.Result {
		t.Helper()
		tr := functionTrial(t, "rosenbrock", 0, "adam", 0.05, nil)
		o := tr.options
		o.Steps, o.TimeBudget, o.Clock, o.Checkpoints = steps, budget, clock(), resumable(t, disk)
		res, err := tr.run(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	first := run(5, time.Hour)
	second := run(5, time.Hour) // no more than five readings of the clock
	if first.Seconds < 6 || second.Seconds < 6 {
		t.Errorf("%v s, and %v with the part that followed", first.Seconds, second.Seconds)
	}
	third := run(1000, time.Minute)
	if third.Reason != train.ReasonTime || third.Seconds < 60 || third.Seconds > 70 {
		t.Errorf("%v after %v s, want the time budget after 60", third.Reason, third.Seconds)
	}
	if again := run(1000, time.Minute); again.Reason != train.ReasonTime || again.Steps != third.Steps {
		t.Errorf("%v after %d steps, want the same end after %d", again.Reason, again.Steps, third.Steps)
	}
}

// A period is measured by the clock.
func TestCheckpointPeriod(t *testing.T) {
	tr := functionTrial(t, "rosenbrock", 0, "adam", 0.05, nil)
	o := tr.options
	disk := faulty.New()
	c := resumable(t, disk)
	c.Period = 10 * time.Second
	var steps []int64
	o.Clock, o.Checkpoints = clock(), c // a second for every reading: one a step, more a checkpoint
	if _, err := tr.run(context.Background(), o, patience(disk, 1), train.SinkFunc(func(e train.Event) {
		if e, ok := e.(*train.Checkpointed); ok {
			if e.Error != "" || e.Seconds < 1 {
				t.Errorf("%+v", *e)
			}
			steps = append(steps, e.Step)
		}
	})); err != nil {
		t.Fatal(err)
	}
	if len(steps) < 2 || len(steps) > 8 || steps[0] > 12 || steps[len(steps)-1] != 40 {
		t.Errorf("checkpoints of steps %v", steps)
	}
}

// A checkpoint that cannot be written is an event; the next one tries again. If
// it is the last, there is a result and an error.
func TestCheckpointFails(t *testing.T) {
	s := subjectNamed(t, "function")
	whole := s.whole(t)
	disk := faulty.New()
	c := resumable(t, disk)
	c.Every = 10
	var failed, written []int64
	before := 0
	bits, _, err := s.part(t, c, 0, train.SinkFunc(func(e train.Event) {
		switch e := e.(type) {
		case *train.Step:
			switch e.Step {
			case 5:
				disk.FailAt(1, faulty.NoSpace)
				before = disk.Operations()
			case 38:
				for disk.Operations() < before+2 { // the second one fails
					time.Sleep(time.Millisecond)
				}
				disk.Heal()
			}
		case *train.Checkpointed:
			if e.Error == "" {
				written = append(written, e.Step)
			} else if failed = append(failed, e.Step); !strings.Contains(e.Error, "no space left") {
				t.Errorf("error %q", e.Error)
			}
		}
	}))
	if err != nil || bits != whole {
		t.Errorf("%v:\n%swant\n%s", err, bits, whole)
	}
	if len(failed) == 0 || failed[0] != 10 || len(written) == 0 || written[0] == 10 || written[len(written)-1] != 40 {
		t.Errorf("failed after steps %v, written after %v", failed, written)
	}

	disk = faulty.New()
	disk.FailAt(1, faulty.ReadOnly)
	bits, _, err = s.part(t, resumable(t, disk), 0)
	if err == nil || !strings.Contains(err.Error(), "train: the last checkpoint, after 40 steps: ") || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("error %v, want one of the last checkpoint", err)
	}
	if bits != whole {
		t.Errorf("a last checkpoint that fails changes the result:\n%swant\n%s", bits, whole)
	}
}

// A run that diverges names the newest checkpoint before, and saves no other.
func TestLastSane(t *testing.T) {
	disk := faulty.New()
	run := func(every int64) (*train.Result, *checkpoint.Store) {
		t.Helper()
		tr := functionTrial(t, "quadratic:n=3,kappa=10", 0, "sgd", 0.3, nil) // grows from step to step
		o := tr.options
		o.Steps, o.BlowUp = 2000, 1e300
		c := resumable(t, disk)
		c.Every, o.Checkpoints = every, c
		res, err := tr.run(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		return res, c.Store
	}
	res, s := run(0)
	if res.Reason != train.ReasonDiverged || res.Diverged.LastSane != "" {
		t.Fatalf("%v, last sane %q", res.Reason, res.Diverged.LastSane)
	}
	if list, err := s.List(); err != nil || len(list) > 0 {
		t.Errorf("a run that diverged has left %v, %v", list, err)
	}
	res, s = run(50)
	list, err := s.List()
	if err != nil || len(list) == 0 {
		t.Fatal(list, err)
	}
	newest := list[len(list)-1]
	if res.Diverged.LastSane != newest.Name || newest.Info.Step >= res.Diverged.Step || !strings.Contains(res.Verdict, newest.Name) {
		t.Errorf("diverged at step %d, last sane %q, newest %q: %s", res.Diverged.Step, res.Diverged.LastSane, newest.Name, res.Verdict)
	}
	again, _ := run(0)
	if again.Diverged.LastSane != newest.Name || again.Diverged.Step != res.Diverged.Step {
		t.Errorf("resumed: %+v, want %+v", again.Diverged, res.Diverged)
	}
}

// Parameters that are not finite are not saved, though nothing else has been
// seen of it.
func TestLastSaneParameters(t *testing.T) {
	s := spirals(t, 60)
	net := network(t, "mlp:5", s, 3)
	disk := faulty.New()
	o := options(t, "adam", 0.01, 4)
	o.NonFinite = optim.Unchecked
	c := resumable(t, disk)
	c.Every, o.Checkpoints = 1, c
	res, err := train.Run(context.Background(), &faltering{Net: net, silent: true}, batches(t, s, 7, 4), o, patience(disk, 1))
	if err != nil || res.Reason != train.ReasonDiverged || res.Diverged.Step != 5 {
		t.Fatalf("%+v, %v", res, err)
	}
	newest, _, err := c.Store.Newest()
	if err != nil || newest == nil || newest.Info.Step > 4 || res.Diverged.LastSane != newest.Name {
		t.Errorf("newest checkpoint %+v, %v, last sane %q", newest, err, res.Diverged.LastSane)
	}
}

// A source that ends, and can be positioned, ends a run that goes on from there.
func TestResumeExhausted(t *testing.T) {
	disk := faulty.New()
	s := subject{"one epoch", func(t testing.TB) trial {
		set := spirals(t, 40)
		net := network(t, "mlp:5", set, 3)
		o := options(t, "adam", 0.01, 0)
		source := &single{batches(t, set, 7, 4)}
		tr := netTrial(t, net, net, source.Batches, o)
		tr.run = func(ctx context.Context, o train.Options, sinks ...train.Sink) (*train.Result, error) {
			return train.Run(ctx, net, source, o, sinks...)
		}
		return tr
	}}
	whole := s.whole(t)
	if !strings.Contains(whole, `"epochs":1,"examples":40,"reason":"data exhausted"`) {
		t.Fatal(whole)
	}
	for _, steps := range []int{3, 3, 0, 0} {
		bits, _, err := s.part(t, resumable(t, disk), steps)
		if err != nil || steps == 0 && bits != whole {
			t.Errorf("%v:\n%swant\n%s", err, bits, whole)
		}
	}
}

// single serves one epoch and then nothing.
type single struct{ *data.Batches }

func (s *single) PerEpoch() {}

func (s *single) Next(b *data.Batch) bool {
	epoch, _ := s.Position()
	return epoch == 0 && s.Batches.Next(b)
}

// A failure of the model waits for what is being written, and saves nothing.
func TestCheckpointOfFailure(t *testing.T) {
	tr := functionTrial(t, "rosenbrock", 0, "adam", 0.05, nil)
	o := tr.options
	c := resumable(t, faulty.New())
	c.Every, o.Checkpoints = 6, c
	o.Hyper = map[string]optim.Curve{"beta1": failing{}}
	res, err := tr.run(context.Background(), o)
	if err == nil || res == nil || res.Reason != train.ReasonFailed {
		t.Fatalf("%+v, %v", res, err)
	}
	if list, err := c.Store.List(); err != nil || len(list) != 1 || list[0].Info.Step != 6 {
		t.Errorf("checkpoints %+v, %v", list, err)
	}
}

// failing leaves its domain after nine steps.
type failing struct{}

func (failing) At(step int64) float64 {
	if step > 8 {
		return 2
	}
	return 0.9
}

// A memory is a sink that saves what it is told.
type memory struct {
	state  []byte
	set    [][]byte
	synced int
	fail   error
}

func (*memory) Event(train.Event)         {}
func (*memory) StateName() string         { return "memory" }
func (m *memory) State() ([]byte, error)  { return m.state, m.fail }
func (m *memory) SetState(b []byte) error { m.set = append(m.set, b); return nil }
func (m *memory) Sync() error             { m.synced++; return m.fail }

func TestStatefulSink(t *testing.T) {
	s := subjectNamed(t, "function")
	disk := faulty.New()
	m := &memory{state: []byte("first")}
	if _, _, err := s.part(t, resumable(t, disk), 4, m); err != nil {
		t.Fatal(err)
	}
	if len(m.set) != 1 || m.set[0] != nil || m.synced != 1 {
		t.Errorf("without a checkpoint: set to %q, synced %d times", m.set, m.synced)
	}
	m = &memory{state: []byte("second")}
	if _, _, err := s.part(t, resumable(t, disk), 4, m); err != nil {
		t.Fatal(err)
	}
	if len(m.set) != 1 || string(m.set[0]) != "first" {
		t.Errorf("set to %q, want what was saved", m.set)
	}
	m.fail = errors.New("out of order")
	if _, _, err := s.part(t, resumable(t, disk), 4, m); err == nil || !strings.Contains(err.Error(), "out of order") {
		t.Errorf("error %v, want the sink's", err)
	}
	if _, _, err := s.part(t, resumable(t, disk), 4); err != nil { // the sink is gone
		t.Fatal(err)
	}
	m = &memory{}
	if _, _, err := s.part(t, resumable(t, disk), 4, m); err != nil {
		t.Fatal(err)
	}
	if len(m.set) != 1 || m.set[0] != nil {
		t.Errorf("set to %q, want nil: the checkpoint has no state of it", m.set)
	}
}
