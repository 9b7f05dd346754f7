package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/internal/shell"
	"github.com/descent-go/descent/lab"
	paper "github.com/descent-go/descent/report"
)

// redrawFlags are what the command line of descent redraw says.
type redrawFlags struct {
	formats       []string
	width, height int
	list          bool
	look          drawing
}

func newRedraw(a *app) *cobra.Command {
	var f redrawFlags
	cmd := &cobra.Command{
		Use:     "redraw FILE [FIGURE...]",
		GroupID: "look",
		Short:   "Draw the figures of a result again, without training",
		Long: `Redraw draws figures from the numbers that a command has written: compare.json,
tune.json, find-lr.json, landscape.json or show.json, or the only one of them in a
folder. Without FIGURE it draws all that there are; --list names them.`,
		Example: `  descent redraw compare.json --list
  descent redraw compare.json rosenbrock-paths --theme dark --width 1280 --format svg
  descent redraw compare.json rosenbrock-paths --format gif --out slides`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("want the file of a result, such as compare.json")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.redraw(args[0], args[1:], &f) },
	}
	if a.own != nil {
		cmd.Example = ""
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.BoolVar(&f.list, "list", false, "name the figures and draw nothing")
	flags.StringSliceVar(&f.formats, "format", []string{"png", "svg"}, "`formats`, separated by commas: png, svg; gif of what is animated")
	flags.IntVar(&f.width, "width", 0, "in units of the layout, 240 to 8192 (default: what suits the figure)")
	flags.IntVar(&f.height, "height", 0, "as --width")
	f.look.flag(flags)
	return cmd
}

// resultNames are the files that redraw takes, by the command that writes them.
var resultNames = []string{"compare", "tune", "find-lr", "landscape", "show"}

// A drawable is a figure that can be drawn in any style.
type drawable struct {
	name      string
	draw      func(figure.Style) (*figure.Figure, error)
	animation *figure.Animation // nil: nothing moves
}

// redraw reads a result and draws what is asked for.
func (a *app) redraw(path string, names []string, f *redrawFlags) error {
	style, err := f.style()
	if err != nil {
		return err
	}
	path, all, err := readResult(path)
	if err != nil {
		return err
	}
	chosen := all
	if len(names) > 0 {
		chosen = nil
	}
	for _, name := range names {
		i := slices.IndexFunc(all, func(d drawable) bool { return d.name == name })
		if i < 0 {
			return usagef("%s has no figure %q, want one of %s", path, name, strings.Join(namesOf(all), ", "))
		}
		chosen = append(chosen, all[i])
	}
	r := &redrawReport{Source: path, Figures: namesOf(chosen), Files: []string{}, listed: f.list}
	if !f.list {
		if err := a.writable(); err != nil {
			return err
		}
		if r.Files, err = a.drawAll(chosen, style, f.formats); err != nil {
			return err
		}
		if len(r.Files) == 0 {
			return badFlag("format", strings.Join(f.formats, ","), errors.New("nothing of this moves, want png or svg"))
		}
	}
	return a.print(r)
}

func (f *redrawFlags) style() (figure.Style, error) {
	style, err := f.look.style()
	if err != nil {
		return style, err
	}
	for _, d := range []struct {
		name  string
		value int
	}{{"width", f.width}, {"height", f.height}} {
		if d.value != 0 && (d.value < 240 || d.value > 8192) {
			return style, badFlag(d.name, d.value, errors.New("want 240 to 8192"))
		}
	}
	for _, format := range f.formats {
		if !slices.Contains([]string{"png", "svg", "gif"}, format) {
			return style, badFlag("format", format, errors.New("want png, svg or gif"))
		}
	}
	style.Width, style.Height = f.width, f.height
	return style, nil
}

func namesOf(all []drawable) []string {
	names := make([]string, len(all))
	for i, d := range all {
		names[i] = d.name
	}
	return names
}

// drawAll writes figures to the folder of --out.
func (a *app) drawAll(all []drawable, style figure.Style, formats []string) ([]string, error) {
	files := []string{}
	if err := os.MkdirAll(a.dir, 0o777); err != nil {
		return nil, outError(a.dir, err)
	}
	for _, d := range all {
		drawn, err := d.draw(style)
		if err != nil {
			return files, fmt.Errorf("figure %s: %w", d.name, err)
		}
		for _, format := range formats {
			file := filepath.Join(a.dir, d.name+"."+format)
			switch {
			case format != "gif":
				err = drawn.Save(file)
			case d.animation == nil:
				continue
			default:
				err = moving(d.animation, style).Save(file)
			}
			if err != nil {
				return files, outError(a.dir, err)
			}
			files = append(files, file)
		}
	}
	return files, nil
}

