package cli

import (
	"fmt"
	"strings"
	"testing"

	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/problem"
)

// list returns the objects of a list of a report by their names.
func list(t *testing.T, m map[string]any, key string) map[string]map[string]any {
	t.Helper()
	all := map[string]map[string]any{}
	for _, v := range m[key].([]any) {
		o := v.(map[string]any)
		all[o["name"].(string)] = o
	}
	return all
}

// What there is comes from the registries: nothing is missing, nothing is added.
func TestRules(t *testing.T) {
	rules := list(t, object(t, "", "rules"), "rules")
	if len(rules) != len(optim.Rules()) {
		t.Errorf("%d rules, want %d", len(rules), len(optim.Rules()))
	}
	text := succeed(t, "", "rules").stdout
	for _, info := range optim.Rules() {
		r := rules[info.Name]
		if r == nil || r["lr"] != info.Rate || r["citation"] != info.Citation || len(r["options"].([]any)) != len(info.Hypers) {
			t.Errorf("%s: %v", info.Name, r)
		}
		if !strings.Contains(text, "\n"+info.Name+" ") {
			t.Errorf("the list lacks %s", info.Name)
		}
		one := succeed(t, "", "rules", info.Name).stdout
		for _, f := range info.Forms {
			for _, line := range f.TeX {
				if !strings.Contains(one, line) {
					t.Errorf("rules %s lacks %s", info.Name, line)
				}
			}
		}
		for _, h := range info.Hypers {
			if !strings.Contains(one, "\n"+h.Name+" ") {
				t.Errorf("rules %s lacks %s", info.Name, h.Name)
			}
		}
		if first := strings.Fields(info.Citation)[0]; !strings.Contains(one, "Source: "+first) {
			t.Errorf("rules %s lacks its source", info.Name)
		}
	}
	if m := object(t, "", "rules", "ADAMW"); m["name"] != "adamw" {
		t.Errorf("in capitals: %v", m["name"])
	}
}

func TestSchedules(t *testing.T) {
	folder(t)
	schedules := list(t, object(t, "", "schedules"), "schedules")
	if len(schedules) != len(kinds()) {
		t.Errorf("%d schedules, want %d", len(schedules), len(kinds()))
	}
	for _, info := range kinds() {
		if s := schedules[info.Name]; s == nil || s["tex"] != info.TeX || len(s["params"].([]any)) != len(info.Params) {
			t.Errorf("%s: %v", info.Name, s)
		}
		one := succeed(t, "", "schedules", info.Name).stdout
		for _, p := range info.Params {
			if !strings.Contains(one, "\n"+p.Name+" ") {
				t.Errorf("schedules %s lacks %s", info.Name, p.Name)
			}
		}
		if m := object(t, "", "schedules", info.Name); info.Example != nil && len(m["curve"].([]any)) != 11 {
			t.Errorf("schedules %s: %v", info.Name, m["curve"])
		}
	}
	m := object(t, "", "schedules", "warmup:steps=5+linear:start=1,end=0", "--total", "25", "--lr", "2", "--plot", "--out", "p")
	curve := m["curve"].([]any)
	if at := curve[10].(map[string]any); at["step"] != 24.0 || at["rate"].(float64) > 0.2 || m["info"] != nil {
		t.Errorf("%v", m)
	}
	exists(t, "p/schedule.png", "p/schedule.svg", "p/schedules.json")
	if o := command(t, "", "schedules", "plateau", "--plot"); o.code != exitUsage || !strings.Contains(o.stderr, "follows a metric") {
		t.Errorf("plot of a plateau: %d, %s", o.code, o.stderr)
	}
	cycled := object(t, "", "schedules", "onecycle")["curve"].([]any)[0].(map[string]any)
	if cycled["momentum"] != 0.95 {
		t.Errorf("one cycle begins with momentum %v, want 0.95", cycled["momentum"])
	}
}

func TestFunctions(t *testing.T) {
	folder(t)
	m := object(t, "", "functions")
	functions, families := list(t, m, "functions"), list(t, m, "families")
	if len(functions) != len(problem.Functions()) || len(families) != len(problem.Families()) {
		t.Errorf("%d functions and %d families", len(functions), len(families))
	}
	for _, f := range problem.Functions() {
		one := succeed(t, "", "functions", f.Name).stdout
		if functions[f.Name]["tex"] != f.TeX() || !strings.Contains(one, "Start: ") || strings.Count(one, "\nglobal  ")+strings.Count(one, "\nlocal  ") != len(f.Minima) {
			t.Errorf("%s:\n%s", f.Name, one)
		}
	}
	for _, f := range problem.Families() {
		one := succeed(t, "", "functions", f.Name).stdout
		for _, o := range f.Options {
			if !strings.Contains(one, "\n"+o.Name+" ") {
				t.Errorf("functions %s lacks %s", f.Name, o.Name)
			}
		}
	}
	own := object(t, "", "functions", "x^2*y")
	if g := own["gradient"].([]any); g[0] != "2*x*y" || g[1] != "x^2" {
		t.Errorf("gradient of x^2*y: %v", g)
	}
	object(t, "", "functions", "himmelblau", "--plot", "--theme", "dark", "--resolution", "0.5", "--out", "p")
	exists(t, "p/contour.png", "p/contour.svg", "p/surface.png", "p/surface.svg", "p/functions.json")
}

func TestMemory(t *testing.T) {
	m := object(t, "", "memory", "--params", "7e9", "--optimizer", "adamw")
	for key, want := range map[string]float64{
		"params": 7e9, "parameters": 28e9, "gradients": 28e9, "state": 56e9, "total": 112e9, "bytes_per_parameter": 16,
	} {
		if m[key] != want {
			t.Errorf("%s = %v, want %v", key, m[key], want)
		}
	}
	if m := object(t, "", "memory", "--params", "7B", "--dtype", "float64", "--optimizer", "sgd,sgd:momentum=0.9"); fmt.Sprint(m["runs"].([]any)[1].(map[string]any)["total"]) != "1.68e+11" {
		t.Errorf("%v", m)
	}
	text := succeed(t, "", "memory", "--params", "350M").stdout
	if !strings.HasPrefix(text, "350,000,000 parameters of float32\n") || strings.Count(text, "\n") != 3+len(optim.Rules()) {
		t.Errorf("%s", text)
	}
}
