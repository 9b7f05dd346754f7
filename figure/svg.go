package figure

import (
	"bufio"
	"encoding/xml"
	"image/color"
	"math"
	"strconv"
	"strings"
)

const svgFonts = "Liberation Sans, Arimo, Arial, Helvetica, sans-serif"

// svgWriter writes the drawing of a scene.
type svgWriter struct {
	*bufio.Writer
	night *nightSheet // nil: one theme
}

// writeSVG writes a scene. With a second of the same shapes, which has the
// colours of the dark theme, a style sheet at the end says what changes on a
// dark screen.
func writeSVG(b *bufio.Writer, s, dark *scene) {
	w := &svgWriter{Writer: b}
	if dark == nil {
		dark = s
	} else {
		w.night = newNightSheet(dark.paper)
	}
	wd, ht := svgNumber(s.w), svgNumber(s.h)
	w.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" width="` + wd + `" height="` + ht +
		`" viewBox="0 0 ` + wd + " " + ht + `" role="img" stroke-linejoin="round" font-family="` + svgFonts + `">` + "\n")
	if s.title != "" {
		w.WriteString("<title>")
		xmlText(w.Writer, s.title)
		w.WriteString("</title>\n")
	}
	w.WriteString(`<rect class="` + paperClass + `" width="` + wd + `" height="` + ht + `"` + svgPaint("fill", s.paper) + "/>\n")
	for i, op := range s.ops {
		switch op := op.(type) {
		case openGroup:
			w.WriteString(`<g class="` + op.class + `">`)
			if op.title != "" {
				w.WriteString("<title>")
				xmlText(w.Writer, op.title)
				w.WriteString("</title>")
			}
			w.WriteByte('\n')
		case closeGroup:
			w.WriteString("</g>\n")
		case *shape:
			w.shape(op, dark.ops[i].(*shape))
		case *label:
			w.label(op, dark.ops[i].(*label).ink)
		}
	}
	if w.night != nil {
		w.WriteString(w.night.String())
	}
	w.WriteString("</svg>\n")
}

func (w *svgWriter) shape(s, dark *shape) {
	w.WriteString(`<path d="`)
	for _, l := range s.lines {
		for i, p := range l {
			switch i {
			case 0:
				w.WriteByte('M')
			case 1:
				w.WriteByte('L')
			default:
				w.WriteByte(' ')
			}
			w.WriteString(svgNumber(p.X))
			w.WriteByte(' ')
			w.WriteString(svgNumber(p.Y))
		}
		if s.closed {
			w.WriteByte('Z')
		}
	}
	w.WriteByte('"')
	paints := []paint{{"fill", s.fill, dark.fill}}
	stroked := s.pen.color.A != 0 && s.pen.width > 0
	if stroked {
		paints = append(paints, paint{"stroke", s.pen.color, dark.pen.color})
	}
	w.paint(paints...)
	if stroked {
		if s.pen.width != 1 {
			w.WriteString(` stroke-width="` + svgNumber(s.pen.width) + `"`)
		}
		if len(s.pen.dash) > 0 {
			ds := make([]string, len(s.pen.dash))
			for i, d := range s.pen.dash {
				ds[i] = svgNumber(d)
			}
			w.WriteString(` stroke-dasharray="` + strings.Join(ds, " ") + `"`)
			if s.pen.offset != 0 {
				w.WriteString(` stroke-dashoffset="` + svgNumber(s.pen.offset) + `"`)
			}
		}
	}
	w.WriteString("/>\n")
}

func (w *svgWriter) label(l *label, dark color.NRGBA) {
	x, y := svgNumber(l.at.X), svgNumber(l.at.Y)
	if l.turned {
		w.WriteString(`<text transform="translate(` + x + " " + y + `) rotate(-90)"`)
	} else {
		w.WriteString(`<text x="` + x + `" y="` + y + `"`)
	}
	w.WriteString(` font-size="` + svgNumber(l.size) + `"`)
	if l.bold {
		w.WriteString(` font-weight="bold"`)
	}
	switch l.anchor {
	case 0.5:
		w.WriteString(` text-anchor="middle"`)
	case 1:
		w.WriteString(` text-anchor="end"`)
	}
	w.paint(paint{"fill", l.ink, dark})
	w.WriteByte('>')
	shift := 0.0 // of the baseline, upwards
	for _, r := range textRuns(l.text) {
		switch {
		case r.raised:
			shift = raisedShift * l.size
			w.WriteString(`<tspan dy="` + svgNumber(-shift) + `" font-size="` + svgNumber(raisedSize*l.size) + `">`)
			xmlText(w.Writer, r.text)
			w.WriteString("</tspan>")
		case shift != 0:
			w.WriteString(`<tspan dy="` + svgNumber(shift) + `">`)
			xmlText(w.Writer, r.text)
			w.WriteString("</tspan>")
			shift = 0
		default:
			xmlText(w.Writer, r.text)
		}
	}
	w.WriteString("</text>\n")
}

// svgPaint writes a colour attribute, and its opacity where it has one.
func svgPaint(attr string, c color.NRGBA) string {
	const hex = "0123456789abcdef"
	b := []byte{'#', hex[c.R>>4], hex[c.R&15], hex[c.G>>4], hex[c.G&15], hex[c.B>>4], hex[c.B&15]}
	s := " " + attr + `="` + string(b) + `"`
	if c.A != 255 {
		s += " " + attr + `-opacity="` + svgNumber(float64(c.A)/255) + `"`
	}
	return s
}

// svgNumber writes v with at most two decimals.
func svgNumber(v float64) string {
	r := math.Round(v*100) / 100
	if r == 0 {
		return "0"
	}
	return strconv.FormatFloat(r, 'f', -1, 64)
}

func xmlText(w *bufio.Writer, s string) {
	_ = xml.EscapeText(w, []byte(s)) // a bufio.Writer keeps its error until Flush
}
