package figure

import (
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
)

// raster draws operations on an image, through the gonum/plot canvas.
type raster struct {
	c *vgimg.Canvas
	h float64
}

type rasterBounds struct{ dpi, w, h int }

// newRasterBounds makes one unit of a scene one typographic point, and takes
// the density of the image as dots per inch.
func newRasterBounds(w, h, scale float64) rasterBounds {
	dpi := math.Round(72 * scale)
	return rasterBounds{int(dpi), int(w*dpi/72 + 0.5), int(h*dpi/72 + 0.5)}
}

func newRaster(w, h, scale float64, paper color.Color) *raster {
	b := newRasterBounds(w, h, scale)
	return &raster{
		c: vgimg.NewWith(vgimg.UseWH(vg.Length(w), vg.Length(h)), vgimg.UseDPI(b.dpi), vgimg.UseBackgroundColor(paper)),
		h: h,
	}
}

func (r *raster) image() *image.RGBA { return r.c.Image().(*image.RGBA) }

func (r *raster) draw(ops []any) {
	for _, op := range ops {
		switch op := op.(type) {
		case *shape:
			r.shape(op)
		case *label:
			r.label(op)
		}
	}
}

func (r *raster) at(p Point) vg.Point {
	return vg.Point{X: vg.Length(p.X), Y: vg.Length(r.h - p.Y)}
}

func (r *raster) shape(s *shape) {
	if s.fill.A != 0 {
		var p vg.Path
		for _, l := range s.lines {
			p = r.trace(p, l)
			p.Close()
		}
		r.c.SetColor(s.fill)
		r.c.Fill(p)
	}
	if s.pen.color.A != 0 && s.pen.width > 0 {
		r.c.SetColor(s.pen.color)
		r.c.SetLineWidth(vg.Length(s.pen.width))
		for _, l := range s.lines {
			r.stroke(l, s.closed, s.pen)
		}
	}
}

func (r *raster) trace(p vg.Path, line []Point) vg.Path {
	for i, q := range line {
		if i == 0 {
			p.Move(r.at(q))
		} else {
			p.Line(r.at(q))
		}
	}
	return p
}

// stroke draws a line in stretches: the time that the rasterizer takes for one
// grows with the square of the number of times that it crosses a row of pixels.
func (r *raster) stroke(line []Point, closed bool, pn pen) {
	const stretch = 128
	dash := make([]vg.Length, len(pn.dash))
	for i, d := range pn.dash {
		dash[i] = vg.Length(d)
	}
	if len(line) <= stretch {
		p := r.trace(nil, line)
		if closed {
			p.Close()
		}
		r.c.SetLineDash(dash, vg.Length(pn.offset))
		r.c.Stroke(p)
		return
	}
	if closed {
		line = append(line[:len(line):len(line)], line[0])
	}
	offset := pn.offset
	for from := 0; from < len(line)-1; from += stretch {
		to := min(from+stretch+1, len(line))
		over := to // one segment more, for the joint between stretches
		if len(dash) == 0 && pn.color.A == 255 {
			over = min(to+1, len(line))
		}
		r.c.SetLineDash(dash, vg.Length(offset))
		r.c.Stroke(r.trace(nil, line[from:over]))
		for i := from + 1; i < to; i++ {
			offset += distance(line[i], line[i-1], line[i-1])
		}
	}
}

// label fills the outlines of the glyphs, so that text is as sharp as lines at
// any density and in any direction.
func (r *raster) label(l *label) {
	x := -l.anchor * textWidth(l.text, l.size, l.bold)
	place := func(gx, gy float64) vg.Point { // glyph space: y grows downward from the baseline
		if l.turned {
			return r.at(Point{l.at.X + gy, l.at.Y - (x + gx)})
		}
		return r.at(Point{l.at.X + x + gx, l.at.Y + gy})
	}
	r.c.SetColor(l.ink)
	r.c.Fill(textOutline(l.text, l.size, l.bold, place))
}
