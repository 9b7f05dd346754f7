package figure

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// nightClass is what a themed SVG adds to an element.
var nightClass = regexp.MustCompile(` class="((?:[fs][0-9a-f]{8} ?)+)"`)

type maker interface{ Figure() (*Figure, error) }

func rosenbrock(x, y float64) float64 {
	a, b := 1-x, y-x*x
	return a*a + 100*b*b
}

var plane = Domain{-2, 2, -1, 3}

// descend is gradient descent on the Rosenbrock function.
func descend(lr float64, n int) Path {
	p := Path{Name: "sgd " + strconv.FormatFloat(lr, 'g', -1, 64), Ends: true}
	x, y := -1.2, 1.0
	for range n {
		p.X, p.Y = append(p.X, x), append(p.Y, y)
		gx, gy := -2*(1-x)-400*x*(y-x*x), 200*(y-x*x)
		x, y = x-lr*gx, y-lr*gy
	}
	return p
}

func wave(n int) []float64 {
	y := make([]float64, n)
	for i := range y {
		y[i] = math.Exp(-float64(i)/float64(n)*4) * (1.2 + math.Sin(float64(i)))
	}
	return y
}

// kinds has one picture of every kind.
func kinds(st Style) map[string]maker {
	paths := []Path{descend(0.001, 200), descend(0.002, 300), descend(0.01, 60)}
	paths[1].Every = 20
	minima := []Point{{1, 1}}
	y := wave(500)
	val := Series{X: []float64{100, 200, 300, 400}, Y: []float64{0.9, 0.5, 0.3, 0.2}}
	cosine := func(s int64) float64 { return 0.1 * (1 + math.Cos(math.Pi*float64(s)/400)) }
	sensitivity, cost, profile, convergence := comparisonKinds(st)
	return map[string]maker{
		"sensitivity": sensitivity, "tuning cost": cost, "profile": profile, "convergence": convergence,

		"contour":   Contour{Style: st, Func: rosenbrock, Domain: plane, Paths: paths, Minima: minima},
		"surface":   Surface{Style: st, Func: rosenbrock, Domain: plane, Paths: paths, Minima: minima},
		"loss":      Loss{Style: st, Runs: []Series{{Name: "a", Y: y}, {Name: "b", Y: wave(300)}}},
		"learning":  Learning{Style: st, Runs: []LearningRun{{TrainLoss: Series{Y: y}, ValLoss: val, TrainAcc: Series{Y: y}, ValAcc: val, Rate: Series{Y: y}}}},
		"schedules": Schedules{Style: st, Curves: []Curve{{Name: "cosine", Total: 400, Rate: cosine, Momentum: cosine}, {Name: "b", Total: 300, Rate: cosine}}},
	}
}

// A failer is a test, or one try of a property.
type failer interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

