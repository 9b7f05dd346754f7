package report

import (
	"errors"
	"fmt"
	"io"

	"github.com/descent-go/descent/internal/durable"
)

// A Document is what a report says. All texts are plain: nothing in them is
// markup.
type Document struct {
	Title    string
	Lead     string // what came of it, in a sentence or two; may be empty
	Sections []Section
}

// A Section is a part of a document with a heading of its own.
type Section struct {
	Title    string
	Blocks   []Block
	Sections []Section // below the blocks; these have none of their own
}

// A Block is one of [Paragraph], [Verdict], [List], [Facts], [*Table], [*Figure],
// [Command] and [Folded].
type Block interface {
	// template is the name of the template that writes the block.
	template() string
}

// Paragraph is running text.
type Paragraph string

// Verdict is what the reader came for, set off from the rest.
type Verdict struct {
	Kind  Kind
	Title string
	Text  string
}

// Kind says what a verdict amounts to.
type Kind string

// The kinds of verdict.
const (
	Clear   Kind = "clear"   // an answer
	Open    Kind = "open"    // no answer, for a reason
	Warning Kind = "warning" // an answer, or none, with a danger in it
)

// List is some sentences.
type List []string

// Facts are names with values.
type Facts []Fact

// Fact is a name with its value.
type Fact struct{ Name, Value string }

// Command is something to type, with what it is for; that may be empty.
type Command struct {
	Text string
	For  string
}

// Folded is blocks that are shown on demand.
type Folded struct {
	Title  string
	Blocks []Block
}

func (Paragraph) template() string { return "paragraph" }
func (Verdict) template() string   { return "verdict" }
func (List) template() string      { return "list" }
func (Facts) template() string     { return "facts" }
func (*Table) template() string    { return "table" }
func (*Figure) template() string   { return "figure" }
func (Command) template() string   { return "command" }
func (Folded) template() string    { return "folded" }

// Write writes the document as a page of HTML, which is also well-formed XML. It
// draws the figures; an error of one of them names it. Then nothing is written.
func (d *Document) Write(w io.Writer) error {
	if err := d.check(); err != nil {
		return err
	}
	page, err := d.render()
	if err != nil {
		return err
	}
	if _, err := w.Write(page); err != nil {
		return fmt.Errorf("report: write: %w", err)
	}
	return nil
}

// Save writes the document to a file, which appears complete or not at all.
func (d *Document) Save(path string) error {
	return durable.WriteFile(durable.OS, path, d.Write)
}

// Figures returns the figures of the document in their order, so that they can be
// saved beside it.
func (d *Document) Figures() []*Figure {
	var all []*Figure
	_ = d.walk(func(b Block) error {
		if f, ok := b.(*Figure); ok {
			all = append(all, f)
		}
		return nil
	})
	return all
}

// walk visits the blocks in their order, until one gives an error.
func (d *Document) walk(visit func(Block) error) error {
	var blocks func([]Block) error
	blocks = func(list []Block) error {
		for _, b := range list {
			if err := visit(b); err != nil {
				return err
			}
			if f, ok := b.(Folded); ok {
				if err := blocks(f.Blocks); err != nil {
					return err
				}
			}
		}
		return nil
	}
	var sections func([]Section) error
	sections = func(list []Section) error {
		for _, s := range list {
			if err := blocks(s.Blocks); err != nil {
				return err
			}
			if err := sections(s.Sections); err != nil {
				return err
			}
		}
		return nil
	}
	return sections(d.Sections)
}

func (d *Document) check() error {
	if d.Title == "" {
		return errors.New("report: Document.Title is empty, want a title")
	}
	for _, s := range d.Sections {
		for _, sub := range s.Sections {
			if len(sub.Sections) > 0 {
				return fmt.Errorf("report: section %q has sections of its own, want at most two levels", sub.Title)
			}
		}
	}
	files := map[string]bool{}
	named := func(what, name string) error {
		switch {
		case !plainName(name):
			return fmt.Errorf("report: %s has the file name %q, want letters, digits, dots, dashes and underscores", what, name)
		case files[name]:
			return fmt.Errorf("report: %s has the file name %q, want one of its own", what, name)
		}
		files[name] = true
		return nil
	}
	return d.walk(func(b Block) error {
		switch b := b.(type) {
		case *Table:
			if err := named(fmt.Sprintf("table %q", b.Caption), b.File+".csv"); err != nil {
				return err
			}
			return b.check()
		case *Figure:
			if b.Draw == nil {
				return fmt.Errorf("report: figure %q: Draw is nil, want a function", b.Caption)
			}
			return named(fmt.Sprintf("figure %q", b.Caption), b.File+".svg")
		}
		return nil
	})
}

// plainName reports whether a name is fit for a file on every system.
func plainName(s string) bool {
	for _, r := range s {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.') {
			return false
		}
	}
	return s != "" && s[0] != '.'
}

// slug makes a name for files and places in the page of a text: its letters and
// digits, dashes between.
func slug(text string) string {
	var b []byte
	for _, r := range text {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b = append(b, byte(r))
		case r >= 'A' && r <= 'Z':
			b = append(b, byte(r-'A'+'a'))
		case len(b) > 0 && b[len(b)-1] != '-':
			b = append(b, '-')
		}
		if len(b) >= 48 {
			break
		}
	}
	for len(b) > 0 && b[len(b)-1] == '-' {
		b = b[:len(b)-1]
	}
	if len(b) == 0 {
		return "part"
	}
	return string(b)
}
