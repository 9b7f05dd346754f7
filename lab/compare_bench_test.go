package lab

import (
	"path/filepath"
	"testing"

	"github.com/descent-go/descent/internal/durable"
)

// What a comparison takes beside its trainings: the classic family on Rosenbrock's
// valley, whose trainings are of a third of a millisecond, with a journal. The least
// of all repetitions is that of an idle machine; its disk and the other processes are
// in the mean.
func BenchmarkCompare(b *testing.B) {
	k := task(b, "function: rosenbrock\nsteps: 2000")
	o := DefaultCompare()
	o.Tasks, o.Contenders = []*Task{k}, Classic()
	busy, trials, least := 0.0, 0, 1.0
	for b.Loop() {
		j, err := OpenJournal(durable.OS, filepath.Join(b.TempDir(), "trials"))
		if err != nil {
			b.Fatal(err)
		}
		o.Journal = j
		before := b.Elapsed().Seconds()
		c, err := Compare(b.Context(), o)
		if err != nil {
			b.Fatal(err)
		}
		busy += c.Seconds
		trials += c.Trials
		least = min(least, (b.Elapsed().Seconds()-before)/c.Seconds-1)
		if err := j.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(100*(b.Elapsed().Seconds()-busy)/busy, "%overhead")
	b.ReportMetric(100*least, "%least")
	b.ReportMetric(float64(trials)/b.Elapsed().Seconds(), "trials/s")
}
