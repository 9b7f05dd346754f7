package cli

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Every command says what it does, gives examples that are its own, and takes
// the flags that all commands take.
func TestHelp(t *testing.T) {
	root := newRoot(&app{program: "descent"})
	var names []string
	for _, c := range append(root.Commands(), root) {
		path := strings.Fields(c.CommandPath())[1:]
		if c.Name() == "help" || c.Name() == "completion" {
			continue
		}
		names = append(names, c.Name())
		o := succeed(t, "", append(path, "--help")...)
		if o.stderr != "" {
			t.Errorf("%s --help wrote %q to standard error", c.Name(), o.stderr)
		}
		for _, want := range []string{"Usage:\n", "Examples:\n", "--json", "--quiet", "--seed", "--out", "--help"} {
			if !strings.Contains(o.stdout, want) {
				t.Errorf("%s --help has no %q", c.Name(), want)
			}
		}
		for line := range strings.Lines(o.stdout) {
			if strings.HasPrefix(strings.TrimSpace(line), "-") && len([]rune(line)) > 101 {
				t.Errorf("%s --help has a line of %d columns: %s", c.Name(), len(line), line)
			}
		}
		if c != root && c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: short description %q", c.Name(), c.Short)
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" {
				t.Errorf("%s --%s is not explained", c.Name(), f.Name)
			}
		})
		checkExamples(t, root, c)
	}
	if got := strings.Join(names, " "); got != "bench compare find-lr functions init landscape memory predict redraw repeat resume rules run runs schedules serve show train tune descent" {
		t.Errorf("commands %s", got)
	}
	var out, diag strings.Builder
	if code := Execute([]string{"--version"}, strings.NewReader(""), &out, &diag); code != exitOK || !strings.HasPrefix(out.String(), "descent version ") {
		t.Errorf("--version: %d, %q", code, out.String())
	}
	if o := succeed(t, ""); !strings.Contains(o.stdout, "Exit codes: 0 success") {
		t.Errorf("without a command: %q", o.stdout)
	}
}

// checkExamples parses the flags of every example.
func checkExamples(t *testing.T, root, c *cobra.Command) {
	t.Helper()
	for line := range strings.Lines(c.Example) {
		_, line, found := strings.Cut(line, "descent ")
		if !found {
			t.Errorf("%s: example %q does not call descent", c.Name(), line)
			continue
		}
		line, _, _ = strings.Cut(line, " > ")
		var args []string
		for i, part := range strings.Split(strings.TrimSpace(line), "'") { // every other part is quoted
			if i%2 == 1 {
				args = append(args, part)
			} else {
				args = append(args, strings.Fields(part)...)
			}
		}
		target, rest, err := root.Find(args)
		if err != nil || c != root && target != c {
			t.Errorf("%s: example %q is of another command (%v)", c.Name(), line, err)
			continue
		}
		if err := target.ParseFlags(rest); err != nil {
			t.Errorf("%s: example %q: %v", c.Name(), line, err)
		}
	}
}
