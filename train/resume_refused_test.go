package train_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/descent-go/descent/checkpoint"
	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/internal/durable/faulty"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/schedule"
	"github.com/descent-go/descent/train"
)

// What decides the future must be as it was: the error says what is not, and
// nothing of the model has changed.
func TestResumeRefuses(t *testing.T) {
	disk := faulty.New()
	base := func(t testing.TB, spec, rule string, points, size int, seed uint64, change func(*train.Options)) (trial, string) {
		s := spirals(t, points+30)
		net := network(t, spec, s, 8)
		source := batches(t, s.Head(points), size, seed)
		o := train.Defaults(parsed(t, rule))
		o.Epochs, o.EMA, o.Schedule = 3, 0.9, schedule.Cosine{Total: 20}
		c := resumable(t, disk)
		c.Settings = map[string]string{"data": "spirals"}
		o.Checkpoints = c
		if change != nil {
			change(&o)
		}
		tr := netTrial(t, net, net, source, o)
		return tr, tr.bits()
	}
	first, _ := base(t, normed, "adam", 60, 7, 4, nil)
	if _, err := first.run(context.Background(), first.options); err != nil {
		t.Fatal(err)
	}
	type changed = func(*train.Options)
	for _, c := range []struct {
		name   string
		spec   string
		rule   string
		points int
		size   int
		seed   uint64
		change changed
		want   string
	}{
		{name: "width", spec: "dense:9,bn,dropout:0.2,dense:7", want: `model spec was dense:9,bn,dropout:0.2,dense:6 when saved, is dense:9,bn,dropout:0.2,dense:7 now`},
		{name: "activation", spec: normed + ",act=tanh", want: "model spec was "},
		{name: "rule", rule: "lion", want: "Options.Rule was adam when saved, is lion now"},
		{name: "hyper-parameter", rule: "adam:beta2=0.99", want: "Options.Rule was adam when saved, is adam:beta2=0.99 now"},
		{name: "length", points: 59, want: "source examples was 60 when saved, is 59 now"},
		{name: "batch size", size: 8, want: "source batch size was 7 when saved, is 8 now"},
		{name: "seed", seed: 5, want: "source seed was 4 when saved, is 5 now"},
		{name: "rate", change: func(o *train.Options) { o.LR = 0.5 }, want: "Options.LR was 0.001 when saved, is 0.5 now"},
		{name: "schedule", change: func(o *train.Options) { o.Schedule = schedule.Cosine{Total: 30} }, want: `Options.Schedule was {"schedule":"cosine","total":20,"min":0,"periodic":false} when saved, is {"schedule":"cosine","total":30`},
		{name: "no schedule", change: func(o *train.Options) { o.Schedule = nil }, want: "is none now"},
		{name: "plateau", change: func(o *train.Options) { o.Plateau = schedule.NewPlateau() }, want: `Options.Plateau was nothing when saved, is {"schedule":"plateau"`},
		{name: "clipping", change: func(o *train.Options) { o.ClipNorm = 1 }, want: "Options.ClipNorm was 0 when saved, is 1 now"},
		{name: "accumulation", change: func(o *train.Options) { o.Accumulate = 2 }, want: "Options.Accumulate was 1 when saved, is 2 now"},
		{name: "averages", change: func(o *train.Options) { o.EMA = 0.99 }, want: "Options.EMA was 0.9 when saved, is 0.99 now"},
		{name: "other averages", change: func(o *train.Options) { o.EMA, o.SWA = 0, true }, want: "Options.EMA was 0.9 when saved, is 0 now; Options.SWA was false when saved, is true now"},
		{name: "best", change: func(o *train.Options) { o.KeepBest = true }, want: "Options.KeepBest was false when saved, is true now"},
		{name: "validation", change: func(o *train.Options) { o.Validation = spirals(t, 12) }, want: "Options.Validation was none when saved, is 12 examples of 2 features now"},
		{name: "a curve", change: func(o *train.Options) { o.Hyper = map[string]optim.Curve{"beta1": schedule.Constant{Factor: 0.9}} }, want: "Options.Hyper.beta1 was nothing when saved"},
		{name: "setting", change: func(o *train.Options) { o.Checkpoints.Settings["data"] = "moons" }, want: "setting data was spirals when saved, is moons now"},
		{name: "lost setting", change: func(o *train.Options) { o.Checkpoints.Settings = nil }, want: "setting data was spirals when saved, is nothing now"},
	} {
		t.Run(c.name, func(t *testing.T) {
			or := func(s, otherwise string) string {
				if s == "" {
					return otherwise
				}
				return s
			}
			if c.points == 0 {
				c.points = 60
			}
			if c.size == 0 {
				c.size = 7
			}
			if c.seed == 0 {
				c.seed = 4
			}
			tr, before := base(t, or(c.spec, normed), or(c.rule, "adam"), c.points, c.size, c.seed, c.change)
			res, err := tr.run(context.Background(), tr.options)
			if err == nil || res != nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "train: checkpoint 000001-step-27: ") {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if now := tr.bits(); now != before {
				t.Errorf("the model was\n%sand is\n%s", before, now)
			}
		})
	}
	again, _ := base(t, normed, "adam", 60, 7, 4, nil)
	if _, err := again.run(context.Background(), again.options); err != nil {
		t.Errorf("unchanged: %v", err)
	}
}

