package figure

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func decode(t *testing.T, a Animation) (*gif.GIF, []byte) {
	t.Helper()
	var b bytes.Buffer
	if err := a.WriteGIF(&b); err != nil {
		t.Fatal(err)
	}
	raw := b.Bytes()
	g, err := gif.DecodeAll(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return g, raw
}

func TestAnimation(t *testing.T) {
	a := Animation{
		Contour: Contour{Style: Style{Title: "Rosenbrock", Width: 500, Height: 400}, Func: rosenbrock, Domain: plane, Minima: []Point{{1, 1}}},
		Frames:  12, Delay: 80 * time.Millisecond, Hold: time.Second,
	}
	a.Paths = []Path{descend(0.001, 400), descend(0.01, 30), {Name: "none"}, {Name: "short", X: []float64{0, math.NaN()}, Y: []float64{0, 0}, Ends: true}}
	g, raw := decode(t, a)
	if len(g.Image) != 12 || g.Config.Width != 500 || g.Config.Height != 400 || g.LoopCount != 0 {
		t.Errorf("%d frames of %d×%d, loop %d", len(g.Image), g.Config.Width, g.Config.Height, g.LoopCount)
	}
	for i, d := range g.Delay {
		if want := 8; i < 11 && d != want || i == 11 && d != 100 {
			t.Errorf("delay of frame %d = %d", i, d)
		}
	}
	_, again := decode(t, a)
	if !bytes.Equal(raw, again) {
		t.Error("two renderings differ")
	}
	// Only the first frame is whole.
	for i, img := range g.Image[1:] {
		if img.Bounds().Dx()*img.Bounds().Dy() > 500*400*9/10 {
			t.Errorf("frame %d covers %v", i+1, img.Bounds())
		}
	}
	// The path's colour spreads from frame to frame.
	p := Light.palette()
	canvas := image.NewRGBA(image.Rect(0, 0, 500, 400))
	var first, last int
	for i, img := range g.Image {
		draw.Draw(canvas, img.Bounds(), img, img.Bounds().Min, draw.Over)
		n := 0
		for y := range 400 {
			for x := range 330 { // left of the legend
				if c := canvas.RGBAAt(x, y); c == (color.RGBA{p.series[0].R, p.series[0].G, p.series[0].B, 255}) {
					n++
				}
			}
		}
		if i == 0 {
			first = n
		}
		last = n
	}
	if last < first+50 {
		t.Errorf("%d pixels of the path in the first frame, %d in the last", first, last)
	}
}

func TestAnimationIsSmall(t *testing.T) {
	a := Animation{Contour: Contour{Func: rosenbrock, Domain: plane}}
	for k := range 8 {
		a.Paths = append(a.Paths, descend(0.0005*float64(k%4+1), 2000))
	}
	g, raw := decode(t, a)
	if len(g.Image) != 100 || len(raw) > 2<<20 {
		t.Errorf("%d frames, %d bytes, want 100 in at most 2 MiB", len(g.Image), len(raw))
	}
}

func TestAnimationErrors(t *testing.T) {
	ok := Animation{Contour: Contour{Style: Style{Width: 480, Height: 320}, Func: rosenbrock, Domain: plane, Paths: []Path{descend(0.001, 5)}}, Frames: 2}
	for _, c := range []struct {
		change func(*Animation)
		want   string
	}{
		{func(a *Animation) { a.Frames = 1 }, "figure: Animation.Frames = 1, want 0 or 2 to 1000"},
		{func(a *Animation) { a.Delay = time.Millisecond }, "figure: Animation.Delay = 1ms"},
		{func(a *Animation) { a.Hold = -1 }, "figure: Animation.Hold"},
		{func(a *Animation) { a.Paths = nil }, "figure: Animation.Paths is empty"},
		{func(a *Animation) { a.Func = nil }, "figure: Animation.Func is nil"},
		{func(a *Animation) { a.Width, a.Height, a.Frames = 4000, 4000, 1000 }, "want at most 2000 million in all"},
	} {
		a := ok
		c.change(&a)
		if err := a.WriteGIF(&bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
	dir := t.TempDir()
	if err := ok.Save(filepath.Join(dir, "a.png")); err == nil || !strings.Contains(err.Error(), "want .gif") {
		t.Errorf("Save as PNG: %v", err)
	}
	if err := ok.Save(filepath.Join(dir, "a.gif")); err != nil {
		t.Error(err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "a.gif")); err != nil || !bytes.HasPrefix(b, []byte("GIF89a")) {
		t.Errorf("%.6q, %v", b, err)
	}
}

func TestQuantizerKeepsPaintedColours(t *testing.T) {
	p := Light.palette()
	img := image.NewRGBA(image.Rect(0, 0, 64, 64)) // more colours than a palette holds
	for i := range 64 * 64 {
		img.SetRGBA(i%64, i/64, color.RGBA{uint8(4 * (i % 64)), uint8(4 * (i / 64)), uint8(i), 255})
	}
	q := newQuantizer(p.series, img)
	if len(q.colors) != 256 {
		t.Errorf("%d colours, want 256", len(q.colors))
	}
	for _, c := range p.series {
		want := color.RGBA{c.R, c.G, c.B, 255}
		if got := q.colors[q.lookup(want)]; got != want {
			t.Errorf("%v became %v", want, got)
		}
	}
	if q.lookup(color.RGBA{1, 2, 3, 255}) == q.transparent() {
		t.Error("a colour became transparent")
	}
}
