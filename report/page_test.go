package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/descent-go/descent/figure"
)

// page is what a test wants to know of a page.
type page struct {
	headings []string            // as "2 Verdict"
	texts    string              // all text but that of styles and scripts
	tables   map[string][]string // texts of the cells by file
	files    map[string][]byte   // what links offer to download
	scripts  []string
	alts     []string
	codes    []string
}

func write(t testing.TB, d *Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := d.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type fataler interface {
	Helper()
	Fatalf(string, ...any)
	Errorf(string, ...any)
}

// read parses a page as XML and checks what holds for every page: it loads
// nothing, its places have names of their own and all links have an end, its
// tables have heads and its pictures a text.
func read(t fataler, html []byte) page {
	t.Helper()
	p := page{tables: map[string][]string{}, files: map[string][]byte{}}
	dec := xml.NewDecoder(bytes.NewReader(html))
	places, wanted := map[string]bool{}, []string{}
	var open []string
	var policy, text string
	var cells []string
	for {
		tok, err := dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("the page is not well formed: %v", err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			name := tok.Name.Local
			open = append(open, name)
			if name != "span" { // it belongs to what is around it
				text = ""
			}
			at := map[string]string{}
			for _, a := range tok.Attr {
				at[a.Name.Local] = a.Value
				switch key := a.Name.Local; {
				case key == "id":
					if places[a.Value] || a.Value == "" {
						t.Errorf("two places are called %q", a.Value)
					}
					places[a.Value] = true
				case key == "aria-labelledby":
					wanted = append(wanted, a.Value)
				case key == "src" || key == "srcset" || key == "action" || key == "data" || strings.HasPrefix(key, "on"):
					t.Errorf("<%s> has %s = %.60q", name, key, a.Value)
				case strings.Contains(strings.ToLower(a.Value), "url("):
					t.Errorf("<%s> has %s = %.60q", name, key, a.Value)
				}
			}
			switch name {
			case "link", "iframe", "object", "embed", "img", "image", "use", "base", "form", "foreignObject":
				t.Errorf("the page has <%s>", name)
			case "meta":
				if at["http-equiv"] == "Content-Security-Policy" {
					policy = at["content"]
				}
			case "th":
				if at["scope"] != "col" && at["scope"] != "row" {
					t.Errorf("a <th> of scope %q", at["scope"])
				}
			case "table":
				cells = nil
			case "svg":
				if at["role"] != "img" {
					t.Errorf("an <svg> without a role")
				}
			case "div":
				if at["role"] == "img" {
					if at["aria-label"] == "" {
						t.Errorf("a picture without text")
					}
					p.alts = append(p.alts, at["aria-label"])
				}
			case "a":
				href := at["href"]
				if place, ok := strings.CutPrefix(href, "#"); ok {
					wanted = append(wanted, place)
					break
				}
				head, content, ok := strings.Cut(href, ";base64,")
				if !ok || head != "data:image/svg+xml" && head != "data:text/csv;charset=utf-8" {
					t.Errorf("a link to %.60q", href)
				}
				file, err := base64.StdEncoding.DecodeString(content)
				if err != nil {
					t.Errorf("a link to %.60q: %v", href, err)
				}
				p.files[at["download"]] = file
				if strings.HasSuffix(at["download"], ".csv") {
					p.tables[at["download"]] = cells
				}
			}
		case xml.EndElement:
			switch name := tok.Name.Local; name {
			case "h1", "h2", "h3":
				p.headings = append(p.headings, name[1:]+" "+text)
			case "script":
				p.scripts = append(p.scripts, text)
			case "style":
				if s := strings.ToLower(text); strings.Contains(s, "url(") || strings.Contains(s, "@import") {
					t.Errorf("a style loads something: %.80q", text)
				}
			case "th", "td":
				cells = append(cells, text)
			case "code":
				p.codes = append(p.codes, text)
			}
			open = open[:len(open)-1]
		case xml.CharData:
			text += string(tok)
			if n := len(open); n > 0 && open[n-1] != "script" && open[n-1] != "style" {
				p.texts += strings.ReplaceAll(string(tok), "\u00a0%", " %") // numbers keep their signs
			}
		}
	}
	for _, place := range wanted {
		if !places[place] {
			t.Errorf("a link to #%s, which is nowhere", place)
		}
	}
	if len(p.scripts) != 1 {
		t.Fatalf("%d scripts, want 1", len(p.scripts))
	}
	sum := sha256.Sum256([]byte(p.scripts[0]))
	for _, want := range []string{"default-src 'none'", "script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy %q, want %s", policy, want)
		}
	}
	return p
}

