package web

import (
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"net/http"
	"strings"
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
	page := struct{ Title, Why, Style, Again string }{Title: "Not shown", Why: strings.ToUpper(why[:1]) + why[1:], Style: deniedStyle}
	if status == http.StatusUnauthorized {
		page.Title, page.Again = "This browser is not in yet", "/"+strings.TrimLeft(r.URL.EscapedPath(), `/\`)
	}
	_ = deniedPage.Execute(w, page) // a client that is gone needs no answer
}

const deniedStyle = `:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,"Segoe UI","Liberation Sans",Arial,sans-serif;max-width:34rem;margin:18vh auto 0;padding:0 1.5rem;background:light-dark(#fff,#14181d);color:light-dark(#1f2933,#e6eaee)}
h1{font-size:1.25rem;font-weight:600;margin:0 0 .75rem}p{margin:0 0 .75rem}
a{color:light-dark(#005a94,#7cc4f0)}`

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
<title>{{.Title}} · Descent</title>
<style>{{css .Style}}</style>
</head>
<body>
<main>
<h1>{{.Title}}</h1>
<p>{{.Why}}.</p>
{{if .Again}}<p>If this browser has been in before, <a href="{{.Again}}">try again</a>.</p>{{end}}
</main>
</body>
</html>
`))
