package record

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/descent-go/descent/train"
)

func sample() []Summary {
	return []Summary{
		{ID: "c", Name: "c", Created: noon.Add(2 * time.Hour), Status: StatusFinished, Settings: map[string]string{"name": "c", "optimizer": "adamw", "lr": "1.0e-3"}, Metrics: map[string]float64{"test_accuracy": 0.97}, Tags: []string{"best", "x"}},
		{ID: "b", Name: "b", Created: noon.Add(time.Hour), Status: StatusDiverged, Settings: map[string]string{"name": "b", "optimizer": "sgd:momentum=0.9", "lr": "0.5", "note": "3"}},
		{ID: "a", Name: "a", Created: noon, Status: StatusRunning, Settings: map[string]string{"name": "a", "optimizer": "adam", "lr": ""}, Metrics: map[string]float64{"test_accuracy": 0.9}, Tags: []string{"x"}},
	}
}

func TestQuery(t *testing.T) {
	for _, c := range []struct {
		where, tags, status, sort string
		limit                     int
		want                      string
	}{
		{want: "c b a"},
		{where: "optimizer=adamw", want: "c"},
		{where: "optimizer==adamw", want: "c"},
		{where: "optimizer != adamw", want: "b a"},
		{where: "optimizer~adam", want: "c a"},
		{where: "optimizer=sgd:momentum=0.9", want: "b"},
		{where: "lr<0.01", want: "c"},
		{where: "lr=0.001", want: "c"},
		{where: "lr!=0.001", want: "b a"},
		{where: "lr>=0.001", want: "c b"},
		{where: "test_accuracy>=0.97", want: "c"},
		{where: "test_accuracy!=0.97", want: "b a"},
		{where: "test_accuracy>0", want: "c a"},
		{where: "note=3", want: "b"},
		{where: "note!=3", want: "c a"},
		{where: "val_loss<1", want: ""},
		{where: "created>=2026-11-22T13", want: "c b"},
		{where: "created<2026-11-22T12:30", want: "a"},
		{where: "optimizer>=adamw", want: "c b"},
		{where: "status=running", want: "a"},
		{where: "id>a name<=b", want: "b"},
		{tags: "x", want: "c a"},
		{tags: "x best", want: "c"},
		{tags: "none", want: ""},
		{status: "running diverged", want: "b a"},
		{sort: "lr", want: "c b a"},
		{sort: "-lr", want: "b c a"},
		{sort: "test_accuracy", want: "a c b"},
		{sort: "-test_accuracy", want: "c a b"},
		{sort: "optimizer", want: "a c b"},
		{sort: "created", want: "a b c"},
		{sort: "-created", limit: 2, want: "c b"},
		{where: "lr>0", limit: 5, want: "c b"},
	} {
		q := Query{Tags: strings.Fields(c.tags), Sort: c.sort, Limit: c.limit}
		for text := range strings.FieldsSeq(strings.ReplaceAll(c.where, " != ", "!=")) {
			condition, err := ParseCondition(text)
			if err != nil {
				t.Fatal(err)
			}
			q.Where = append(q.Where, condition)
		}
		for s := range strings.FieldsSeq(c.status) {
			q.Statuses = append(q.Statuses, Status(s))
		}
		got, err := q.apply(sample())
		if err != nil || names(got) != c.want {
			t.Errorf("%+v: %q, %v", c, names(got), err)
		}
	}
	for want, q := range map[string]Query{
		`no run has a field "optimzer", there are best_loss`: {Where: []Condition{{"optimzer", "=", "adam"}}},
		`no run has a field "speed"`:                         {Sort: "-speed"},
		`no status "done", want one of [running finished`:    {Statuses: []Status{"done"}},
		"Limit = -1": {Limit: -1},
	} {
		if got, err := q.apply(sample()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, %v, want %q", q, got, err, want)
		}
	}
	var unknown *FieldError
	q := Query{Sort: "speed"}
	if _, err := q.apply(sample()); !errors.As(err, &unknown) || unknown.Field != "speed" || !slices.Contains(unknown.Known, "optimizer") {
		t.Errorf("%v", unknown)
	}
	if got, err := q.apply(nil); len(got) != 0 || err != nil {
		t.Errorf("of no runs: %v, %v", got, err)
	}
}

