package figure

import (
	"fmt"
	"image/color"
)

// Theme is the set of colours of a picture.
type Theme int

// The themes.
const (
	Light Theme = iota
	Dark
)

// ParseTheme returns the theme named "light" or "dark".
func ParseTheme(name string) (Theme, error) {
	switch name {
	case "light":
		return Light, nil
	case "dark":
		return Dark, nil
	}
	return 0, fmt.Errorf("figure: theme %q, want light or dark", name)
}

func (t Theme) String() string {
	if t == Dark {
		return "dark"
	}
	return "light"
}

// palette is what a theme paints with.
type palette struct {
	paper, plot  color.NRGBA // outside and inside the axes
	ink, muted   color.NRGBA // text and frames; secondary text
	grid, void   color.NRGBA // grid lines; where a function is undefined
	isoline      color.NRGBA
	halo         color.NRGBA // around paths, to lift them off the fill
	series       []color.NRGBA
	soft, strong ramp // fills of contours; of surfaces
}

func (t Theme) palette() *palette {
	if t == Dark {
		return &darkPalette
	}
	return &lightPalette
}

func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{uint8(hex >> 16), uint8(hex >> 8), uint8(hex), 255}
}

func fade(c color.NRGBA, alpha float64) color.NRGBA {
	c.A = uint8(alpha*255 + 0.5)
	return c
}

// mix returns the colour at t between a and b.
func mix(a, b color.NRGBA, t float64) color.NRGBA {
	ch := func(x, y uint8) uint8 { return uint8(float64(x) + float64(t*(float64(y)-float64(x))) + 0.5) }
	return color.NRGBA{ch(a.R, b.R), ch(a.G, b.G), ch(a.B, b.B), 255}
}

var lightPalette = palette{
	paper: rgb(0xffffff), plot: rgb(0xffffff),
	ink: rgb(0x1f2933), muted: rgb(0x5b6773),
	grid: rgb(0xe3e7eb), void: rgb(0xc9c9c9),
	isoline: color.NRGBA{0x2b, 0x4a, 0x6b, 0x42},
	halo:    color.NRGBA{0xff, 0xff, 0xff, 0xc8},
	// Okabe–Ito, its yellow darkened: on white it cannot be seen.
	series: []color.NRGBA{
		rgb(0x0072b2), rgb(0xd55e00), rgb(0x009e73), rgb(0xb8559a),
		rgb(0xe69f00), rgb(0x2f9bdf), rgb(0x1a1a1a), rgb(0x8f8600),
	},
	soft:   ramp{{0.80, 0.075, 245}, {0.88, 0.050, 220}, {0.94, 0.035, 140}, {0.985, 0.025, 95}},
	strong: ramp{{0.56, 0.115, 255}, {0.69, 0.095, 215}, {0.82, 0.085, 150}, {0.95, 0.080, 100}},
}

var darkPalette = palette{
	paper: rgb(0x14181d), plot: rgb(0x191e24),
	ink: rgb(0xe6eaee), muted: rgb(0x9aa6b2),
	grid: rgb(0x2c343d), void: rgb(0x4a4a4a),
	isoline: color.NRGBA{0xd5, 0xe4, 0xf5, 0x38},
	halo:    color.NRGBA{0x0b, 0x0f, 0x14, 0xb4},
	// Okabe–Ito, its blue, green and black lightened.
	series: []color.NRGBA{
		rgb(0x56b4e9), rgb(0xe69f00), rgb(0x25c79a), rgb(0xe58cc4),
		rgb(0xf0e442), rgb(0xf4743b), rgb(0xf2f2f2), rgb(0x9c9cff),
	},
	soft:   ramp{{0.20, 0.045, 260}, {0.28, 0.055, 240}, {0.36, 0.055, 215}, {0.45, 0.050, 190}},
	strong: ramp{{0.40, 0.095, 262}, {0.52, 0.095, 230}, {0.64, 0.090, 190}, {0.78, 0.090, 140}},
}

// look is how one series is drawn.
type look struct {
	color color.NRGBA
	dash  []float64
	mark  mark
}

var dashes = [][]float64{nil, {8, 3}, {2.5, 2.5}, {9, 3, 2.5, 3}, {5, 2.5}}

// look returns the i-th look: no two of the first 40 are equal in all three of
// colour, dash and marker.
func (p *palette) look(i int) look {
	n := len(p.series)
	return look{
		color: p.series[i%n],
		dash:  dashes[(i+i/n)%len(dashes)],
		mark:  mark((i + 3*(i/n)) % int(markCount)),
	}
}
