package data

import (
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Options say what Open reads beside its specification.
type Options struct {
	Test    string       // a file of the same columns to test on; tables only
	Holdout float64      // without a test set: the share of the examples set apart as one, in [0, 1)
	Seed    uint64       // of generated sets, and of what is set apart from a table
	Table   TableOptions // how tables are read
	Stdin   io.Reader    // what "-" reads; nil: standard input
}

// Sets are what Open found.
type Sets struct {
	Train  *Set
	Test   *Set    // nil if there is none
	Schema *Schema // how rows of a table were encoded; nil for other sources
}

// A Form is one way to say what Open should read.
type Form struct{ Spec, Doc string }

// Forms returns the specifications that Open understands.
func Forms() []Form {
	return []Form{
		{"digits[:n=10000,seed=S]", "generated digits, 28×28, ten classes"},
		{"spirals[:n=1000,turns=1.5,noise=0.02,seed=S]", "two spirals in the plane"},
		{"mnist:DIR", "MNIST's IDX files in a folder, plain or gzip"},
		{"idx:IMAGES,LABELS", "one pair of IDX files"},
		{"FILE", "a table of values separated by comma, tab, ; or |, plain or gzip"},
		{"-", "a table on standard input"},
	}
}

// Open reads or generates the sets that spec says, one of Forms.
//
// The test set is MNIST's own or that of Options.Test. Otherwise a share of
// Options.Holdout is set apart: of a table at random, in the proportions of its
// classes, and of other sources the last examples.
func Open(spec string, opt Options) (*Sets, error) {
	if !(opt.Holdout >= 0 && opt.Holdout < 1) {
		return nil, fmt.Errorf("data: Options.Holdout = %v, want [0, 1)", opt.Holdout)
	}
	kind, args, _ := strings.Cut(spec, ":")
	var s *Set
	var err error
	switch kind {
	case "digits":
		s, err = openDigits(spec, args, opt.Seed)
	case "spirals":
		s, err = openSpirals(spec, args, opt.Seed)
	case "mnist":
		return openMNIST(args, opt)
	case "idx":
		images, labels, ok := strings.Cut(args, ",")
		if !ok {
			return nil, fmt.Errorf("data: %q: want idx:IMAGES,LABELS", spec)
		}
		s, err = LoadIDX(images, labels, 0)
	default:
		return openTable(spec, opt)
	}
	if err != nil {
		return nil, err
	}
	return setApart(s, opt)
}

func openMNIST(dir string, opt Options) (*Sets, error) {
	if dir == "" {
		return nil, fmt.Errorf("data: mnist: no folder, want mnist:DIR")
	}
	train, test, err := LoadMNIST(dir)
	if err != nil {
		return nil, err
	}
	if test == nil || opt.Test != "" {
		return setApart(train, opt)
	}
	return &Sets{Train: train, Test: test}, nil
}

func openTable(path string, opt Options) (*Sets, error) {
	t, err := readFrom(path, opt)
	if err != nil {
		return nil, err
	}
	schema, err := FitSchema(t, opt.Table)
	if err != nil {
		return nil, err
	}
	sets := &Sets{Schema: schema}
	if sets.Train, err = schema.Encode(t); err != nil {
		return nil, err
	}
	switch {
	case opt.Test != "":
		sets.Test, err = schema.Load(opt.Test)
	case opt.Holdout > 0:
		var parts []*Set
		parts, err = Split(sets.Train, opt.Seed, schema.Task == Classification, 1-opt.Holdout, opt.Holdout)
		if err == nil {
			sets.Train, sets.Test = parts[0], parts[1]
		}
	}
	if err != nil {
		return nil, err
	}
	return sets, nil
}

// readFrom reads a table from a file or standard input.
func readFrom(path string, opt Options) (*Table, error) {
	if path == "-" {
		in := opt.Stdin
		if in == nil {
			in = os.Stdin
		}
		return ReadTable(in, "standard input", opt.Table)
	}
	info, err := os.Stat(path)
	switch {
	case err != nil && filepath.Ext(path) == "":
		return nil, fmt.Errorf("data: %q is neither a file nor digits, spirals, mnist:DIR or idx:IMAGES,LABELS", path)
	case err != nil:
		return nil, fmt.Errorf("data: %w", err)
	case info.IsDir():
		return nil, fmt.Errorf("data: %s is a folder; for MNIST's files in it write mnist:%s", path, path)
	}
	return LoadTable(path, opt.Table)
}

// setApart makes a test set of the last examples.
func setApart(s *Set, opt Options) (*Sets, error) {
	if opt.Test != "" {
		return nil, fmt.Errorf("data: a test file (%s) goes with a table, not with %s", opt.Test, s.Name)
	}
	if opt.Holdout == 0 {
		return &Sets{Train: s}, nil
	}
	n := s.Len()
	k := int(math.Round(opt.Holdout * float64(n)))
	if k == 0 || k == n {
		return nil, fmt.Errorf("data: %v of the %d examples of %s leaves %d to test and %d to train, want some of each", opt.Holdout, n, s.Name, k, n-k)
	}
	return &Sets{Train: s.Head(n - k), Test: s.Tail(k)}, nil
}

// Generated says what is wrong with the specification of a set that Open would
// generate, and how many bytes its examples take. Of other specifications it knows
// nothing: 0 bytes.
func Generated(spec string) (bytes int64, err error) {
	kind, args, _ := strings.Cut(spec, ":")
	var n, dim int
	switch kind {
	case "digits":
		dim = digitSide * digitSide
		if n, _, err = digitSettings(spec, args, 0); err == nil {
			err = checkDigits(n)
		}
	case "spirals":
		var turns, noise float64
		dim = 2
		if n, turns, noise, _, err = spiralSettings(spec, args, 0); err == nil {
			err = checkSpirals(n, turns, noise)
		}
	}
	if err != nil {
		return 0, err
	}
	return int64(n) * int64(dim+1) * 4, nil // features and the label
}

func openDigits(spec, args string, seed uint64) (*Set, error) {
	n, seed, err := digitSettings(spec, args, seed)
	if err != nil {
		return nil, err
	}
	return Digits(n, seed)
}

func digitSettings(spec, args string, usual uint64) (n int, seed uint64, err error) {
	n, seed = 10000, usual
	err = settings(spec, args, map[string]any{"n": &n, "seed": &seed})
	return n, seed, err
}

func openSpirals(spec, args string, seed uint64) (*Set, error) {
	n, turns, noise, seed, err := spiralSettings(spec, args, seed)
	if err != nil {
		return nil, err
	}
	return Spirals(n, turns, noise, seed)
}

func spiralSettings(spec, args string, usual uint64) (n int, turns, noise float64, seed uint64, err error) {
	n, turns, noise, seed = 1000, 1.5, 0.02, usual
	err = settings(spec, args, map[string]any{"n": &n, "turns": &turns, "noise": &noise, "seed": &seed})
	return n, turns, noise, seed, err
}

// settings reads key=value pairs into the variables of their keys.
func settings(spec, args string, vars map[string]any) error {
	if args == "" {
		return nil
	}
	for _, arg := range strings.Split(args, ",") {
		key, value, _ := strings.Cut(arg, "=")
		var err error
		switch v := vars[key].(type) {
		case *int:
			*v, err = strconv.Atoi(value)
		case *uint64:
			*v, err = strconv.ParseUint(value, 10, 64)
		case *float64:
			*v, err = strconv.ParseFloat(value, 64)
		default:
			return fmt.Errorf("data: %q: no setting %q, want %s", spec, key, list(slices.Sorted(maps.Keys(vars))))
		}
		if err != nil {
			return fmt.Errorf("data: %q: %s = %q is not a number that it can be", spec, key, value)
		}
	}
	return nil
}