// moving returns an animation in a style; its many frames have half the resolution of
// a picture.
func moving(a *figure.Animation, style figure.Style) figure.Animation {
	drawn := *a
	drawn.Style = style
	drawn.Scale = max(0.5, style.Scale/2)
	return drawn
}

// readResult reads what a command has written, from its file or the folder with it.
func readResult(path string) (string, []drawable, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		var found []string
		for _, name := range resultNames {
			if file := filepath.Join(path, name+".json"); isFile(file) {
				found = append(found, file)
			}
		}
		if len(found) != 1 {
			return path, nil, usagef("%s has %d results, want the file of one: %s.json", path, len(found), strings.Join(resultNames, ".json, "))
		}
		path = found[0]
	}
	text, err := os.ReadFile(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return path, nil, usagef("%w; want a result, such as compare.json", err)
		}
		return path, nil, err
	}
	all, err := drawables(text)
	if err != nil {
		return path, nil, fmt.Errorf("%s: %w", path, err)
	}
	return path, all, nil
}

// drawables returns the figures of a result.
func drawables(text []byte) ([]drawable, error) {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(text, &keys); err != nil {
		return nil, fmt.Errorf("%w, want the JSON of a result", err)
	}
	has := func(key string) bool { _, ok := keys[key]; return ok }
	switch {
	case has("tasks"):
		var r lab.Comparison
		if err := json.Unmarshal(text, &r); err != nil {
			return nil, err
		}
		return figuresOf(paper.Comparison(&r, paper.Repeat{}))
	case has("tries"):
		var r lab.Tuning
		if err := json.Unmarshal(text, &r); err != nil {
			return nil, err
		}
		return figuresOf(paper.Tuning(&r, paper.Repeat{}))
	case has("ramp"):
		r := rateReport{FoundRate: &lab.FoundRate{}}
		if err := json.Unmarshal(text, r.FoundRate); err != nil {
			return nil, err
		}
		return []drawable{{name: "find-lr", draw: r.draw}}, nil
	case has("plane"):
		r := landscapeReport{Landscape: &lab.Landscape{}}
		if err := json.Unmarshal(text, r.Landscape); err != nil {
			return nil, err
		}
		return pick([]string{"landscape", "landscape-surface"}, func(st figure.Style) ([]picture, error) { return r.draw(st, true) }), nil
	case has("charts"):
		var r lab.Shown
		if err := json.Unmarshal(text, &r); err != nil {
			return nil, err
		}
		var names []string
		for _, c := range r.Charts {
			names = append(names, r.Name+"-"+c.Name)
		}
		return pick(names, func(st figure.Style) ([]picture, error) { return drawShown(&r, st) }), nil
	}
	return nil, fmt.Errorf("no result that has figures, want what %s writes", strings.Join(resultNames, ", "))
}

// figuresOf returns the figures of a report.
func figuresOf(doc *paper.Document, err error) ([]drawable, error) {
	if err != nil {
		return nil, err
	}
	var all []drawable
	for _, f := range doc.Figures() {
		all = append(all, drawable{f.File, f.Draw, f.Animation})
	}
	return all, nil
}

// pick makes drawables of pictures that are drawn together.
func pick(names []string, draw func(figure.Style) ([]picture, error)) []drawable {
	var all []drawable
	for i, name := range names {
		all = append(all, drawable{name: name, draw: func(st figure.Style) (*figure.Figure, error) {
			pictures, err := draw(st)
			if err != nil {
				return nil, err
			}
			return pictures[i].Figure, nil
		}})
	}
	return all
}

// redrawn is how the figures of a result are drawn again.
func redrawn(program, path string) paper.Repeat {
	return paper.Repeat{Redraw: func(file string) string {
		return shell.Line(program, "redraw", path, file)
	}}
}

// A redrawReport tells what was drawn.
type redrawReport struct {
	Source  string   `json:"source"`
	Figures []string `json:"figures"`
	Files   []string `json:"files"`

	listed bool
}

func (r *redrawReport) text(p *page) {
	lines := r.Files
	if r.listed {
		lines = r.Figures
	}
	for _, line := range lines {
		p.line("%s", line)
	}
}
