package figure

import "math"

// far bounds coordinates before clipping, so that differences stay finite; no
// drawing reaches it.
const far = 1e100

// clipLine cuts a polyline at the edges of r and returns the pieces inside. left
// reports whether some of it lies outside.
func clipLine(pts []Point, r rect) (pieces [][]Point, left bool) {
	var cur []Point
	flush := func() {
		if len(cur) > 0 {
			pieces = append(pieces, cur)
			cur = nil
		}
	}
	for i, q := range pts {
		q = Point{min(max(q.X, -far), far), min(max(q.Y, -far), far)}
		if !r.contains(q) {
			left = true
		}
		if i == 0 {
			if r.contains(q) {
				cur = append(cur, q)
			}
			continue
		}
		p := Point{min(max(pts[i-1].X, -far), far), min(max(pts[i-1].Y, -far), far)}
		a, b, ok := clipSegment(p, q, r)
		if !ok {
			flush()
			continue
		}
		if len(cur) == 0 {
			cur = append(cur, a)
		}
		cur = append(cur, b)
		if !r.contains(q) {
			flush()
		}
	}
	flush()
	return pieces, left
}

// clipSegment is Liang and Barsky's algorithm ("A new concept and method for
// line clipping", ACM TOG 3(1), 1984).
func clipSegment(p, q Point, r rect) (a, b Point, ok bool) {
	dx, dy := q.X-p.X, q.Y-p.Y
	t0, t1 := 0.0, 1.0
	for _, e := range [4][2]float64{{-dx, p.X - r.x0}, {dx, r.x1 - p.X}, {-dy, p.Y - r.y0}, {dy, r.y1 - p.Y}} {
		d, room := e[0], e[1]
		switch {
		case d == 0:
			if room < 0 {
				return a, b, false
			}
		case d < 0:
			t0 = max(t0, room/d)
		default:
			t1 = min(t1, room/d)
		}
	}
	if t0 > t1 {
		return a, b, false
	}
	at := func(t float64) Point {
		return r.clamp(Point{p.X + float64(t*dx), p.Y + float64(t*dy)})
	}
	// A point far outside may round to t0 = 0 or t1 = 1.
	a, b = p, q
	if !r.contains(p) {
		a = at(t0)
	}
	if !r.contains(q) {
		b = at(t1)
	}
	return a, b, true
}

// thin drops points that a viewer cannot tell apart: those nearer than tol to
// the last one kept. The first and the last point stay.
func thin(pts []Point, tol float64) []Point {
	if len(pts) < 3 {
		return pts
	}
	out := pts[:1:1]
	for _, p := range pts[1 : len(pts)-1] {
		q := out[len(out)-1]
		if math.Abs(p.X-q.X) >= tol || math.Abs(p.Y-q.Y) >= tol {
			out = append(out, p)
		}
	}
	return append(out, pts[len(pts)-1])
}

// dedupe leaves out what a long path draws again: segments between the same two
// cells of size grid. It returns the remaining pieces.
func dedupe(pieces [][]Point, grid float64) [][]Point {
	type cell struct{ x, y int32 }
	seen := map[[2]cell]bool{}
	at := func(p Point) cell {
		return cell{int32(math.Floor(p.X / grid)), int32(math.Floor(p.Y / grid))}
	}
	var out [][]Point
	for _, pts := range pieces {
		cur := pts[:1:1]
		for i := 1; i < len(pts); i++ {
			a, b := at(pts[i-1]), at(pts[i])
			if a.x > b.x || a.x == b.x && a.y > b.y {
				a, b = b, a
			}
			if k := [2]cell{a, b}; seen[k] {
				if len(cur) > 1 {
					out = append(out, cur)
				}
				cur = []Point{pts[i]}
			} else {
				seen[k] = true
				cur = append(cur, pts[i])
			}
		}
		if len(cur) > 1 || len(pts) == 1 {
			out = append(out, cur)
		}
	}
	return out
}

// simplify is Douglas and Peucker's algorithm for an open line, with the
// recursion on a stack.
func simplify(pts []Point, tol float64) []Point {
	if len(pts) < 3 {
		return pts
	}
	keep := make([]bool, len(pts))
	keep[0], keep[len(pts)-1] = true, true
	stack := [][2]int{{0, len(pts) - 1}}
	for len(stack) > 0 {
		s := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		far, at := tol, -1
		for i := s[0] + 1; i < s[1]; i++ {
			if d := distance(pts[i], pts[s[0]], pts[s[1]]); d > far {
				far, at = d, i
			}
		}
		if at >= 0 {
			keep[at] = true
			stack = append(stack, [2]int{s[0], at}, [2]int{at, s[1]})
		}
	}
	out := make([]Point, 0, len(pts)/4+2)
	for i, k := range keep {
		if k {
			out = append(out, pts[i])
		}
	}
	return out
}

// distance is that of p from the segment a–b.
func distance(p, a, b Point) float64 {
	dx, dy := b.X-a.X, b.Y-a.Y
	px, py := p.X-a.X, p.Y-a.Y
	if n := float64(dx*dx) + float64(dy*dy); n > 0 {
		t := min(max((float64(px*dx)+float64(py*dy))/n, 0), 1)
		px -= float64(t * dx)
		py -= float64(t * dy)
	}
	return math.Sqrt(float64(px*px) + float64(py*py))
}
