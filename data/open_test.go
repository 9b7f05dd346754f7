package data

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/descent-go/descent/internal/realdata"
)

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	rows := "1,a\n2,b\n3,a\n4,b\n5,a\n6,b\n7,a\n8,b\n9,a\n10,b\n"
	table := write(t, dir, "a.csv", []byte(rows))
	other := write(t, dir, "b.csv", []byte("11,b\n12,a\n"))
	images := write(t, dir, "t10k-images-idx3-ubyte", idx(make([]byte, 20), 5, 2, 2))
	labels := write(t, dir, "t10k-labels-idx1-ubyte", idx([]byte{0, 1, 2, 3, 4}, 5))
	both := t.TempDir()
	for _, part := range []string{"train", "t10k"} {
		write(t, both, part+"-images-idx3-ubyte", idx(make([]byte, 20), 5, 2, 2))
		write(t, both, part+"-labels-idx1-ubyte", idx([]byte{0, 1, 2, 3, 4}, 5))
	}
	for _, c := range []struct {
		name, spec  string
		opt         Options
		train, test int
	}{
		{"digits", "digits:n=50,seed=3", Options{Holdout: 0.2}, 40, 10},
		{"all digits", "digits:n=50", Options{}, 50, 0},
		{"spirals", "spirals:n=30,turns=2,noise=0", Options{Holdout: 0.1}, 27, 3},
		{"default spirals", "spirals", Options{Holdout: 0.2}, 800, 200},
		{"mnist alone", "mnist:" + dir, Options{Holdout: 0.4}, 3, 2},
		{"mnist", "mnist:" + both, Options{Holdout: 0.4}, 5, 5},
		{"idx", "idx:" + images + "," + labels, Options{}, 5, 0},
		{"table", table, Options{}, 10, 0},
		{"table apart", table, Options{Holdout: 0.2}, 8, 2},
		{"table and test file", table, Options{Holdout: 0.2, Test: other}, 10, 2},
		{"standard input", "-", Options{Stdin: strings.NewReader(rows), Holdout: 0.2}, 8, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			sets, err := Open(c.spec, c.opt)
			if err != nil {
				t.Fatal(err)
			}
			if err := sets.Train.Validate(); err != nil {
				t.Fatal(err)
			}
			test := 0
			if sets.Test != nil {
				test = sets.Test.Len()
				if err := sets.Test.Validate(); err != nil {
					t.Fatal(err)
				}
			}
			if sets.Train.Len() != c.train || test != c.test {
				t.Errorf("%d to train and %d to test, want %d and %d", sets.Train.Len(), test, c.train, c.test)
			}
			if isTable := c.spec == "-" || c.spec == table; isTable != (sets.Schema != nil) {
				t.Errorf("schema %v", sets.Schema)
			}
			if sets.Schema != nil && c.opt.Test == "" && test > 0 {
				if n := sets.Test.ClassCounts(); n[0] != 1 || n[1] != 1 {
					t.Errorf("the test part has classes %v, want one of each", n)
				}
			}
		})
	}
	a, err := Open("digits:n=20", Options{Seed: 9})
	if err != nil {
		t.Fatal(err)
	}
	if sum(a.Train) != sum(digits(t, 20, 9)) {
		t.Error("digits are not made from Options.Seed")
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	table := write(t, dir, "a.csv", []byte("1,a\n2,b\n"))
	for _, c := range []struct {
		name, spec string
		opt        Options
		want       []string
	}{
		{"unknown", "digit", Options{}, []string{`"digit" is neither a file nor digits`}},
		{"no file", filepath.Join(dir, "none.csv"), Options{}, []string{"none.csv", "no such file"}},
		{"folder", dir, Options{}, []string{"is a folder", "mnist:" + dir}},
		{"no MNIST", "mnist:" + dir, Options{}, []string{dir, "no train-images-idx3-ubyte[.gz]"}},
		{"no folder", "mnist:", Options{}, []string{"want mnist:DIR"}},
		{"one IDX file", "idx:a", Options{}, []string{"want idx:IMAGES,LABELS"}},
		{"unknown setting", "digits:m=3", Options{}, []string{`no setting "m", want n, seed`}},
		{"bad setting", "digits:n=ten", Options{}, []string{`n = "ten"`}},
		{"no value", "spirals:noise", Options{}, []string{`noise = ""`}},
		{"no digits", "digits:n=0", Options{}, []string{"n = 0"}},
		{"terabytes of digits", "digits:n=1000000000000", Options{}, []string{"n = 1000000000000"}},
		{"holdout", "digits", Options{Holdout: 1}, []string{"Holdout = 1, want [0, 1)"}},
		{"holdout NaN", "digits", Options{Holdout: math.NaN()}, []string{"Holdout = NaN"}},
		{"nothing held out", "digits:n=3", Options{Holdout: 0.1}, []string{"leaves 0 to test"}},
		{"test file of digits", "digits:n=10", Options{Test: table}, []string{"a test file", "goes with a table"}},
		{"no test file", table, Options{Test: filepath.Join(dir, "none.tes")}, []string{"none.tes"}},
		{"empty input", "-", Options{Stdin: strings.NewReader("")}, []string{"standard input is empty"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Open(c.spec, c.opt)
			wantError(t, err, c.want...)
		})
	}
}

