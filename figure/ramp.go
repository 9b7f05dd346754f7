package figure

import (
	"image/color"
	"math"

	"github.com/descent-go/descent/internal/portable"
)

// ramp is a colour map through colours of Oklch (lightness in [0, 1], chroma,
// hue in degrees), equally spaced. Oklab (Ottosson, "A perceptual color space
// for image processing", 2020) is perceptually uniform: with lightness rising
// evenly along a ramp, equal steps look equal, with or without colour vision.
type ramp [][3]float64

// at returns the colour at t in [0, 1].
func (r ramp) at(t float64) color.NRGBA {
	t = min(max(t, 0), 1) * float64(len(r)-1)
	i := min(int(t), len(r)-2)
	t -= float64(i)
	var c [3]float64
	for k := range c {
		c[k] = r[i][k] + float64(t*(r[i+1][k]-r[i][k]))
	}
	return oklch(c[0], c[1], c[2])
}

func oklch(l, c, h float64) color.NRGBA {
	h *= math.Pi / 180
	a, b := c*portable.Cos(h), c*portable.Sin(h)
	cube := func(v float64) float64 { return v * v * v }
	l3 := cube(l + float64(0.3963377774*a) + float64(0.2158037573*b))
	m3 := cube(l - float64(0.1055613458*a) - float64(0.0638541728*b))
	s3 := cube(l - float64(0.0894841775*a) - float64(1.2914855480*b))
	return color.NRGBA{
		srgb(float64(4.0767416621*l3) - float64(3.3077115913*m3) + float64(0.2309699292*s3)),
		srgb(float64(-1.2684380046*l3) + float64(2.6097574011*m3) - float64(0.3413193965*s3)),
		srgb(float64(-0.0041960863*l3) - float64(0.7034186147*m3) + float64(1.7076147010*s3)),
		255,
	}
}

// srgb encodes a linear intensity.
func srgb(v float64) uint8 {
	v = min(max(v, 0), 1)
	if v <= 0.0031308 {
		v *= 12.92
	} else {
		v = float64(1.055*portable.Pow(v, 1/2.4)) - 0.055
	}
	return uint8(float64(v*255) + 0.5)
}

// shade scales the brightness of c; f above 1 moves it towards white.
func shade(c color.NRGBA, f float64) color.NRGBA {
	ch := func(v uint8) uint8 {
		x := float64(v)
		if f <= 1 {
			x *= max(f, 0)
		} else {
			x += float64((255 - x) * min(f-1, 1))
		}
		return uint8(x + 0.5)
	}
	return color.NRGBA{ch(c.R), ch(c.G), ch(c.B), c.A}
}
