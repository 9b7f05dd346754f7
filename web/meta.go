package web

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/lab"
	"github.com/descent-go/descent/nn"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/schedule"
)

// Meta is what GET /api/meta answers: all that the page knows of rules,
// schedules, functions, data and settings, from the registries of the library.
// It does not change while the server runs.
type Meta struct {
	Version   string         `json:"version"`
	Program   string         `json:"program"` // what users call it: "descent"
	Own       bool           `json:"own"`     // the program has a model of its own: there is none to choose
	Rules     []RuleMeta     `json:"rules"`
	Schedules []ScheduleMeta `json:"schedules"`
	Functions []FunctionMeta `json:"functions"`
	Families  []FamilyMeta   `json:"families"`
	Data      []FormMeta     `json:"data"`
	Models    string         `json:"models"` // the language of models, one form a line
	Classic   []ClassicMeta  `json:"classic"`
	Settings  []SettingMeta  `json:"settings"` // of experiments, which are the flags of train
	Showings  []lab.Showing  `json:"showings"`
	Samplers  []string       `json:"samplers"` // of tune
	Pruners   []string       `json:"pruners"`
}

// RuleMeta is an update rule.
type RuleMeta struct {
	Name     string      `json:"name"` // as in specs: "adamw"
	Title    string      `json:"title"`
	Summary  string      `json:"summary"`
	Citation string      `json:"citation"`
	Notes    []string    `json:"notes"`
	Rate     float64     `json:"rate"` // default learning rate
	Slider   Slider      `json:"slider"`
	Hypers   []HyperMeta `json:"hypers"`
	Forms    []RuleForm  `json:"forms"`
}

// RuleForm is a way in which a rule runs: its hyper-parameters choose.
type RuleForm struct {
	Name       string   `json:"name"`
	Default    bool     `json:"default"`
	Slots      []string `json:"slots"`       // the state kept per parameter
	StateBytes int      `json:"state_bytes"` // of them, per float32 parameter
	TeX        []string `json:"tex"`         // the update, line by line
}

// HyperMeta is a hyper-parameter of a rule.
type HyperMeta struct {
	Name    string      `json:"name"` // as in specs: "beta1"
	Bool    bool        `json:"bool"` // a switch: default is 0 or 1
	Default float64     `json:"default"`
	Text    string      `json:"text"` // the default as specs write it
	Domain  *DomainMeta `json:"domain,omitempty"`
	Slider  *Slider     `json:"slider,omitempty"`
	Symbol  string      `json:"symbol,omitempty"` // TeX
	Doc     string      `json:"doc"`
}

// ScheduleMeta is a kind of schedule.
type ScheduleMeta struct {
	Name     string              `json:"name"` // as in specs: "onecycle"
	Title    string              `json:"title"`
	Doc      string              `json:"doc"`
	Citation string              `json:"citation,omitempty"`
	TeX      string              `json:"tex"`
	Plateau  bool                `json:"plateau"` // it follows a metric: it has no curve of its own
	Params   []ScheduleParamMeta `json:"params"`
	Spec     string              `json:"spec,omitempty"`    // the shortest specification that has it
	Ends     bool                `json:"ends"`              // it has a length, so that another can come after it
	Example  json.RawMessage     `json:"example,omitempty"` // about 100 steps, as package schedule writes it
}

// ScheduleParamMeta is a parameter of a schedule.
type ScheduleParamMeta struct {
	Name    string   `json:"name"`
	Field   string   `json:"field"`             // as Go writes it
	Type    string   `json:"type"`              // float, int, bool, string, ints, schedule or schedules
	Default string   `json:"default,omitempty"` // "total", "total/3": from the steps of the run; "=up": another's value
	Domain  string   `json:"domain,omitempty"`  // such as "(0, +Inf)"
	Choices []string `json:"choices,omitempty"` // of a string
	Symbol  string   `json:"symbol,omitempty"`
	Doc     string   `json:"doc"`
}

// FunctionMeta is a built-in function of x and y.
type FunctionMeta struct {
	Name      string        `json:"name"`
	Title     string        `json:"title"`
	Doc       string        `json:"doc"`
	Source    string        `json:"source"`
	Text      string        `json:"text"` // the expression, parameters by name
	TeX       string        `json:"tex"`
	Params    []ParamMeta   `json:"params"`
	Minima    []MinimumMeta `json:"minima"` // the lowest first; none: there are none, or none are known
	Domain    Rectangle     `json:"domain"` // to draw
	Start     [2]float64    `json:"start"`
	LogLevels bool          `json:"log_levels"` // contours are best spaced logarithmically above the minimum
}

