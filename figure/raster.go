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
	var p vg.Path
	for _, l := range s.lines {
		for i, q := range l {
			if i == 0 {
				p.Move(r.at(q))
			} else {
				p.Line(r.at(q))
			}
		}
		if s.closed {
			p.Close()
		}
	}
	if s.fill.A != 0 {
		r.c.SetColor(s.fill)
		r.c.Fill(p)
	}
	if s.pen.color.A != 0 && s.pen.width > 0 {
		r.c.SetColor(s.pen.color)
		r.c.SetLineWidth(vg.Length(s.pen.width))
		dash := make([]vg.Length, len(s.pen.dash))
		for i, d := range s.pen.dash {
			dash[i] = vg.Length(d)
		}
		r.c.SetLineDash(dash, vg.Length(s.pen.offset))
		r.c.Stroke(p)
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
