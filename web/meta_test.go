package web

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/nn"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/schedule"
)

// Whatever the registries have is there, by its name and with its default.
func TestMeta(t *testing.T) {
	m, err := newMeta(Options{Version: "v1", Program: "descent"})
	if err != nil {
		t.Fatal(err)
	}
	if m.Version != "v1" || m.Program != "descent" || m.Own {
		t.Errorf("%q %q %v", m.Version, m.Program, m.Own)
	}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), ":null") {
		t.Error("a list that is null: want []")
	}
	for i, info := range optim.Rules() {
		r := m.Rules[i]
		if r.Name != info.Name || r.Rate != info.Rate || len(r.Hypers) != len(info.Hypers) || len(r.Forms) != len(info.Forms) {
			t.Errorf("rule %+v, want %+v", r, info)
		}
		if !within(r.Slider, info.Rate) {
			t.Errorf("%s: the slider of the rate %+v does not have %v", r.Name, r.Slider, info.Rate)
		}
		for j, h := range info.Hypers {
			if got := r.Hypers[j]; got.Name != h.Name || got.Default != h.Default || (got.Slider == nil) != h.Bool || (got.Domain == nil) != h.Bool {
				t.Errorf("%s: %+v, want %+v", r.Name, got, h)
			}
			if _, err := optim.With(info.New(), h.Name, r.Hypers[j].Text); err != nil {
				t.Errorf("%s: the default's text: %v", r.Name, err)
			}
			checkSlider(t, info.Name+" "+h.Name, r.Hypers[j], h)
		}
	}
	if len(m.Rules) != len(optim.Rules()) || len(m.Schedules) != len(schedule.All())+1 || len(m.Functions) != len(problem.Functions()) ||
		len(m.Families) != len(problem.Families()) || len(m.Data) != len(data.Forms()) || len(m.Settings) != len(experiment.Settings()) {
		t.Error("a registry is not there to its end")
	}
	for _, s := range m.Schedules {
		if s.Plateau {
			continue
		}
		if _, err := schedule.Unmarshal(s.Example); err != nil {
			t.Errorf("%s: its example: %v", s.Name, err)
		}
		signs := slices.Contains([]string{"join", "times", "scale"}, s.Name)
		if (s.Spec == "") != signs || !strings.HasPrefix(s.Spec, s.Name) && !signs {
			t.Errorf("%s: its specification %q", s.Name, s.Spec)
		}
		if !signs && s.Name != "warmup" {
			if _, err := schedule.Parse(s.Spec+"+cosine", 1000); s.Ends != (err == nil || strings.Contains(err.Error(), "takes 1000 of 1000")) {
				t.Errorf("%s: ends is %v, and with another after it: %v", s.Name, s.Ends, err)
			}
		}
	}
	for _, f := range m.Functions {
		if g, err := problem.Lookup(f.Name); err != nil || g.String() != f.Text || len(g.Params) != len(f.Params) {
			t.Errorf("function %+v: %v", f, err)
		}
		for _, p := range f.Params {
			if !within(p.Slider, p.Value) {
				t.Errorf("%s: the slider of %s %+v does not have %v", f.Name, p.Name, p.Slider, p.Value)
			}
		}
	}
}

func checkSlider(t *testing.T, name string, got HyperMeta, h optim.Hyper) {
	t.Helper()
	if h.Bool {
		return
	}
	s := got.Slider
	if !within(*s, h.Default) {
		t.Errorf("%s: slider %+v does not have the default %v", name, s, h.Default)
	}
	for _, v := range []float64{s.Low, s.High} {
		if !h.Domain.Contains(v) {
			t.Errorf("%s: slider %+v leaves the domain %v", name, s, h.Domain)
		}
	}
	if s.Zero && !h.Domain.Contains(0) || s.Scale == "log" && s.Low <= 0 || s.Scale == "complement" && s.High >= 1 {
		t.Errorf("%s: slider %+v in %v", name, s, h.Domain)
	}
}

func within(s Slider, v float64) bool {
	return s.Low < s.High && (s.Low <= v && v <= s.High || s.Zero && v == 0)
}

func TestSliderShapes(t *testing.T) {
	for _, c := range []struct {
		v    float64
		in   optim.Interval
		want Slider
	}{
		{0.999, optim.Interval{Max: 1, MaxOpen: true}, Slider{Low: 0, High: 0.9999, Scale: "complement"}},
		{0.5, optim.Interval{Max: 1, MinOpen: true, MaxOpen: true}, Slider{Low: 0.01, High: 0.99, Scale: "linear"}},
		{5, optim.Interval{Min: 4, Max: math.Inf(1)}, Slider{Low: 4, High: 20, Scale: "linear"}},
		{0, optim.Interval{Max: math.Inf(1)}, Slider{Low: 1e-6, High: 1, Scale: "log", Zero: true}},
		{1e-8, optim.Interval{Max: math.Inf(1)}, Slider{Low: 1e-11, High: 1e-5, Scale: "log", Zero: true}},
		{50, optim.Interval{Max: math.Inf(1), MinOpen: true}, Slider{Low: 0.1, High: 1e5, Scale: "log"}},
	} {
		if got := sliderOf(c.v, c.in); got != c.want {
			t.Errorf("%v in %v: %+v, want %+v", c.v, c.in, got, c.want)
		}
	}
	if got, want := around(-2), (Slider{Low: -6, High: 2, Scale: "linear"}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// A program with a model of its own offers no other to choose.
func TestMetaOwn(t *testing.T) {
	set, err := data.Spirals(40, 1, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	net, err := nn.Parse("mlp:4", 2, 2, nn.Classify)
	if err != nil {
		t.Fatal(err)
	}
	own, err := experiment.NewOwn(net, &data.Sets{Train: set})
	if err != nil {
		t.Fatal(err)
	}
	m, err := newMeta(Options{Own: own})
	if err != nil {
		t.Fatal(err)
	}
	if !m.Own || len(m.Settings) == 0 {
		t.Errorf("%+v", m)
	}
	for _, s := range m.Settings {
		if s.Key == "model" || s.Key == "data" || s.Key == "function" {
			t.Errorf("setting %s", s.Key)
		}
	}
}
