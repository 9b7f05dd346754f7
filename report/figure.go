package report

import (
	"bytes"
	"fmt"

	"github.com/descent-go/descent/figure"
)

// A Figure is a picture with its caption.
type Figure struct {
	Caption string // what it shows, and how to read it
	Alt     string // what is to see in it, for those who do not
	File    string // name of its file, without extension; each figure its own
	Command string // draws it again; may be empty
	// Chart has what it draws as numbers; nil where that is no chart of lines.
	Chart *Chart
	// Plane computes what it draws as numbers where that is a map of a plane; nil for
	// anything else.
	Plane func() (*Plane, error)
	// Draw draws it in the theme and width of a style, of which it keeps the rest.
	// But for colours the picture does not depend on the theme.
	Draw func(figure.Style) (*figure.Figure, error)
	// Animation shows the picture as it comes about, where there is something to see;
	// its style does not count. On the page it is folded away: nothing moves unasked.
	Animation *figure.Animation

	gif []byte // of it, once it is drawn
}

// The size of animations on the page, in pixels, and their frames.
const (
	animationWidth, animationHeight = 720, 540
	animationFrames                 = 60
)

// GIF returns the animation as it is on the page, light and 720×540 pixels large. It
// is drawn once.
func (f *Figure) GIF() ([]byte, error) {
	if f.gif != nil {
		return f.gif, nil
	}
	if f.Animation == nil {
		return nil, fmt.Errorf("report: figure %q has no animation", f.Caption)
	}
	a := *f.Animation
	a.Style = figure.Style{Width: animationWidth, Height: animationHeight}
	a.Frames = animationFrames
	var b bytes.Buffer
	if err := a.WriteGIF(&b); err != nil {
		return nil, fmt.Errorf("report: figure %q: %w", f.Caption, err)
	}
	f.gif = b.Bytes()
	return f.gif, nil
}

// The widths of figures, in units: on wide and on narrow screens.
const (
	wideUnits   = 960
	narrowUnits = 400
)

// svg draws the figure for both themes.
func (f *Figure) svg(width int) ([]byte, error) {
	light, err := f.Draw(figure.Style{Theme: figure.Light, Width: width})
	if err != nil {
		return nil, fmt.Errorf("report: figure %q: %w", f.Caption, err)
	}
	dark, err := f.Draw(figure.Style{Theme: figure.Dark, Width: width})
	if err != nil {
		return nil, fmt.Errorf("report: figure %q: %w", f.Caption, err)
	}
	var b bytes.Buffer
	if err := figure.WriteThemedSVG(&b, light, dark); err != nil {
		return nil, fmt.Errorf("report: figure %q: %w", f.Caption, err)
	}
	return b.Bytes(), nil
}
