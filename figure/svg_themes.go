package figure

import (
	"bufio"
	"errors"
	"fmt"
	"image/color"
	"io"
	"maps"
	"slices"
	"strings"
)

// WriteThemedSVG writes one SVG document that follows its reader: the colours
// are those of light, and on a screen that prefers dark colours those of dark.
// Programs without style sheets, and paper, show the light one.
//
// The two figures are the same picture in different themes; it is an error when
// they differ in more than colours. The classes of the style sheet are named by
// what they do, so that several such documents can stand in one page of HTML.
func WriteThemedSVG(w io.Writer, light, dark *Figure) error {
	if !sameShapes(light.scene, dark.scene) {
		return errors.New("figure: write SVG: the light and the dark figure are different pictures, want one in two themes")
	}
	b := bufio.NewWriter(w)
	writeSVG(b, light.scene, dark.scene)
	if err := b.Flush(); err != nil {
		return fmt.Errorf("figure: write SVG: %w", err)
	}
	return nil
}

// sameShapes reports whether two scenes differ in nothing but colours.
func sameShapes(a, b *scene) bool {
	if a.w != b.w || a.h != b.h || len(a.ops) != len(b.ops) {
		return false
	}
	for i, op := range a.ops {
		switch op := op.(type) {
		case *shape:
			o, ok := b.ops[i].(*shape)
			if !ok || op.closed != o.closed || op.pen.width != o.pen.width || !slices.Equal(op.pen.dash, o.pen.dash) ||
				!slices.EqualFunc(op.lines, o.lines, slices.Equal[[]Point]) {
				return false
			}
		case *label:
			o, ok := b.ops[i].(*label)
			if !ok {
				return false
			}
			c := *o
			if c.ink = op.ink; c != *op {
				return false
			}
		default:
			if op != b.ops[i] {
				return false
			}
		}
	}
	return true
}

// paint is the value of an attribute, in the light and in the dark theme.
type paint struct {
	attr        string // fill or stroke
	light, dark color.NRGBA
}

// paint writes attributes, and the class that changes them at night.
func (w *svgWriter) paint(paints ...paint) {
	var classes []string
	for _, p := range paints {
		if p.light.A == 0 {
			w.WriteString(" " + p.attr + `="none"`)
		} else {
			w.WriteString(svgPaint(p.attr, p.light))
		}
		if w.night != nil && p.light != p.dark {
			classes = append(classes, w.night.class(p.attr, p.dark))
		}
	}
	if len(classes) > 0 {
		w.WriteString(` class="` + strings.Join(classes, " ") + `"`)
	}
}

// paperClass is the class of the background.
const paperClass = "paper"

// A nightSheet is the style sheet for dark screens: declarations by class.
type nightSheet struct{ rules map[string]string }

func newNightSheet(paper color.NRGBA) *nightSheet {
	return &nightSheet{map[string]string{paperClass: declaration("fill", paper)}}
}

// class returns the class that sets an attribute to a colour, whose name says
// so: f or s, and the eight digits of the colour.
func (n *nightSheet) class(attr string, c color.NRGBA) string {
	name := fmt.Sprintf("%c%02x%02x%02x%02x", attr[0], c.R, c.G, c.B, c.A)
	n.rules[name] = declaration(attr, c)
	return name
}

func declaration(attr string, c color.NRGBA) string {
	return fmt.Sprintf("%s:#%02x%02x%02x;%s-opacity:%s", attr, c.R, c.G, c.B, attr, svgNumber(float64(c.A)/255))
}

// String writes the sheet, its classes in order.
func (n *nightSheet) String() string {
	var b strings.Builder
	b.WriteString("<style>@media screen and (prefers-color-scheme:dark){")
	for _, name := range slices.Sorted(maps.Keys(n.rules)) {
		b.WriteString("." + name + "{" + n.rules[name] + "}")
	}
	b.WriteString("}</style>\n")
	return b.String()
}
