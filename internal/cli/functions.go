package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/problem"
)

func newFunctions(a *app) *cobra.Command {
	var plot bool
	var look drawing
	cmd := &cobra.Command{
		Use:     "functions [NAME]",
		GroupID: "look",
		Short:   "List the functions, or explain one: formula, gradient, minima, source",
		Long: `Functions lists the functions that descent run knows, or explains one of them, or
your own expression in x and y. With --plot it draws contours and surface.`,
		Example: `  descent functions
  descent functions rosenbrock
  descent functions rosenbrock:b=10 --plot --out pictures
  descent functions 'x^2 + sin(3*y)'`,
		Args: positional(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			style, err := look.style()
			if err != nil {
				return err
			}
			if len(args) == 0 {
				if plot {
					return usagef("--plot: want the function to draw, as in descent functions rosenbrock --plot")
				}
				return a.show(cmd, allFunctions(), nil)
			}
			for _, f := range problem.Families() {
				if f.Name == args[0] && !plot {
					return a.show(cmd, describeFamily(f), nil)
				}
			}
			f, err := problem.Resolve(args[0])
			if err != nil {
				return &usageError{err}
			}
			r := describeFunction(f)
			if plot {
				if r.Files, err = a.drawFunction(f, style); err != nil {
					return err
				}
			}
			return a.show(cmd, r, r.Files)
		},
	}
	cmd.Flags().BoolVar(&plot, "plot", false, "draw contours and surface into the folder of --out")
	look.flag(cmd.Flags())
	return cmd
}

type functionList struct {
	Functions []functionReport `json:"functions"`
	Families  []familyReport   `json:"families"`
}

type functionReport struct {
	Name       string          `json:"name"`
	Title      string          `json:"title"`
	Doc        string          `json:"doc"`
	Source     string          `json:"source,omitempty"`
	Expression string          `json:"expression"`
	TeX        string          `json:"tex"`
	Gradient   [2]string       `json:"gradient"`
	GradTeX    [2]string       `json:"gradient_tex"`
	Params     []functionParam `json:"params"`
	Minima     []minimum       `json:"minima"`
	Domain     domain          `json:"domain"`
	Start      [2]number       `json:"start"`
	Files      []string        `json:"files,omitempty"`
}

type functionParam struct {
	Name  string `json:"name"`
	Value number `json:"value"`
	Doc   string `json:"doc"`
}

type minimum struct {
	X      number `json:"x"`
	Y      number `json:"y"`
	Value  number `json:"value"`
	Global bool   `json:"global"`
}

type domain struct {
	X [2]number `json:"x"`
	Y [2]number `json:"y"`
}

type familyReport struct {
	Name    string         `json:"name"`
	Title   string         `json:"title"`
	Doc     string         `json:"doc"`
	Source  string         `json:"source"`
	TeX     string         `json:"tex"`
	Options []familyOption `json:"options"`
}

type familyOption struct {
	Name    string `json:"name"`
	Default string `json:"default"`
	Doc     string `json:"doc"`
}

func allFunctions() *functionList {
	l := &functionList{}
	for _, f := range problem.Functions() {
		l.Functions = append(l.Functions, *describeFunction(f))
	}
	for _, f := range problem.Families() {
		l.Families = append(l.Families, *describeFamily(f))
	}
	return l
}

func describeFunction(f *problem.Function) *functionReport {
	r := &functionReport{
		Name: f.Name, Title: f.Title, Doc: f.Doc, Source: f.Source,
		Expression: f.String(), TeX: f.TeX(),
		Params: []functionParam{}, Minima: []minimum{},
		Domain: domain{
			X: [2]number{number(f.Domain.XMin), number(f.Domain.XMax)},
			Y: [2]number{number(f.Domain.YMin), number(f.Domain.YMax)},
		},
		Start: [2]number{number(f.Start[0]), number(f.Start[1])},
	}
	r.Gradient[0], r.Gradient[1] = f.GradientText()
	r.GradTeX[0], r.GradTeX[1] = f.GradientTeX()
	for _, p := range f.Params {
		r.Params = append(r.Params, functionParam{p.Name, number(p.Value), p.Doc})
	}
	for _, m := range f.Minima {
		r.Minima = append(r.Minima, minimum{number(m.X), number(m.Y), number(m.Value), m.Global})
	}
	return r
}

