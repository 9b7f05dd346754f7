package report

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/train"
)

// A jsonBlock is any block, as a reader of the data sees it.
type jsonBlock struct {
	Block, Kind, Title, Text, File, Caption, Command string
	Items, Notes                                     []string
	Facts                                            []Fact
	Blocks                                           []jsonBlock
	Columns                                          []Column
	Rows                                             []struct {
		Strong bool
		Cells  []struct {
			Text  string
			Value *train.Real
		}
	}
}

// The data of a document have what its page shows: every table with the same cells
// and the same numbers, every verdict, figure and command.
func TestDocumentJSON(t *testing.T) {
	d := documentOf(t, compared(2))
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Title, Lead string
		Sections    []struct {
			Title  string
			Blocks []jsonBlock
		}
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	p := read(t, write(t, d))
	if got.Title != d.Title || got.Lead != d.Lead || len(got.Sections) != len(d.Sections) {
		t.Errorf("%q, %q, %d sections", got.Title, got.Lead, len(got.Sections))
	}
	seen := map[string]int{}
	var look func(b jsonBlock)
	look = func(b jsonBlock) {
		seen[b.Block]++
		for _, s := range append([]string{b.Title, b.Text, b.Caption}, b.Notes...) {
			if b.Block != "command" && !strings.Contains(p.texts, s) {
				t.Errorf("the page does not say %q", s)
			}
		}
		for _, inner := range b.Blocks {
			look(inner)
		}
		if b.Block != "table" {
			return
		}
		var cells []string
		for _, c := range b.Columns {
			cells = append(cells, c.Name)
		}
		for _, r := range b.Rows {
			for _, c := range r.Cells {
				cells = append(cells, c.Text)
				if c.Value != nil && c.Text == "–" {
					t.Errorf("%s: %v is shown as nothing", b.File, *c.Value)
				}
			}
		}
		if page := p.tables[b.File+".csv"]; !slices.Equal(page, cells) {
			t.Errorf("%s: the page has\n%q, the data\n%q", b.File, page, cells)
		}
	}
	for _, s := range got.Sections {
		for _, b := range s.Blocks {
			look(b)
		}
	}
	for _, kind := range []string{"verdict", "facts", "table", "figure", "folded", "command", "list"} {
		if seen[kind] == 0 {
			t.Errorf("no %s", kind)
		}
	}
	median := got.Sections[1].Blocks[1].Rows[0].Cells[2]
	if median.Text != "0.1235" || *median.Value != 0.123456 {
		t.Errorf("the median of the best is %q, %v", median.Text, *median.Value)
	}
	last := got.Sections[1].Blocks[1].Rows[2].Cells[7]
	if last.Text != "∞" || *last.Value != inf {
		t.Errorf("the end of an open interval is %q, %v", last.Text, last.Value)
	}
}

func TestDocumentJSONIsChecked(t *testing.T) {
	for _, d := range []*Document{
		{},
		{Title: "a", Sections: []Section{{Blocks: []Block{&Table{Caption: "b", File: "c/d"}}}}},
	} {
		if _, err := json.Marshal(d); err == nil || !strings.Contains(err.Error(), "report: ") {
			t.Errorf("%v", err)
		}
	}
}
