package web

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/descent-go/descent/record"
	"github.com/descent-go/descent/web/internal/curves"
	"github.com/descent-go/descent/web/internal/tail"
)

// A live is what GET /api/runs/live sends. It takes the parameters of
// GET /api/runs/curves without a window, and from: for each run in the order of
// ids the place where its curves end, with commas between. The id of an event is
// the places behind it, so a browser that reconnects goes on where it was, also
// when the server is another by then.
//
// An event "points" has what came since, at most every 50 ms: of a run that is
// faster than a picture can show, thinned as curves are. A log that was cut back,
// because its run went on from a checkpoint, goes on behind all the points that were
// told, if these are still there; then void says how many of the last marks are not.
// An event "rewind" names a run whose log is not the one of its place any more:
// nothing more comes of it, its curves are to be asked for again. An
// event "status" tells where a run stands, at first and when that changes; after
// the last run has ended the stream tells "end".
type live struct {
	ID     string         `json:"id"`
	From   string         `json:"from"` // the places before and behind
	To     string         `json:"to"`
	Curves []curves.Curve `json:"curves"`
	Void   int            `json:"void,omitempty"` // the last marks so far, to be dropped
	Marks  []curves.Mark  `json:"marks,omitempty"`
	Names  []string       `json:"names,omitempty"` // of all curves, when there are new ones
}

// A watched is a run of a stream.
type watched struct {
	log     *runLog
	at      string // place
	follow  *curves.Follower
	reading int // that the follower follows
	names   int
	status  record.Status
	over    bool // it is rewound: there is nothing more to say
}

// mostVoid is how many marks may be taken back: of more, some may not be shown.
const mostVoid = 100

// followRuns streams what runs do.
func (s *Server) followRuns(w http.ResponseWriter, r *http.Request) error {
	ids, ask, err := askOf(r)
	if err != nil {
		return err
	}
	ask.Width = min(ask.Width, 200) // of a twentieth of a second
	from := r.Header.Get("Last-Event-ID")
	if from == "" {
		from = r.URL.Query().Get("from")
	}
	var places []string
	if from != "" {
		if places = strings.Split(from, ","); len(places) != len(ids) {
			return refuse(http.StatusBadRequest, "from", "%d places for %d runs", len(places), len(ids))
		}
	}
	var runs []*watched
	defer func() {
		for _, one := range runs {
			s.runs.release(one.log)
		}
	}()
	for i, id := range ids {
		l, err := s.runs.log(r.Context(), id)
		if err != nil {
			return err
		}
		one := &watched{log: l}
		if places != nil {
			one.at = places[i]
		}
		runs = append(runs, one)
	}
	out, err := tail.NewStream(w, 0)
	if err != nil {
		return err
	}
	return watch(r.Context(), out, runs, ask)
}

// watch writes events until the context ends or the runs have.
func watch(ctx context.Context, out *tail.Stream, runs []*watched, ask curves.Ask) error {
	pace := time.NewTicker(tail.Every)
	defer pace.Stop()
	spoke := time.Now()
	for {
		said, going := false, false
		for _, one := range runs {
			some, err := one.tell(ctx, out, runs, ask)
			if err != nil {
				return err
			}
			said = said || some
			going = going || !one.over && !ended(one.status)
		}
		if !said && !going {
			out.Event("end", "", []byte("{}"))
			return out.Flush()
		}
		if !said && time.Since(spoke) > tail.Beat {
			out.Comment()
			said = true
		}
		if said {
			if err := out.Flush(); err != nil {
				return err
			}
			spoke = time.Now()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-pace.C:
		}
	}
}

// ended reports whether a run of a status does nothing any more.
func ended(s record.Status) bool {
	return s != record.StatusRunning && s != record.StatusUnknown && s != ""
}

// placesOf joins the places of runs: an event's id.
func placesOf(runs []*watched) string {
	places := make([]string, len(runs))
	for i, one := range runs {
		places[i] = one.at
	}
	return strings.Join(places, ",")
}

// tell adds what is new of a run.
func (one *watched) tell(ctx context.Context, out *tail.Stream, runs []*watched, ask curves.Ask) (said bool, err error) {
	if one.over {
		return false, nil
	}
	if _, err := one.log.refresh(ctx); err != nil {
		return false, err
	}
	status := one.log.status() // before the log is looked at: what is over has its last event there
	event := live{ID: one.log.run.ID, From: one.at}
	rewound := false
	one.log.read(func(c *record.Columns) {
		if one.follow == nil || one.reading != c.Reading() {
			size, held := c.Holds(one.at)
			if one.at == "" {
				size, held = 0, true
			}
			if !held {
				if size, event.Void, held = c.Rejoin(one.at); !held || event.Void > mostVoid {
					rewound = true
					return
				}
			}
			one.follow, one.reading = curves.Follow(c, ask, size), c.Reading()
		}
		event.Curves, event.Marks = one.follow.Next(c)
		one.at = c.Place()
		if n := c.Names(); len(n) != one.names {
			one.names, event.Names = len(n), n
		}
	})
	if event.To = one.at; rewound {
		one.over = true
		return true, add(out, "rewind", "", map[string]string{"id": event.ID})
	}
	if event.From != event.To {
		said = true
		if event.Curves == nil {
			event.Curves = []curves.Curve{}
		}
		if err := add(out, "points", placesOf(runs), event); err != nil {
			return said, err
		}
	}
	if status != one.status {
		one.status, said = status, true
		err = add(out, "status", "", map[string]any{"id": event.ID, "status": status})
	}
	return said, err
}

// add adds an event with an object.
func add(out *tail.Stream, name, id string, v any) error {
	text, err := json.Marshal(v)
	if err == nil {
		out.Event(name, id, text)
	}
	return err
}
