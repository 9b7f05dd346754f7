package web

import (
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"net/http"
)

// deny answers a request that does not get past the guard: with a page for
// people, with an object for programs.
func (g *guard) deny(w http.ResponseWriter, r *http.Request, status int, why string) {
	if isAPI(r) {
		_ = reply(w, status, &refusal{Text: why}) // a client that is gone needs no answer
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", deniedPolicy)
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return
	}
	_ = deniedPage.Execute(w, struct { // a client that is gone needs no answer
		Status, Why, Style string
		Again              bool
	}{http.StatusText(status), why, deniedStyle, status == http.StatusUnauthorized})
}

const deniedStyle = `:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1.5rem}h1{font-size:1.25rem;font-weight:600}`

var deniedPolicy = func() string {
	sum := sha256.Sum256([]byte(deniedStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
}()

// A browser that came by a link of another site has sent no cookie, though it
// may have one; the page's own link sends it.
var deniedPage = template.Must(template.New("denied").Funcs(template.FuncMap{
	"css": func(s string) template.CSS { return template.CSS(s) },
}).Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Status}} · Descent</title>
<style>{{css .Style}}</style>
</head>
<body>
<main>
<h1>{{.Status}}</h1>
<p>Not shown: {{.Why}}.</p>
{{if .Again}}<p>If this browser has been in before, <a href="">try again</a>.</p>{{end}}
</main>
</body>
</html>
`))