// line is a picture of some values.
func line(y ...float64) func(figure.Style) (*figure.Figure, error) {
	return func(st figure.Style) (*figure.Figure, error) {
		return figure.Loss{Style: st, Runs: []figure.Series{{Name: "</title><script>alert(1)</script>", Y: y}, {Name: "b", Y: y}}}.Figure()
	}
}

const evil = `</title></code></script><script>alert("1")</script><img src=x onerror='alert(2)'> & "quotes"`

// everything is a document with every kind of block, and names that mean harm.
func everything() *Document {
	table := &Table{
		Caption: evil, File: "numbers",
		Columns: []Column{{evil, false}, {"loss", true}},
		Rows:    []Row{{Cells: []Cell{Text(evil), Number(0.1)}, Strong: true}, {Cells: []Cell{Text("b,\"c\""), {}}}},
		Notes:   []string{evil},
	}
	picture := &Figure{Caption: evil, Alt: evil, File: "picture", Command: evil, Draw: line(3, 2, 1)}
	return &Document{Title: evil, Lead: evil, Sections: []Section{
		{Title: evil, Blocks: []Block{Paragraph(evil), Verdict{Clear, evil, evil}, Verdict{Kind(evil), "", evil}, List{evil, evil}}},
		{Title: evil, Blocks: []Block{Facts{{evil, evil}}, table}, Sections: []Section{{Title: "inner", Blocks: []Block{picture}}}},
		{Title: "End", Blocks: []Block{Command{evil, evil}, Folded{evil, []Block{Paragraph(evil)}}}},
	}}
}

func TestPage(t *testing.T) {
	html := write(t, everything())
	if !bytes.Equal(html, write(t, everything())) {
		t.Error("two pages of one document differ")
	}
	p := read(t, html)
	if want := []string{"1 " + evil, "2 " + evil, "2 " + evil, "3 inner", "2 End"}; !slices.Equal(p.headings, want) {
		t.Errorf("headings %q", p.headings)
	}
	if got := strings.Count(p.texts, evil); got != 25 {
		t.Errorf("%d places say what was given, want 25", got)
	}
	if want := []string{evil, evil}; !slices.Equal(p.alts, want) { // for wide and for narrow screens
		t.Errorf("texts of pictures %q", p.alts)
	}
	if want := []string{evil, "loss", evil, "0.1", `b,"c"`, "–"}; !slices.Equal(p.tables["numbers.csv"], want) {
		t.Errorf("the table is %q", p.tables["numbers.csv"])
	}
	if bytes.Contains(html, []byte("<script>alert")) || bytes.Contains(html, []byte("<img")) {
		t.Error("a name has become markup")
	}
	if n := bytes.Count(html, []byte("://")); n != bytes.Count(html, []byte(`xmlns="http://www.w3.org/`)) {
		t.Errorf("%d addresses, more than the names of languages", n)
	}
	if read(t, write(t, &Document{Title: "alone"})).headings[0] != "1 alone" {
		t.Error("a document without sections has another title")
	}
}

