package train_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/descent-go/descent/checkpoint"
	"github.com/descent-go/descent/internal/durable/faulty"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/train"
)

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
