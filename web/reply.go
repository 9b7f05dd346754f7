package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strings"
)

// A refusal is what a client did wrong, in words for the person at the page.
type refusal struct {
	status int
	Text   string `json:"error"`
	Field  string `json:"field,omitempty"`  // of the request: what to mark on the page
	Column int    `json:"column,omitempty"` // in the field's text, from 1: where to point
}

func (r *refusal) Error() string { return r.Text }

// The most bytes that are said of a request, which may have quoted all of it.
const (
	mostRefusal = 2000
	mostField   = 200
)

// short returns the refusal with texts that a page can show.
func (r *refusal) short() *refusal {
	return &refusal{r.status, cut(r.Text, mostRefusal), cut(r.Field, mostField), r.Column}
}

// cut returns a text without its middle, if it has more than n bytes.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	half := (n - len("…")) / 2
	return strings.ToValidUTF8(text[:half], "") + "…" + strings.ToValidUTF8(text[len(text)-half:], "")
}

// refuse returns an error that the client is told: a status, the field of the
// request that is wrong or "", and what was expected. Any other error of a
// route is one of the server, which the operator is told.
func refuse(status int, field, format string, args ...any) error {
	return &refusal{status: status, Field: field, Text: fmt.Sprintf(format, args...)}
}

// refuseAt is refuse with the column, counted from 1, at which the text of the
// field is wrong.
func refuseAt(status int, field string, column int, format string, args ...any) error {
	return &refusal{status: status, Field: field, Column: column, Text: fmt.Sprintf(format, args...)}
}

// readJSON reads the body of a request: one object, of known fields.
func readJSON[T any](r *http.Request) (T, error) {
	var v T
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return v, refuse(http.StatusUnsupportedMediaType, "", "Content-Type %.100q, want application/json", r.Header.Get("Content-Type"))
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return v, err
	}
	if text := bytes.TrimLeft(body, " \t\r\n"); len(text) == 0 || text[0] != '{' {
		return v, refuse(http.StatusBadRequest, "", "the request is not a JSON object")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		return v, badJSON(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return v, refuse(http.StatusBadRequest, "", "the request goes on after its JSON object")
	}
	return v, nil
}

// embedded are the names of Go's types in the path of a field; those of JSON are in
// lower case.
var embedded = regexp.MustCompile(`\b[A-Z]\w*\.`)

// badJSON explains what is wrong with the JSON of a request.
func badJSON(err error) error {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		want := map[string]string{
			"string": "a text", "bool": "true or false", "float64": "a number", "int": "a whole number", "int64": "a whole number", "uint64": "a whole number of at least 0",
		}[kind.Type.String()]
		if want == "" {
			want = map[string]string{"slice": "a list", "array": "a list", "map": "an object", "struct": "an object"}[kind.Type.Kind().String()]
		}
		if want == "" {
			want = "another kind of value"
		}
		field := embedded.ReplaceAllString(kind.Field, "")
		return refuse(http.StatusBadRequest, field, "%s is a JSON %s, want %s", field, cut(kind.Value, 100), want)
	}
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "json: unknown field "); ok {
		name = strings.Trim(name, `"`)
		return refuse(http.StatusBadRequest, name, "there is no field %.100q", name)
	}
	return refuse(http.StatusBadRequest, "", "the request is not JSON: %s", strings.TrimPrefix(text, "json: "))
}

// writeJSON answers with an object.
func writeJSON(w http.ResponseWriter, v any) error { return reply(w, http.StatusOK, v) }

func reply(w http.ResponseWriter, status int, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, err = w.Write(append(text, '\n'))
	return err
}
