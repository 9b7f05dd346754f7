package report

import (
	"encoding/json"
	"fmt"
	"math"
)

// MarshalJSON writes the document as data for a page of someone else's: its title,
// lead and sections in their order, with
//
//	{"title": …, "lead": …, "sections": [{"title": …, "blocks": […], "sections": […]}]}
//
// A block says in "block" what it is: "paragraph", "list", "verdict", "facts",
// "table", "figure", "command" or "folded". A cell of a table has the very text that
// [Document.Write] shows, and in "value" the number it stands for with all of its
// digits, as [encoding/json] or "+Inf" and "-Inf" write it; a text of its own, and
// nothing, have none. A figure is its caption, text and name, its chart where it has
// one, for whoever reads it to draw, whether it is a map, whose numbers are many and
// asked for by [Figure.Plane], and whether it is animated.
func (d *Document) MarshalJSON() ([]byte, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	return json.Marshal(struct {
		Title    string        `json:"title"`
		Lead     string        `json:"lead,omitempty"`
		Sections []sectionData `json:"sections"`
	}{d.Title, d.Lead, sectionsData(d.Sections)})
}

type sectionData struct {
	Title    string        `json:"title"`
	Blocks   []any         `json:"blocks"`
	Sections []sectionData `json:"sections,omitempty"`
}

func sectionsData(sections []Section) []sectionData {
	all := make([]sectionData, len(sections))
	for i, s := range sections {
		all[i] = sectionData{s.Title, blocksData(s.Blocks), sectionsData(s.Sections)}
	}
	return all
}

func blocksData(blocks []Block) []any {
	all := make([]any, len(blocks))
	for i, b := range blocks {
		all[i] = blockData(b)
	}
	return all
}

// blockData is a block as it is written.
func blockData(b Block) any {
	type named struct {
		Block string `json:"block"`
	}
	is := named{b.template()}
	switch b := b.(type) {
	case Paragraph:
		return struct {
			named
			Text string `json:"text"`
		}{is, string(b)}
	case List:
		return struct {
			named
			Items []string `json:"items"`
		}{is, append([]string{}, b...)}
	case Verdict:
		return struct {
			named
			Kind  Kind   `json:"kind"`
			Title string `json:"title"`
			Text  string `json:"text"`
		}{is, b.Kind, b.Title, b.Text}
	case Facts:
		return struct {
			named
			Facts []factData `json:"facts"`
		}{is, factsData(b)}
	case *Table:
		return struct {
			named
			tableData
		}{is, b.data()}
	case *Figure:
		return struct {
			named
			File     string `json:"file"`
			Caption  string `json:"caption"`
			Alt      string `json:"alt,omitempty"`
			Command  string `json:"command,omitempty"`
			Chart    *Chart `json:"chart,omitempty"`
			Plane    bool   `json:"plane,omitempty"`
			Animated bool   `json:"animated,omitempty"`
		}{is, b.File, b.Caption, b.Alt, b.Command, b.Chart, b.Plane != nil, b.Animation != nil}
	case Command:
		return struct {
			named
			For  string `json:"for,omitempty"`
			Text string `json:"text"`
		}{is, b.For, b.Text}
	case Folded:
		return struct {
			named
			Title  string `json:"title"`
			Blocks []any  `json:"blocks"`
		}{is, b.Title, blocksData(b.Blocks)}
	}
	panic(fmt.Sprintf("report: a block %T", b)) // Block has unexported methods
}

type factData struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func factsData(f Facts) []factData {
	all := make([]factData, len(f))
	for i, fact := range f {
		all[i] = factData(fact)
	}
	return all
}

type tableData struct {
	File    string       `json:"file"`
	Caption string       `json:"caption"`
	Columns []columnData `json:"columns"`
	Rows    []rowData    `json:"rows"`
	Notes   []string     `json:"notes,omitempty"`
}

type columnData struct {
	Name    string `json:"name"`
	Numeric bool   `json:"numeric,omitempty"`
}

type rowData struct {
	Cells  []cellData `json:"cells"`
	Strong bool       `json:"strong,omitempty"`
}

type cellData struct {
	Text  string `json:"text"`
	Value any    `json:"value,omitempty"`
}

func (t *Table) data() tableData {
	d := tableData{File: t.File, Caption: t.Caption, Notes: t.Notes, Columns: make([]columnData, len(t.Columns)), Rows: make([]rowData, len(t.Rows))}
	for i, c := range t.Columns {
		d.Columns[i] = columnData(c)
	}
	for i, r := range t.Rows {
		cells := make([]cellData, len(r.Cells))
		for k, c := range r.Cells {
			cells[k] = c.data()
		}
		d.Rows[i] = rowData{cells, r.Strong}
	}
	return d
}

func (c Cell) data() cellData {
	d := cellData{Text: c.Text()}
	if c.number != nil {
		d.Value = *c.number
		if math.IsInf(*c.number, 0) {
			d.Value = fmt.Sprint(*c.number)
		}
	}
	return d
}
