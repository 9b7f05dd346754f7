package figure

import (
	"strings"
	"sync"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"gonum.org/v1/plot/vg"
)

// The sizes of text, in units.
const (
	titleSize  = 18
	noteSize   = 12
	labelSize  = 13.5
	tickSize   = 12.5
	legendSize = 13
)

var regular, bold = typeface(liberationsansregular.TTF), typeface(liberationsansbold.TTF)

func typeface(ttf []byte) func() *sfnt.Font {
	return sync.OnceValue(func() *sfnt.Font {
		f, err := sfnt.Parse(ttf)
		if err != nil {
			panic(err) // the embedded font is part of the program
		}
		return f
	})
}

func pick(heavy bool) *sfnt.Font {
	if heavy {
		return bold()
	}
	return regular()
}

// shaping is done in font units, 26.6 fixed point at one pixel per unit.
type glyph struct {
	index sfnt.GlyphIndex
	x     float64 // pen position, in units of the scene
}

// layout places the glyphs of s with kerning and returns the total width.
func layoutText(s string, size float64, heavy bool) ([]glyph, float64) {
	f := pick(heavy)
	ppem := fixed.Int26_6(f.UnitsPerEm())
	perUnit := size / float64(ppem)
	var (
		buf  sfnt.Buffer
		gs   = make([]glyph, 0, len(s))
		x    fixed.Int26_6
		prev sfnt.GlyphIndex
	)
	for i, r := range s {
		g, err := f.GlyphIndex(&buf, r)
		if err != nil {
			g = 0
		}
		if i > 0 {
			if k, err := f.Kern(&buf, prev, g, ppem, font.HintingNone); err == nil {
				x += k
			}
		}
		gs = append(gs, glyph{g, float64(x) * perUnit})
		if adv, err := f.GlyphAdvance(&buf, g, ppem, font.HintingNone); err == nil {
			x += adv
		}
		prev = g
	}
	return gs, float64(x) * perUnit
}

func textWidth(s string, size float64, heavy bool) float64 {
	_, w := layoutText(s, size, heavy)
	return w
}

// textOutline returns the outlines of s, its baseline starting at place(0, 0).
func textOutline(s string, size float64, heavy bool, place func(x, y float64) vg.Point) vg.Path {
	f := pick(heavy)
	ppem := fixed.Int26_6(f.UnitsPerEm())
	perUnit := size / float64(ppem)
	var (
		buf  sfnt.Buffer
		path vg.Path
	)
	gs, _ := layoutText(s, size, heavy)
	for _, g := range gs {
		segs, err := f.LoadGlyph(&buf, g.index, ppem, nil)
		if err != nil {
			continue
		}
		at := func(p fixed.Point26_6) vg.Point {
			return place(g.x+float64(float64(p.X)*perUnit), float64(p.Y)*perUnit)
		}
		for i, sg := range segs {
			switch sg.Op {
			case sfnt.SegmentOpMoveTo:
				if i > 0 {
					path.Close()
				}
				path.Move(at(sg.Args[0]))
			case sfnt.SegmentOpLineTo:
				path.Line(at(sg.Args[0]))
			case sfnt.SegmentOpQuadTo:
				path.QuadTo(at(sg.Args[0]), at(sg.Args[1]))
			case sfnt.SegmentOpCubeTo:
				path.CubeTo(at(sg.Args[0]), at(sg.Args[1]), at(sg.Args[2]))
			}
		}
		if len(segs) > 0 {
			path.Close()
		}
	}
	return path
}

// shorten cuts s to width with an ellipsis; a line break becomes a space.
func shorten(s string, size float64, heavy bool, width float64) string {
	s = strings.Join(strings.Fields(s), " ")
	if textWidth(s, size, heavy) <= width {
		return s
	}
	runes := []rune(s)
	lo, hi := 0, len(runes) // the longest prefix that fits is in [lo, hi)
	for hi-lo > 1 {
		mid := (lo + hi) / 2
		if textWidth(string(runes[:mid])+"…", size, heavy) <= width {
			lo = mid
		} else {
			hi = mid
		}
	}
	return strings.TrimRight(string(runes[:lo]), " ") + "…"
}

// clean replaces what cannot stand in XML or on paper by a space.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0xfffe || r == 0xffff {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