func svgOf(t failer, m maker) []byte {
	t.Helper()
	f, err := m.Figure()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.WriteSVG(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// document is what a test wants to know of an SVG.
type document struct {
	groups map[string]int      // groups by class
	paths  map[string][]string // path data by class of the innermost group
	titles map[string][]string // titles by class
	texts  []string
}

var numbers = regexp.MustCompile(`[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?|NaN|Inf`)

// parse reads an SVG and fails unless it is well formed and every coordinate is
// a finite number of a size that belongs to a drawing.
func parse(t failer, svg []byte) document {
	t.Helper()
	doc := document{map[string]int{}, map[string][]string{}, map[string][]string{}, nil}
	dec := xml.NewDecoder(bytes.NewReader(svg))
	var classes, elements []string
	for {
		tok, err := dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("SVG is not well formed: %v", err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			elements = append(elements, tok.Name.Local)
			for _, a := range tok.Attr {
				switch a.Name.Local {
				case "class":
					if tok.Name.Local == "g" {
						classes = append(classes, a.Value)
						doc.groups[a.Value]++
					}
				case "d":
					class := ""
					if n := len(classes); n > 0 {
						class = classes[n-1]
					}
					doc.paths[class] = append(doc.paths[class], a.Value)
					coordinates(t, a.Value)
				case "x", "y", "width", "height", "font-size", "stroke-width", "viewBox", "transform", "dy":
					coordinates(t, a.Value)
				}
			}
		case xml.EndElement:
			if tok.Name.Local == "g" {
				classes = classes[:len(classes)-1]
			}
			elements = elements[:len(elements)-1]
		case xml.CharData:
			if n := len(elements); n > 0 && strings.TrimSpace(string(tok)) != "" {
				switch elements[n-1] {
				case "title":
					class := ""
					if k := len(classes); k > 0 {
						class = classes[k-1]
					}
					doc.titles[class] = append(doc.titles[class], string(tok))
				case "text", "tspan":
					doc.texts = append(doc.texts, string(tok))
				}
			}
		}
	}
	return doc
}

func coordinates(t failer, s string) []float64 {
	t.Helper()
	var vs []float64
	for _, n := range numbers.FindAllString(s, -1) {
		v, err := strconv.ParseFloat(n, 64)
		if err != nil || !(math.Abs(v) < 2e4) {
			t.Fatalf("coordinate %q in %.80q", n, s)
		}
		vs = append(vs, v)
	}
	return vs
}

func (d document) says(s string) bool { return strings.Contains(strings.Join(d.texts, "\n"), s) }

func TestEveryKindDecodesAndRepeats(t *testing.T) {
	for _, theme := range []Theme{Light, Dark} {
		for name, m := range kinds(Style{Title: "A <title> & more", Subtitle: "second line", Theme: theme, Scale: 1}) {
			t.Run(name+"/"+theme.String(), func(t *testing.T) {
				f, err := m.Figure()
				if err != nil {
					t.Fatal(err)
				}
				var a, b bytes.Buffer
				if err := f.WritePNG(&a); err != nil {
					t.Fatal(err)
				}
				again, err := m.Figure()
				if err != nil {
					t.Fatal(err)
				}
				if err := again.WritePNG(&b); err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(a.Bytes(), b.Bytes()) {
					t.Error("two renderings as PNG differ")
				}
				img, err := png.Decode(&a)
				if err != nil {
					t.Fatal(err)
				}
				w, h := f.Size()
				if got := img.Bounds().Size(); got.X != w || got.Y != h {
					t.Errorf("PNG is %v, Size says %d×%d", got, w, h)
				}
				svg := svgOf(t, m)
				if !bytes.Equal(svg, svgOf(t, m)) {
					t.Error("two renderings as SVG differ")
				}
				doc := parse(t, svg)
				if got := doc.titles[""]; len(got) != 1 || got[0] != "A <title> & more" {
					t.Errorf("title of the SVG = %q", got)
				}
				if doc.groups["legend"] != 1 || doc.groups["legend-entry"] < 2 {
					t.Errorf("%d legends with %d entries, want 1 with 2 or more", doc.groups["legend"], doc.groups["legend-entry"])
				}
			})
		}
	}
}

func TestScaleAndSize(t *testing.T) {
	for _, c := range []struct {
		st   Style
		w, h int
	}{
		{Style{}, 1920, 1120},
		{Style{Scale: 1}, 960, 560},
		{Style{Scale: 1.5, Width: 600, Height: 400}, 900, 600},
	} {
		f, err := Loss{Style: c.st, Runs: []Series{{Y: []float64{1, 2}}}}.Figure()
		if err != nil {
			t.Fatal(err)
		}
		if w, h := f.Size(); w != c.w || h != c.h {
			t.Errorf("%+v: %d×%d, want %d×%d", c.st, w, h, c.w, c.h)
		}
	}
}

func TestSave(t *testing.T) {
	f, err := Loss{Style: Style{Scale: 1}, Runs: []Series{{Y: []float64{1, 2}}}}.Figure()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder.png"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, want string }{
		{"a.jpeg", `unknown extension ".jpeg", want .png or .svg`},
		{"a", "no extension, want .png or .svg"},
		{"missing/a.png", "folder cannot be written: no such file or directory"},
		{"file/a.svg", "not a directory"},
		{"folder.png", "is a folder, want the name of a file"},
	} {
		path := filepath.Join(dir, c.name)
		err := f.Save(path)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("Save(%s) = %v, want %q and the path", c.name, err, c.want)
		}
	}
	for _, name := range []string{"a.png", "b.SVG"} {
		if err := f.Save(filepath.Join(dir, name)); err != nil {
			t.Errorf("Save(%s) = %v", name, err)
		}
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 || info.Mode().Perm() != 0o644 {
			t.Errorf("after Save(%s): %v, %v", name, info, err)
		}
	}
	svg, err := os.ReadFile(filepath.Join(dir, "b.SVG"))
	if err != nil {
		t.Fatal(err)
	}
	parse(t, svg)

	full := errors.New("disk full")
	err = save(filepath.Join(dir, "a.png"), func(w io.Writer) error {
		if _, err := w.Write([]byte("half")); err != nil {
			return err
		}
		return full
	})
	if !errors.Is(err, full) {
		t.Errorf("save = %v, want %v", err, full)
	}
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	hidden, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(names) != 4 || len(hidden) != 0 {
		t.Errorf("folder holds %v and %v, want four files and no remains", names, hidden)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "a.png")); err != nil || !bytes.HasPrefix(b, []byte("\x89PNG")) {
		t.Errorf("the file that stood there before was harmed: %.10q, %v", b, err)
	}
}

// brokenWriter fails after n bytes.
type brokenWriter struct{ n int }

