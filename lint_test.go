package descent_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// exact lists the rooms, with all that is in them, whose numbers are the same
// bits on every architecture and in every run.
var exact = []string{
	"internal/rng", "internal/safetensors", "schedule", "optim", "problem", "data", "nn", "train", "lab", "shard",
}

// banned lists what these rooms may not use outside of tests, and why. The
// functions of package math that are not listed are exact or rounded once.
var banned = []struct{ things, why string }{
	{"math/rand math/rand/v2", "use internal/rng"},
	{"*.NormFloat64 *.ExpFloat64", "the tail differs between architectures: use internal/rng"},
	{"time.Now time.Since time.Until", "results do not depend on the clock"},
	{`math/cmplx
	math.Acos math.Acosh math.Asin math.Asinh math.Atan math.Atan2 math.Atanh math.Cbrt math.Cos math.Cosh
	math.Erf math.Erfc math.Erfcinv math.Erfinv math.Exp math.Exp2 math.Expm1 math.Gamma math.Hypot
	math.J0 math.J1 math.Jn math.Lgamma math.Log math.Log10 math.Log1p math.Log2 math.Pow
	math.Sin math.Sincos math.Sinh math.Tan math.Tanh math.Y0 math.Y1 math.Yn`,
		"differs between architectures: use internal/portable"},
}

// allowed lists the exceptions, "room uses thing", with their reasons. One that
// is no longer needed fails the test.
var allowed = map[string]string{
	"internal/rng uses math/rand/v2": "the home of the generators",
}

// longest is the number of lines that a file written by hand may have.
const longest = 450

var (
	header = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)
	vague  = regexp.MustCompile(`^(utils?|common|helpers?|misc)(_|\.|$)`)
)

func TestSource(t *testing.T) {
	bad, used := checkSource(os.DirFS("."))
	for _, v := range bad {
		t.Error(v)
	}
	for exception := range allowed {
		if !used[exception] {
			t.Errorf("allowed: %q is not needed any more", exception)
		}
	}
}

// page lists the rooms of the front end that are written by hand, and its
// languages.
var (
	page      = []string{"web/ui/src", "web/ui/e2e"}
	languages = []string{".ts", ".css"}
)

func TestPage(t *testing.T) {
	for _, v := range checkPage(os.DirFS(".")) {
		t.Error(v)
	}
}

// checkPage returns the files of the page that are too long. A room that is not
// there is one of the violations: its files would not be seen any more.
func checkPage(tree fs.FS) (bad []string) {
	for _, room := range page {
		err := fs.WalkDir(tree, room, func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !slices.Contains(languages, path.Ext(file)) {
				return err
			}
			src, err := fs.ReadFile(tree, file)
			if n := bytes.Count(src, []byte("\n")); n > longest {
				bad = append(bad, fmt.Sprintf("%s: %d lines, want at most %d", file, n, longest))
			}
			return err
		})
		if err != nil {
			bad = append(bad, err.Error())
		}
	}
	return bad
}

// It finds what is planted, and nothing else.
func TestPagePlanted(t *testing.T) {
	most := strings.Repeat("\n", longest)
	for _, c := range []struct{ file, src, want string }{
		{"web/ui/src/views/runs/index.ts", most, ""},
		{"web/ui/src/views/runs/index.ts", most + "\n", "web/ui/src/views/runs/index.ts: 451 lines, want at most 450"},
		{"web/ui/src/style.css", most + "\n", "web/ui/src/style.css: 451 lines"},
		{"web/ui/e2e/runs.spec.ts", most + "\n", "web/ui/e2e/runs.spec.ts: 451 lines"},
		{"web/ui/e2e/shots/runs.png", most + "\n", ""},
		{"web/ui/dist/assets/index.css", most + "\n", ""},
		{"web/ui/node_modules/vite/client.d.ts", most + "\n", ""},
	} {
		tree := fstest.MapFS{"web/ui/src/main.ts": {}, "web/ui/e2e/harness.ts": {}, c.file: {Data: []byte(c.src)}}
		got := strings.Join(checkPage(tree), "\n")
		if (got == "") != (c.want == "") || !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %q, want %q", c.file, got, c.want)
		}
	}
	if got := checkPage(fstest.MapFS{"web/ui/src/main.ts": {}}); len(got) != 1 || !strings.Contains(got[0], "web/ui/e2e") {
		t.Errorf("without web/ui/e2e: %q, want a violation that names it", got)
	}
}

// checkSource returns the violations of the rules above in a tree, and which
// exceptions it used.
func checkSource(tree fs.FS) (bad []string, used map[string]bool) {
	used = map[string]bool{}
	why := map[string]string{}
	for _, b := range banned {
		for thing := range strings.FieldsSeq(b.things) {
			why[thing] = b.why
		}
	}
	err := walkGo(tree, true, func(file string, src []byte) {
		report := func(format string, args ...any) {
			bad = append(bad, file+": "+fmt.Sprintf(format, args...))
		}
		named := strings.HasPrefix(path.Base(file), "gen_")
		generated := header.Match(src)
		var parsed *ast.File
		if path.Ext(file) == ".go" {
			var err error
			parsed, err = parser.ParseFile(token.NewFileSet(), file, src, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				report("%v", err)
				return
			}
			generated = ast.IsGenerated(parsed)
		}
		switch {
		case named && !generated:
			report("called gen_ but has no line \"// Code generated … DO NOT EDIT.\"")
		case generated && !named:
			report("generated, but its name does not start with gen_")
		}
		if n := bytes.Count(src, []byte("\n")); n > longest && !generated {
			report("%d lines, want at most %d", n, longest)
		}
		for part := range strings.SplitSeq(file, "/") {
			if vague.MatchString(part) {
				report("%q says nothing of what is in it", part)
			}
		}
		if parsed == nil {
			return
		}
		test := strings.HasSuffix(file, "_test.go")
		for thing := range uses(parsed) {
			room := path.Dir(file)
			exception := room + " uses " + thing
			switch {
			case test && (thing == "*.Skip" || thing == "*.Skipf" || thing == "*.SkipNow" || thing == "testing.Short"):
				report("uses %s: a test that is not run has not passed", thing)
			case test && thing != "math/rand":
			case thing == "math/rand" || why[thing] != "" && isExact(room):
				if _, ok := allowed[exception]; ok {
					used[exception] = true
				} else {
					report("uses %s: %s", thing, why[thing])
				}
			}
		}
	})
	if err != nil {
		bad = append(bad, err.Error())
	}
	slices.Sort(bad)
	return bad, used
}

