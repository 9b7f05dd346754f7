package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/descent-go/descent/internal/cli"
	"github.com/descent-go/descent/web"
)

// browser enters a server and returns what asks it.
func browser(t *testing.T) func(path, body string) map[string]any {
	t.Helper()
	s, err := web.New(web.Options{Runs: t.TempDir(), Note: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(nil)
	listener := server.Listener
	server.Config.Handler = s.Handler()
	ctx := t.Context()
	go func() { _ = s.Serve(ctx, listener) }() // ends with the test's context
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	var entered *http.Response
	for range 100 { // until Serve knows its port
		if entered, err = client.Get(strings.Replace(s.Address(), "127.0.0.1:0", listener.Addr().String(), 1)); err == nil {
			break
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	_ = entered.Body.Close()
	return func(path, body string) map[string]any {
		t.Helper()
		req, err := http.NewRequest(http.MethodPost, "http://"+listener.Addr().String()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		var v map[string]any
		if err := json.Unmarshal(text, &v); err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s %.300s, %v", path, res.Status, text, err)
		}
		return v
	}
}

// command runs a command line of the program, and returns its JSON.
func command(t *testing.T, line string) map[string]any {
	t.Helper()
	var words []string
	for word := range strings.SplitSeq(line, " ") {
		if word = strings.Trim(word, "'"); len(words) > 0 || word != "descent" {
			words = append(words, word)
		}
	}
	var out, diag bytes.Buffer
	if code := cli.Execute(append(words, "--json", "--no-figures", "--out", t.TempDir()), strings.NewReader(""), &out, &diag); code > 3 {
		t.Fatalf("%s: %d %s", line, code, diag.String())
	}
	var v map[string]any
	if err := json.Unmarshal(out.Bytes(), &v); err != nil {
		t.Fatalf("%s: %v: %s", line, err, out.String())
	}
	return v
}

// The numbers of the page are those of the command that it shows, to the last
// digit.
func TestExplorerIsTheCommandLine(t *testing.T) {
	post := browser(t)
	for _, conditions := range []string{
		`"function":"rosenbrock","steps":500`,
		`"function":"beale","steps":200,"start":[0.5,-0.25],"schedule":"cosine"`,
		`"function":"bowl:kappa=30","steps":123,"noise":0.5,"seed":7`,
		`"function":"(1-x)^2+5*(y-x^2)^2","steps":50,"start":[-2,2]`,
	} {
		for _, detail := range []bool{false, true} {
			page := post("/api/explore/paths", fmt.Sprintf(`{%s,"detail":%v,"optimizers":[
				{"spec":"adam","lr":0.05},{"spec":"adam:schedule=onecycle","lr":0.05},{"spec":"sgd:schedule=(step:every=10,gamma=0.5)","lr":0.001},{"spec":"sgd","lr":0.3},{"spec":"nesterov","lr":0.0005},{"spec":"momentum:beta=0.5"},{"spec":"asgd"}]}`, conditions, detail))
			line := page["command"].(string)
			said := command(t, line)
			runs, paths := said["runs"].([]any), page["paths"].([]any)
			if len(runs) != len(paths) {
				t.Fatalf("%s: %d runs, %d paths", line, len(runs), len(paths))
			}
			for i := range runs {
				run, path := runs[i].(map[string]any), paths[i].(map[string]any)
				for _, key := range [][2]string{
					{"optimizer", "optimizer"}, {"lr", "lr"}, {"own_schedule", "schedule"}, {"final_loss", "final_loss"}, {"steps", "taken"}, {"verdict", "verdict"}, {"why", "why"},
					{"end", "end"}, {"eigenvalues", "eigenvalues"}, {"distance_to_minimum", "end_distance"}, {"diverged", "diverged"}, {"milestones", "milestones"},
				} {
					if want, got := run[key[0]], path[key[1]]; !same(want, got) {
						t.Errorf("%s: %s, %s is %v on the page, %v by the command", line, run["optimizer"], key[1], got, want)
					}
				}
				steps, x, f := path["step"].([]any), path["x"].([]any), path["f"].([]any)
				for _, m := range run["milestones"].([]any) {
					m := m.(map[string]any)
					step := int(m["step"].(float64))
					if step >= len(steps) || steps[step] != m["step"] || !same(m["point"].([]any)[0], x[step]) || !same(m["f"], f[step]) {
						t.Errorf("%s: step %d of %s differs", line, step, run["optimizer"])
					}
					if detail && !same(m["gradient_norm"], path["gradient_norm"].([]any)[step]) {
						t.Errorf("%s: the gradient of step %d of %s differs", line, step, run["optimizer"])
					}
				}
			}
		}
	}
}

// same reports whether the page says what the command says, which has null for
// what is not finite.
func same(command, page any) bool {
	switch c := command.(type) {
	case nil:
		_, text := page.(string)
		return page == nil || text
	case []any:
		p, ok := page.([]any)
		if !ok || len(p) != len(c) {
			return len(c) == 0 && page == nil
		}
		for i := range c {
			if !same(c[i], p[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		p, ok := page.(map[string]any)
		for key := range c {
			if !ok || !same(c[key], p[key]) {
				return false
			}
		}
		return ok
	}
	return reflect.DeepEqual(command, page)
}

// "Find good rates" is descent compare.
func TestGoodRatesAreTheCommandLine(t *testing.T) {
	post := browser(t)
	for _, conditions := range []string{
		`"function":"rosenbrock","steps":60,"start":[-1,2],"seed":3`,
		`"function":"x^2+10*y^2","steps":40,"noise":0.1,"schedule":"cosine"`,
	} {
		page := post("/api/explore/rates", `{`+conditions+`,"optimizers":[{"spec":"adam","lr":5},{"spec":"momentum"},{"spec":"adam"},{"spec":"adam:schedule=(step:every=20,gamma=0.1)"}]}`)
		line := page["command"].(string)
		task := command(t, line)["tasks"].([]any)[0].(map[string]any)
		rates := page["rates"].([]any)
		if len(rates) != 4 || reflect.DeepEqual(rates[0], rates[3]) || !reflect.DeepEqual(rates[0], rates[2]) || page["verdict"] != task["verdict"].(map[string]any)["text"] {
			t.Fatalf("%s: %v", line, page)
		}
		for _, row := range task["rows"].([]any) {
			row, found := row.(map[string]any), false
			for _, rate := range rates {
				rate := rate.(map[string]any)
				if rate["spec"] == row["name"] {
					found = true
					if rate["lr"] != row["rate"] || rate["final"] != row["final"].(map[string]any)["median"] || len(rate["tried"].([]any)) != len(row["rates"].([]any)) {
						t.Errorf("%s: %v on the page, %v by the command", line, rate, row["rate"])
					}
				}
			}
			if !found {
				t.Errorf("%s: no rate of %v", line, row["name"])
			}
		}
	}
}
