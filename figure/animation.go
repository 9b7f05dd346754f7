package figure

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"io"
	"math"
	"path/filepath"
	"strings"
	"time"
)

// Animation shows paths growing on a contour, one marker for each optimizer and
// a counter of steps. The drawing is 800×600 units by default, at scale 1.
//
// The first frame shows the start, the last one the whole paths. Early steps,
// in which most happens, get more frames: the step of a frame grows with the
// square of its number.
type Animation struct {
	Contour
	Frames int           // number of frames, 2 to 1000; 0: 100
	Delay  time.Duration // of a frame, in steps of 10 ms, 20 ms to 10 s; 0: 60 ms
	Hold   time.Duration // of the last frame, up to 60 s; 0: 2 s
}

// WriteGIF writes the animation. It loops for ever.
func (a Animation) WriteGIF(w io.Writer) error {
	g, err := a.render()
	if err != nil {
		return err
	}
	b := bufio.NewWriter(w)
	if err := gif.EncodeAll(b, g); err != nil {
		return fmt.Errorf("figure: write GIF: %w", err)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("figure: write GIF: %w", err)
	}
	return nil
}

// Save writes the animation to a file, whose name ends in .gif. The file
// appears complete or not at all.
func (a Animation) Save(path string) error {
	if strings.ToLower(filepath.Ext(path)) != ".gif" {
		return extensionError(path, ".gif")
	}
	g, err := a.render()
	if err != nil {
		return err
	}
	return save(path, func(w io.Writer) error {
		b := bufio.NewWriter(w)
		if err := gif.EncodeAll(b, g); err != nil {
			return err
		}
		return b.Flush()
	})
}

func (a Animation) check() error {
	if err := a.Contour.check("Animation"); err != nil {
		return err
	}
	if a.Frames != 0 && (a.Frames < 2 || a.Frames > 1000) {
		return fmt.Errorf("figure: Animation.Frames = %d, want 0 or 2 to 1000", a.Frames)
	}
	if a.Delay != 0 && (a.Delay < 20*time.Millisecond || a.Delay > 10*time.Second) {
		return fmt.Errorf("figure: Animation.Delay = %v, want 0 or 20ms to 10s", a.Delay)
	}
	if a.Hold < 0 || a.Hold > time.Minute {
		return fmt.Errorf("figure: Animation.Hold = %v, want 0 to 1m", a.Hold)
	}
	if len(a.Paths) == 0 {
		return errors.New("figure: Animation.Paths is empty, want at least one path")
	}
	return nil
}

// film is an animation while it is drawn: layers that lie on one another.
type film struct {
	*contourMap
	total  int64
	ground *raster   // the contour and what lifts the paths off it
	lines  []*raster // the paths so far, the last layer holding all that are left
	boxes  []rect    // what is drawn on them
	heads  *raster   // where the optimizers are; drawn anew for every frame
	done   []int     // points of each path that are drawn
	length []float64 // of each path's line, for its dashes
}

const maxLayers = 12

func (m *contourMap) film(scale float64) *film {
	n := len(m.c.Paths)
	f := &film{contourMap: m, done: make([]int, n), length: make([]float64, n)}
	for _, p := range m.c.Paths {
		if k := len(p.X); k > 0 {
			f.total = max(f.total, p.step(k-1))
		}
	}
	f.ground = newRaster(m.s.w, m.s.h, scale, m.s.paper)
	for range min(n, maxLayers) {
		f.lines = append(f.lines, newRaster(m.s.w, m.s.h, scale, color.Transparent))
		f.boxes = append(f.boxes, rect{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)})
	}
	f.heads = newRaster(m.s.w, m.s.h, scale, color.Transparent)
	f.ground.draw(m.s.ops)
	return f
}