func TestParseCondition(t *testing.T) {
	for _, text := range []string{"", "lr", "=3", "<", "lr?3"} {
		if c, err := ParseCondition(text); err == nil || !strings.Contains(err.Error(), "such as lr<0.01") {
			t.Errorf("%q: %+v, %v", text, c, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		want := Condition{
			rapid.StringMatching(`[a-z][a-z_-]{0,9}`).Draw(t, "field"),
			rapid.SampledFrom([]string{"=", "!=", "<", "<=", ">", ">=", "~"}).Draw(t, "op"),
			rapid.StringMatching(`[a-z0-9.:]([a-z =0-9]{0,8}[a-z0-9])?`).Draw(t, "value"),
		}
		if got, err := ParseCondition(want.String()); err != nil || got != want {
			t.Fatalf("%+v, %v, want %+v", got, err, want)
		}
	})
}

// Sorting is an order: it does not depend on how the runs came.
func TestSortIsAnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.SampledFrom([]string{"", "1", "10", "9", "-1e3", "x", "y", "NaN"}), 0, 8).Draw(t, "values")
		var all []Summary
		for i, v := range values {
			s := Summary{ID: fmt.Sprint(i), Settings: map[string]string{}}
			if v != "" {
				s.Settings["v"] = v
			}
			all = append(all, s)
		}
		all = append(all, Summary{Settings: map[string]string{"v": "0"}})
		texts := func(all []Summary) (list []string) {
			for _, s := range all {
				list = append(list, s.Settings["v"])
			}
			return list
		}
		q := Query{Sort: rapid.SampledFrom([]string{"v", "-v"}).Draw(t, "sort")}
		one, err := q.apply(slices.Clone(all))
		if err != nil {
			t.Fatal(err)
		}
		slices.Reverse(all)
		two, err := q.apply(all)
		if err != nil || !slices.Equal(texts(one), texts(two)) {
			t.Fatalf("%q and %q, %v", texts(one), texts(two), err)
		}
	})
}

func TestFind(t *testing.T) {
	root := t.TempDir()
	if _, err := Find(root, "latest"); err == nil || !strings.Contains(err.Error(), "there are none") {
		t.Errorf("latest of none: %v", err)
	}
	if _, err := Find(root, "x"); err == nil || !strings.Contains(err.Error(), "there are none") {
		t.Errorf("one of none: %v", err)
	}
	a := finishedRun(t, root, "alpha", "name: a\n", noon, nil)
	b := finishedRun(t, root, "beta", "name: b\n", noon.Add(time.Minute), nil)
	other, err := Create(root, CreateOptions{Dir: filepath.Join(root, "other"), Experiment: []byte("recorded: {created: 2030-01-01T00:00:00Z}\n")})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for name, want := range map[string]*Run{
		a.ID: a, b.ID[:len(b.ID)-6]: b, "latest": other, a.Dir: a, a.Dir + string(filepath.Separator): a, "oth": other,
	} {
		if dir, err := Find(root, name); err != nil || filepath.Clean(dir) != want.Dir {
			t.Errorf("%s: %s, %v, want %s", name, dir, err, want.Dir)
		}
	}
	for name, want := range map[string]string{
		"":             "want an ID",
		"2026":         "begins more than one run: " + b.ID + ", " + a.ID,
		"gamma":        `no run "gamma" in`,
		"a\x1b[31m":    `no run "a\x1b[31m" in`,
		root:           "is not that of a run",
		"./nowhere":    "no such file",
		root + "/../x": "no such file",
	} {
		if dir, err := Find(root, name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %s, %v, want %q", name, dir, err, want)
		}
	}
	if _, err := Find(root, "gamma"); !strings.Contains(err.Error(), a.ID) || !strings.Contains(err.Error(), "other") {
		t.Errorf("the error does not name the runs: %v", err)
	}
	t.Chdir(a.Dir)
	if dir, err := Find(root, "."); err != nil || dir != "." {
		t.Errorf("the working folder: %s, %v", dir, err)
	}
	t.Chdir(root)
	for _, other := range []string{"nowhere", a.Dir} {
		if dir, err := Find(other, "beside"); err == nil || !strings.Contains(err.Error(), "there are none") {
			t.Errorf("%s: %s, %v", other, dir, err)
		}
		if dir, err := Find(other, "other"); err != nil || dir != "other" {
			t.Errorf("a folder in the working folder: %s, %v", dir, err)
		}
	}
}