func describeFamily(f problem.Family) *familyReport {
	r := &familyReport{Name: f.Name, Title: f.Title, Doc: f.Doc, Source: f.Source, TeX: f.TeX, Options: []familyOption{}}
	for _, o := range f.Options {
		r.Options = append(r.Options, familyOption(o))
	}
	return r
}

// drawFunction draws a function as contours and as a surface.
func (a *app) drawFunction(f *problem.Function, style figure.Style) ([]string, error) {
	style = titled(style, title(f), "f(x, y) = "+f.String())
	contour, err := figure.Contour{Style: style, Func: f.Value, Domain: figure.Domain(f.Domain), Minima: stars(f)}.Figure()
	if err != nil {
		return nil, err
	}
	surface, err := figure.Surface{Style: style, Func: f.Value, Domain: figure.Domain(f.Domain), Minima: stars(f)}.Figure()
	if err != nil {
		return nil, err
	}
	return a.save([]picture{{"contour", contour}, {"surface", surface}})
}

// title is the name of a function in figures: an expression is in the subtitle.
func title(f *problem.Function) string {
	if f.Title == f.String() {
		return "Your function"
	}
	return f.Title
}

// stars are the known minima as figures mark them.
func stars(f *problem.Function) []figure.Point {
	var points []figure.Point
	for _, m := range f.Minima {
		points = append(points, figure.Point{X: m.X, Y: m.Y})
	}
	return points
}

func (l *functionList) text(p *page) {
	var rows [][]string
	for _, f := range l.Functions {
		rows = append(rows, []string{f.Name, f.Expression})
	}
	p.heading("Functions of x and y")
	p.table([]column{words("name"), words("f(x, y)")}, rows)
	rows = nil
	for _, f := range l.Families {
		rows = append(rows, []string{f.Name, f.Doc})
	}
	p.blank()
	p.heading("Functions of n variables")
	p.table([]column{words("name"), words("summary")}, rows)
	if !p.quiet {
		p.blank()
		p.line("descent functions NAME tells more. An expression in x and y works like a name.")
	}
}

func (f *functionReport) text(p *page) {
	if f.Name == f.Expression {
		p.heading("%s", f.Name)
	} else {
		p.heading("%s (%s)", f.Title, f.Name)
		p.wrap("", f.Doc)
	}
	if f.Source != "" {
		p.wrap("Source: ", f.Source)
	}
	p.blank()
	p.wrap("f(x, y) = ", f.Expression)
	p.wrap("df/dx   = ", f.Gradient[0])
	p.wrap("df/dy   = ", f.Gradient[1])
	p.blank()
	p.wrap("TeX: ", f.TeX)
	if len(f.Params) > 0 {
		var rows [][]string
		for _, v := range f.Params {
			rows = append(rows, []string{v.Name, short(float64(v.Value)), v.Doc})
		}
		p.blank()
		p.table([]column{words("parameter"), numbers("value"), words("meaning")}, rows)
	}
	if len(f.Minima) > 0 {
		var rows [][]string
		for _, m := range f.Minima {
			kind := "local"
			if m.Global {
				kind = "global"
			}
			rows = append(rows, []string{kind, short(float64(m.X)), short(float64(m.Y)), short(float64(m.Value))})
		}
		p.blank()
		p.table([]column{words("minimum"), numbers("x"), numbers("y"), numbers("f")}, rows)
	}
	p.blank()
	p.line("Domain: x in [%s, %s], y in [%s, %s]", short(float64(f.Domain.X[0])), short(float64(f.Domain.X[1])),
		short(float64(f.Domain.Y[0])), short(float64(f.Domain.Y[1])))
	p.line("Start:  %s,%s", short(float64(f.Start[0])), short(float64(f.Start[1])))
}

func (f *familyReport) text(p *page) {
	p.heading("%s (%s)", f.Title, f.Name)
	p.wrap("", f.Doc)
	p.wrap("Source: ", f.Source)
	p.blank()
	p.wrap("TeX: ", f.TeX)
	p.blank()
	var rows [][]string
	for _, o := range f.Options {
		rows = append(rows, []string{o.Name, o.Default, o.Doc})
	}
	p.table([]column{words("option"), numbers("default"), words("meaning")}, rows)
	p.blank()
	p.line("%s", fmt.Sprintf("Options follow a colon: descent run --function %s:n=20", f.Name))
}
