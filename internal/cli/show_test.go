package cli

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"github.com/descent-go/descent/lab"
)

func TestShowList(t *testing.T) {
	t.Chdir(t.TempDir())
	o := succeed(t, "", "show")
	for _, s := range lab.Showings() {
		if !strings.Contains(o.stdout, "\n"+s.Name+" ") {
			t.Errorf("%s is not in\n%s", s.Name, o.stdout)
		}
	}
	m := object(t, "", "show")
	if got := len(m["showings"].([]any)); got != len(lab.Showings()) {
		t.Errorf("%d in JSON, want %d", got, len(lab.Showings()))
	}
}

// Every showing draws each of its charts, as PNG and SVG.
func TestShow(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, s := range lab.Showings() {
		m := object(t, "", "show", s.Name, "--out", s.Name, "--resolution", "0.5")
		see := m["see"].([]any)
		if m["name"] != s.Name || len(see) != 2 || len(m["facts"].([]any)) == 0 {
			t.Errorf("%s: %v, %v", s.Name, m["name"], see)
		}
		charts := m["charts"].([]any)
		if got, want := len(m["files"].([]any)), 2*len(charts)+1; got != want {
			t.Errorf("%s: %d files, want %d", s.Name, got, want)
		}
		for _, c := range charts {
			base := s.Name + "/" + s.Name + "-" + c.(map[string]any)["name"].(string)
			if got := sniff(t, base+".png"); got != "png" {
				t.Errorf("%s.png is %q", base, got)
			}
			svg, err := os.ReadFile(base + ".svg")
			if err != nil {
				t.Fatal(err)
			}
			// "diverged" is what a figure says of a curve that it cannot hold.
			if !bytes.Contains(svg, []byte(s.Title)) || bytes.Contains(svg, []byte("diverged")) {
				t.Errorf("%s.svg lacks the title, or lets a curve diverge", base)
			}
		}
		exists(t, s.Name+"/show.json")
	}
}

func TestShowText(t *testing.T) {
	t.Chdir(t.TempDir())
	o := succeed(t, "", "show", "edge", "--no-figures")
	for _, want := range []string{"The edge of stability\n1. The curvature measured", "\n2. Only 2 % above", "share of 2/λ", "Source: "} {
		if !strings.Contains(o.stdout, want) {
			t.Errorf("no %q in\n%s", want, o.stdout)
		}
	}
	if _, err := os.Stat("out/edge-loss.png"); err == nil {
		t.Error("a figure in spite of --no-figures")
	}
	quiet := succeed(t, "", "show", "edge", "--no-figures", "--quiet")
	if quiet.stderr != "" || strings.Contains(quiet.stdout, "Source") || !strings.Contains(quiet.stdout, "2. Only") {
		t.Errorf("quiet: %q, %q", quiet.stdout, quiet.stderr)
	}
	// A seed is told and acts.
	first, second := object(t, "", "show", "averaging", "--no-figures"), object(t, "", "show", "averaging", "--no-figures", "--seed", "5")
	if second["seed"] != 5.0 || first["see"].([]any)[0] == second["see"].([]any)[0] {
		t.Errorf("seed %v: %v", second["seed"], second["see"])
	}
}

func TestShowBadFlags(t *testing.T) {
	t.Chdir(t.TempDir())
	for args, want := range map[string]string{
		"decays":                  `no showing "decays", want one of edge`,
		"decay --theme pink":      "--theme pink",
		"decay --resolution 9":    "--resolution 9",
		"decay edge":              `unexpected argument "edge"`,
		"decay --no-such-setting": "no-such-setting",
	} {
		o := command(t, "", append([]string{"show"}, strings.Fields(args)...)...)
		if o.code != exitUsage || !strings.Contains(o.stderr, want) || o.stdout != "" {
			t.Errorf("show %s: code %d, %q, want %q", args, o.code, o.stderr, want)
		}
	}
}

func TestShowInterrupted(t *testing.T) {
	t.Chdir(t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out, diag bytes.Buffer
	if code := execute(ctx, []string{"show", "edge"}, strings.NewReader(""), &out, &diag); code != exitInterrupted {
		t.Errorf("code %d, want %d: %s", code, exitInterrupted, diag.String())
	}
}
