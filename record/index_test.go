package record

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/descent-go/descent/train"
)

// finishedRun makes the folder of a run that is over.
func finishedRun(t testing.TB, root, name, experiment string, at time.Time, res *train.Result) *Run {
	t.Helper()
	r, err := Create(root, CreateOptions{Name: name, Now: at, Experiment: []byte(experiment)})
	if err != nil {
		t.Fatal(err)
	}
	l, err := r.Log(nil)
	if err != nil {
		t.Fatal(err)
	}
	l.Event(&train.Started{Optimizer: "adam", Rate: 0.1, Parameters: 100, Steps: 40, Epochs: 4, PerEpoch: 10})
	for epoch := range 4 {
		for i := range 10 {
			l.Event(&train.Step{Step: int64(10*epoch + i + 1), Epoch: epoch, Loss: 1 / float64(epoch+1)})
		}
		l.Event(&train.EpochEnd{Epoch: epoch + 1, Step: int64(10 * (epoch + 1)), Loss: 1 / float64(epoch+1)})
		l.Event(&train.Evaluation{Epoch: epoch + 1, Step: int64(10 * (epoch + 1)), Set: "validation", Loss: 2 / float64(epoch+1), Labelled: true, Accuracy: float64(epoch) / 4, Best: true})
	}
	if res != nil {
		l.Event(&train.Finished{Result: res})
	}
	if err := errors.Join(l.Close(), r.Close()); err != nil {
		t.Fatal(err)
	}
	return r
}

func result(reason train.Reason, accuracy float64) *train.Result {
	loss := 1 - accuracy
	return &train.Result{Reason: reason, Steps: 40, Epochs: 4, FinalLoss: 0.25, Verdict: reason.String(), TestAccuracy: &accuracy, TestLoss: &loss}
}

func openIndex(t testing.TB, root string) *Index {
	t.Helper()
	x, err := OpenIndex(root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.Close() })
	return x
}

