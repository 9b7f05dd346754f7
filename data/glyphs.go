package data

import (
	"fmt"
	"math"

	"codeberg.org/go-fonts/liberation/liberationsansitalic"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"codeberg.org/go-fonts/liberation/liberationserifitalic"
	"codeberg.org/go-fonts/liberation/liberationserifregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

type point struct{ x, y float64 }

// A glyph is the outline of a character as closed polygons. Its box is
// centred on the origin, y points down, and it spans -1 to 1 vertically.
type glyph [][]point

// digitFonts are the typefaces that generated digits are drawn from.
func digitFonts() [][]byte {
	return [][]byte{
		goregular.TTF, gomedium.TTF, goitalic.TTF, gomono.TTF,
		liberationsansregular.TTF, liberationsansitalic.TTF,
		liberationserifregular.TTF, liberationserifitalic.TTF,
	}
}

// digitGlyphs returns the outlines of the digit d in every font as [d][font].
func digitGlyphs() ([10][]glyph, error) {
	var all [10][]glyph
	var buf sfnt.Buffer
	for _, ttf := range digitFonts() {
		f, err := sfnt.Parse(ttf)
		if err != nil {
			return all, fmt.Errorf("data: embedded font: %w", err)
		}
		for d := range all {
			g, err := loadGlyph(f, &buf, rune('0'+d))
			if err != nil {
				return all, fmt.Errorf("data: digit %d of an embedded font: %w", d, err)
			}
			all[d] = append(all[d], g)
		}
	}
	return all, nil
}

// loadGlyph flattens an outline. It asks for it at one pixel per font unit,
// where the fixed-point coordinates are exact.
func loadGlyph(f *sfnt.Font, buf *sfnt.Buffer, r rune) (glyph, error) {
	index, err := f.GlyphIndex(buf, r)
	if err != nil {
		return nil, err
	}
	segments, err := f.LoadGlyph(buf, index, fixed.I(int(f.UnitsPerEm())), nil)
	if err != nil {
		return nil, err
	}
	box, _, err := f.GlyphBounds(buf, index, fixed.I(int(f.UnitsPerEm())), font.HintingNone)
	if err != nil {
		return nil, err
	}
	if box.Max.Y <= box.Min.Y {
		return nil, fmt.Errorf("glyph %q has no height", r)
	}
	half := float64(box.Max.Y-box.Min.Y) / 2
	cx, cy := float64(float64(box.Max.X+box.Min.X)/2), float64(float64(box.Max.Y+box.Min.Y)/2)
	at := func(p fixed.Point26_6) point {
		return point{(float64(p.X) - cx) / half, (float64(p.Y) - cy) / half}
	}

	var g glyph
	var pen point
	for _, s := range segments {
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			pen = at(s.Args[0])
			g = append(g, []point{pen})
			continue
		case sfnt.SegmentOpLineTo:
			g.curve(pen, at(s.Args[0]))
			pen = at(s.Args[0])
		case sfnt.SegmentOpQuadTo:
			g.curve(pen, at(s.Args[0]), at(s.Args[1]))
			pen = at(s.Args[1])
		case sfnt.SegmentOpCubeTo:
			g.curve(pen, at(s.Args[0]), at(s.Args[1]), at(s.Args[2]))
			pen = at(s.Args[2])
		}
	}
	for i, c := range g { // the last point of a closed contour is its first
		if n := len(c); n > 1 && c[0] == c[n-1] {
			g[i] = c[:n-1]
		}
	}
	return g, nil
}

// flatness is the longest side of a flattened outline: short enough that a
// smooth deformation bends straight strokes too.
const flatness = 0.14

// curve appends the Bézier curve of the control points c, without c[0], to the
// last contour, by de Casteljau's algorithm.
func (g glyph) curve(c ...point) {
	length := 0.0
	for i := 1; i < len(c); i++ {
		length += math.Sqrt(sq(c[i].x-c[i-1].x) + sq(c[i].y-c[i-1].y))
	}
	steps := max(int(math.Ceil(length/flatness)), 1)
	if len(c) > 2 {
		steps = max(steps, 3)
	}
	last := len(g) - 1
	var q [4]point
	for s := 1; s <= steps; s++ {
		t := float64(s) / float64(steps)
		copy(q[:], c)
		for n := len(c) - 1; n > 0; n-- {
			for i := range n {
				q[i].x = lerp(q[i].x, q[i+1].x, t)
				q[i].y = lerp(q[i].y, q[i+1].y, t)
			}
		}
		g[last] = append(g[last], q[0])
	}
}

func sq(x float64) float64 { return float64(x * x) }

// lerp is exact at t = 0 and t = 1.
func lerp(a, b, t float64) float64 { return float64(a*(1-t)) + float64(b*t) }
