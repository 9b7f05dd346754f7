package figure

import (
	"bufio"
	"errors"
	"fmt"
	"image/png"
	"io"
	"io/fs"
	"math"
	"path/filepath"
	"strings"

	"github.com/descent-go/descent/internal/durable"
)

// Point is a place in the plane.
type Point struct{ X, Y float64 }

// Style is the part of a picture that does not depend on its data. The zero
// value is a light picture of default size.
type Style struct {
	Title    string  // first line, bold; may be empty
	Subtitle string  // second line; may be empty
	Theme    Theme   // Light or Dark
	Width    int     // in units of CSS pixels, 240 to 8192; 0: the default of the kind of picture
	Height   int     // as Width
	Scale    float64 // PNG pixels per unit, in [0.5, 8]; 0: 2 (a GIF: 1)
}

// maxPixels bounds a raster to what a viewer can open and a machine can hold.
const maxPixels = 100e6

func (s Style) check() error {
	for _, d := range []struct {
		name string
		n    int
	}{{"Width", s.Width}, {"Height", s.Height}} {
		if d.n != 0 && (d.n < 240 || d.n > 8192) {
			return fmt.Errorf("figure: Style.%s = %d, want 0 or 240 to 8192", d.name, d.n)
		}
	}
	if s.Scale != 0 && !(s.Scale >= 0.5 && s.Scale <= 8) {
		return fmt.Errorf("figure: Style.Scale = %v, want 0 or [0.5, 8]", s.Scale)
	}
	if s.Theme != Light && s.Theme != Dark {
		return fmt.Errorf("figure: Style.Theme = %d, want Light or Dark", int(s.Theme))
	}
	return nil
}

// size returns the width and height, with those of the kind of picture in
// place of zeros.
func (s Style) size(w, h float64) (float64, float64) {
	if s.Width != 0 {
		w = float64(s.Width)
	}
	if s.Height != 0 {
		h = float64(s.Height)
	}
	return w, h
}

func (s Style) scale(def float64) float64 {
	if s.Scale != 0 {
		return s.Scale
	}
	return def
}

// Figure is a finished drawing.
type Figure struct {
	scene *scene
	scale float64
}

func newFigure(s *scene, scale float64) (*Figure, error) {
	if px := s.w * s.h * scale * scale; px > maxPixels {
		return nil, fmt.Errorf("figure: %v×%v at scale %v is %.0f million pixels, want at most %.0f",
			s.w, s.h, scale, px/1e6, maxPixels/1e6)
	}
	return &Figure{scene: s, scale: scale}, nil
}

// Size returns the width and height of the PNG in pixels.
func (f *Figure) Size() (width, height int) {
	b := newRasterBounds(f.scene.w, f.scene.h, f.scale)
	return b.w, b.h
}

// WritePNG writes the drawing as a PNG image.
func (f *Figure) WritePNG(w io.Writer) error {
	r := newRaster(f.scene.w, f.scene.h, f.scale, f.scene.paper)
	r.draw(f.scene.ops)
	b := bufio.NewWriter(w)
	if err := png.Encode(b, r.image()); err != nil {
		return fmt.Errorf("figure: write PNG: %w", err)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("figure: write PNG: %w", err)
	}
	return nil
}

// WriteSVG writes the drawing as an SVG document.
func (f *Figure) WriteSVG(w io.Writer) error {
	b := bufio.NewWriter(w)
	writeSVG(b, f.scene, nil)
	if err := b.Flush(); err != nil {
		return fmt.Errorf("figure: write SVG: %w", err)
	}
	return nil
}

// Save writes the drawing to a file, as PNG or SVG by the extension of its
// name. The file appears complete or not at all.
func (f *Figure) Save(path string) error {
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".png":
		return save(path, f.WritePNG)
	case ".svg":
		return save(path, f.WriteSVG)
	default:
		return extensionError(path, ".png or .svg")
	}
}

func extensionError(path, want string) error {
	if ext := filepath.Ext(path); ext != "" {
		return fmt.Errorf("figure: save %s: unknown extension %q, want %s", path, ext, want)
	}
	return fmt.Errorf("figure: save %s: no extension, want %s", path, want)
}

// save writes a file that appears complete or not at all.
func save(path string, write func(io.Writer) error) error {
	err := durable.WriteFile(durable.OS, path, write)
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err // the path is said already
	}
	return fmt.Errorf("figure: save %s: %w", path, err)
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