// ParamMeta is a parameter of a function.
type ParamMeta struct {
	Name   string  `json:"name"`
	Value  float64 `json:"value"`
	Slider Slider  `json:"slider"`
	Doc    string  `json:"doc"`
}

// MinimumMeta is a minimum of a function.
type MinimumMeta struct {
	X      float64 `json:"x"`
	Y      float64 `json:"y"`
	Value  float64 `json:"value"`
	Global bool    `json:"global"`
}

// Rectangle is a part of the plane.
type Rectangle struct {
	XMin float64 `json:"xmin"`
	XMax float64 `json:"xmax"`
	YMin float64 `json:"ymin"`
	YMax float64 `json:"ymax"`
}

// FamilyMeta is a problem of any dimension.
type FamilyMeta struct {
	Name    string       `json:"name"`
	Title   string       `json:"title"`
	Doc     string       `json:"doc"`
	Source  string       `json:"source"`
	TeX     string       `json:"tex"`
	Options []OptionMeta `json:"options"`
}

// OptionMeta is an option of a family.
type OptionMeta struct {
	Name    string `json:"name"`
	Default string `json:"default"`
	Doc     string `json:"doc"`
}

// FormMeta is a way to name data.
type FormMeta struct {
	Spec string `json:"spec"`
	Doc  string `json:"doc"`
}

// ClassicMeta is one of the rules that a comparison takes if it is not told.
type ClassicMeta struct {
	Name string  `json:"name"`
	Spec string  `json:"spec"`
	Rate float64 `json:"rate"` // around which tuning begins
}

// SettingMeta is a setting of experiments: a flag of train, a key of files.
type SettingMeta struct {
	Key      string      `json:"key"`
	Type     string      `json:"type"`    // text, list, switch, whole or number
	Default  string      `json:"default"` // as text
	Usual    string      `json:"usual,omitempty"`
	Example  string      `json:"example,omitempty"`
	Optional bool        `json:"optional"` // may be absent
	Choices  []string    `json:"choices,omitempty"`
	Domain   *DomainMeta `json:"domain,omitempty"`
	Or       string      `json:"or,omitempty"` // a value outside of the domain that is allowed too
	Doc      string      `json:"doc"`
	Part     string      `json:"part"` // heading of its group
	Free     bool        `json:"free"` // may differ when a run is resumed
}

func (s *Server) metaRoutes() []route {
	return []route{{pattern: "GET /api/meta", handle: s.getMeta}}
}

func (s *Server) getMeta(w http.ResponseWriter, _ *http.Request) error {
	m, err := newMeta(s.Options)
	if err != nil {
		return err
	}
	return writeJSON(w, m)
}

func newMeta(o Options) (*Meta, error) {
	m := &Meta{
		Version: o.Version, Program: o.Program, Own: o.Own != nil,
		Models: nn.Specs, Showings: lab.Showings(), Samplers: lab.Samplers(), Pruners: lab.Pruners(),
	}
	for _, info := range optim.Rules() {
		m.Rules = append(m.Rules, ruleMeta(info))
	}
	for _, info := range append(schedule.All(), schedule.PlateauInfo()) {
		one, err := scheduleMeta(info)
		if err != nil {
			return nil, err
		}
		m.Schedules = append(m.Schedules, one)
	}
	for _, f := range problem.Functions() {
		m.Functions = append(m.Functions, functionMeta(f))
	}
	for _, f := range problem.Families() {
		one := FamilyMeta{f.Name, f.Title, f.Doc, f.Source, f.TeX, []OptionMeta{}}
		for _, option := range f.Options {
			one.Options = append(one.Options, OptionMeta(option))
		}
		m.Families = append(m.Families, one)
	}
	for _, f := range data.Forms() {
		m.Data = append(m.Data, FormMeta(f))
	}
	for _, c := range lab.Classic() {
		m.Classic = append(m.Classic, ClassicMeta{c.Name, c.Optimizer, c.Usual})
	}
	var err error
	m.Settings, err = settingsMeta(o.Own)
	return m, err
}

