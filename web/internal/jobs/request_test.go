package jobs

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// planner is a manager that starts nothing, in a folder with some files.
func planner(t *testing.T) *Manager {
	t.Helper()
	dir := t.TempDir()
	inner := filepath.Join(dir, "desk")
	for path, text := range map[string]string{
		"secret.csv": "a,b\n1,2\n", "desk/train.csv": "a,b\n1,2\n", "desk/sub/mnist/train-images-idx3-ubyte": "x",
		"desk/short.yaml": "function: rosenbrock\nsteps: 10\n", "desk/long.yaml": "function: rosenbrock\nsteps: 200000000\n",
		"desk/away.yaml": "data: ../secret.csv\n", "desk/broken.yaml": "steps: many\n", "desk/folder.yaml/x": "",
	} {
		path = filepath.Join(dir, filepath.FromSlash(path))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(text), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	for name, to := range map[string]string{"leaves.csv": "../secret.csv", "stays.csv": "train.csv", "up": ".."} {
		if err := os.Symlink(to, filepath.Join(inner, name)); err != nil {
			t.Fatal(err)
		}
	}
	return &Manager{Options: Options{Folder: inner, Program: "descent"}}
}

func request(t *testing.T, text string) *Request {
	t.Helper()
	var r Request
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return &r
}

// The same request is the same command line, in the order of the help.
func TestPlan(t *testing.T) {
	m := planner(t)
	for _, c := range []struct{ request, args, words, name string }{
		{`{"kind":"train"}`, "", "", "mlp adamw"},
		{`{"kind":"train","flags":{"seed":3,"lr":0.01,"swa":true,"model":"mlp:16","no-figures":false,"tags":["a b","c,d"],"start":"-1,2","function":"beale","steps":"1e6","data":"digits","model":"mlp:128,64"}}`,
			`--no-figures=false|--data=digits|--model=mlp:128,64|--function=beale|--start=-1,2|--lr=0.01|--steps=1e6|--swa=true|--seed=3|--tags=a b,"c,d"`,
			`--no-figures=false --data digits --model mlp:128,64 --function beale --start=-1,2 --lr 0.01 --steps 1e6 --swa --seed 3 --tags 'a b,"c,d"'`, "beale adamw"},
		{`{"kind":"train","flags":{"name":"$(rm -rf /); 'x'"}}`, `--name=$(rm -rf /); 'x'`, `--name '$(rm -rf /); '\''x'\'''`, "$(rm -rf /); 'x'"},
		{`{"kind":"train","flags":{"data":"train.csv"}}`, "--data=train.csv", "--data train.csv", "mlp adamw"},
		{`{"kind":"train","flags":{"data":"stays.csv"}}`, "--data=stays.csv", "--data stays.csv", "mlp adamw"},
		{`{"kind":"train","flags":{"data":"mnist:sub/mnist"}}`, "--data=mnist:sub/mnist", "--data mnist:sub/mnist", "mlp adamw"},
		{`{"kind":"train","experiment":"function: rosenbrock\nsteps: 9\noptimizer: sgd:momentum=0.9\n"}`, "", "", "rosenbrock sgd"},
		{`{"kind":"compare","flags":{"optimizer":["adam","sgd:momentum=0.9"],"problem":["rosenbrock","digits/mlp:8","short.yaml","(1-x)^2/(y^2+1)","train.csv"],"trials":3}}`,
			"--problem=rosenbrock|--problem=digits/mlp:8|--problem=short.yaml|--problem=(1-x)^2/(y^2+1)|--problem=train.csv|--optimizer=adam|--optimizer=sgd:momentum=0.9|--trials=3",
			"--problem rosenbrock --problem digits/mlp:8 --problem short.yaml --problem '(1-x)^2/(y^2+1)' --problem train.csv --optimizer adam --optimizer sgd:momentum=0.9 --trials 3", "compare"},
		{`{"kind":"tune","flags":{"space":["lr=1e-4..1 log","batch={16,32}"],"function":"rosenbrock","seed":"18446744073709551615"}}`,
			"--space=lr=1e-4..1 log|--space=batch={16,32}|--function=rosenbrock|--seed=18446744073709551615",
			"--space 'lr=1e-4..1 log' --space 'batch={16,32}' --function rosenbrock --seed 18446744073709551615", "tune"},
		{`{"kind":"tune","flags":{"space":["optimizer={adam,sgd}","optimizer.momentum=0..0.99 if optimizer=sgd"]}}`,
			"--space=optimizer={adam,sgd}|--space=optimizer.momentum=0..0.99 if optimizer=sgd",
			"--space 'optimizer={adam,sgd}' --space 'optimizer.momentum=0..0.99 if optimizer=sgd'", "tune"},
		{`{"kind":"tune","flags":{"data":"digits","space":["model={mlp:8192,8192|mlp:9}","width=8..64 int if model=mlp:9"]}}`,
			"--space=model={mlp:8192,8192|mlp:9}|--space=width=8..64 int if model=mlp:9|--data=digits",
			"--space 'model={mlp:8192,8192|mlp:9}' --space 'width=8..64 int if model=mlp:9' --data digits", "tune"},
		{`{"kind":"find-lr","flags":{"within":0.2,"optimizer":"sgd"}}`, "--within=0.2|--optimizer=sgd", "--within 0.2 --optimizer sgd", "find-lr"},
	} {
		p, err := m.plan(request(t, c.request))
		if err != nil {
			t.Errorf("%s: %v", c.request, err)
			continue
		}
		if got := strings.Join(p.args, "|"); got != c.args {
			t.Errorf("%s\nruns  %s\nwant  %s", c.request, got, c.args)
		}
		if got := strings.Join(p.words, " "); got != c.words {
			t.Errorf("%s\nsays  %s\nwant  %s", c.request, got, c.words)
		}
		if p.name != c.name {
			t.Errorf("%s is called %s, want %s", c.request, p.name, c.name)
		}
	}
}

func TestRefused(t *testing.T) {
	m := planner(t)
	long := strings.Repeat("x", mostBytes+1)
	for _, c := range []struct{ request, field, want string }{
		{`{"kind":"train","from":"none"}`, "from", `job "none": there is no such job`},
		{`{"kind":"train","from":"none","experiment":"lr: 1\n"}`, "from", "there is an experiment too, want one of both"},
		{`{"kind":"compare","flags":{"problem":"folder.yaml"}}`, "problem", "--problem folder.yaml: want a regular file"},
		{`{"kind":"rm"}`, "kind", `kind "rm", want train, compare, tune or find-lr`},
		{`{"kind":"train","flags":{"out":"x"}}`, "out", "there is no flag --out for the page to set"},
		{`{"kind":"train","flags":{"runs":"x"}}`, "runs", "no flag"},
		{`{"kind":"compare","flags":{"events":"x"}}`, "events", "no flag"},
		{`{"kind":"train","flags":{"metrics":":80"}}`, "metrics", "no flag"},
		{`{"kind":"train","flags":{"resume":true}}`, "resume", "no flag"},
		{`{"kind":"compare","flags":{"lr":1}}`, "lr", "no flag"},
		{`{"kind":"train","flags":{"lr=1 --out":"x"}}`, "lr=1 --out", "no flag"},
		{`{"kind":"train","flags":{"steps":1000000000,"function":"rosenbrock"}}`, "steps", "1000000000 steps, want at most 100000000"},
		{`{"kind":"train","experiment":"function: rosenbrock\nsteps: 1000000000\n"}`, "steps", "want at most 100000000"},
		{`{"kind":"train","flags":{"epochs":1000000000}}`, "epochs", "want at most 1000000"},
		{`{"kind":"find-lr","flags":{"steps":1000000000}}`, "steps", "want at most"},
		{`{"kind":"compare","flags":{"steps":1000000000}}`, "steps", "--steps 1000000000: want a whole number, 0 to 100000000"},
		{`{"kind":"compare","flags":{"parallel":` + strconv.Itoa(runtime.NumCPU()+1) + `}}`, "parallel", "want a whole number, 1 to " + strconv.Itoa(runtime.NumCPU())},
		{`{"kind":"tune","flags":{"trials":1000000}}`, "trials", "0 to 100000"},
		{`{"kind":"tune","flags":{"seeds":1000000}}`, "seeds", "1 to 250"},
		{`{"kind":"tune","flags":{"space":["lr=1e-4..1","optimizer.momentum=0..0.99 if optimizer=sgd"]}}`, "space", "optimizer"},
		{`{"kind":"compare","flags":{"space":"beta1"}}`, "space", "beta1"},
		{`{"kind":"compare","flags":{"trials":2.5}}`, "trials", "want a whole number"},
		{`{"kind":"compare","flags":{"seed":-1}}`, "seed", "at least 0"},
		{`{"kind":"compare","flags":{"confidence":"NaN"}}`, "confidence", "want a finite number"},
		{`{"kind":"compare","flags":{"confidence":2}}`, "confidence", "want (0, 1]"},
		{`{"kind":"compare","flags":{"optimizer":"adam,adan"}}`, "optimizer", `no rule "adan"`},
		{`{"kind":"compare","flags":{"schedule":"cosin"}}`, "schedule", "cosin"},
		{`{"kind":"compare","flags":{"no-figures":"yes"}}`, "no-figures", "want true or false"},
		{`{"kind":"compare","flags":{"trials":["3","4"]}}`, "trials", "2 values, want one"},
		{`{"kind":"compare","flags":{"problem":[]}}`, "problem", "0 values, want 1 to 100"},
		{`{"kind":"compare","experiment":"lr: 1\n"}`, "experiment", "takes no experiment"},
		{`{"kind":"compare","flags":{"problem":"long.yaml"}}`, "problem", "200000000 steps"},
		{`{"kind":"compare","flags":{"problem":"away.yaml"}}`, "problem", "want a path within the folder"},
		{`{"kind":"compare","flags":{"problem":"broken.yaml"}}`, "problem", "broken.yaml:1:8"},
		{`{"kind":"compare","flags":{"problem":"../desk/short.yaml"}}`, "problem", "want a path within the folder"},
		{`{"kind":"compare","flags":{"problem":"up/desk/short.yaml"}}`, "problem", "which links do not leave"},
		{`{"kind":"compare","flags":{"problem":"none.yaml"}}`, "problem", "there is no such file"},
		{`{"kind":"compare","flags":{"problem":"/etc/passwd/mlp:3"}}`, "problem", "want a path within the folder"},
		{`{"kind":"compare","flags":{"problem":"rosenbrok"}}`, "problem", "rosenbrok"},
		{`{"kind":"tune","flags":{"sampler":"best"}}`, "sampler", "want random"},
		{`{"kind":"tune","flags":{"space":"lr=1..0"}}`, "space", "lr"},
		{`{"kind":"tune","flags":{"data":"digits","space":["lr=1e-4..1 log","model={mlp:64|mlp:16384,16384}"]}}`, "space", "--model mlp:16384,16384: it has 281477130 parameters or more, want at most 134217728"},
		{`{"kind":"tune","flags":{"data":"digits","model":"mlp:8,8","space":["width=8..32768 log int"]}}`, "space", "a try could have"},
		{`{"kind":"tune","flags":{"data":"digits","model":"mlp:8192","space":["depth=1..9 int"]}}`, "space", "a try could have"},
		{`{"kind":"tune","flags":{"data":"digits","space":["model={mlp:8|mlp:9}","width=8..32768 log int if model=mlp:9","depth=1..2 int"]}}`, "space", "a try could have"},
		{`{"kind":"train","flags":{"data":"/etc/passwd"}}`, "data", "want a path within the folder"},
		{`{"kind":"train","flags":{"data":"../secret.csv"}}`, "data", "want a path within the folder"},
		{`{"kind":"train","flags":{"data":"leaves.csv"}}`, "data", "which links do not leave"},
		{`{"kind":"train","flags":{"data":"up/secret.csv"}}`, "data", "which links do not leave"},
		{`{"kind":"train","flags":{"data":"idx:train.csv,../secret.csv"}}`, "data", "want a path within the folder"},
		{`{"kind":"train","flags":{"data":"mnist:/etc"}}`, "data", "want a path within the folder"},
		{`{"kind":"train","flags":{"data":"train.csv","test":"../secret.csv"}}`, "test", "want a path within the folder"},
		{`{"kind":"train","flags":{"data":"-"}}`, "data", "no standard input"},
		{`{"kind":"train","experiment":"data: /etc/passwd\n"}`, "data", "want a path within the folder"},
		{`{"kind":"train","flags":{"name":"a\nb"}}`, "name", "without control characters"},
		{`{"kind":"train","flags":{"name":"a\u0000b"}}`, "name", "without control characters"},
		{`{"kind":"train","flags":{"name":"` + long + `"}}`, "name", "at most 32768 bytes"},
		{`{"kind":"train","flags":{"batch":"many"}}`, "batch", "--batch many: want a whole number"},
		{`{"kind":"train","flags":{"ema":0.5,"swa":true}}`, "ema", "want one of it and --swa"},
		{`{"kind":"train","experiment":"lr: 1\nbatch: many\n"}`, "experiment", "experiment:2:8: batch = many"},
	} {
		_, err := m.plan(request(t, c.request))
		var bad *Error
		if !errors.As(err, &bad) || bad.Field != c.field || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.200s\nsays  %v (%+v)\nwant  %s: %s", c.request, err, bad, c.field, c.want)
		}
		if errors.As(err, &bad) && bad.Field == "experiment" && strings.Contains(c.request, "many") && bad.Column != 8 {
			t.Errorf("%s: column %d", c.request, bad.Column)
		}
	}
}

