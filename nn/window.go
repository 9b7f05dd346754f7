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

// inside returns which of the positions along n elements have their element k
// within the image: those from lo to hi-1.
func (w window) inside(k, n int) (lo, hi int) {
	lo = max(0, (w.pad-k+w.stride-1)/w.stride)
	hi = min(w.along(n), (n-1+w.pad-k+w.stride)/w.stride)
	return lo, max(lo, hi)
}
