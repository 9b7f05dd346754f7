package descent_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// lattice says which room may import which. It is a statement of policy: a
// build that breaks it is mended by moving code, not by editing this text.
//
// "a < b" means that b may import a, and whatever a may import. Rooms between
// commas do not know each other. "a !< b" asserts that the rest of the text
// gives b no way to a. Every package of the module is a room; one that is not
// listed fails the test. A room called x/internal/y is x's own: x alone imports
// it. Test files may import any room; the compiler forbids cycles.
const lattice = `
	# Arithmetic, random streams and files: no knowledge of optimization.
	internal/portable/internal/exact < internal/portable < internal/rng;
	internal/durable < internal/safetensors, checkpoint, figure;
	internal/durable < internal/durable/faulty;

	# The library.
	internal/portable, internal/rng, internal/safetensors
	< schedule, optim, problem, data
	< nn < train < lab < fleet, shard;
	checkpoint < train;
	internal/portable, internal/rng < lab/internal/stats < lab;

	internal/cpu < internal/parallel < optim/internal/kernel, nn/internal/gemm;
	internal/cpu < nn/internal/kernel < nn;
	internal/portable < optim/internal/kernel < optim;
	internal/portable < problem/internal/expr < problem;
	optim < nn/internal/gemm < nn;

	# What is kept of a run, and where people look at it.
	train < experiment, record, tensorboard, metrics;
	record < export;
	experiment, export, tensorboard < lab;

	internal/quantity < web, internal/cli;
	internal/shell < web/internal/jobs, internal/cli;

	# Measuring this machine.
	internal/cpu, nn < bench < bench/peers/ours, internal/cli;

	# Pictures are drawn from numbers; what made them is not a figure's business.
	internal/portable, schedule, problem, data < figure;
	optim, nn, train, lab !< figure;

	# The two faces: they read events and registries. A program of one's own gets
	# the command line from the root.
	lab, figure < report < web;
	web/ui, web/internal/tail < web;
	lab < web/internal/jobs < web;
	figure, record < web/internal/curves < web;
	figure, fleet, shard, metrics < web < internal/cli < ., cmd/descent;

	# Programs as a user writes them: the library alone.
	train < examples/curvefit, examples/digits, examples/ownrule;
	. < examples/ownmodel;

	# Where tests find real data.
	NONE < internal/realdata;
`

// modules says which room may import which module of others. "tests" stands for
// the test files of every room; they may also import what their room may.
const modules = `
	gonum.org/v1/gonum           < problem, optim, figure, lab;
	gonum.org/v1/plot            < figure;
	golang.org/x/image           < figure, data;
	codeberg.org/go-fonts        < figure, data;
	golang.org/x/sys             < internal/cpu, internal/durable;

	github.com/goccy/go-yaml     < experiment, record;
	modernc.org/sqlite           < record;
	github.com/parquet-go/parquet-go      < export, tests;
	google.golang.org/protobuf            < tensorboard;
	github.com/prometheus/client_golang   < metrics;

	github.com/spf13/cobra       < internal/cli;
	github.com/spf13/pflag       < internal/cli, experiment;
	golang.org/x/term            < internal/cli;

	pgregory.net/rapid           < tests;
`

func TestImports(t *testing.T) {
	for _, v := range checkImports(os.DirFS(".")) {
		t.Error(v)
	}
}

// checkImports returns the violations of lattice and modules in a module's tree.
func checkImports(tree fs.FS) []string {
	below, err := parseLattice(lattice)
	if err != nil {
		return []string{err.Error()}
	}
	users, err := parseLattice(modules)
	if err != nil {
		return []string{err.Error()}
	}
	for user, imported := range users {
		if len(imported) > 0 && below[user] == nil && user != "tests" {
			return []string{fmt.Sprintf("modules: %s is not a room of the lattice", user)}
		}
	}
	var bad []string
	self := modulePath(tree)
	unlisted := map[string]bool{}
	err = walkGo(tree, false, func(file string, src []byte) {
		room, test := path.Dir(file), strings.HasSuffix(file, "_test.go")
		if below[room] == nil && !unlisted[room] {
			unlisted[room] = true
			bad = append(bad, fmt.Sprintf("%s: a room that the lattice does not list", room))
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, src, parser.ImportsOnly)
		if err != nil {
			bad = append(bad, err.Error())
			return
		}
		for _, spec := range parsed.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value) // the parser has checked it
			if why := forbidden(self, room, imported, test, below, users); why != "" {
				bad = append(bad, fmt.Sprintf("%s imports %s: %s", file, imported, why))
			}
		}
	})
	if err != nil {
		bad = append(bad, err.Error())
	}
	return bad
}

// forbidden says why room may not import a path, or returns "".
func forbidden(self, room, imported string, test bool, below, users map[string]map[string]bool) string {
	first, _, _ := strings.Cut(imported, "/")
	dep, own := strings.CutPrefix(imported, self+"/")
	if imported == self {
		dep, own = ".", true
	}
	switch {
	case imported == "C":
		return "the build needs no C compiler"
	case own:
		owner, _, private := strings.Cut(dep, "/internal/")
		switch {
		case private && owner != room && dep != room:
			return "it belongs to " + owner
		case !test && !below[room][dep]:
			return "it is not below " + room + " in the lattice"
		}
		return ""
	case !strings.Contains(first, "."):
		return "" // the standard library
	}
	for module := imported; module != "."; module = path.Dir(module) {
		if users[room][module] || test && users["tests"][module] {
			return ""
		}
	}
	return "modules does not list it for " + room
}

