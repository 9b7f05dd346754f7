package web

import (
	"bytes"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/report"
)

// labFigure answers with a figure of a job's report, named as its file with the
// extension svg, png or, where it is animated, gif. The query says how: theme (light
// or dark), width (in units, 240 to 4096) and download, for something to keep.
func (s *Server) labFigure(w http.ResponseWriter, r *http.Request) error {
	name, query := r.PathValue("name"), r.URL.Query()
	var style figure.Style
	var err error
	if text := query.Get("theme"); text != "" {
		if style.Theme, err = figure.ParseTheme(text); err != nil {
			return refuse(http.StatusBadRequest, "theme", "%v", err)
		}
	}
	if text := query.Get("width"); text != "" {
		if style.Width, err = strconv.Atoi(text); err != nil || style.Width < 240 || style.Width > 4096 {
			return refuse(http.StatusBadRequest, "width", "%.20q units, want 240 to 4096", text)
		}
	}
	answer, err := s.readReport(r)
	if err != nil {
		return err
	}
	figures := answer.Report.Figures()
	i := slices.IndexFunc(figures, func(f *report.Figure) bool { return f.File == strings.TrimSuffix(name, path.Ext(name)) })
	if i < 0 {
		return refuse(http.StatusNotFound, "", "the report has no figure %.200q", name)
	}
	var b bytes.Buffer
	if path.Ext(name) == ".gif" {
		if figures[i].Animation == nil {
			return refuse(http.StatusNotFound, "", "figure %.200q is not animated", name)
		}
		gif, err := figures[i].GIF()
		if err != nil {
			return err
		}
		b.Write(gif)
	} else {
		drawn, err := figures[i].Draw(style)
		if err != nil {
			return err
		}
		write := drawn.WriteSVG
		switch path.Ext(name) {
		case ".svg":
		case ".png":
			write = drawn.WritePNG
		default:
			return refuse(http.StatusNotFound, "", "%.200q, want a figure as svg, png or gif", name)
		}
		if err := write(&b); err != nil {
			return err
		}
	}
	describe(w.Header(), r, name)
	_, err = w.Write(b.Bytes())
	return err
}