// Deleting removes the folder and nothing that links in it lead to.
func TestDelete(t *testing.T) {
	root, outside := t.TempDir(), t.TempDir()
	precious := filepath.Join(outside, "precious")
	if err := os.WriteFile(precious, []byte("x"), 0o666); err != nil {
		t.Fatal(err)
	}
	r := finishedRun(t, root, "a", "name: a\n", noon, nil)
	away := finishedRun(t, outside, "away", "name: away\n", noon, nil)
	if err := errors.Join(os.Symlink(outside, r.Path("link")), os.Symlink(precious, r.Path("file")), os.Symlink(away.Dir, filepath.Join(root, "linked"))); err != nil {
		t.Fatal(err)
	}
	working, err := OpenForWork(r.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := Delete(r.Dir); !IsRunning(err) {
		t.Errorf("a running run: %v", err)
	}
	if err := working.Close(); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{r.Dir, filepath.Join(root, "linked")} {
		if err := Delete(dir); err != nil {
			t.Error(err)
		}
	}
	left, err := os.ReadDir(root)
	if err != nil || len(left) != 0 {
		t.Errorf("left %v, %v", left, err)
	}
	if text, err := os.ReadFile(precious); err != nil || string(text) != "x" || !away.has(EventsFile) {
		t.Errorf("outside: %q, %v", text, err)
	}
	for _, dir := range []string{outside, r.Dir} {
		if err := Delete(dir); err == nil {
			t.Errorf("%s was deleted", dir)
		}
	}
	half := filepath.Join(root, trash+"x")
	if err := os.MkdirAll(filepath.Join(half, "checkpoints"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(half, "link")); err != nil {
		t.Fatal(err)
	}
	if _, err := openIndex(t, root).Rebuild(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(half); !os.IsNotExist(err) {
		t.Errorf("half a deletion is left: %v", err)
	}
	if _, err := os.Stat(precious); err != nil {
		t.Error(err)
	}
}

func TestCompare(t *testing.T) {
	root := t.TempDir()
	a := finishedRun(t, root, "a", "name: a\nlr: 0.10\nbatch: 32\nseed: 1\n", noon, result(train.ReasonEpochs, 0.5))
	b := finishedRun(t, root, "b", "name: b\nlr: 1.0e-1\nseed: 1\nepochs: 3\n", noon, nil)
	c, err := Compare(a, b)
	if err != nil {
		t.Fatal(err)
	}
	show := func(list []Difference) string {
		var b strings.Builder
		for _, d := range list {
			b.WriteString(d.Field)
			for _, v := range d.Values {
				if v == nil {
					b.WriteString(" -")
				} else {
					b.WriteString(" " + *v)
				}
			}
			b.WriteString("; ")
		}
		return b.String()
	}
	if got := show(c.Settings); got != "batch 32 -; epochs - 3; name a b; " {
		t.Errorf("settings %s", got)
	}
	if got := show(c.Metrics); !strings.Contains(got, "test_accuracy 0.5 -; ") || !strings.Contains(got, "steps 40 40; ") || strings.Contains(got, "train_loss") {
		t.Errorf("metrics %s", got)
	}
	if settings, metrics := Differences(a, b); show(settings) != show(c.Settings) || show(metrics) != show(c.Metrics) {
		t.Errorf("without logs: %s, %s", show(settings), show(metrics))
	}
	if len(c.Curves) != 2 || len(c.Curves[0]) != 4 {
		t.Fatalf("curves %v", c.Curves)
	}
	if p := c.Curves[1][1]; p.Epoch != 2 || p.Step != 20 || *p.Loss != 0.5 || *p.ValLoss != 1 || *p.ValAccuracy != 0.25 {
		t.Errorf("%+v", p)
	}
	if err := os.WriteFile(b.Path(EventsFile), []byte("{\n{}\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Compare(a, b); err == nil || !strings.Contains(err.Error(), "events.jsonl:1") {
		t.Errorf("a broken log: %v", err)
	}
}

// Filter asks of a list what List asks of the index, and leaves the list as it is.
func TestFilter(t *testing.T) {
	all := []Summary{
		{ID: "c", Metrics: map[string]float64{"final_loss": 3}}, {ID: "b", Metrics: map[string]float64{"final_loss": 1}}, {ID: "a", Metrics: map[string]float64{"final_loss": 2}},
	}
	q := Query{Where: []Condition{{"final_loss", "<", "3"}}, Sort: "id"}
	got, err := q.Filter(all)
	if err != nil || len(got) != 2 || got[0].ID != "a" || got[1].ID != "b" {
		t.Errorf("%v, %v, want a and b", got, err)
	}
	if all[0].ID != "c" || all[1].ID != "b" || all[2].ID != "a" {
		t.Errorf("the list is %v now", all)
	}
}