func isExact(room string) bool {
	return slices.ContainsFunc(exact, func(e string) bool { return room == e || strings.HasPrefix(room, e+"/") })
}

// uses returns what a file imports ("math/rand"), what it selects from imported
// packages ("math.Exp") and what it selects from anything ("*.Exp").
func uses(file *ast.File) map[string]bool {
	found := map[string]bool{}
	local := map[string]string{}
	for _, spec := range file.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value) // the parser has checked it
		found[imported] = true
		name := path.Base(imported)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		local[name] = imported
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			found["*."+n.Sel.Name] = true
			if x, ok := n.X.(*ast.Ident); ok && local[x.Name] != "" {
				found[local[x.Name]+"."+n.Sel.Name] = true
			}
		case *ast.Ident:
			if dot := local["."]; dot != "" {
				found[dot+"."+n.Name] = true
			}
		}
		return true
	})
	return found
}

// Every rule finds what is planted, and nothing else.
func TestSourcePlanted(t *testing.T) {
	const gen = "// Code generated by rulegen. DO NOT EDIT.\n\n"
	long := strings.Repeat("\n", longest)
	for _, c := range []struct{ file, src, want string }{
		{"optim/gen_adam.go", gen + "package optim" + long, ""},
		{"optim/adam.go", "package optim" + long[1:], ""},
		{"optim/adam.go", "package optim\nconst x = `\n// Code generated by rulegen. DO NOT EDIT.\n`\n", ""},
		{"optim/adam.go", "package optim\nimport \"math\"\nvar x = math.Sqrt(math.Pi)\n", ""},
		{"optim/adam_test.go", "package optim\nimport \"math\"\nvar x = math.Exp(1)\n", ""},
		{"figure/curve.go", "package figure\nimport (\"math\"; \"time\")\nvar x, y = math.Exp(1), time.Now()\n", ""},
		{"internal/rng/rng.go", "package rng\nimport \"math/rand/v2\"\nvar x = rand.NewPCG(1, 2)\n", ""},
		{"optim/gen_adam.go", "package optim\n", `called gen_ but has no line`},
		{"optim/adam.go", gen + "package optim\n", "optim/adam.go: generated, but its name does not start with gen_"},
		{"optim/internal/kernel/gen_adam_amd64.s", "TEXT ·adam(SB), $0\n", "called gen_ but has no line"},
		{"optim/internal/kernel/adam_amd64.s", gen, "generated, but its name"},
		{"optim/adam.go", "package optim" + long + "\n", "optim/adam.go: 451 lines, want at most 450"},
		{"internal/rulegen/ir.go", "package main" + long + "\n", "451 lines"},
		{"nn/utils.go", "package nn\n", `"utils.go" says nothing`},
		{"nn/helpers/x.go", "package helpers\n", `"helpers" says nothing`},
		{"optim/adam.go", "package optim\nimport \"math\"\nvar x = math.Exp(1)\n", "uses math.Exp: differs between architectures: use internal/portable"},
		{"nn/internal/gemm/x.go", "package gemm\nimport m \"math\"\nvar x = m.Tanh\n", "uses math.Tanh"},
		{"schedule/cos.go", "package schedule\nimport . \"math\"\nvar x = Cos(1)\n", "uses math.Cos"},
		{"data/x.go", "package data\nfunc f(r interface{ NormFloat64() float64 }) float64 { return r.NormFloat64() }\n", "uses *.NormFloat64"},
		{"data/x.go", "package data\nimport \"math/rand/v2\"\nvar x = rand.IntN(3)\n", "uses math/rand/v2: use internal/rng"},
		{"figure/x.go", "package figure\nimport \"math/rand\"\nvar x = rand.Intn(3)\n", "uses math/rand: use internal/rng"},
		{"data/x_test.go", "package data\nimport \"math/rand\"\nvar x = rand.Intn(3)\n", "uses math/rand"},
		{"optim/x.go", "package optim\nimport \"time\"\nvar x = time.Now()\n", "uses time.Now: results do not depend on the clock"},
		{"optim/x_test.go", "package optim\nimport \"testing\"\nfunc TestX(x *testing.T) { x.Skip() }\n", "uses *.Skip"},
		{"optim/x_test.go", "package optim\nimport \"testing\"\nvar x = testing.Short\n", "uses testing.Short"},
		{"optim/x.go", "package", "expected"},
	} {
		bad, _ := checkSource(fstest.MapFS{
			c.file:                  {Data: []byte(c.src)},
			"optim/testdata/gen.go": {Data: []byte(gen + "package broken, on purpose")},
		})
		got := strings.Join(bad, "\n")
		if len(bad) > 1 || (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s with %.60q: %q, want %q", c.file, c.src, got, c.want)
		}
	}
}
