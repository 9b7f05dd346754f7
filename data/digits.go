package data

import (
	"fmt"
	"math"

	"github.com/descent-go/descent/internal/portable"
	"github.com/descent-go/descent/internal/rng"
)

const (
	digitSide = 28      // pixels of an image's side
	maxDigits = 1 << 20 // images in one set: 3.3 GB
)

// The hand of the generator: how far one drawing of a digit may be from the
// printed one. Ranges are uniform, sd is a normal distribution.
const (
	tiltMax   = 0.35 // rotation, radians either way
	slantMax  = 0.4  // shear either way
	heightMin = 7.5  // half height in pixels
	heightMax = 10
	widthMin  = 0.8 // width against height
	widthMax  = 1.3
	shiftMax  = 1.5  // pixels either way
	bendSD    = 0.14 // control points of the deformation, in half heights
	thinMax   = 0.15 // pixels taken from each side of the stroke
	thickMax  = 1.1  // pixels added to each side
	blurMax   = 0.20 // weight of each neighbour
	inkMin    = 0.7  // brightness of the ink
	noiseMax  = 0.06 // sd of the noise of a pixel
)

// Digits draws n images of handwritten-looking digits, 28×28 grey in [0, 1]
// with 256 levels, white on black, in ten classes. Each digit is the outline
// of one of several typefaces under a random free-form deformation (Sederberg
// & Parry, SIGGRAPH 1986), rotation, slant, scale and shift, with random
// stroke width, blur, brightness and noise.
//
// Image i depends on the seed and on nothing after it: a smaller set is the
// beginning of a larger one. Every ten images in sequence hold all ten classes.
// The same seed gives the same bits on every architecture.
func Digits(n int, seed uint64) (*Set, error) {
	if err := checkDigits(n); err != nil {
		return nil, err
	}
	glyphs, err := digitGlyphs()
	if err != nil {
		return nil, err
	}
	const dim = digitSide * digitSide
	s := &Set{
		Name: fmt.Sprintf("digits (n %d, seed %d)", n, seed), Dim: dim, Shape: []int{digitSide, digitSide},
		X: make([]float32, n*dim), Label: make([]int32, n), Classes: classNumbers(10),
	}
	h := newHand(rng.New(seed, "digits"))
	var order [10]int
	for i := range n {
		if i%10 == 0 {
			for d := range order {
				order[d] = d
			}
			h.Shuffle(10, func(a, b int) { order[a], order[b] = order[b], order[a] })
		}
		d := order[i%10]
		s.Label[i] = int32(d)
		h.write(s.X[i*dim:(i+1)*dim], glyphs[d][h.IntN(len(glyphs[d]))])
	}
	return s, nil
}

func checkDigits(n int) error {
	if n < 1 || n > maxDigits {
		return fmt.Errorf("data: Digits of n = %d images, want 1 to %d", n, maxDigits)
	}
	return nil
}

// A hand draws glyphs, each time a little differently.
type hand struct {
	*rng.Rand
	canvas   *canvas
	img, tmp []float64
	moved    glyph
	offset   []point
	control  [4][4]point
}

func newHand(r *rng.Rand) *hand {
	return &hand{
		Rand: r, canvas: newCanvas(digitSide, digitSide),
		img: make([]float64, digitSide*digitSide), tmp: make([]float64, digitSide*digitSide),
	}
}

// between returns a uniform number in [lo, hi).
func (h *hand) between(lo, hi float64) float64 { return lo + float64((hi-lo)*h.Float64()) }

// write draws the glyph into dst.
func (h *hand) write(dst []float32, g glyph) {
	h.deform(g)
	sign := h.place()
	w := h.between(-thinMax, thickMax)
	for _, c := range h.moved {
		h.offset = thicken(h.offset, c, w, sign)
		h.canvas.contour(h.offset)
	}
	h.canvas.draw(h.img, sign)
	h.blur(h.between(0, blurMax))

	ink, noise := h.between(inkMin, 1), h.between(0, noiseMax)
	for i, v := range h.img {
		v = float64(v*ink) + float64(noise*h.Normal())
		level := math.Floor(float64(math.Min(math.Max(v, 0), 1)*255) + 0.5)
		dst[i] = float32(level) / 255
	}
}

// deform moves the points of g by a cubic Bézier lattice over [-1, 1]² whose
// 16 control points are displaced at random, and leaves them in h.moved.
func (h *hand) deform(g glyph) {
	for i := range h.control {
		for j := range h.control[i] {
			h.control[i][j] = point{bendSD * h.Normal(), bendSD * h.Normal()}
		}
	}
	for len(h.moved) < len(g) {
		h.moved = append(h.moved, nil)
	}
	h.moved = h.moved[:len(g)]
	for c := range g {
		h.moved[c] = h.moved[c][:0]
		for _, p := range g[c] {
			bx, by := bernstein((p.x+1)/2), bernstein((p.y+1)/2)
			d := p
			for i, row := range h.control {
				for j, q := range row {
					w := float64(by[i] * bx[j])
					d.x += float64(w * q.x)
					d.y += float64(w * q.y)
				}
			}
			h.moved[c] = append(h.moved[c], d)
		}
	}
}

// bernstein returns the four cubic Bernstein polynomials at t.
func bernstein(t float64) [4]float64 {
	u := 1 - t
	return [4]float64{u * u * u, 3 * t * u * u, 3 * t * t * u, t * t * t}
}

// place maps h.moved to pixels by a random affine map and returns the
// direction in which its outer contours run.
func (h *hand) place() (sign float64) {
	tilt := h.between(-tiltMax, tiltMax)
	sin, cos := portable.Sin(tilt), portable.Cos(tilt)
	slant := h.between(-slantMax, slantMax)
	sy := h.between(heightMin, heightMax)
	sx := sy * h.between(widthMin, widthMax)
	dx := digitSide/2.0 + h.between(-shiftMax, shiftMax)
	dy := digitSide/2.0 + h.between(-shiftMax, shiftMax)
	total := 0.0
	for _, c := range h.moved {
		for i, p := range c {
			x := float64(sx * (p.x - float64(slant*p.y)))
			y := float64(sy * p.y)
			c[i] = point{
				dx + (float64(cos*x) - float64(sin*y)),
				dy + (float64(sin*x) + float64(cos*y)),
			}
		}
		total += area(c)
	}
	return math.Copysign(1, total)
}

// blur smooths h.img by a three-pixel kernel along each axis, whose outer
// weights are w.
func (h *hand) blur(w float64) {
	mid := 1 - float64(2*w)
	const n = digitSide
	at := func(p []float64, y, x int) float64 {
		if x < 0 || x >= n || y < 0 || y >= n {
			return 0
		}
		return p[y*n+x]
	}
	for y := range n {
		for x := range n {
			h.tmp[y*n+x] = float64(mid*h.img[y*n+x]) + float64(w*(at(h.img, y, x-1)+at(h.img, y, x+1)))
		}
	}
	for y := range n {
		for x := range n {
			h.img[y*n+x] = float64(mid*h.tmp[y*n+x]) + float64(w*(at(h.tmp, y-1, x)+at(h.tmp, y+1, x)))
		}
	}
}

// classNumbers returns the names "0" to "n-1".
func classNumbers(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprint(i)
	}
	return names
}