func list(t testing.TB, x *Index, q Query) []Summary {
	t.Helper()
	all, err := x.List(q)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// names lists runs by the names in their settings.
func names(all []Summary) string {
	var b []string
	for _, s := range all {
		b = append(b, s.Name)
	}
	return strings.Join(b, " ")
}

// The index follows what happens to the folders, and says the same as one that
// reads everything.
func TestIndexFollows(t *testing.T) {
	root := t.TempDir()
	x := openIndex(t, root)
	check := func(what, want string) {
		t.Helper()
		got := list(t, x, Query{})
		if names(got) != want {
			t.Errorf("%s: %q, want %q", what, names(got), want)
		}
		fresh := list(t, &Index{root: root}, Query{})
		if !reflect.DeepEqual(got, fresh) {
			t.Errorf("%s: the index says\n%+v\nthe folders\n%+v", what, got, fresh)
		}
	}
	check("nothing", "")
	a := finishedRun(t, root, "a", "name: a\n", noon, result(train.ReasonEpochs, 0.5))
	b := finishedRun(t, root, "b", "name: b\n", noon.Add(time.Minute), nil)
	check("two", "b a")
	if _, err := a.Tag([]string{"best"}, nil); err != nil {
		t.Fatal(err)
	}
	check("tagged", "b a")
	if s := list(t, x, Query{Tags: []string{"best"}}); names(s) != "a" {
		t.Errorf("tagged: %+v", s)
	}
	if err := os.WriteFile(a.Path(ExperimentFile), []byte("name: renamed\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	check("renamed", "b renamed")
	l := openLog(t, b, nil)
	l.Event(&train.Finished{Result: result(train.ReasonDiverged, 0)})
	check("finished", "b renamed")
	if s := list(t, x, Query{Statuses: []Status{StatusDiverged}}); names(s) != "b" {
		t.Errorf("finished: %+v", s)
	}
	if err := Delete(a.Dir); err != nil {
		t.Fatal(err)
	}
	check("deleted", "b")
	for _, dir := range []string{"not-a-run", ".hidden"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, ".hidden", EventsFile), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	check("other folders", "b")
	same := finishedRun(t, root, "c", "name: c\n", noon.Add(time.Minute), nil)
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(same.Path(ExperimentFile), later, later); err != nil {
		t.Fatal(err)
	}
	check("of the same second", "c b")
	if n, err := x.Rebuild(); n != 2 || err != nil {
		t.Errorf("rebuilt %d, %v", n, err)
	}
	check("rebuilt", "c b")
}

// Whatever is in the index's place, the list is that of the folders, and the
// index works again.
func TestIndexIsMadeAnew(t *testing.T) {
	root := t.TempDir()
	for i := range 30 {
		finishedRun(t, root, "a", fmt.Sprintf("name: n%d\nlr: 1\n", i), noon.Add(time.Duration(i)*time.Minute), result(train.ReasonEpochs, 0.5))
	}
	path := filepath.Join(root, indexFile)
	want := list(t, &Index{root: root}, Query{})
	look := func(what string) {
		t.Helper()
		x, err := OpenIndex(root)
		if err != nil {
			t.Fatal(err)
		}
		defer x.Close()
		if got := list(t, x, Query{}); !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n%+v, want\n%+v", what, got, want)
		}
	}
	look("new")
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 24 {
		damaged := slices.Clone(sound)
		for range 1 + r.IntN(2000) {
			damaged[r.IntN(len(damaged))] = byte(r.Uint32())
		}
		if i%4 == 0 {
			damaged = damaged[:r.IntN(len(damaged))]
		}
		if err := os.WriteFile(path, damaged, 0o666); err != nil {
			t.Fatal(err)
		}
		look(fmt.Sprintf("damage %d", i))
		look(fmt.Sprintf("damage %d, again", i))
	}
	for what, content := range map[string]string{"empty": "", "text": "lr: 1\n", "zeros": strings.Repeat("\x00", 8192)} {
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		look(what)
		look(what + ", again")
		if !kept(t, root, 30) {
			t.Errorf("%s: the index was not made anew", what)
		}
	}
	x := openIndex(t, root)
	if _, err := x.cache.db.Exec("PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	look("of another version")
	if !kept(t, root, 30) {
		t.Error("of another version: the index was not made anew")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	look("missing")
	if err := removeCache(path); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(path, "in the way"), 0o777); err != nil {
		t.Fatal(err)
	}
	look("a folder in its place")
	if x := openIndex(t, root); x.cache != nil {
		t.Error("an index in a folder's place")
	}
}

// Processes that list, add, tag and delete at once see what is there.
func TestIndexTogether(t *testing.T) {
	root := t.TempDir()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			x, err := OpenIndex(root)
			if err != nil {
				t.Error(err)
				return
			}
			defer x.Close()
			for j := range 5 {
				name := fmt.Sprintf("w%d-%d", i, j)
				r := finishedRun(t, root, name, "name: "+name+"\n", noon, result(train.ReasonEpochs, 0.5))
				if _, err := r.Tag([]string{"t"}, nil); err != nil {
					t.Error(err)
				}
				s, err := x.List(Query{Where: []Condition{{"name", "=", name}}, Tags: []string{"t"}})
				if err != nil || len(s) != 1 {
					t.Errorf("%s: %v, %v", name, s, err)
				}
				if j%2 == 0 {
					if err := Delete(r.Dir); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	x := openIndex(t, root)
	if s := list(t, x, Query{}); len(s) != 16 {
		t.Errorf("%d runs, want 16", len(s))
	}
	if !kept(t, root, 16) {
		t.Error("the index does not have them")
	}
}

// kept reports whether the index of a root has so many runs in its file.
func kept(t *testing.T, root string, n int) bool {
	t.Helper()
	x, err := OpenIndex(root)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	return x.cache != nil && len(x.cache.rows()) == n
}

func TestOpenIndex(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenIndex(file); err == nil || !strings.Contains(err.Error(), "is not a folder") {
		t.Errorf("a file: %v", err)
	}
	x, err := OpenIndex(filepath.Join(t.TempDir(), "runs"))
	if err != nil {
		t.Fatal(err)
	}
	if s, err := x.List(Query{}); len(s) != 0 || err != nil {
		t.Errorf("a missing root: %v, %v", s, err)
	}
	if n, err := x.Rebuild(); n != 0 || err != nil {
		t.Errorf("a missing root: %v, %v", n, err)
	}
	if _, err := os.Stat(x.root); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("looking made the root: %v", err)
	}
}

func benchmarkRoot(b *testing.B) string {
	b.Helper()
	root := b.TempDir()
	var experiment strings.Builder
	for i := range 45 {
		fmt.Fprintf(&experiment, "setting-%d: value-%d\n", i, i)
	}
	experiment.WriteString("recorded:\n  created: 2026-11-22T12:00:00Z\n  hardware:\n    cpu: \"of some kind\"\n")
	res := result(train.ReasonEpochs, 0.5)
	res.Evaluations = make([]train.Evaluation, 20)
	for i := range 2000 {
		finishedRun(b, root, "bench", experiment.String()+fmt.Sprintf("lr: %d\n", i), noon.Add(time.Duration(i)*time.Second), res)
	}
	return root
}

func BenchmarkList2000Warm(b *testing.B) {
	root := benchmarkRoot(b)
	list(b, openIndex(b, root), Query{})
	for b.Loop() {
		x := openIndex(b, root)
		if n := len(list(b, x, Query{})); n != 2000 {
			b.Fatal(n)
		}
		_ = x.Close()
	}
}

func BenchmarkList2000Cold(b *testing.B) {
	root := benchmarkRoot(b)
	for b.Loop() {
		x := openIndex(b, root)
		if _, err := x.Rebuild(); err != nil {
			b.Fatal(err)
		}
		_ = x.Close()
	}
}
