package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the parts of the page
	"encoding/base64"
	"fmt"
	"html/template"
	"strings"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{"tie": tie}).Parse(pageHTML))

// tie keeps percent signs on the line of their numbers.
func tie(text any) string { return strings.ReplaceAll(fmt.Sprint(text), " %", "\u00a0%") }

// policy is what the page lets a browser do: use its own styles and its own
// script, and nothing else.
func policy() string {
	sum := sha256.Sum256([]byte(pageJS))
	return "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'"
}

type pageView struct {
	Title, Lead, Policy string
	Style               template.CSS
	Script              template.JS
	Sections            []sectionView
}

type sectionView struct {
	ID, Title string
	Body      template.HTML
	Sections  []sectionView
}

type tableView struct {
	*Table
	ID   string
	Data template.URL
}

type figureView struct {
	*Figure
	ID           string
	Wide, Narrow template.HTML
	Data         template.URL
	GIF          template.URL // "": none
	Size         string       // of it
	Play         string       // what it is for those who do not see it
}

type foldedView struct {
	Title string
	Body  template.HTML
}

// A writer makes the parts of the page, each with a place of its own.
type writer struct{ taken map[string]bool }

// render makes the page.
func (d *Document) render() ([]byte, error) {
	w := &writer{map[string]bool{"top": true, "contents": true}}
	sections, err := w.sections(d.Sections)
	if err != nil {
		return nil, err
	}
	view := pageView{
		Title: d.Title, Lead: d.Lead, Policy: policy(), Sections: sections,
		Style: template.CSS(pageCSS), Script: template.JS(pageJS), // our own
	}
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, view); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return bytes.Map(printable, b.Bytes()), nil
}

// printable replaces what may not stand in XML by a space.
func printable(r rune) rune {
	if r < ' ' && r != '\n' && r != '\t' || r == 0xfffe || r == 0xffff {
		return ' '
	}
	return r
}

func (w *writer) sections(list []Section) ([]sectionView, error) {
	views := make([]sectionView, len(list))
	for i, s := range list {
		id := w.place(s.Title)
		body, err := w.blocks(s.Blocks)
		if err != nil {
			return nil, err
		}
		inner, err := w.sections(s.Sections)
		if err != nil {
			return nil, err
		}
		views[i] = sectionView{id, s.Title, body, inner}
	}
	return views, nil
}

// blocks writes blocks one after the other.
func (w *writer) blocks(list []Block) (template.HTML, error) {
	var b strings.Builder
	for _, block := range list {
		view, err := w.view(block)
		if err != nil {
			return "", err
		}
		if err := pageTemplate.ExecuteTemplate(&b, block.template(), view); err != nil {
			return "", fmt.Errorf("report: %w", err)
		}
	}
	return template.HTML(b.String()), nil // the templates have escaped it
}

// view is what the template of a block is given.
func (w *writer) view(block Block) (any, error) {
	switch b := block.(type) {
	case *Table:
		return tableView{b, w.place(b.File), dataURL("text/csv;charset=utf-8", b.csv())}, nil
	case *Figure:
		wide, err := b.svg(wideUnits)
		if err != nil {
			return nil, err
		}
		narrow, err := b.svg(narrowUnits)
		if err != nil {
			return nil, err
		}
		// An SVG of package figure has all texts escaped.
		view := figureView{Figure: b, ID: w.place(b.File), Wide: template.HTML(wide), Narrow: template.HTML(narrow), Data: dataURL("image/svg+xml", wide)}
		if b.Animation != nil {
			moving, err := b.GIF()
			if err != nil {
				return nil, err
			}
			view.GIF, view.Size, view.Play = dataURL("image/gif", moving), size(int64(len(moving))), "Animation. "+b.Alt
		}
		return view, nil
	case Folded:
		body, err := w.blocks(b.Blocks)
		return foldedView{b.Title, body}, err
	}
	return block, nil
}

// place returns a name for a place in the page that no other has.
func (w *writer) place(text string) string {
	name := slug(text)
	for i := 2; w.taken[name]; i++ {
		name = fmt.Sprintf("%s-%d", slug(text), i)
	}
	w.taken[name] = true
	return name
}

// dataURL is a file within a link.
func dataURL(kind string, content []byte) template.URL {
	return template.URL("data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(content))
}
