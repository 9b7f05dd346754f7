package experiment

import (
	"slices"
	"strings"
	"testing"
)

// Set does what a flag does, and says what is wrong at once.
func TestSet(t *testing.T) {
	e, want := Default(), flagged(t, "--lr", "0.5", "--optimizer", "sgd:momentum=0.9", "--tags", "a,\"b,c\"", "--swa", "--epochs", "3", "--steps", "1e6")
	for _, kv := range [][2]string{{"lr", "0.5"}, {"optimizer", "sgd:momentum=0.9"}, {"tags", "x"}, {"tags", `a,"b,c"`}, {"swa", "true"}, {"epochs", "3"}, {"steps", "1e6"}} {
		if err := e.Set(kv[0], kv[1]); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := string(e.YAML()), string(want.YAML()); got != want {
		t.Errorf("settings\n%s\nwant\n%s", got, want)
	}
	base := Default()
	base.Batch = 7
	if over := e.Over(base); over.Batch != 7 || over.Steps != 1e6 {
		t.Errorf("over another: batch %d, steps %d", over.Batch, over.Steps)
	}
	own := DefaultOf(&Own{})
	for _, c := range []struct {
		e                *Experiment
		key, value, want string
	}{
		{e, "batch", "many", "experiment: batch = many, want a whole number of at least 0"},
		{e, "ema", "2", "experiment: ema = 2, want a number in (0, 1), or 0"},
		{e, "optimizer", "adan", "no rule \"adan\""},
		{e, "bach", "3", `no setting "bach", did you mean batch?`},
		{own, "data", "digits", "this program has its own model and data"},
	} {
		err := c.e.Set(c.key, c.value)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s = %s: %v, want %s", c.key, c.value, err, c.want)
		}
	}
}

func TestPaths(t *testing.T) {
	for _, c := range []struct{ data, test, function, want string }{
		{"digits", "", "", ""}, {"spirals:n=9", "", "", ""}, {"-", "", "", ""}, {"-", "t.csv", "", "t.csv"},
		{"a/b.csv", "", "", "a/b.csv"}, {"a.csv", "t.csv", "", "a.csv t.csv"},
		{"mnist:some/dir", "", "", "some/dir"}, {"idx:a,b", "", "", "a b"}, {"digits", "t.csv", "", "t.csv"},
		{"a.csv", "", "rosenbrock", ""},
	} {
		e := Default()
		e.Data, e.Test, e.Function = c.data, c.test, c.function
		if got := e.Paths(); !slices.Equal(got, strings.Fields(c.want)) {
			t.Errorf("%s, %s: %q, want %q", c.data, c.test, got, c.want)
		}
	}
}
