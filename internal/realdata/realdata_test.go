package realdata

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("DESCENT_DATA", dir)
	if _, err := find("mnist10k"); err == nil || !strings.Contains(err.Error(), "Set DESCENT_DATA") {
		t.Errorf("missing data: %v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "mnist10k"), 0o700); err != nil {
		t.Fatal(err)
	}
	if path, err := find("mnist10k"); err != nil || path != filepath.Join(dir, "mnist10k") {
		t.Errorf("%s, %v", path, err)
	}
	t.Setenv("DESCENT_DATA", "")
	_, err := find("none")
	if err == nil || !strings.Contains(err.Error(), filepath.Join("shared", "data", "none")) {
		t.Errorf("without DESCENT_DATA: %v", err)
	}
}

// outcome records what Path does with a test.
type outcome struct {
	testing.TB
	failed, skipped bool
}

func (o *outcome) Helper()      {}
func (o *outcome) Fatal(...any) { o.failed = true }
func (o *outcome) Skip(...any)  { o.skipped = true }

func TestMissingDataFailsInCI(t *testing.T) {
	t.Setenv("DESCENT_DATA", t.TempDir())
	for ci, want := range map[string]outcome{"true": {failed: true}, "": {skipped: true}} {
		t.Setenv("CI", ci)
		o := outcome{TB: t}
		Path(&o, "mnist10k")
		if o.failed != want.failed || o.skipped != want.skipped {
			t.Errorf("CI=%q: failed %v, skipped %v", ci, o.failed, o.skipped)
		}
	}
}
