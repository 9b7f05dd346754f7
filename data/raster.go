package data

import "math"

// A canvas collects the signed area that polygons cover of each pixel. After
// every contour has been added, a running sum along each row turns it into
// coverage.
//
// The method is that of Raph Levien's font-rs: an edge adds, to each pixel it
// crosses, the change of coverage that it causes there. All products are
// rounded before they are added, so that the image is the same on every
// architecture.
type canvas struct {
	w, h int
	acc  []float64 // h rows of w+2: edges right of the canvas fall into the spare columns
}

func newCanvas(w, h int) *canvas {
	return &canvas{w: w, h: h, acc: make([]float64, h*(w+2))}
}

// contour adds a closed polygon in pixels.
func (c *canvas) contour(p []point) {
	for i := range p {
		c.edge(p[i], p[(i+1)%len(p)])
	}
}

func (c *canvas) edge(a, b point) {
	if a.y == b.y {
		return
	}
	dir := -1.0 // what lies right of a falling edge is outside
	if a.y > b.y {
		dir, a, b = 1, b, a
	}
	if b.y <= 0 || a.y >= float64(c.h) {
		return
	}
	slope := (b.x - a.x) / (b.y - a.y)
	for row := max(int(math.Floor(a.y)), 0); row < c.h && float64(row) < b.y; row++ {
		y0, y1 := math.Max(a.y, float64(row)), math.Min(b.y, float64(row+1))
		x0 := a.x + float64((y0-a.y)*slope)
		x1 := a.x + float64((y1-a.y)*slope)
		c.span(row, float64(dir*(y1-y0)), math.Min(x0, x1), math.Max(x0, x1))
	}
}

// span adds an edge of height cover (signed) from x0 to x1 ≥ x0 within a row.
func (c *canvas) span(row int, cover, x0, x1 float64) {
	edge := float64(c.w)
	x0, x1 = math.Min(math.Max(x0, 0), edge), math.Min(math.Max(x1, 0), edge)
	acc := c.acc[row*(c.w+2) : (row+1)*(c.w+2)]
	i0, i1 := int(x0), int(x1)
	if i0 == i1 { // within one pixel: a trapezoid
		right := float64(cover * ((x0+x1)/2 - float64(i0)))
		acc[i0] += cover - right
		acc[i0+1] += right
		return
	}
	per := cover / (x1 - x0) // height per pixel of width
	for i := i0; i <= i1; i++ {
		l, r := math.Max(x0, float64(i)), math.Min(x1, float64(i+1))
		if r <= l {
			break
		}
		part := float64(per * (r - l))
		right := float64(part * ((l+r)/2 - float64(i)))
		acc[i] += part - right
		acc[i+1] += right
	}
}

// draw writes coverage in [0, 1] into dst, w×h, and clears the canvas. Sign is
// that of the area of the outer contours: places wound the other way stay
// empty.
func (c *canvas) draw(dst []float64, sign float64) {
	for y := range c.h {
		row := c.acc[y*(c.w+2) : (y+1)*(c.w+2)]
		sum := 0.0
		for x := range c.w {
			sum += row[x]
			dst[y*c.w+x] = math.Min(math.Max(sign*sum, 0), 1)
		}
		clear(row)
	}
}

// area returns twice the area of a polygon, positive when it runs clockwise
// with y pointing down.
func area(p []point) float64 {
	sum := 0.0
	for i := range p {
		q := p[(i+1)%len(p)]
		sum += float64(p[i].x*q.y) - float64(q.x*p[i].y)
	}
	return sum
}

// thicken moves every vertex of p outward by w (inward if w < 0) into dst,
// where sign is that of the area of the outer contours.
func thicken(dst, p []point, w, sign float64) []point {
	dst = dst[:0]
	n := len(p)
	for i := range p {
		prev, next := p[(i+n-1)%n], p[(i+1)%n]
		dx, dy := next.x-prev.x, next.y-prev.y
		length := math.Sqrt(sq(dx) + sq(dy))
		if length == 0 {
			dst = append(dst, p[i])
			continue
		}
		k := sign * w / length
		dst = append(dst, point{p[i].x + float64(k*dy), p[i].y - float64(k*dx)})
	}
	return dst
}