func TestMNIST(t *testing.T) {
	dir := realdata.Path(t, "mnist10k")
	for name, want := range map[string]string{
		"t10k-images-idx3-ubyte.gz": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
		"t10k-labels-idx1-ubyte.gz": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
	} {
		x, err := loadIDX(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		dims := make([]uint32, len(x.Dims))
		for i, d := range x.Dims {
			dims[i] = uint32(d)
		}
		h := sha256.Sum256(idx(x.Data, dims...))
		if got := hex.EncodeToString(h[:]); got != want {
			t.Errorf("%s has sum %s, want %s", name, got, want)
		}
	}
	sets, err := Open("mnist:"+dir, Options{Holdout: 0.2})
	if err != nil {
		t.Fatal(err)
	}
	train, test := sets.Train, sets.Test
	if train.Len() != 8000 || test.Len() != 2000 || train.Dim != 784 {
		t.Fatalf("%d to train, %d to test, of %d pixels", train.Len(), test.Len(), train.Dim)
	}
	if err := train.Validate(); err != nil {
		t.Error(err)
	}
	if got := train.Label[:8]; got[0] != 7 || got[1] != 2 || got[2] != 1 || got[7] != 9 {
		t.Errorf("the first labels are %v, want 7 2 1 0 4 1 4 9", got)
	}
}

func TestOptdigits(t *testing.T) {
	sets, err := Open(realdata.Path(t, "optdigits", "optdigits.tra"), Options{Test: realdata.Path(t, "optdigits", "optdigits.tes")})
	if err != nil {
		t.Fatal(err)
	}
	if sets.Train.Len() != 3823 || sets.Test.Len() != 1797 || sets.Train.Dim != 64 || sets.Test.Dim != 64 {
		t.Fatalf("%d and %d examples of %d and %d features", sets.Train.Len(), sets.Test.Len(), sets.Train.Dim, sets.Test.Dim)
	}
	for _, s := range []*Set{sets.Train, sets.Test} {
		if err := s.Validate(); err != nil {
			t.Error(err)
		}
		if len(s.Classes) != 10 || s.Classes[9] != "9" {
			t.Errorf("%s has classes %q", s.Name, s.Classes)
		}
	}
	// The counts of the data set's own description.
	want := []int{376, 389, 380, 389, 387, 376, 377, 387, 380, 382}
	for c, n := range sets.Train.ClassCounts() {
		if n != want[c] {
			t.Errorf("%d training digits of class %d, want %d", n, c, want[c])
		}
	}
	// Columns 1 and 40 are blank in every training image: no scale comes of it.
	sc, err := FitScaler(sets.Train, Standard)
	if err != nil {
		t.Fatal(err)
	}
	scaled, err := sc.Apply(sets.Test)
	if err != nil {
		t.Fatal(err)
	}
	if err := scaled.Validate(); err != nil {
		t.Error(err)
	}
}

// What is generated is known, and refused, before it is.
func TestGenerated(t *testing.T) {
	for spec, want := range map[string]int64{
		"digits": 10000 * 785 * 4, "digits:n=10,seed=3": 10 * 785 * 4, "spirals": 1000 * 3 * 4, "spirals:n=4,turns=2": 4 * 3 * 4, "mnist:x": 0, "x.csv": 0, "-": 0,
	} {
		if got, err := Generated(spec); err != nil || got != want {
			t.Errorf("%s: %d bytes, %v; want %d", spec, got, err, want)
		}
	}
	for _, spec := range []string{"digits:n=0", "digits:n=9223372036854775807", "digits:m=3", "spirals:n=-1", "spirals:turns=1e308", "spirals:noise=NaN", "spirals:n=1e9"} {
		_, err := Generated(spec)
		_, opened := Open(spec, Options{})
		if err == nil || opened == nil || err.Error() != opened.Error() {
			t.Errorf("%s: %v, and opened %v", spec, err, opened)
		}
	}
}
