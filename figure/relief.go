package figure

import (
	"fmt"
	"image/color"
)

// Bands is the number of bands that contours have between the least and the
// largest value.
const Bands = 22

// A Relief is a function of two variables on a grid, with the scale on which
// figures show its values: what others draw contours and surfaces from.
type Relief struct {
	Domain Domain
	// N is the number of places along each side: X are those of the columns, from XMin
	// on, and Y those of the rows, from YMin up. Values are those of the function, row by
	// row; NaN where it is not finite.
	N      int
	X, Y   []float64
	Values []float64
	// Heights are the values on the scale, from 0 at the lowest to 1 at the highest;
	// where there is no value, that of a place beside. Far above the minimum the scale
	// is logarithmic, near it linear.
	Heights []float64
	// Lifts are the same on the scale of surfaces, which is bent less.
	Lifts []float64
	// Min and Max are the least and the largest value; Undefined counts the places
	// without one.
	Min, Max  float64
	Undefined int
	// Marks are values to label on the scale. They are distances from the minimum
	// where Title says so, as "f − 3" does.
	Marks []Mark
	Title string
}

// A Mark is a labelled value of a scale.
type Mark struct {
	Value, Height float64
	Text          string
}

// NewRelief evaluates a function on a grid of n by n places. Known minima make
// the scale begin at the lowest of them though the grid steps over it. It is an
// error when the function is not finite anywhere.
func NewRelief(f func(x, y float64) float64, d Domain, n int, minima []Point) (*Relief, error) {
	if err := d.check("Relief.Domain"); err != nil {
		return nil, err
	}
	if n < 2 {
		return nil, placesError("Relief.N", n)
	}
	fd, err := sample(f, d, n, minima, 0.01)
	if err != nil {
		return nil, err
	}
	return fd.relief(d), nil
}

func placesError(what string, n int) error {
	return fmt.Errorf("figure: %s = %d, want at least 2", what, n)
}

// relief is what others draw of a square field. The field is used up.
func (fd *field) relief(d Domain) *Relief {
	r := &Relief{
		Domain: d, N: fd.nx, X: fd.xs, Y: fd.ys, Values: fd.v, Heights: fd.t, Min: fd.min, Max: fd.max, Undefined: fd.undef,
	}
	ticks, relative := fd.ticks(barTicks)
	r.Title = fd.title(relative)
	for _, t := range ticks {
		r.Marks = append(r.Marks, Mark{t.value, fd.unit(t.value), t.text})
	}
	fd.scale(surfaceShare)
	r.Lifts = fd.t
	return r
}

// Colours returns n colours of a theme from the lowest to the highest: those of
// the bands of contours, or with strong those of surfaces.
func (t Theme) Colours(n int, strong bool) []color.NRGBA {
	ramp := t.palette().soft
	if strong {
		ramp = t.palette().strong
	}
	all := make([]color.NRGBA, n)
	for k := range all {
		all[k] = ramp.at(float64(k) / float64(max(n-1, 1)))
	}
	return all
}
