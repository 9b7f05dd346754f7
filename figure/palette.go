package figure

import (
	"image"
	"image/color"
	"slices"
)

// quantizer maps the colours of an animation to one palette of at most 255
// colours and a transparent one, which is the last.
type quantizer struct {
	colors color.Palette
	index  map[color.RGBA]uint8
}

// newQuantizer takes the colours that the figure is painted with, and then
// those that occur most often in the samples, if they differ enough from the
// colours taken before.
func newQuantizer(painted []color.NRGBA, samples ...*image.RGBA) *quantizer {
	q := &quantizer{index: map[color.RGBA]uint8{}}
	take := func(c color.RGBA, apart int) {
		if len(q.colors) < 255 && q.nearest(c, apart) < 0 {
			q.colors = append(q.colors, c)
		}
	}
	for _, c := range painted {
		take(color.RGBA{c.R, c.G, c.B, 255}, 1)
	}
	counts := map[color.RGBA]int{}
	for _, img := range samples {
		for i := 0; i < len(img.Pix); i += 4 {
			counts[color.RGBA{img.Pix[i], img.Pix[i+1], img.Pix[i+2], 255}]++
		}
	}
	type tally struct {
		c color.RGBA
		n int
	}
	all := make([]tally, 0, len(counts))
	for c, n := range counts {
		all = append(all, tally{c, n})
	}
	key := func(c color.RGBA) int { return int(c.R)<<16 | int(c.G)<<8 | int(c.B) }
	slices.SortFunc(all, func(a, b tally) int {
		if a.n != b.n {
			return b.n - a.n
		}
		return key(a.c) - key(b.c)
	})
	// Widely spaced colours first, so that every region of colour has one.
	for _, apart := range []int{24, 14, 8} {
		for _, t := range all {
			if len(q.colors) == 255 {
				break
			}
			take(t.c, apart*apart)
		}
	}
	q.colors = append(q.colors, color.RGBA{})
	return q
}

func (q *quantizer) transparent() uint8 { return uint8(len(q.colors) - 1) }

// nearest returns the index of the closest opaque colour; −1 when the square of
// its distance is at least within.
func (q *quantizer) nearest(c color.RGBA, within int) int {
	at := -1
	for i, p := range q.colors {
		o := p.(color.RGBA)
		if o.A == 0 {
			continue
		}
		dr, dg, db := int(c.R)-int(o.R), int(c.G)-int(o.G), int(c.B)-int(o.B)
		if d := dr*dr + dg*dg + db*db; d < within {
			at, within = i, d
		}
	}
	return at
}

func (q *quantizer) lookup(c color.RGBA) uint8 {
	c.A = 255
	if i, ok := q.index[c]; ok {
		return i
	}
	i := uint8(q.nearest(c, 1<<30))
	q.index[c] = i
	return i
}

// frame returns the part of next that differs from prev, everything else in it
// transparent; nil when nothing differs. Without prev it is the whole image.
func (q *quantizer) frame(prev, next *image.RGBA) *image.Paletted {
	b := next.Bounds()
	if prev != nil {
		b = changed(prev, next)
	}
	if b.Empty() {
		return nil
	}
	out := image.NewPaletted(b, q.colors)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			i := next.PixOffset(x, y)
			c := color.RGBA{next.Pix[i], next.Pix[i+1], next.Pix[i+2], 255}
			k := q.transparent()
			if prev == nil || prev.Pix[i] != c.R || prev.Pix[i+1] != c.G || prev.Pix[i+2] != c.B {
				k = q.lookup(c)
			}
			out.Pix[out.PixOffset(x, y)] = k
		}
	}
	return out
}

// changed returns the smallest rectangle that holds every pixel that differs.
func changed(a, b *image.RGBA) image.Rectangle {
	var r image.Rectangle
	bounds := b.Bounds()
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		i, j := b.PixOffset(bounds.Min.X, y), b.PixOffset(bounds.Max.X-1, y)+4
		ra, rb := a.Pix[i:j], b.Pix[i:j]
		first, last := -1, -1
		for k := 0; k < len(ra); k += 4 {
			if ra[k] != rb[k] || ra[k+1] != rb[k+1] || ra[k+2] != rb[k+2] {
				if first < 0 {
					first = k / 4
				}
				last = k / 4
			}
		}
		if first >= 0 {
			r = r.Union(image.Rect(bounds.Min.X+first, y, bounds.Min.X+last+1, y+1))
		}
	}
	return r
}