func (a Animation) render() (*gif.GIF, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	if a.Width == 0 && !a.Equal {
		a.Width = 800
	}
	if a.Height == 0 {
		a.Height = 600
	}
	frames, delay, hold := a.Frames, a.Delay, a.Hold
	if frames == 0 {
		frames = 100
	}
	if delay == 0 {
		delay = 60 * time.Millisecond
	}
	if hold == 0 {
		hold = 2 * time.Second
	}
	m, err := a.lay()
	if err != nil {
		return nil, err
	}
	fig, err := newFigure(m.s, a.scale(1))
	if err != nil {
		return nil, err
	}
	if px := m.s.w * m.s.h * fig.scale * fig.scale; px*float64(frames) > 2e9 {
		return nil, fmt.Errorf("figure: Animation of %d frames of %.1f million pixels, want at most 2000 million in all", frames, px/1e6)
	}
	m.background()
	m.legend()
	m.minima()
	m.startRings(a.Paths, m.routes)
	// The palette is made from the first and the last frame, which a film of its
	// own shows.
	trial, f := m.film(fig.scale), m.film(fig.scale)
	first := trial.shot(0)
	q := newQuantizer(f.painted(), first, trial.shot(f.total))
	g := &gif.GIF{Config: image.Config{ColorModel: q.colors, Width: first.Bounds().Dx(), Height: first.Bounds().Dy()}}
	var prev *image.RGBA
	for k := range frames {
		x := float64(k) / float64(frames-1)
		shot := f.shot(int64(math.Round(float64(f.total) * x * x)))
		img := q.frame(prev, shot)
		if img == nil { // nothing moved: a single transparent pixel keeps the time
			img = image.NewPaletted(image.Rect(0, 0, 1, 1), q.colors)
			img.Pix[0] = q.transparent()
		}
		prev = shot
		g.Image = append(g.Image, img)
		g.Delay = append(g.Delay, int(delay/(10*time.Millisecond)))
		g.Disposal = append(g.Disposal, gif.DisposalNone)
	}
	g.Delay[frames-1] = int(hold / (10 * time.Millisecond))
	return g, nil
}

// painted lists the colours that are drawn with.
func (f *film) painted() []color.NRGBA {
	p := f.p
	cs := []color.NRGBA{p.paper, p.plot, p.ink, p.muted, p.void}
	for k := range f.bands {
		cs = append(cs, f.band(k))
	}
	for i := range f.c.Paths {
		cs = append(cs, p.look(i).color)
	}
	return cs
}

// shot draws the paths on to a step and returns the picture, with markers where
// the optimizers are and the counter.
func (f *film) shot(step int64) *image.RGBA {
	n := len(f.c.Paths)
	halos, heads := &scene{}, &scene{}
	for i, p := range f.c.Paths {
		pts, from := f.routes[i].pts, f.done[i]
		to := from
		for to < len(pts) && p.step(to) <= step {
			to++
		}
		f.done[i] = to
		lk := f.p.look(i)
		if to > from {
			pieces, _ := clipLine(thin(pts[max(from-1, 0):to], 0.3), f.frame)
			halos.add(&shape{lines: pieces, pen: pen{color: f.p.halo, width: pathWidth(i, n) + 2}})
			length, layer := 0.0, min(i, maxLayers-1)
			box := &f.boxes[layer]
			for _, piece := range pieces {
				for k, q := range piece {
					*box = rect{min(box.x0, q.X), min(box.y0, q.Y), max(box.x1, q.X), max(box.y1, q.Y)}
					if k > 0 {
						length += distance(q, piece[k-1], piece[k-1])
					}
				}
			}
			if len(pieces) > 0 {
				f.lines[layer].shape(&shape{lines: pieces, pen: pen{color: lk.color, width: pathWidth(i, n), dash: lk.dash, offset: f.length[i]}})
			}
			f.length[i] += length
		}
		switch {
		case to == 0:
		case to == len(pts) && to < len(p.X) && p.step(to) <= step:
			heads.cross(f.p, lk, f.frame.clamp(pts[to-1]), 5.5)
		case f.frame.contains(pts[to-1]):
			heads.marker(f.p, lk, pts[to-1], 5)
		}
	}
	w := textWidth("step "+count(f.total), labelSize, true) + 16
	box := rect{f.frame.x0 + 10, f.frame.y0 + 10, f.frame.x0 + 10 + w, f.frame.y0 + 34}
	heads.polygon(fade(f.p.paper, 0.88), pen{}, box.corners()...)
	heads.text(label{at: Point{box.x0 + 8, box.y0 + 17}, text: "step " + count(step), size: labelSize, bold: true, ink: f.p.ink})

	f.ground.draw(halos.ops)
	clear(f.heads.image().Pix)
	f.heads.draw(heads.ops)
	out := image.NewRGBA(f.ground.image().Bounds())
	copy(out.Pix, f.ground.image().Pix)
	for i, l := range f.lines {
		if b := f.boxes[i]; b.x0 <= b.x1 {
			dots := func(v float64) int { return int(v * float64(out.Bounds().Dx()) / f.s.w) }
			r := image.Rect(dots(b.x0-4), dots(b.y0-4), dots(b.x1+4)+1, dots(b.y1+4)+1).Intersect(out.Bounds())
			draw.Draw(out, r, l.image(), r.Min, draw.Over)
		}
	}
	draw.Draw(out, out.Bounds(), f.heads.image(), image.Point{}, draw.Over)
	return out
}
