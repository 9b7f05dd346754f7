package report_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/report"
)

func ExampleDocument() {
	d := report.Document{
		Title: "Learning rates for digits",
		Lead:  "Rates from 0.02 to 0.2 do.",
		Sections: []report.Section{{
			Title: "Answer",
			Blocks: []report.Block{
				report.Verdict{Kind: report.Clear, Title: "0.02 to 0.2", Text: "Within this interval the loss is within 10 % of the best."},
				&report.Table{
					Caption: "Rates that were tried", File: "rates",
					Columns: []report.Column{{Name: "rate", Numeric: true}, {Name: "loss", Numeric: true}},
					Rows: []report.Row{
						{Cells: []report.Cell{report.Number(0.1), report.Number(0.2512345)}, Strong: true},
						{Cells: []report.Cell{report.Number(10), {}}},
					},
				},
				&report.Figure{
					Caption: "The loss of the best rate", Alt: "It falls from 2.3 to 0.25.", File: "loss", Command: "descent find-lr digits",
					Draw: func(style figure.Style) (*figure.Figure, error) {
						return figure.Loss{Style: style, Runs: []figure.Series{{Y: []float64{2.3, 0.6, 0.25}}}}.Figure()
					},
				},
			},
		}},
	}
	folder, err := os.MkdirTemp("", "report")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(folder) }()
	if err := d.Save(filepath.Join(folder, "report.html")); err != nil {
		fmt.Println(err)
		return
	}
	page, err := os.ReadFile(filepath.Join(folder, "report.html"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, part := range []string{`<th scope="row" data-key="0.1"><span>0.1</span></th><td class="number" data-key="0.2512345">0.2512</td>`, `download="rates.csv"`, `download="loss.svg"`} {
		fmt.Println(strings.Contains(string(page), part))
	}
	// Output:
	// true
	// true
	// true
}
