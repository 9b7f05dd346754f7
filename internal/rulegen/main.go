// Command rulegen turns the update rules of package optim, each written once
// as a scalar Go function, into everything else that is made of them: the
// loops over float32 and float64, the registry entry and the formula.
//
// A rule is a struct of hyper-parameters with a doc comment and directives,
//
//	//descent:rate 0.001
//	//descent:forms adam
//	type Adam struct { Beta1 float64 `def:"0.9" in:"[0,1)" sym:"\\beta_1" doc:"…"` … }
//
// a method that computes the scalars of one update in float64,
//
//	func (r Adam) step(t int64, lr float64, m *memo) adamStep[float64]
//
// and one scalar function per form:
//
//	//descent:rule
//	func adam[F Float](k *adamStep[F], p, g, m, v F) (_, _, _ F)
//
// A function marked //descent:probe FORM moves the parameter to the point
// where the form wants its gradient; one marked //descent:view FORM computes
// the point to look at when that is not the one stored.
//
// With -maps it does the same for plain functions of numbers, such as
// activations, marked //descent:map.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
)

func main() {
	dir := flag.String("dir", "../../optim", "the package that holds the rules")
	maps := flag.String("maps", "", "instead, a package that holds maps: functions that loops apply to numbers")
	flag.Parse()
	err := error(nil)
	if *maps != "" {
		err = runMaps(*maps)
	} else {
		err = run(*dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "rulegen:", err)
		os.Exit(1)
	}
}

// run regenerates all files below dir, and removes generated ones whose rule is gone.
func run(dir string) error {
	files, err := generate(dir)
	if err != nil {
		return err
	}
	return replace(dir, files, []string{"", filepath.Join("internal", "kernel")})
}

// generate returns the generated files by their path relative to dir.
func generate(dir string) (map[string][]byte, error) {
	pkg, err := parse(dir)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, file := range pkg.functionFiles() {
		src, err := emitLoops(pkg, file)
		if err != nil {
			return nil, err
		}
		files["internal/kernel/gen_"+file+".go"] = src
		asm, wrappers, err := emitAssembly(pkg, file)
		if err != nil {
			return nil, err
		}
		files["internal/kernel/gen_"+file+"_amd64.s"] = asm
		files["internal/kernel/gen_"+file+"_amd64.go"] = wrappers
	}
	if files["internal/kernel/gen_kernel.go"], err = emitKernelTypes(pkg); err != nil {
		return nil, err
	}
	if files["internal/kernel/gen_loops_amd64.go"], err = emitLoopTables(pkg, true); err != nil {
		return nil, err
	}
	if files["internal/kernel/gen_loops_other.go"], err = emitLoopTables(pkg, false); err != nil {
		return nil, err
	}
	for name, emit := range map[string]func() (goSrc, asm, wrappers, other []byte, err error){"reduce": emitReductions, "stream": emitStreams} {
		goSrc, asm, wrappers, other, err := emit()
		if err != nil {
			return nil, err
		}
		files["internal/kernel/gen_"+name+".go"] = goSrc
		files["internal/kernel/gen_"+name+"_amd64.s"] = asm
		files["internal/kernel/gen_"+name+"_amd64.go"] = wrappers
		files["internal/kernel/gen_"+name+"_other.go"] = other
	}
	for _, r := range pkg.rules {
		if files["gen_"+r.file+".go"], err = emitRule(pkg, r); err != nil {
			return nil, err
		}
	}
	if files["gen_rules.go"], err = emitRegistry(pkg); err != nil {
		return nil, err
	}
	if files["gen_definitions_test.go"], err = emitDefinitions(pkg); err != nil {
		return nil, err
	}
	return files, nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
