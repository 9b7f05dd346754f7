package web

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/internal/shell"
	"github.com/descent-go/descent/record"
)

// The command of a run is a line that a shell takes for its words; one that
// cannot be read stays among what is recorded.
func TestRunCommand(t *testing.T) {
	root := t.TempDir()
	b := newRunsBench(t, root)
	run := makeRun(t, root, "0.1", morning, 3, 2, 1)
	settings, err := os.ReadFile(run.Path(record.ExperimentFile))
	if err != nil {
		t.Fatal(err)
	}
	words := []string{"descent", "train", "--data", "a b, c.csv", "--name", "it's", "--schedule", "0.5*(cosine)", ""}
	show := func(text []byte) (page runPage) {
		t.Helper()
		if err := os.WriteFile(run.Path(record.ExperimentFile), text, 0o644); err != nil {
			t.Fatal(err)
		}
		b.get("/api/runs/"+run.ID, &page)
		return page
	}
	recorded := func(p runPage, key string) bool {
		return slices.ContainsFunc(p.Recorded, func(s record.Setting) bool { return s.Key == key })
	}
	page := show(experiment.WithRecord(settings, experiment.Record{Command: words, Folder: "/home/me"}))
	if want := `descent train --data 'a b, c.csv' --name 'it'\''s' --schedule '0.5*(cosine)' ''`; page.Command != want || page.Command != shell.Line(words...) {
		t.Errorf("%s, want %s", page.Command, want)
	}
	if recorded(page, "command") || !recorded(page, "folder") {
		t.Errorf("%v, want the folder and not the command", page.Recorded)
	}
	if page = show(append(settings, "recorded:\n  command: {a: 1}\n"...)); page.Command != "" || !recorded(page, "command.a") {
		t.Errorf("%q, %v: a command that is no list of words", page.Command, page.Recorded)
	}
	if page = show(settings); page.Command != "" || strings.Contains(page.Experiment, "recorded") {
		t.Errorf("%q of a run that has none", page.Command)
	}
}
