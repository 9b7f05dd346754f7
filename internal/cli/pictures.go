package cli

import (
	"os"
	"path/filepath"

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
	if err := os.MkdirAll(a.dir, 0o777); err != nil {
		return nil, outError(a.dir, err)
	}
	return saveTo(a.dir, pictures)
}

// saveTo writes pictures to a folder that is there.
func saveTo(dir string, pictures []picture) ([]string, error) {
	var files []string
	for _, p := range pictures {
		for _, ext := range []string{".png", ".svg"} {
			file := filepath.Join(dir, p.name+ext)
			if err := p.Save(file); err != nil {
				return files, outError(dir, err)
			}
			files = append(files, file)
		}
	}
	return files, nil
}
