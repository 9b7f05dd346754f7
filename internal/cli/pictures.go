package cli

import (
	"fmt"

	"github.com/descent-go/descent/figure"
)

// A picture is a figure and the name of its files.
type picture struct {
	name string
	*figure.Figure
}

// save writes pictures as PNG and SVG to the folder of --out and returns the
// paths.
func (a *app) save(pictures []picture) ([]string, error) {
	var files []string
	for _, p := range pictures {
		for _, ext := range []string{".png", ".svg"} {
			file, err := a.file(p.name + ext)
			if err != nil {
				return files, err
			}
			if err := p.Save(file); err != nil {
				return files, fmt.Errorf("--out %s: %w", a.dir, err)
			}
			files = append(files, file)
		}
	}
	return files, nil
}