func ruleMeta(info *optim.Info) RuleMeta {
	r := RuleMeta{
		Name: info.Name, Title: info.Title, Summary: info.Summary, Citation: info.Citation, Notes: append([]string{}, info.Notes...),
		Rate: info.Rate, Slider: around(info.Rate), Hypers: []HyperMeta{},
	}
	for _, h := range info.Hypers {
		one := HyperMeta{Name: h.Name, Bool: h.Bool, Default: h.Default, Text: h.DefaultString(), Symbol: h.Symbol, Doc: h.Doc}
		if !h.Bool {
			one.Domain = domainMeta(&h.Domain)
			slider := sliderOf(h.Default, h.Domain)
			one.Slider = &slider
		}
		r.Hypers = append(r.Hypers, one)
	}
	usual := optim.FormOf(info.New())
	for i := range info.Forms {
		f := &info.Forms[i]
		r.Forms = append(r.Forms, RuleForm{f.Name, f == usual, append([]string{}, f.Slots...), f.StateBytes(4), f.TeX})
	}
	return r
}

func scheduleMeta(info schedule.Info) (ScheduleMeta, error) {
	s := ScheduleMeta{
		Name: info.Name, Title: info.Title, Doc: info.Doc, Citation: info.Cite, TeX: info.TeX,
		Plateau: info.Example == nil, Params: []ScheduleParamMeta{},
	}
	for _, p := range info.Params {
		one := ScheduleParamMeta{Name: p.Name, Field: p.Field, Type: p.Type, Default: p.Default, Domain: p.Domain, Symbol: p.Symbol, Doc: p.Doc}
		if p.Type == "string" {
			one.Domain, one.Choices = "", strings.Split(p.Domain, "|")
		}
		s.Params = append(s.Params, one)
	}
	if s.Plateau {
		return s, nil
	}
	var err error
	if s.Example, err = schedule.Marshal(info.Example); err != nil {
		return s, err
	}
	s.Spec, err = shortest(info, s.Example)
	s.Ends = slices.ContainsFunc(info.Params, func(p schedule.Param) bool { return p.Name == "total" || p.Name == "steps" })
	return s, err
}

// shortest returns the shortest specification of a kind of schedule: its name,
// and what has no default as an example has it; "" for what is written by signs.
func shortest(info schedule.Info, example []byte) (string, error) {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(example, &values); err != nil {
		return "", err
	}
	spec, sign := info.Name, ":"
	for _, p := range info.Params {
		if p.Default == "" && (p.Type == "float" || p.Type == "int" || p.Type == "ints") {
			spec += sign + p.Name + "=" + strings.NewReplacer("[", "", "]", "", ",", "/").Replace(string(values[p.Name]))
			sign = ","
		}
	}
	for _, one := range []string{spec, spec + "+cosine"} {
		if _, err := schedule.Parse(one, 1000); err == nil {
			return one, nil
		}
	}
	return "", nil
}

func functionMeta(f *problem.Function) FunctionMeta {
	one := FunctionMeta{
		Name: f.Name, Title: f.Title, Doc: f.Doc, Source: f.Source, Text: f.String(), TeX: f.TeX(),
		Params: []ParamMeta{}, Minima: []MinimumMeta{}, Domain: Rectangle(f.Domain), Start: f.Start, LogLevels: f.LogLevels,
	}
	for _, p := range f.Params {
		one.Params = append(one.Params, ParamMeta{p.Name, p.Value, around(p.Value), p.Doc})
	}
	for _, q := range f.Minima {
		one.Minima = append(one.Minima, MinimumMeta(q))
	}
	return one
}

// settingsMeta describes the settings that experiments of a program have.
func settingsMeta(own *experiment.Own) ([]SettingMeta, error) {
	var schema struct {
		Properties map[string]json.RawMessage `json:"properties"`
	}
	if err := json.Unmarshal(experiment.DefaultOf(own).Schema(), &schema); err != nil {
		return nil, err
	}
	var all []SettingMeta
	for _, s := range experiment.Settings() {
		if schema.Properties[s.Key] == nil {
			continue
		}
		all = append(all, SettingMeta{
			Key: s.Key, Type: s.Type, Default: s.Default, Usual: s.Usual, Example: s.Example, Optional: s.Optional,
			Choices: s.Choices, Domain: domainMeta(s.Domain), Or: s.Or, Doc: s.Doc, Part: s.Part, Free: s.Free,
		})
	}
	return all, nil
}
