package web

import (
	"errors"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
)

// A file is one of a run or of a job, in a list.
type file struct {
	Name  string `json:"name"` // with slashes
	Bytes int64  `json:"bytes"`
}

// mostFiles is how many files are listed.
const mostFiles = 1000

// listFiles lists the files of a folder but those of the folders that are left out,
// and hidden ones. The folder may change meanwhile.
func listFiles(dir *os.Root, without ...string) ([]file, error) {
	list := []file{}
	err := fs.WalkDir(dir.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil || name == ".":
			return err
		case len(list) == mostFiles:
			return fs.SkipAll
		case d.IsDir() && (hidden(d.Name()) || slices.Contains(without, name)):
			return fs.SkipDir
		case !d.Type().IsRegular() || hidden(d.Name()):
			return nil
		}
		if info, err := d.Info(); err == nil {
			list = append(list, file{name, info.Size()})
		}
		return nil
	})
	return list, err
}

func hidden(part string) bool { return strings.HasPrefix(part, ".") }

// filePolicy is for what the server has not made: a document may show itself, and
// nothing else.
const filePolicy = "sandbox allow-downloads; default-src 'none'; style-src 'unsafe-inline'; img-src data:; " +
	"frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

// shown are the kinds of files that browsers may show; the others are kept. What a
// file is is not left to the browser to guess.
var shown = map[string]string{
	".html": "text/html; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png", ".gif": "image/gif", ".json": "application/json",
	".yaml": "text/plain; charset=utf-8", ".jsonl": "text/plain; charset=utf-8", ".txt": "text/plain; charset=utf-8",
	".csv": "text/plain; charset=utf-8", ".tex": "text/plain; charset=utf-8",
}

// describe says what an answer with a file is, by its name: to show or, with the
// parameter download, to keep.
func describe(h http.Header, r *http.Request, name string) {
	kind := shown[path.Ext(name)]
	if kind == "" || r.URL.Query().Has("download") {
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": path.Base(name)}))
	}
	if kind == "" {
		kind = "application/octet-stream"
	}
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", filePolicy)
}

func noFile(name string) error {
	return refuse(http.StatusNotFound, "name", "there is no file %.200q", name)
}

// sendFile answers with a file of a folder, which no name and no link leads out of.
func sendFile(w http.ResponseWriter, r *http.Request, dir *os.Root, name string) error {
	if !fs.ValidPath(name) || strings.Contains(name, `\`) || slices.ContainsFunc(strings.Split(name, "/"), hidden) {
		return noFile(name)
	}
	info, err := dir.Stat(name) // before it is opened: opening a pipe waits
	if err != nil || !info.Mode().IsRegular() {
		return noFile(name) // or a link that leads out
	}
	f, err := dir.Open(name)
	if err != nil {
		return noFile(name)
	}
	defer f.Close()
	describe(w.Header(), r, name)
	http.ServeContent(w, r, "", info.ModTime(), io.NewSectionReader(f, 0, info.Size()))
	return nil
}
