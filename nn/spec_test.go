package nn

import (
	"strings"
	"testing"
)

func TestSpecs(t *testing.T) {
	for _, c := range []struct {
		spec, canonical string
		task            Task
	}{
		{"softmax", "softmax", Classify},
		{"linear", "linear", Regress},
		{"mlp:64", "mlp:64", Classify},
		{"mlp:64,32", "mlp:64,32", Regress},
		{"mlp:64, 32, act=relu", "mlp:64,32", Classify},
		{"mlp:64,act=tanh", "mlp:64,act=tanh", Classify},
		{"mlp:64,init=glorot,act=tanh", "mlp:64,act=tanh", Classify},
		{"mlp:64,init=he,act=tanh", "mlp:64,act=tanh,init=he", Classify},
		{"mlp:64,act=gelu,init=glorot", "mlp:64,act=gelu,init=glorot", Classify},
		{"mlp:64,act=gelu,init=he", "mlp:64,act=gelu", Classify},
	} {
		n, err := Parse(c.spec, 10, 3, c.task)
		if err != nil {
			t.Errorf("%s: %v", c.spec, err)
			continue
		}
		if n.Spec() != c.canonical {
			t.Errorf("%s: spec %s, want %s", c.spec, n.Spec(), c.canonical)
		}
		if n.In() != 10 || n.Out() != 3 || n.Task() != c.task {
			t.Errorf("%s: %d in, %d out, %v", c.spec, n.In(), n.Out(), n.Task())
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct {
		spec    string
		in, out int
		task    Task
		want    string
	}{
		{"", 2, 2, Classify, `nn: unknown model ""; there are`},
		{"resnet", 2, 2, Classify, "mlp:WIDTH[,WIDTH…]"},
		{"softmax:3", 2, 2, Classify, "softmax takes no arguments"},
		{"mlp", 2, 2, Classify, "want positive widths"},
		{"mlp:act=tanh", 2, 2, Classify, "no hidden layer"},
		{"mlp:64,x", 2, 2, Classify, `argument "x"`},
		{"mlp:0", 2, 2, Classify, `argument "0"`},
		{"mlp:-3", 2, 2, Classify, `argument "-3"`},
		{"mlp:64,act=tanh,32", 2, 2, Classify, `argument "32"`},
		{"mlp:64,act=swish", 2, 2, Classify, `no "swish", want one of [relu tanh gelu]`},
		{"mlp:64,init=lecun", 2, 2, Classify, `no "lecun", want one of [he glorot]`},
		{"mlp:64,act=tanh,act=relu", 2, 2, Classify, `"relu" after "tanh"`},
		{"mlp:64,drop=0.5", 2, 2, Classify, `no option "drop"`},
		{"mlp:100000,100000", 2, 2, Classify, "has 1e+10 parameters, want at most 1073741824"},
		{"mlp:9223372036854775807,9223372036854775807", 2, 2, Classify, "has 8.51e+37 parameters"},
		{"softmax", 2, 2, Regress, "softmax is not a model for regression"},
		{"linear", 2, 2, Classify, "linear is not a model for classification"},
		{"softmax", 0, 2, Classify, "0 features"},
		{"softmax", 2, 1, Classify, "with 1 outputs"},
		{"linear", 2, 0, Regress, "with 0 outputs"},
		{"mlp:4", 2, 2, Task(7), "nn: Task(7), want Classify or Regress"},
	} {
		n, err := Parse(c.spec, c.in, c.out, c.task)
		if err == nil {
			t.Errorf("%s, %d to %d, %v: made %s", c.spec, c.in, c.out, c.task, n.Spec())
		} else if !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "nn: ") {
			t.Errorf("%s: %q does not say %q", c.spec, err, c.want)
		}
	}
}

// The spec of what was parsed parses to the same.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"softmax", "linear", "mlp:64,32", "mlp:1,act=gelu,init=glorot", "mlp:,", "mlp:8,act=",
		"cnn", "cnn,act=tanh", "conv:8x3:stride=2:pad=0,bn,pool:2", "avgpool:3:stride=1,dropout:0.5,flatten,dense:4,init=he"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, spec string) {
		p, err := parse(spec)
		if err != nil {
			return
		}
		again, err := parse(p.String())
		if err != nil {
			t.Fatalf("%q became %q: %v", spec, p, err)
		}
		if again.String() != p.String() {
			t.Fatalf("%q became %q, then %q", spec, p, again)
		}
	})
}

// Parameters counts what ParseShape would allocate.
func TestParameters(t *testing.T) {
	for _, c := range []struct {
		spec  string
		shape []int
		out   int
	}{{"softmax", []int{64}, 10}, {"mlp:128,64", []int{28, 28}, 10}, {"cnn", []int{28, 28}, 10}, {"conv:8x3,bn,pool:2,dense:7", []int{12, 10, 3}, 4}, {"cnn", []int{784}, 10}} {
		n, err := ParseShape(c.spec, c.shape, c.out, Classify)
		if err != nil {
			t.Fatal(err)
		}
		want := 0
		for _, p := range n.Params() {
			want += len(p.Data)
		}
		if got, err := Parameters(c.spec, c.shape, c.out); err != nil || got != int64(want) {
			t.Errorf("%s for %v: %d parameters, %v, want %d", c.spec, c.shape, got, err, want)
		}
	}
	if n, err := Parameters("mlp:1000000,1000000", []int{64}, 10); err != nil || n < 1e12 {
		t.Errorf("a wide network: %d, %v", n, err)
	}
	if _, err := Parameters("resnet", []int{64}, 10); err == nil {
		t.Error("an unknown network has parameters")
	}
}
