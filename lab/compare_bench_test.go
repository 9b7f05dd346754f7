package lab

import (
	"path/filepath"
	"testing"

	"github.com/descent-go/descent/internal/durable"
)

// What a comparison takes beside its trainings: the classic family on Rosenbrock's
// valley, whose trainings are of half a millisecond, with a journal.
func BenchmarkCompare(b *testing.B) {
	k := task(b, "function: rosenbrock\nsteps: 2000")
	busy := 0.0
	for b.Loop() {
		j, err := OpenJournal(durable.OS, filepath.Join(b.TempDir(), "trials"))
		if err != nil {
			b.Fatal(err)
		}
		o := DefaultCompare()
		o.Tasks, o.Contenders, o.Journal = []*Task{k}, Classic(), j
		c, err := Compare(b.Context(), o)
		if err != nil {
			b.Fatal(err)
		}
		busy += c.Seconds
		if err := j.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(100*(b.Elapsed().Seconds()-busy)/busy, "%overhead")
}
