package experiment

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// flagged returns the settings of a command line.
func flagged(t *testing.T, args ...string) *Experiment {
	t.Helper()
	e := Default()
	flags := pflag.NewFlagSet("train", pflag.ContinueOnError)
	e.Flags(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return e
}

// Differs names what makes one run another, and nothing that may change when a
// run goes on.
func TestDiffers(t *testing.T) {
	base := []string{"--data", "spirals", "--model", "mlp:8"}
	for args, want := range map[string]string{
		"":                               "",
		"--epochs 3 --steps 7":           "",
		"--patience 3 --target 0.5":      "",
		"--max-seconds 4 --keep 9":       "",
		"--checkpoint-every 5":           "",
		"--diagnose all --name x":        "",
		"--tags a,b":                     "",
		"--lr 0.5":                       "lr",
		"--seed 3 --ema 0.5":             "ema seed",
		"--ignore a,b --holdout 0":       "holdout ignore",
		"--val 0.5":                      "val",
		"--swa=true --swa=false":         "",
		"--optimizer adam --min-delta 1": "optimizer min-delta",
		"--start 1,2 --noise 3":          "", // of a function, which this is not
	} {
		a, b := flagged(t, base...), flagged(t, append(slices.Clone(base), strings.Fields(args)...)...)
		wanted := strings.Fields(want)
		slices.Sort(wanted)
		for _, got := range [][]string{a.Differs(b), b.Differs(a)} {
			if slices.Sort(got); !slices.Equal(got, wanted) {
				t.Errorf("%q: %q, want %q", args, got, wanted)
			}
		}
	}
	// What is a function to one is not to the other.
	f := flagged(t, "--function", "rosenbrock", "--start", "1,2")
	if keys := f.Differs(flagged(t, base...)); !slices.Contains(keys, "function") || !slices.Contains(keys, "start") || !slices.Contains(keys, "data") {
		t.Errorf("a function against data: %q", keys)
	}
}

// What Open has filled in is what was recorded: the same command line is the same
// run, and what is written and read again does not differ.
func TestDiffersOpened(t *testing.T) {
	open := func(args ...string) *Experiment {
		s, err := flagged(t, append([]string{"--data", "spirals:n=60", "--model", "mlp:4"}, args...)...).Open(context.Background(), Inputs{})
		if err != nil {
			t.Fatal(err)
		}
		return s.Experiment
	}
	one := open()
	for _, args := range [][]string{nil, {"--epochs", "5"}, {"--lr", "0.001"}, {"--optimizer", "adamw:lr=0.001"}, {"--model", "mlp: 4"}} {
		two := open(args...)
		if keys := one.Differs(two); keys != nil {
			t.Errorf("%q: %q", args, keys)
		}
		if keys := one.Differs(parsed(t, string(two.YAML()))); keys != nil {
			t.Errorf("%q, written and read: %q", args, keys)
		}
	}
	if keys := one.Differs(open("--optimizer", "adamw:lr=0.002")); !slices.Equal(keys, []string{"lr"}) {
		t.Errorf("another rate: %q", keys)
	}
}

// What is put over a file changes neither side.
func TestOverCopies(t *testing.T) {
	base := parsed(t, "lr: 0.5\ntags: [a]\nseed: 4\n")
	over := flagged(t, "--tags", "b", "--lr", "0.25")
	out := over.Over(base)
	if *out.LR != 0.25 || out.Seed != 4 || !slices.Equal(out.Tags, []string{"b"}) {
		t.Errorf("lr %v, seed %d, tags %q", *out.LR, out.Seed, out.Tags)
	}
	if *base.LR != 0.5 || !slices.Equal(base.Tags, []string{"a"}) || base.Seed != 4 || over.Seed != 0 {
		t.Errorf("the file: lr %v, tags %q, seed %d; the flags: seed %d", *base.LR, base.Tags, base.Seed, over.Seed)
	}
	if again := flagged(t).Over(out); *again.LR != 0.25 || again.Seed != 4 {
		t.Errorf("without flags: lr %v, seed %d", *again.LR, again.Seed)
	}
}

// A value that is none is refused with what was expected, and the setting is as
// it was.
func TestFlagErrors(t *testing.T) {
	for _, c := range []struct{ flag, value, want string }{
		{"lr", "fast", "want a finite number of at least 0"},
		{"steps", "many", "want a whole number of at least 0"},
		{"steps", "1.5", "want a whole number"},
		{"steps", "1e30", "want a whole number"},
		{"seed", "-1", "want a whole number of at least 0"},
		{"swa", "perhaps", "want true or false"},
		{"tags", `"a`, "want words separated by commas"},
	} {
		e := Default()
		flags := pflag.NewFlagSet("train", pflag.ContinueOnError)
		e.Flags(flags)
		before := string(e.YAML())
		err := flags.Parse([]string{"--" + c.flag + "=" + c.value})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("--%s %s: %v, want %s", c.flag, c.value, err, c.want)
		}
		if string(e.YAML()) != before {
			t.Errorf("--%s %s: refused, and yet\n%s", c.flag, c.value, e.YAML())
		}
	}
}

// Every flag has the type, the default and the word for its value that help and
// completion show.
func TestFlagHelp(t *testing.T) {
	flags := pflag.NewFlagSet("train", pflag.ContinueOnError)
	Default().Flags(flags)
	for name, want := range map[string][3]string{ // type, default, word
		"lr":       {"float64", "", "float"},
		"epochs":   {"int", "10", "int"},
		"steps":    {"int64", "0", "int"},
		"seed":     {"uint64", "0", "uint"},
		"swa":      {"bool", "false", ""},
		"data":     {"string", "digits", "source"},
		"diagnose": {"stringSlice", "", "what"},
	} {
		f := flags.Lookup(name)
		if f == nil {
			t.Errorf("no --%s", name)
			continue
		}
		word, usage := pflag.UnquoteUsage(f)
		if got := [3]string{f.Value.Type(), f.DefValue, word}; got != want || strings.ContainsAny(usage, "`{}") {
			t.Errorf("--%s: %q, want %q: %s", name, got, want, usage)
		}
	}
	var none flagValue
	if none.String() != "" {
		t.Errorf("the value that pflag compares with is %q", none.String())
	}
}
