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

// A textRun is a part of a line on one baseline. Superscript digits and minus
// are set as raised plain ones: few fonts have all of them.
type textRun struct {
	text   string
	raised bool
}

const (
	raisedSize  = 0.7  // of the size of the line
	raisedShift = 0.38 // upwards, in sizes of the line
)

const (
	superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"
	plainDigits  = "0123456789−"
)

func textRuns(s string) []textRun {
	var runs []textRun
	for _, r := range s {
		raised := false
		for k, p := range []rune(superscripts) {
			if r == p {
				r, raised = []rune(plainDigits)[k], true
				break
			}
		}
		if n := len(runs); n > 0 && runs[n-1].raised == raised {
			runs[n-1].text += string(r)
		} else {
			runs = append(runs, textRun{string(r), raised})
		}
	}
	return runs
}

// glyph is a glyph with its pen position, in units of the scene.
type glyph struct {
	index sfnt.GlyphIndex
	x, y  float64
	size  float64
}

// layoutText places the glyphs of s with kerning and returns the total width.
// Advances are taken in font units: 26.6 fixed point at one pixel per unit.
func layoutText(s string, size float64, heavy bool) ([]glyph, float64) {
	f := pick(heavy)
	ppem := fixed.Int26_6(f.UnitsPerEm())
	var (
		buf sfnt.Buffer
		gs  = make([]glyph, 0, len(s))
		x   float64
	)
	for _, run := range textRuns(s) {
		at, shift := size, 0.0
		if run.raised {
			at, shift = raisedSize*size, -raisedShift*size
		}
		perUnit := at / float64(ppem)
		var prev sfnt.GlyphIndex
		for i, r := range run.text {
			g, err := f.GlyphIndex(&buf, r)
			if err != nil {
				g = 0
			}
			if i > 0 {
				if k, err := f.Kern(&buf, prev, g, ppem, font.HintingNone); err == nil {
					x += float64(float64(k) * perUnit)
				}
			}
			gs = append(gs, glyph{g, x, shift, at})
			if adv, err := f.GlyphAdvance(&buf, g, ppem, font.HintingNone); err == nil {
				x += float64(float64(adv) * perUnit)
			}
			prev = g
		}
	}
	return gs, x
}

func textWidth(s string, size float64, heavy bool) float64 {
	_, w := layoutText(s, size, heavy)
	return w
}

// textOutline returns the outlines of s, its baseline starting at place(0, 0).
func textOutline(s string, size float64, heavy bool, place func(x, y float64) vg.Point) vg.Path {
	f := pick(heavy)
	ppem := fixed.Int26_6(f.UnitsPerEm())
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
		perUnit := g.size / float64(ppem)
		at := func(p fixed.Point26_6) vg.Point {
			return place(g.x+float64(float64(p.X)*perUnit), g.y+float64(float64(p.Y)*perUnit))
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
