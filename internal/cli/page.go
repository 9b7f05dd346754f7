package cli

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A page is text for people: headings, wrapped paragraphs and tables.
type page struct {
	b       strings.Builder
	width   int
	program string // for texts that say how it is called
	bold    bool   // the reader has a terminal
	quiet   bool   // the most important only
}

// heading writes a line that stands out where the terminal lets it.
func (p *page) heading(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	if p.bold {
		line = "\x1b[1m" + line + "\x1b[0m"
	}
	p.b.WriteString(line + "\n")
}

// line writes a line as it is.
func (p *page) line(format string, args ...any) { fmt.Fprintf(&p.b, format+"\n", args...) }

// blank writes an empty line.
func (p *page) blank() { p.b.WriteByte('\n') }

// wrap writes a paragraph: the label, then the text, broken between words so
// that all of its lines begin below one another.
func (p *page) wrap(label, text string) {
	indent := strings.Repeat(" ", utf8.RuneCountInString(label))
	for i, line := range wrapped(text, p.width-len(indent)) {
		if i == 0 {
			p.line("%s%s", label, line)
		} else {
			p.line("%s%s", indent, line)
		}
	}
}

// wrapped breaks text between words into lines of at most width runes; a word
// that is longer has a line of its own.
func wrapped(text string, width int) []string {
	var lines []string
	line, n := "", 0
	for word := range strings.FieldsSeq(text) {
		w := utf8.RuneCountInString(word)
		if n > 0 && n+1+w > width {
			lines, line, n = append(lines, line), "", 0
		}
		if n > 0 {
			line, n = line+" ", n+1
		}
		line, n = line+word, n+w
	}
	return append(lines, line)
}

// A column of a table: numbers stand right, words stand left.
type column struct {
	title string
	right bool
}

func words(title string) column   { return column{title, false} }
func numbers(title string) column { return column{title, true} }

// table writes rows in aligned columns. The last column, when it holds words,
// is wrapped to what is left of the width.
func (p *page) table(columns []column, rows [][]string) {
	widths := make([]int, len(columns))
	for i, c := range columns {
		widths[i] = utf8.RuneCountInString(c.title)
		for _, row := range rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
	}
	last := len(columns) - 1
	left := p.width
	for _, w := range widths[:last] {
		left -= w + 2
	}
	titles := make([]string, len(columns))
	for i, c := range columns {
		titles[i] = c.title
	}
	for i, row := range append([][]string{titles}, rows...) {
		tail := []string{row[last]}
		if !columns[last].right && left >= 20 {
			tail = wrapped(row[last], left)
		}
		for j, end := range tail {
			var b strings.Builder
			for k, c := range columns {
				cell := end
				switch {
				case k < last && j == 0:
					cell = row[k]
				case k < last:
					cell = ""
				}
				gap := strings.Repeat(" ", max(0, widths[k]-utf8.RuneCountInString(cell)))
				if c.right {
					b.WriteString(gap + cell + "  ")
				} else {
					b.WriteString(cell + gap + "  ")
				}
			}
			text := strings.TrimRight(b.String(), " ")
			if i == 0 {
				p.heading("%s", text)
			} else {
				p.line("%s", text)
			}
		}
	}
}

// capital writes a sentence with a capital letter.
func capital(text string) string {
	r, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(r)) + text[n:]
}
