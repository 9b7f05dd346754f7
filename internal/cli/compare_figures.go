package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/descent-go/descent/figure"
	paper "github.com/descent-go/descent/report"
)

// The report of a comparison, and the folder of its figures.
const (
	pageName   = "report.html"
	figureName = "figures"
)

// publish writes the page of a comparison and its figures.
func (a *app) publish(r *comparisonReport, style figure.Style) ([]string, error) {
	again := redrawn(a.program, filepath.Join(a.dir, "compare.json"))
	again.Command = r.Command
	doc, err := paper.Comparison(r.Comparison, again)
	if err != nil {
		return nil, err
	}
	return a.publishDocument(doc, style)
}

// publishDocument writes a report as a page, and its figures beside it.
func (a *app) publishDocument(doc *paper.Document, style figure.Style) ([]string, error) {
	path, err := a.file(pageName)
	if err != nil {
		return nil, err
	}
	if err := doc.Save(path); err != nil {
		return nil, outError(a.dir, err)
	}
	dir := filepath.Join(a.dir, figureName)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, outError(a.dir, err)
	}
	var pictures []picture
	for _, f := range doc.Figures() {
		drawn, err := f.Draw(style)
		if err != nil {
			return nil, fmt.Errorf("figure %s: %w", f.File, err)
		}
		pictures = append(pictures, picture{f.File, drawn})
	}
	files, err := saveTo(dir, pictures)
	if err != nil {
		return files, err
	}
	for _, f := range doc.Figures() {
		if f.Animation == nil {
			continue
		}
		file := filepath.Join(dir, f.File+".gif")
		gif, err := f.GIF()
		if err == nil {
			err = writeFile(file, gif)
		}
		if err != nil {
			return files, outError(dir, err)
		}
		files = append(files, file)
	}
	return append([]string{path}, files...), nil
}