// parsed parses a rule, where rule is something else.
func parsed(t testing.TB, spec string) optim.Rule { return rule(t, spec) }

// A checkpoint is taken apart and put together with other parts.
func TestResumeRefusesParts(t *testing.T) {
	s := subjectNamed(t, "best")
	disk := faulty.New()
	if _, _, err := s.part(t, resumable(t, disk), 20); err != nil {
		t.Fatal(err)
	}
	sound, _, err := resumable(t, disk).Store.Newest()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		change func(meta map[string]string, parts map[string]string)
		want   string
	}{
		{"format", func(meta, _ map[string]string) { meta["format"] = "2" }, `the state of a run in format "2", this program reads "1"`},
		{"no run", func(_, parts map[string]string) { delete(parts, "run.json") }, `has no part "run.json"`},
		{"torn run", func(_, parts map[string]string) { parts["run.json"] = parts["run.json"][:100] }, "run.json: unexpected EOF"},
		{"unknown field", func(_, parts map[string]string) { parts["run.json"] = `{"future":1}` }, `run.json: json: unknown field "future"`},
		{"phase", func(_, parts map[string]string) {
			parts["run.json"] = strings.Replace(parts["run.json"], `"phase": 0`, `"phase": 9`, 1)
		}, "run.json does not fit the run"},
		{"position", func(_, parts map[string]string) {
			parts["run.json"] = strings.Replace(parts["run.json"], `"batch": 2`, `"batch": 99`, 1)
		}, "run.json: data: seek to epoch 2, batch 99"},
		{"stream", func(_, parts map[string]string) {
			parts["run.json"] = strings.Replace(parts["run.json"], `"random": "`, `"random": "AAAA`, 1)
		}, "run.json: rng: not the state of a random stream"},
		{"history", func(_, parts map[string]string) { parts["sink-history"] = "nothing" }, "sink-history: train: history: safetensors:"},
		{"no parameters", func(_, parts map[string]string) { delete(parts, "parameters.safetensors") }, `has no part "parameters.safetensors"`},
		{"torn parameters", func(_, parts map[string]string) {
			parts["parameters.safetensors"] = parts["parameters.safetensors"][:300]
		}, "parameters.safetensors: safetensors:"},
		{"no state", func(_, parts map[string]string) { delete(parts, "optimizer.safetensors") }, `has no part "optimizer.safetensors"`},
		{"exchanged", func(_, parts map[string]string) { parts["optimizer.safetensors"] = parts["parameters.safetensors"] }, "optimizer.safetensors: optim: not saved optimizer state"},
		{"no buffers", func(_, parts map[string]string) { delete(parts, "buffers.safetensors") }, `has no part "buffers.safetensors"`},
		{"more", func(_, parts map[string]string) { parts["gradients.safetensors"] = parts["parameters.safetensors"] }, "gradients.safetensors: the run has no such thing"},
	} {
		meta, parts := map[string]string{}, map[string]string{}
		for k, v := range sound.Info.Meta {
			meta[k] = v
		}
		for _, name := range sound.Parts() {
			text, err := sound.Part(name)
			if err != nil {
				t.Fatal(err)
			}
			parts[name] = string(text)
		}
		c.change(meta, parts)
		other := faulty.New()
		save(t, store(t, other, "/run", 1), checkpoint.Info{Step: 20, Meta: meta}, parts)
		tr := s.make(t)
		before := tr.bits()
		tr.options.Checkpoints = resumable(t, other)
		res, err := tr.run(context.Background(), tr.options, &train.History{})
		if err == nil || res != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
		if now := tr.bits(); now != before {
			t.Errorf("%s: the model was\n%sand is\n%s", c.name, before, now)
		}
	}
}