func TestValue(t *testing.T) {
	for _, c := range []struct {
		json string
		want Value
		text string
	}{
		{`"a"`, Value{"a"}, `"a"`}, {`1e-3`, Value{"1e-3"}, `"1e-3"`}, {`true`, Value{"true"}, `"true"`},
		{`["a","b"]`, Value{"a", "b"}, `["a","b"]`}, {`["a"]`, Value{"a"}, `"a"`}, {`[]`, Value{}, `[]`},
	} {
		var v Value
		if err := json.Unmarshal([]byte(c.json), &v); err != nil || !slices.Equal(v, c.want) {
			t.Errorf("%s: %q, %v", c.json, v, err)
		}
		if text, err := json.Marshal(v); err != nil || string(text) != c.text {
			t.Errorf("%s: %s, %v", c.json, text, err)
		}
	}
	for _, text := range []string{`{}`, `[1]`, `[["a"]]`, `{"a":"b"}`} {
		var v Value
		if err := json.Unmarshal([]byte(text), &v); err == nil {
			t.Errorf("%s is %q", text, v)
		}
	}
}

func TestKinds(t *testing.T) {
	for _, kind := range Kinds() {
		flags, _ := Flags(kind)
		if len(flags) == 0 || commands[kind] == nil {
			t.Errorf("%s has no flags", kind)
		}
		for _, f := range flags {
			if !slices.Contains([]string{"text", "list", "switch", "whole", "number"}, f.Type) || f.Type == "whole" && f.most() <= f.Min {
				t.Errorf("%s: %+v", kind, f)
			}
		}
	}
	if flags, settings := Flags("rm"); flags != nil || settings || len(Kinds()) != len(commands) {
		t.Error("kinds")
	}
}

// Any request is a command line whose first words are the manager's, and whose
// flags are each one word.
func FuzzRequest(f *testing.F) {
	f.Add(`{"kind":"train","flags":{"lr":0.1}}`)
	f.Add(`{"kind":"compare","flags":{"problem":["rosenbrock","x.yaml"],"optimizer":"adam"}}`)
	f.Add(`{"kind":"tune","experiment":"function: x^2\n","flags":{"space":["lr=1e-4..1 log"]}}`)
	f.Add(`{"kind":"train","flags":{"name":"--out=/x"}}`)
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		m := &Manager{Options: Options{Folder: dir, Program: "descent"}}
		var r Request
		if json.Unmarshal([]byte(text), &r) != nil {
			return
		}
		p, err := m.plan(&r)
		if err != nil {
			return
		}
		for i, arg := range p.args {
			name, _, ok := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
			if !ok || r.Flags[name] == nil || slices.Contains([]string{"out", "runs", "events", "resume", "quiet", "json"}, name) {
				t.Errorf("argument %d of %q is %q", i, text, arg)
			}
		}
		again, err := m.plan(&r)
		if err != nil || !reflect.DeepEqual(p, again) {
			t.Errorf("%q: %v and then %v, %v", text, p, again, err)
		}
	})
}
