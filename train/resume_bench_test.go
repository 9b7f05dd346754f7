package train_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/internal/durable"
	"github.com/descent-go/descent/nn"
	"github.com/descent-go/descent/train"
)

// BenchmarkCheckpointing trains for seconds, in turn without checkpoints and
// with one a second on the disk of the temporary folder, and reports the median
// of how much longer the rounds with them took, per step.
//
//	go test ./train -run=NONE -bench=Checkpointing -benchtime=9x
//
// makes nine rounds of each.
func BenchmarkCheckpointing(b *testing.B) {
	for _, c := range []struct {
		spec  string
		batch int
	}{{"mlp:128,64", 32}, {"mlp:512,512", 64}} {
		b.Run(c.spec, func(b *testing.B) {
			set, err := data.Digits(4096, 1)
			if err != nil {
				b.Fatal(err)
			}
			round := func(every time.Duration) (perStep float64, checkpoints int, bytes int64) {
				net, err := nn.Parse(c.spec, set.Dim, 10, nn.Classify)
				if err != nil {
					b.Fatal(err)
				}
				net.Init(1)
				o := train.Defaults(rule(b, "adam"))
				o.Clock, o.TimeBudget, o.EMA = time.Now, 4*time.Second, 0.999
				if every > 0 {
					o.Checkpoints = &train.Checkpoints{Store: store(b, durable.OS, b.TempDir(), 3), Period: every}
				}
				o.Epochs = 1 << 30
				res, err := train.Run(context.Background(), net, batches(b, set, c.batch, 1), o, &train.History{Limit: 4000}, train.SinkFunc(func(e train.Event) {
					if e, ok := e.(*train.Checkpointed); ok {
						checkpoints++
						bytes = e.Bytes
					}
				}))
				if err != nil {
					b.Fatal(err)
				}
				return res.Seconds / float64(res.Steps), checkpoints, bytes
			}
			round(0)
			var more []float64
			var count int
			var size int64
			for range b.N {
				without, _, _ := round(0)
				with, n, bytes := round(time.Second)
				more, count, size = append(more, 100*(with/without-1)), n, bytes
			}
			slices.Sort(more)
			b.ReportMetric(more[len(more)/2], "%overhead")
			b.ReportMetric(float64(count), "checkpoints/round")
			b.ReportMetric(float64(size)/1e6, "MB/checkpoint")
			b.Logf("%.1f", more)
		})
	}
}