// save writes parts as a checkpoint.
func save(t testing.TB, s *checkpoint.Store, info checkpoint.Info, parts map[string]string) {
	t.Helper()
	var list []checkpoint.Part
	for name, text := range parts {
		list = append(list, checkpoint.Part{Name: name, Write: func(w io.Writer) error {
			_, err := w.Write([]byte(text))
			return err
		}})
	}
	if _, err := s.Save(info, list); err != nil {
		t.Fatal(err)
	}
}

// Checkpoints that cannot be are an error before anything happens.
func TestCheckpointsOptions(t *testing.T) {
	s := spirals(t, 20)
	good := func() *train.Checkpoints { return resumable(t, faulty.New()) }
	for _, c := range []struct {
		name   string
		change func(*train.Options)
		source data.Source
		sinks  []train.Sink
		want   string
	}{
		{"store", func(o *train.Options) { o.Checkpoints = &train.Checkpoints{} }, nil, nil, "Options.Checkpoints has no Store"},
		{"every", func(o *train.Options) { o.Checkpoints.Every = -1 }, nil, nil, "Options.Checkpoints.Every = -1, want at least 0"},
		{"period", func(o *train.Options) { o.Checkpoints.Period = -1 }, nil, nil, "Options.Checkpoints.Period = -1ns, want at least 0"},
		{"clock", func(o *train.Options) { o.Checkpoints.Period = 1 }, nil, nil, "Options.Checkpoints.Period needs a Clock"},
		{"source", nil, endless{}, nil, "train_test.endless: what it has served cannot be had again"},
		{"two sinks", nil, nil, []train.Sink{&train.History{}, &train.History{}}, `two sinks have the state name "history"`},
		{"a sink's name", nil, nil, []train.Sink{misnamed{}}, `has the state name "a/b", want 1 to 64 small letters`},
	} {
		o := options(t, "sgd", 0.1, 1)
		o.Checkpoints = good()
		if c.change != nil {
			c.change(&o)
		}
		source := c.source
		if source == nil {
			source = batches(t, s, 5, 1)
		}
		res, err := train.Run(context.Background(), network(t, "softmax", s, 1), source, o, c.sinks...)
		if err == nil || res != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}

type endless struct{}

func (endless) Next(*data.Batch) bool { return false }
func (endless) Err() error            { return nil }

type misnamed struct{}

func (misnamed) Event(train.Event)      {}
func (misnamed) StateName() string      { return "a/b" }
func (misnamed) State() ([]byte, error) { return nil, nil }
func (misnamed) SetState([]byte) error  { return nil }

// Damaged checkpoints are named. A run goes on from an older one, or begins
// anew when there is none; one of the future stops it.
func TestResumeBesideDamage(t *testing.T) {
	s := subjectNamed(t, "accumulate")
	whole := s.whole(t)
	disk := faulty.New()
	if _, _, err := s.part(t, resumable(t, disk), 4); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.part(t, resumable(t, disk), 4); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"000001-step-4", ""} {
		list, err := resumable(t, disk).Store.List()
		if err != nil || len(list) != 2-i {
			t.Fatal(list, err)
		}
		damaged := list[len(list)-1].Name
		if err := disk.Remove("/run/" + damaged + "/optimizer.safetensors"); err != nil {
			t.Fatal(err)
		}
		var resumed *train.Resumed
		bits, from, err := s.part(t, resumable(t, disk.Crash(faulty.Everything)), 0, train.SinkFunc(func(e train.Event) {
			if e, ok := e.(*train.Resumed); ok {
				resumed = e
			}
		}))
		if err != nil || from != want || bits != whole {
			t.Errorf("from %q, want %q, %v:\n%swant\n%s", from, want, err, bits, whole)
		}
		if resumed == nil || len(resumed.Rejected) != 1 || !strings.Contains(fmt.Sprint(resumed.Rejected), damaged+": optimizer.safetensors is missing") {
			t.Errorf("event %+v", resumed)
		}
		if err := disk.RemoveAll("/run/" + damaged); err != nil {
			t.Fatal(err)
		}
	}
}
