package figure

import "math"

// region returns the boundary of the places where the field is at least level,
// as closed rings with those places on the left in grid coordinates. It is the
// marching-squares algorithm (Maple, "Geometric design and space planning using
// the marching squares and marching cube algorithms", 2003) on the grid with a
// rim of width zero round it that is below every level, so that all rings close.
// Filled by the nonzero rule the rings are the region; stroked they are the
// level line.
func region(t []float64, nx, ny int, level float64) [][]Point {
	w, h := nx+2, ny+2
	value := func(i, j int) float64 {
		if i == 0 || j == 0 || i == w-1 || j == h-1 {
			return math.Inf(-1)
		}
		return t[(j-1)*nx+i-1]
	}
	place := func(i, j int) Point {
		return Point{float64(min(max(i-1, 0), nx-1)), float64(min(max(j-1, 0), ny-1))}
	}
	// Edges are numbered by the grid point at their lower left: even ones run to
	// the right, odd ones up.
	right := func(i, j int) int32 { return int32(2 * (j*w + i)) }
	up := func(i, j int) int32 { return int32(2*(j*w+i) + 1) }
	next := make([]int32, 2*w*h)
	for i := range next {
		next[i] = -1
	}
	for j := range h - 1 {
		for i := range w - 1 {
			a, b, c, d := value(i, j), value(i+1, j), value(i+1, j+1), value(i, j+1)
			k := 0
			for n, v := range [4]float64{a, b, c, d} {
				if v >= level {
					k |= 1 << n
				}
			}
			if k == 0 || k == 15 {
				continue
			}
			s, e, n, q := right(i, j), up(i+1, j), right(i, j+1), up(i, j) // south, east, north, west
			switch k {
			case 1: // the corner a
				next[s] = q
			case 2:
				next[e] = s
			case 3:
				next[e] = q
			case 4:
				next[n] = e
			case 6:
				next[n] = s
			case 7:
				next[n] = q
			case 8:
				next[q] = n
			case 9:
				next[s] = n
			case 11:
				next[e] = n
			case 12:
				next[q] = e
			case 13:
				next[s] = e
			case 14:
				next[q] = s
			case 5, 10: // a saddle: joined when the middle is high
				joined := a/4+b/4+c/4+d/4 >= level
				switch {
				case k == 5 && joined:
					next[s], next[n] = e, q
				case k == 5:
					next[s], next[n] = q, e
				case joined:
					next[q], next[e] = s, n
				default:
					next[e], next[q] = s, n
				}
			}
		}
	}
	cross := func(edge int32) Point {
		k := int(edge / 2)
		i, j := k%w, k/w
		i2, j2 := i+1, j
		if edge&1 == 1 {
			i2, j2 = i, j+1
		}
		p, q := place(i, j), place(i2, j2)
		f := 0.5
		if u, v := value(i, j), value(i2, j2); finite(u) && finite(v) {
			f = (level - u) / (v - u)
		}
		return Point{p.X + float64(f*(q.X-p.X)), p.Y + float64(f*(q.Y-p.Y))}
	}
	var rings [][]Point
	for start := range next {
		var ring []Point
		for e := int32(start); next[e] >= 0; {
			ring = append(ring, cross(e))
			e, next[e] = next[e], -1
		}
		if len(ring) > 2 {
			rings = append(rings, ring)
		}
	}
	return rings
}