// parseLattice returns, for every name of the text, the names below it.
func parseLattice(text string) (map[string]map[string]bool, error) {
	var plain strings.Builder
	for line := range strings.Lines(text) {
		rule, _, _ := strings.Cut(line, "#")
		plain.WriteString(strings.TrimRight(rule, "\n") + "\n")
	}
	below := map[string]map[string]bool{}
	var denied [][2]string
	for statement := range strings.SplitSeq(plain.String(), ";") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		lower, upper, negative := strings.Cut(statement, "!<")
		if negative {
			for _, a := range names(lower) {
				for _, b := range names(upper) {
					denied = append(denied, [2]string{a, b})
				}
			}
			continue
		}
		var last []string
		for group := range strings.SplitSeq(statement, "<") {
			group := names(group)
			if len(group) == 0 {
				return nil, fmt.Errorf("lattice: an empty group in %q", strings.TrimSpace(statement))
			}
			for _, b := range group {
				if below[b] == nil {
					below[b] = map[string]bool{}
				}
				for _, a := range last {
					below[b][a] = true
				}
			}
			last = group
		}
	}
	for changed := true; changed; { // the transitive closure
		changed = false
		for _, lower := range below {
			for a := range maps.Clone(lower) {
				for c := range below[a] {
					changed = changed || !lower[c]
					lower[c] = true
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(below)) {
		if below[name][name] {
			return nil, fmt.Errorf("lattice: %s is below itself", name)
		}
	}
	for _, d := range denied {
		if below[d[0]] == nil || below[d[1]] == nil {
			return nil, fmt.Errorf("lattice: %s !< %s names an unknown room", d[0], d[1])
		}
		if below[d[1]][d[0]] {
			return nil, fmt.Errorf("lattice: %s < %s, though %s !< %s", d[0], d[1], d[0], d[1])
		}
	}
	return below, nil
}

func names(group string) []string {
	return strings.FieldsFunc(group, func(r rune) bool { return strings.ContainsRune(", \t\n", r) })
}

// walkGo calls visit with every .go and .s file of the tree that is neither
// test data nor hidden; modules within the tree are visited on demand.
func walkGo(tree fs.FS, nested bool, visit func(file string, src []byte)) error {
	return fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name == "." {
				return nil
			}
			_, err := fs.Stat(tree, path.Join(name, "go.mod"))
			base := d.Name()
			if base == "testdata" || base == "node_modules" || base[0] == '.' || err == nil && !nested {
				return fs.SkipDir
			}
			return nil
		}
		if ext := path.Ext(name); ext != ".go" && !(nested && ext == ".s") {
			return nil
		}
		src, err := fs.ReadFile(tree, name)
		if err == nil {
			visit(name, src)
		}
		return err
	})
}

// modulePath returns the path that the tree's go.mod declares.
func modulePath(tree fs.FS) string {
	src, _ := fs.ReadFile(tree, "go.mod")
	first, _, _ := strings.Cut(string(src), "\n")
	return strings.TrimSpace(strings.TrimPrefix(first, "module "))
}

// The checker finds what is planted, and nothing else.
func TestImportsPlanted(t *testing.T) {
	const self = "github.com/descent-go/descent"
	for _, c := range []struct{ file, imports, want string }{
		{"nn/net.go", self + "/optim", ""},
		{"internal/cli/root.go", self + "/internal/portable", ""},
		{"internal/cli/root.go", "github.com/spf13/cobra", ""},
		{"figure/contour.go", "gonum.org/v1/plot/vg", ""},
		{"optim/adam.go", "math/bits", ""},
		{"optim/adam_test.go", self + "/train", ""},
		{"optim/adam_test.go", "pgregory.net/rapid", ""},
		{"nn/dense.go", self + "/nn/internal/gemm", ""},
		{"optim/adam.go", self + "/nn", "optim/adam.go imports " + self + "/nn: it is not below optim in the lattice"},
		{"optim/adam_amd64.go", self + "/schedule", "it is not below optim"},
		{"figure/curve.go", self + "/train", "it is not below figure"},
		{"train/loop.go", self + "/nn/internal/gemm", "it belongs to nn"},
		{"nn/conv/conv.go", self + "/nn/internal/gemm", "nn/conv: a room that the lattice does not list"},
		{"nn/net_test.go", self + "/optim/internal/kernel", "it belongs to optim"},
		{"schedule/step.go", self, "it is not below schedule"},
		{"schedule/step.go", "C", "no C compiler"},
		{"schedule/step.go", "pgregory.net/rapid", "modules does not list it for schedule"},
		{"utils/x.go", "fmt", "utils: a room that the lattice does not list"},
	} {
		bad := checkImports(fstest.MapFS{
			"go.mod":         {Data: []byte("module " + self + "\n")},
			c.file:           {Data: fmt.Appendf(nil, "package p\n\nimport _ %q\n", c.imports)},
			"other/go.mod":   {Data: []byte("module other\n")},
			"other/other.go": {Data: []byte("package other\n\nimport \"C\"\n")},
		})
		got := strings.Join(bad, "\n")
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s importing %s: %q, want %q", c.file, c.imports, got, c.want)
		}
	}
}

func TestParseLattice(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"a < b < c; a !< d; d < c", ""},
		{"a < b < c; a !< c", "a < c, though a !< c"},
		{"a < b; b < c; c < a", "a is below itself"},
		{"a < b; a !< x", "unknown room"},
		{"a < < b", "an empty group"},
	} {
		_, err := parseLattice(c.text)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.text, err, c.want)
		}
	}
	below, err := parseLattice("a, b < c < d # not < this\n; e < f;")
	if err != nil {
		t.Fatal(err)
	}
	if got := slices.Sorted(maps.Keys(below["d"])); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("below d: %v", got)
	}
	if len(below["a"]) != 0 || len(below["f"]) != 1 || below["this"] != nil {
		t.Errorf("lattice = %v", below)
	}
}
