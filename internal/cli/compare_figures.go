package cli

import (
	"path/filepath"

	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/lab"
)

// drawComparison draws what a comparison has found.
func (a *app) drawComparison(c *lab.Comparison, style figure.Style) ([]string, error) {
	_ = filepath.Join
	return nil, nil
}
