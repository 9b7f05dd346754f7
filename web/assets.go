package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/descent-go/descent/web/ui"
)

// views are the first parts of the paths of pages: the front end shows what is
// there.
var views = []string{"explore", "compare", "runs", "schedules", "tuning", "memory"}

// kinds of files are stated here, so that they do not depend on what this
// machine knows of them.
var kinds = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon", ".woff2": "font/woff2",
	".json": "application/json", ".txt": "text/plain; charset=utf-8", ".webmanifest": "application/manifest+json",
}

// assets serve the front end.
type assets map[string]*asset

type asset struct {
	plain  []byte
	packed func() []byte // gzip, or nil when that is no shorter
	kind   string
	tag    string
	stays  bool // its name has a hash of its content
}

func newAssets() (assets, error) {
	all := assets{}
	err := fs.WalkDir(ui.Files, "dist", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		plain, err := fs.ReadFile(ui.Files, name)
		if err != nil {
			return err
		}
		name = strings.TrimPrefix(name, "dist")
		kind := kinds[path.Ext(name)]
		if kind == "" {
			return fmt.Errorf("web: the front end has a file %s of no known kind", name)
		}
		sum := sha256.Sum256(plain)
		all[name] = &asset{
			plain: plain, kind: kind, tag: hex.EncodeToString(sum[:12]), stays: strings.HasPrefix(name, "/assets/"),
			packed: sync.OnceValue(func() []byte { return pack(plain) }),
		}
		return nil
	})
	if err == nil && all["/index.html"] == nil {
		err = errors.New("web: the front end has no index.html: it was not built")
	}
	return all, err
}

func pack(plain []byte) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is a valid one
	_, err := z.Write(plain)
	if err = errors.Join(err, z.Close()); err != nil || b.Len() >= len(plain) {
		return nil
	}
	return b.Bytes()
}

func (all assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "a page is read, not changed", http.StatusMethodNotAllowed)
		return
	}
	name := r.URL.Path
	first, _, _ := strings.Cut(strings.TrimPrefix(name, "/"), "/")
	if first == "" || slices.Contains(views, first) {
		name = "/index.html"
	}
	a := all[name]
	if a == nil {
		http.Error(w, "there is no such page", http.StatusNotFound)
		return
	}
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache")
	if a.stays {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	content, tag := a.plain, a.tag
	if acceptsGzip(r) {
		if packed := a.packed(); packed != nil {
			content, tag = packed, tag+"-gzip"
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("Etag", `"`+tag+`"`)
	r.Header.Del("Range") // nothing here is long enough to be had in parts
	http.ServeContent(w, r, "", time.Time{}, io.NewSectionReader(bytes.NewReader(content), 0, int64(len(content))))
}

// acceptsGzip reports whether a browser names gzip with a weight above zero.
func acceptsGzip(r *http.Request) bool {
	for _, some := range r.Header.Values("Accept-Encoding") {
		for one := range strings.SplitSeq(some, ",") {
			name, weight, weighed := strings.Cut(strings.ReplaceAll(one, " ", ""), ";q=")
			q, err := strconv.ParseFloat(weight, 64)
			if strings.EqualFold(name, "gzip") && (!weighed || err == nil && q > 0) {
				return true
			}
		}
	}
	return false
}
