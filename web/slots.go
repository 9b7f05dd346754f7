package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// tabHeader is what the page calls itself: each tab by another name, so that a new
// request of one takes the place of its last, and one tab cannot keep others out.
const tabHeader = "Descent-Tab"

// slots are what requests take while they go on.
type slots struct {
	work    *queue // for what takes a moment
	heavy   *queue // for what keeps all processors busy for a while
	streams int64
	open    *atomic.Int64
}

func newSlots(streams int) slots {
	n := max(2, runtime.GOMAXPROCS(0))
	return slots{work: newQueue(n), heavy: newQueue(n / 2), streams: int64(streams), open: new(atomic.Int64)}
}

// mostWaiting is how many requests may wait for a slot.
const mostWaiting = 256

// A queue has a few slots, which requests get in the order of their arrival.
type queue struct {
	slots chan struct{}

	mu    sync.Mutex
	turns []*turn // waiting and at work, in the order of their arrival
}

func newQueue(slots int) *queue { return &queue{slots: make(chan struct{}, slots)} }

// A turn is a request that waits or is at work.
type turn struct {
	whose  string    // the tab, "" if one may have several
	does   string    // in words
	begun  time.Time // the zero time while it waits
	cancel context.CancelCauseFunc
}

// errNewer ends a request whose tab wants something else by now.
var errNewer = errors.New("a newer request of the same tab has taken its place")

// take waits for a slot, at most for a while, and returns the context to work in.
// A turn of the same tab ends for it. leave gives the slot back.
func (q *queue) take(ctx context.Context, whose, does string, patience time.Duration) (work context.Context, leave func(), err error) {
	t := &turn{whose: whose, does: does}
	work, t.cancel = context.WithCancelCause(ctx)
	if err := q.enter(t); err != nil {
		t.cancel(nil)
		return nil, nil, err
	}
	if err := q.wait(work, patience); err != nil {
		q.exit(t)
		return nil, nil, err
	}
	q.mu.Lock()
	t.begun = time.Now()
	q.mu.Unlock()
	return work, func() { q.exit(t); <-q.slots }, nil
}

// wait takes a slot as soon as there is one.
func (q *queue) wait(ctx context.Context, patience time.Duration) error {
	select {
	case q.slots <- struct{}{}:
		return nil
	default:
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case q.slots <- struct{}{}:
		return nil
	case <-timer.C:
		return q.full("")
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// enter puts a turn at the end of the queue, and ends others of its tab.
func (q *queue) enter(t *turn) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	waiting := 0
	for _, other := range q.turns {
		if t.whose != "" && other.whose == t.whose {
			other.cancel(errNewer)
		} else if other.begun.IsZero() {
			waiting++
		}
	}
	if waiting >= mostWaiting {
		return q.fullLocked(fmt.Sprintf(", and %d requests wait for it", waiting))
	}
	q.turns = append(q.turns, t)
	return nil
}

func (q *queue) exit(t *turn) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.turns = slices.DeleteFunc(q.turns, func(other *turn) bool { return other == t })
	t.cancel(nil)
}

// full says what is at work, so that who waits can decide what to do.
func (q *queue) full(more string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.fullLocked(more)
}

func (q *queue) fullLocked(more string) error {
	var busy []string
	for _, t := range q.turns {
		if !t.begun.IsZero() && len(busy) < 3 {
			busy = append(busy, fmt.Sprintf("%s (since %d s)", t.does, int(time.Since(t.begun).Seconds())))
		}
	}
	what := ""
	if len(busy) > 0 {
		what = " with " + strings.Join(busy, ", ")
	}
	return refuse(http.StatusServiceUnavailable, "", "the server is busy%s%s: try again when that is over", what, more)
}

// tabOf returns who sent a request: a browser that is in and, where the page says so,
// which of its tabs.
func (s *Server) tabOf(r *http.Request) string {
	who := ""
	if c, err := r.Cookie(s.guard.cookie()); err == nil {
		who = c.Value
	}
	tab := r.Header.Get(tabHeader)
	return who + " " + tab[:min(len(tab), 64)]
}
