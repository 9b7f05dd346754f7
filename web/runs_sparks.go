package web

import (
	"context"
	"net/http"
	"path"
	"sync"
	"time"

	"github.com/descent-go/descent/record"
	"github.com/descent-go/descent/web/internal/curves"
)

// Bounds of the small curves in a list of runs.
const (
	sparkWidth = 28          // columns of the picture
	mostSpark  = 16 << 20    // bytes of a log that is read for one
	mostSparks = 64 << 20    // bytes of logs that are read for an answer
	keptSparks = 1 << 14     // curves
	lately     = time.Minute // a log that was written to since may still grow
)

// A runSpark is the loss of a run, small.
type runSpark struct {
	ID string `json:"id"`
	curves.Line
}

// A sparkStore keeps the small curves of logs as they were.
type sparkStore struct {
	mu   sync.Mutex
	kept map[string]keptSpark
}

type keptSpark struct {
	size int64
	at   time.Time
	line curves.Line
}

// sparkRuns answers GET /api/runs/sparks?id=a&id=b with the losses of runs, small. It
// reads only so much for an answer: runs that are left out are to be asked for
// again. One without a loss, or with a very long log, has no points.
func (s *Server) sparkRuns(w http.ResponseWriter, r *http.Request) error {
	ids, err := idsOf(r)
	if err != nil {
		return err
	}
	answer := struct {
		Sparks []runSpark `json:"sparks"`
	}{[]runSpark{}}
	var read int64
	for _, id := range ids {
		if read > mostSparks {
			break
		}
		line, n, _ := s.runs.spark(r.Context(), id) // what cannot be read has no points: the list says why
		if r.Context().Err() != nil {
			return r.Context().Err()
		}
		read += n
		answer.Sparks = append(answer.Sparks, runSpark{id, line})
	}
	return writeJSON(w, answer)
}

// spark returns a run's loss, small, and how much of its log was read for it.
func (s *runStore) spark(ctx context.Context, id string) (line curves.Line, read int64, err error) {
	run, err := s.open(id)
	if err != nil {
		return line, 0, err
	}
	info, err := s.dir.Stat(path.Join(id, record.EventsFile))
	if err != nil {
		return line, 0, err
	}
	size, at := info.Size(), info.ModTime()
	s.sparks.mu.Lock()
	had, ok := s.sparks.kept[id]
	s.sparks.mu.Unlock()
	if ok && had.size == size && had.at.Equal(at) {
		return had.line, 0, nil
	}
	if size > mostSpark {
		return line, 0, nil
	}
	ask := curves.Ask{Axis: curves.Step, Metrics: []string{"loss"}, Width: sparkWidth}
	draw := func(c *record.Columns) {
		if drawn := curves.Draw(c, ask); len(drawn) > 0 {
			line = drawn[0].Line
		}
	}
	if time.Since(at) < lately { // what is read of it is of use again
		l, err := s.log(ctx, id)
		if err != nil {
			return line, 0, err
		}
		defer s.release(l)
		l.read(draw)
	} else {
		c := run.Columns()
		if _, _, err := c.Refresh(ctx); err != nil {
			return line, size, err
		}
		draw(c)
	}
	s.sparks.mu.Lock()
	defer s.sparks.mu.Unlock()
	if len(s.sparks.kept) >= keptSparks || s.sparks.kept == nil {
		s.sparks.kept = map[string]keptSpark{}
	}
	s.sparks.kept[id] = keptSpark{size, at, line}
	return line, size, nil
}