// What is offered for download is the table in full precision, and the picture.
func TestDownloads(t *testing.T) {
	p := read(t, write(t, everything()))
	lines, err := csv.NewReader(bytes.NewReader(p.files["numbers.csv"])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]string{{evil, "loss"}, {evil, "0.1"}, {`b,"c"`, ""}} {
		if !slices.Equal(lines[i], want) {
			t.Errorf("line %d is %q, want %q", i, lines[i], want)
		}
	}
	dec := xml.NewDecoder(bytes.NewReader(p.files["picture.svg"]))
	for n := 0; ; n++ {
		if _, err := dec.Token(); err == io.EOF {
			if n < 50 {
				t.Errorf("the picture has %d parts", n)
			}
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Contains(p.files["picture.svg"], []byte("prefers-color-scheme:dark")) {
		t.Error("the picture has one theme")
	}
}

// Any text gives a page that says it.
func TestPageOfAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{evil, "\x00\x01\xff", "]]>", "<!--", "{{.}}", "javascript:alert(1)", "\u2028"}))
		d := &Document{Title: text.Filter(func(s string) bool { return s != "" }).Draw(t, "title"), Lead: text.Draw(t, "lead")}
		for i := range rapid.IntRange(0, 4).Draw(t, "sections") {
			table := &Table{Caption: text.Draw(t, "caption"), File: slug("table "+string(rune('a'+i))) + "-x", Columns: []Column{{text.Draw(t, "column"), true}}}
			for range rapid.IntRange(0, 3).Draw(t, "rows") {
				table.Rows = append(table.Rows, Row{Cells: []Cell{rapid.OneOf(rapid.Map(text, Text), rapid.Map(rapid.Float64(), Number)).Draw(t, "cell")}})
			}
			d.Sections = append(d.Sections, Section{Title: text.Draw(t, "section"), Blocks: []Block{Paragraph(text.Draw(t, "paragraph")), table}})
		}
		var b bytes.Buffer
		if err := d.Write(&b); err != nil {
			t.Fatalf("%v", err)
		}
		p := read(t, b.Bytes())
		if len(p.headings) != 1+len(d.Sections) || len(p.files) != len(d.Sections) {
			t.Fatalf("%d headings and %d files of %d sections", len(p.headings), len(p.files), len(d.Sections))
		}
	})
}

func TestDocumentErrors(t *testing.T) {
	ok := &Table{Caption: "t", File: "t", Columns: []Column{{"a", false}}}
	section := func(b ...Block) *Document { return &Document{Title: "d", Sections: []Section{{Title: "s", Blocks: b}}} }
	for _, c := range []struct {
		d    *Document
		want string
	}{
		{&Document{}, "report: Document.Title is empty"},
		{&Document{Title: "d", Sections: []Section{{Sections: []Section{{Title: "b", Sections: []Section{{}}}}}}}, `section "b" has sections of its own`},
		{section(&Table{Caption: "t", File: "t"}), `table "t" has no columns`},
		{section(&Table{Caption: "t", File: "a/b", Columns: ok.Columns}), `table "t" has the file name "a/b.csv", want letters`},
		{section(&Table{Caption: "t", Columns: ok.Columns}), `has the file name ".csv"`},
		{section(ok, Folded{"f", []Block{ok}}), `file name "t.csv", want one of its own`},
		{section(&Table{Caption: "t", File: "t", Columns: ok.Columns, Rows: []Row{{}}}), "row 0 has 0 cells, want 1"},
		{section(&Figure{Caption: "f", File: "f"}), `figure "f": Draw is nil`},
		{section(&Figure{Caption: "f", File: "ö", Draw: line(1)}), `figure "f" has the file name "ö.svg"`},
		{section(&Figure{Caption: "f", File: "f", Draw: func(st figure.Style) (*figure.Figure, error) { return figure.Loss{Style: st}.Figure() }}), `report: figure "f": figure: Loss.Runs is empty`},
	} {
		var b bytes.Buffer
		if err := c.d.Write(&b); err == nil || !strings.Contains(err.Error(), c.want) || b.Len() > 0 {
			t.Errorf("%v and %d bytes, want %q and none", err, b.Len(), c.want)
		}
	}
}

func TestSave(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.html")
	d := everything()
	if err := d.Save(path); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, write(t, d)) {
		t.Errorf("the file differs from what Write writes: %v", err)
	}
	if err := d.Save(filepath.Join(path, "x.html")); err == nil || !strings.Contains(err.Error(), "report.html") {
		t.Errorf("saved below a file: %v", err)
	}
	if f := d.Figures(); len(f) != 1 || f[0].File != "picture" {
		t.Errorf("figures %v", f)
	}
}
