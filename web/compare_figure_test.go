package web

import (
	"bytes"
	"image/gif"
	"image/png"
	"net/http"
	"strings"
	"testing"
)

// Every figure of a comparison can be had, in either theme; what is not one is
// refused.
func TestComparisonFigures(t *testing.T) {
	root := t.TempDir()
	_, c, _ := smallComparison(t)
	keepJob(t, root, "compare", "one", c)
	call := labSite(t, root)
	get := func(query string, want int) []byte {
		t.Helper()
		status, body := call("GET", "/api/jobs/one/figures/"+query, "")
		if status != want {
			t.Fatalf("%s: %d %.300s, want %d", query, status, body, want)
		}
		return body
	}
	light, dark := get("rosenbrock-paths.svg?theme=light", http.StatusOK), get("rosenbrock-paths.svg?theme=dark&width=400", http.StatusOK)
	if !bytes.Contains(light, []byte("<svg")) || bytes.Equal(light, dark) {
		t.Error("the paths in the dark theme are no other picture than in the light one")
	}
	drawn, err := png.Decode(bytes.NewReader(get("beale-convergence.png?width=300", http.StatusOK)))
	if err != nil || drawn.Bounds().Dx() != 600 {
		t.Errorf("the convergence curves: %v, %v, want a picture of 600 pixels", err, drawn.Bounds())
	}
	if moving, err := gif.DecodeAll(bytes.NewReader(get("rosenbrock-paths.gif", http.StatusOK))); err != nil || len(moving.Image) < 2 {
		t.Errorf("the animation: %v, want frames", err)
	}
	for query, want := range map[string]int{
		"rosenbrock-paths.svg?theme=blue":  http.StatusBadRequest,
		"rosenbrock-paths.svg?width=99999": http.StatusBadRequest,
		"rosenbrock-paths.svg?width=wide":  http.StatusBadRequest,
		"rosenbrock-paths.pdf":             http.StatusNotFound,
		"rosenbrock-convergence.gif":       http.StatusNotFound,
		"%3Cscript%3E.svg":                 http.StatusNotFound,
		"..%2F..%2Fjob.json":               http.StatusNotFound,
	} {
		if body := string(get(query, want)); strings.Contains(body, "<script>") {
			t.Errorf("%s: %s", query, body)
		}
	}
}
