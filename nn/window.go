package nn

// A window slides over an image of height×width.
type window struct {
	size, stride, pad int // pad zeros around the image
}

// along returns the number of positions along n elements.
func (w window) along(n int) int {
	if n+2*w.pad < w.size {
		return 0
	}
	return (n+2*w.pad-w.size)/w.stride + 1
}

// A reach is a range of positions: those from lo to hi-1.
type reach struct{ lo, hi int }

// reaches returns, for each element of the window along n, the positions that
// have it within the image.
func (w window) reaches(n int) []reach {
	all := make([]reach, w.size)
	for k := range all {
		lo := max(0, (w.pad-k+w.stride-1)/w.stride)
		hi := min(w.along(n), (n-1+w.pad-k+w.stride)/w.stride)
		all[k] = reach{lo, max(lo, hi)}
	}
	return all
}
