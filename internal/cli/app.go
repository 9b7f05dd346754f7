package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/internal/durable"
)

// An app is what the commands share: where they read and write, and the flags
// that every command has. Results go to out, everything else to diag.
type app struct {
	program string
	own     *experiment.Own // the program's model; nil for descent itself
	args    []string

	in        io.Reader
	out, diag io.Writer

	json, quiet bool
	seed        uint64
	dir         string
	here        string // the folder that the command was called in; "": it works there
}

// globals declares the flags of every command.
func (a *app) globals(flags *pflag.FlagSet) {
	flags.BoolVar(&a.json, "json", false, "write one JSON object to standard output and nothing else there")
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "no progress and no remarks; of the results only the most important")
	flags.Uint64Var(&a.seed, "seed", 0, "seed of all that is random")
	flags.StringVarP(&a.dir, "out", "o", "out", "`folder` for the files that the command writes, made when missing")
}

// A report is what a command has found: one JSON object, and text for people.
type report interface{ text(p *page) }

// show writes a report to standard output, and as <command>.json to the folder
// of --out when the flag is given; files are what the command has written.
func (a *app) show(cmd *cobra.Command, r report, files []string) error {
	if cmd.Flags().Changed("out") {
		path, err := a.saveReport(cmd, r)
		if err != nil {
			return err
		}
		files = append(files, path)
	}
	if err := a.print(r); err != nil {
		return err
	}
	a.wrote(files)
	return nil
}

// finish does the same for a command that always writes files; the report's own
// list of them gets the report too.
func (a *app) finish(cmd *cobra.Command, r report, files *[]string) error {
	*files = append(*files, filepath.Join(a.dir, cmd.Name()+".json"))
	if _, err := a.saveReport(cmd, r); err != nil {
		return err
	}
	if err := a.print(r); err != nil {
		return err
	}
	a.wrote(*files)
	return nil
}

// saveReport writes a report as <command>.json to the folder of --out and
// returns its path.
func (a *app) saveReport(cmd *cobra.Command, r report) (string, error) {
	object, err := encode(r)
	if err != nil {
		return "", err
	}
	path, err := a.file(cmd.Name() + ".json")
	if err != nil {
		return "", err
	}
	if err := writeFile(path, object); err != nil {
		return "", outError(a.dir, err)
	}
	return path, nil
}

// wrote tells of the files that a command has written.
func (a *app) wrote(files []string) {
	if len(files) == 0 {
		return
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = filepath.Base(f)
		if name, err := filepath.Rel(a.dir, f); err == nil {
			names[i] = filepath.ToSlash(name)
		}
	}
	a.note("wrote to %s: %s", a.dir, strings.Join(names, ", "))
}

// print writes a report to standard output.
func (a *app) print(r report) error {
	if a.json {
		object, err := encode(r)
		if err != nil {
			return err
		}
		_, err = a.out.Write(object)
		return err
	}
	p := &page{width: a.width(), program: a.program, bold: a.terminal(a.out) && os.Getenv("NO_COLOR") == "", quiet: a.quiet}
	r.text(p)
	_, err := io.WriteString(a.out, p.b.String())
	return err
}

// encode writes an object as JSON, indented.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return b.Bytes(), err
}

// file returns the path of a file in the folder of --out, which it makes.
func (a *app) file(name string) (string, error) {
	if err := os.MkdirAll(a.dir, 0o777); err != nil {
		return "", outError(a.dir, err)
	}
	return filepath.Join(a.dir, name), nil
}

// outError explains why the folder of --out cannot be used.
func outError(dir string, err error) error {
	return fmt.Errorf("--out %s: %w, want a folder that can be written", dir, err)
}

// writable fails when the folder of --out cannot be made or written: better
// told before a long run than after it.
func (a *app) writable() error {
	if err := os.MkdirAll(a.dir, 0o777); err != nil {
		return outError(a.dir, err)
	}
	f, err := os.CreateTemp(a.dir, ".descent-*")
	if err != nil {
		return outError(a.dir, err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// writeFile writes a file so that it appears complete or not at all.
func writeFile(path string, content []byte) error {
	return durable.WriteFile(durable.OS, path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// note writes a remark for people, one line, to standard error.
func (a *app) note(format string, args ...any) {
	if !a.quiet {
		fmt.Fprintf(a.diag, format+"\n", args...)
	}
}

// warn writes a remark that --quiet does not silence.
func (a *app) warn(format string, args ...any) {
	fmt.Fprintf(a.diag, a.program+": "+format+"\n", args...)
}

// terminal reports whether a stream is a person's screen that can be redrawn.
func (a *app) terminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb"
}

// width returns the columns that text may take: those of the terminal, at most
// 100, and 80 where there is none.
func (a *app) width() int {
	if f, ok := a.out.(*os.File); ok {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 {
			return max(40, min(columns, 100))
		}
	}
	return 80
}

// drawing holds the flags of the commands that draw.
type drawing struct {
	theme      string
	resolution float64
	none       bool
}

func (d *drawing) flag(flags *pflag.FlagSet) {
	flags.StringVar(&d.theme, "theme", "light", "`colours` of the figures: light or dark")
	flags.Float64Var(&d.resolution, "resolution", 2, "pixels of PNG figures in a unit of their layout, 0.5 to 8")
}

// skip declares the flag of the commands that draw unless they are told not to.
func (d *drawing) skip(flags *pflag.FlagSet) {
	flags.BoolVar(&d.none, "no-figures", false, "draw nothing")
}

// style returns what all figures of a command have in common.
func (d *drawing) style() (figure.Style, error) {
	theme, err := figure.ParseTheme(d.theme)
	if err != nil {
		return figure.Style{}, badFlag("theme", d.theme, err)
	}
	if !(d.resolution >= 0.5 && d.resolution <= 8) {
		return figure.Style{}, badFlag("resolution", d.resolution, errors.New("want 0.5 to 8"))
	}
	return figure.Style{Theme: theme, Scale: d.resolution}, nil
}

// titled returns a style with a title and a line below it.
func titled(s figure.Style, title, subtitle string) figure.Style {
	s.Title, s.Subtitle = title, subtitle
	return s
}
