package lab

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/internal/parallel"
	"github.com/descent-go/descent/train"
)

// evaluate computes the loss on the grid, row by row.
func (t *Task) evaluate(ctx context.Context, l *Landscape, p *plane, own *experiment.Session, set *data.Set, o LandscapeOptions) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	fail := func(err error) { cancel(fmt.Errorf("lab: %s: %w", t.name, err)) }
	center, err := own.Loss(set)
	if err != nil {
		fail(err)
		return context.Cause(ctx)
	}
	l.Center = train.Real(center)
	l.Loss = make([][]train.Real, len(l.Y))
	count := min(max(o.Parallel, 1), len(l.Y))
	if t.prepared.Shared() {
		count = 1
	}
	if count > 1 {
		defer parallel.Singly()()
	}
	var workers sync.WaitGroup
	var next atomic.Int64
	var mu sync.Mutex // of done, and of the sink
	done := 0
	for w := range count {
		workers.Go(func() {
			s, err := own, error(nil)
			if w > 0 {
				s, err = t.twin(ctx, own)
			}
			for j := int(next.Add(1)) - 1; err == nil && j < len(l.Y) && ctx.Err() == nil; j = int(next.Add(1)) - 1 {
				if l.Loss[j], err = p.row(s, set, l.X, l.Y[j]); err != nil {
					break
				}
				mu.Lock()
				if done++; o.Sink != nil {
					o.Sink(&Surveying{Task: t.name, Stage: "grid", Done: int64(done * len(l.X)), Total: int64(len(l.Y) * len(l.X))})
				}
				mu.Unlock()
			}
			if err != nil {
				fail(err)
			}
		})
	}
	workers.Wait()
	own.Put(p.center)
	return context.Cause(ctx)
}

// twin returns a session whose model has the buffers of another.
func (t *Task) twin(ctx context.Context, own *experiment.Session) (*experiment.Session, error) {
	s, err := t.prepared.Open(ctx, nil, own.Experiment.Seed)
	if err != nil || s.Net == nil {
		return s, err
	}
	buffers := s.Net.Buffers()
	for i, b := range own.Net.Buffers() {
		copy(buffers[i].Data, b.Data)
	}
	return s, nil
}

// row computes the losses of a row.
func (p *plane) row(s *experiment.Session, set *data.Set, xs []float64, y float64) ([]train.Real, error) {
	row := make([]train.Real, len(xs))
	point := make([]float64, len(p.center))
	for i, x := range xs {
		for k, c := range p.center {
			point[k] = c + (float64(x*p.u[k]) + float64(y*p.v[k]))
		}
		s.Put(point)
		loss, err := s.Loss(set)
		if err != nil {
			return nil, err
		}
		row[i] = train.Real(loss)
	}
	return row, nil
}