func (w *brokenWriter) Write(p []byte) (int, error) {
	if w.n -= len(p); w.n < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

func TestWriteErrorsAreReported(t *testing.T) {
	f, err := Loss{Style: Style{Scale: 1}, Runs: []Series{{Y: wave(100)}}}.Figure()
	if err != nil {
		t.Fatal(err)
	}
	if err := f.WriteSVG(&brokenWriter{100}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("WriteSVG = %v", err)
	}
	if err := f.WritePNG(&brokenWriter{100}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("WritePNG = %v", err)
	}
}

func TestErrorsNameTheField(t *testing.T) {
	f := func(x, y float64) float64 { return x + y }
	one := []Series{{Y: []float64{1}}}
	rate := func(int64) float64 { return 1 }
	for _, c := range []struct {
		m    maker
		want string
	}{
		{Contour{Domain: plane}, "figure: Contour.Func is nil"},
		{Contour{Func: f}, "figure: Contour.Domain = {0 0 0 0}, want XMin < XMax"},
		{Contour{Func: f, Domain: Domain{0, math.Inf(1), 0, 1}}, "figure: Contour.Domain"},
		{Contour{Func: f, Domain: plane, Levels: 1}, "figure: Contour.Levels = 1, want 0 or 2 to 200"},
		{Contour{Func: f, Domain: plane, Paths: []Path{{Name: "adam", X: []float64{1}}}}, `figure: Contour.Paths[0] ("adam") has 1 values of X and 0 of Y`},
		{Contour{Func: f, Domain: plane, Paths: []Path{{X: []float64{1}, Y: []float64{1}, Step: []int64{1, 2}}}}, "2 values of Step"},
		{Contour{Func: f, Domain: plane, Paths: []Path{{Every: -1}}}, "Every = -1, want 0 or more"},
		{Contour{Func: func(x, y float64) float64 { return math.NaN() }, Domain: plane}, "figure: the function is not finite anywhere on"},
		{Contour{Func: f, Domain: plane, Style: Style{Width: 10}}, "figure: Style.Width = 10, want 0 or 240 to 8192"},
		{Contour{Func: f, Domain: plane, Style: Style{Scale: math.NaN()}}, "figure: Style.Scale = NaN"},
		{Contour{Func: f, Domain: plane, Style: Style{Theme: 7}}, "figure: Style.Theme = 7"},
		{Contour{Func: f, Domain: plane, Style: Style{Width: 8000, Height: 8000, Scale: 8}}, "million pixels, want at most 100"},
		{Surface{Domain: plane}, "figure: Surface.Func is nil"},
		{Surface{Func: f, Domain: plane, Elevation: 90}, "figure: Surface.Elevation = 90, want [5, 85]"},
		{Surface{Func: f, Domain: plane, Azimuth: math.NaN(), Elevation: 30}, "figure: Surface.Azimuth = NaN"},
		{Loss{}, "figure: Loss.Runs is empty"},
		{Loss{Runs: one, Y: 9}, "figure: Loss.Y = 9"},
		{Loss{Runs: []Series{{Name: "a", X: []float64{1, 2}, Y: []float64{1}}}}, `figure: Loss.Runs[0] ("a") has 2 values of X and 1 of Y`},
		{Loss{Runs: []Series{{X: []float64{2, 1}, Y: []float64{1, 1}}}}, ".X[1] = 1 follows 2, want ascending order"},
		{Loss{Runs: []Series{{X: []float64{math.NaN()}, Y: []float64{1}}}}, ".X[0] = NaN, want a finite number"},
		{Loss{Runs: one, Style: Style{Width: 240, Height: 240, Title: "a", Subtitle: "b"}}, ""},
		{Learning{}, "figure: Learning has no data"},
		{Learning{Runs: []LearningRun{{TrainLoss: one[0]}}, Smoothing: 1}, "figure: Learning.Smoothing = 1, want [0, 1)"},
		{Learning{Runs: []LearningRun{{ValLoss: Series{X: []float64{1}}}}}, "figure: Learning.Runs[0].ValLoss has 1 values of X and 0 of Y"},
		{Schedules{}, "figure: Schedules.Curves is empty"},
		{Schedules{Curves: []Curve{{Name: "a", Total: 10}}}, `figure: Schedules.Curves[0] ("a").Rate is nil`},
		{Schedules{Curves: []Curve{{Name: "a", Rate: rate}}}, `figure: Schedules.Curves[0] ("a").Total = 0, want 1 to`},
	} {
		_, err := c.m.Figure()
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%T: %v, want no error", c.m, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%T: error %v, want %q", c.m, err, c.want)
		}
	}
}

func TestParseTheme(t *testing.T) {
	for _, want := range []Theme{Light, Dark} {
		if got, err := ParseTheme(want.String()); err != nil || got != want {
			t.Errorf("ParseTheme(%q) = %v, %v", want, got, err)
		}
	}
	if _, err := ParseTheme("blue"); err == nil || err.Error() != `figure: theme "blue", want light or dark` {
		t.Errorf("ParseTheme(blue): %v", err)
	}
}
