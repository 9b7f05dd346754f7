package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/internal/shell"
	"github.com/descent-go/descent/schedule"
	"github.com/descent-go/descent/train"
)

// The bounds of what may be asked of schedules.
const (
	maxScheduleSteps = 10_000_000
	maxSchedules     = 12
	maxSpec          = 2000 // bytes of a specification
	maxPoints        = 5000
	glance           = 1 << 14 // steps from one look at the context to the next
)

func (s *Server) scheduleRoutes() []route {
	return []route{{
		pattern: "POST /api/schedules/curve", limit: limit{work: true, time: 20 * time.Second}, handle: s.postScheduleCurves,
	}}
}

// SchedulesAsked is the body of POST /api/schedules/curve.
type SchedulesAsked struct {
	Total     int64           `json:"total"`            // steps of the run, 1 to 10,000,000
	LR        *float64        `json:"lr,omitempty"`     // base rate. Default 1
	Points    int             `json:"points,omitempty"` // of a curve, 20 to 5000. Default 1200
	Schedules []ScheduleAsked `json:"schedules"`        // at most 12
}

// ScheduleAsked is a schedule, as a specification or as blocks.
type ScheduleAsked struct {
	Spec   string  `json:"spec,omitempty"`
	Blocks []Block `json:"blocks,omitempty"`
}

// SchedulesDrawn is the answer.
type SchedulesDrawn struct {
	Total     int64           `json:"total"`
	LR        float64         `json:"lr"`
	Schedules []ScheduleDrawn `json:"schedules"` // as they were asked for
}

// ScheduleDrawn is a schedule with its curve, or what is wrong with it.
type ScheduleDrawn struct {
	Spec  string   `json:"spec"`            // as the command line takes it
	Error *refusal `json:"error,omitempty"` // then only Spec and Blocks are there
	// Blocks are the parts, one after another; null when it is not a plain row of
	// them, but has brackets or products.
	Blocks []Block `json:"blocks"`
	// Steps are those of Rate and of Momentum, ascending from 0 to the last one.
	// Of all steps between two of them, none has a rate that the curve would hide:
	// the highest, the lowest and both sides of the steepest change are there.
	Steps    []int64         `json:"steps,omitempty"`
	Rate     []train.Real    `json:"rate,omitempty"`     // LR times the factor
	Momentum []train.Real    `json:"momentum,omitempty"` // that goes against it, if it has one
	JSON     json.RawMessage `json:"json,omitempty"`     // as package schedule writes it
	Go       string          `json:"go,omitempty"`       // declares it in a program
	YAML     string          `json:"yaml,omitempty"`     // of an experiment
	Flags    string          `json:"flags,omitempty"`    // of train
	Command  string          `json:"command,omitempty"`  // that draws the curve
}

func (s *Server) postScheduleCurves(w http.ResponseWriter, r *http.Request) error {
	asked, err := readJSON[SchedulesAsked](r)
	if err != nil {
		return err
	}
	drawn, err := s.drawSchedules(r.Context(), asked)
	if err != nil {
		return err
	}
	return writeJSON(w, drawn)
}

func (s *Server) drawSchedules(ctx context.Context, asked SchedulesAsked) (*SchedulesDrawn, error) {
	lr := 1.0
	if asked.LR != nil {
		lr = *asked.LR
	}
	if asked.Points == 0 {
		asked.Points = 1200
	}
	switch {
	case asked.Total < 1 || asked.Total > maxScheduleSteps:
		return nil, refuse(http.StatusBadRequest, "total", "total = %d, want 1 to %d steps", asked.Total, maxScheduleSteps)
	case experiment.CheckRate(lr) != nil:
		return nil, refuse(http.StatusBadRequest, "lr", "lr = %v: %v", lr, experiment.CheckRate(lr))
	case asked.Points < 20 || asked.Points > maxPoints:
		return nil, refuse(http.StatusBadRequest, "points", "points = %d, want 20 to %d", asked.Points, maxPoints)
	case len(asked.Schedules) > maxSchedules:
		return nil, refuse(http.StatusBadRequest, "schedules", "%d schedules, want at most %d", len(asked.Schedules), maxSchedules)
	}
	all := &SchedulesDrawn{Total: asked.Total, LR: lr, Schedules: []ScheduleDrawn{}}
	for _, one := range asked.Schedules {
		d, err := s.drawSchedule(ctx, one, asked.Total, asked.Points, lr)
		if err != nil {
			return nil, err
		}
		all.Schedules = append(all.Schedules, d)
	}
	return all, nil
}

// drawSchedule fails when the context ends or the server is wrong; what is wrong
// with the schedule is part of what it returns.
func (s *Server) drawSchedule(ctx context.Context, asked ScheduleAsked, total int64, points int, lr float64) (ScheduleDrawn, error) {
	d := ScheduleDrawn{Spec: asked.Spec, Blocks: asked.Blocks}
	var starts []int
	if asked.Blocks != nil {
		if d.Spec, starts, d.Error = joinBlocks(asked.Blocks); d.Error != nil {
			return d, nil
		}
	}
	if len(d.Spec) > maxSpec {
		d.Error = &refusal{Field: "spec", Text: fmt.Sprintf("%d bytes, want at most %d", len(d.Spec), maxSpec)}
		return d, nil
	}
	curve, err := schedule.Parse(d.Spec, total)
	if err != nil {
		d.Error = specError(d.Spec, err, starts)
		return d, nil
	}
	if d.Blocks, err = splitBlocks(d.Spec, curve); err != nil {
		return d, err
	}
	if d.Steps, err = decimate(ctx, curve.At, total, points); err != nil {
		return d, err
	}
	for _, step := range d.Steps {
		d.Rate = append(d.Rate, train.Real(lr*curve.At(step)))
	}
	if cycled, ok := curve.(interface{ Momentum() schedule.Schedule }); ok {
		m := cycled.Momentum()
		for _, step := range d.Steps {
			d.Momentum = append(d.Momentum, train.Real(m.At(step)))
		}
	}
	if d.JSON, err = schedule.Marshal(curve); err != nil {
		return d, err
	}
	if d.Go, err = scheduleGo(curve); err != nil {
		return d, err
	}
	rate := strconv.FormatFloat(lr, 'g', -1, 64)
	steps := strconv.FormatInt(total, 10)
	d.YAML = scheduleYAML(d.Spec, lr, total)
	d.Flags = shell.Line("--schedule", d.Spec, "--lr", rate, "--steps", steps)
	d.Command = shell.Line(s.Program, "schedules", d.Spec, "--plot", "--total", steps, "--lr", rate)
	return d, nil
}

// specError says what is wrong with a specification, and where: the column in
// the text, or the block that begins there.
func specError(spec string, err error, starts []int) *refusal {
	e := &refusal{Field: "spec", Text: strings.TrimPrefix(err.Error(), "schedule: ")}
	at, rest, found := strings.Cut(strings.TrimPrefix(e.Text, fmt.Sprintf("%q, column ", spec)), ": ")
	column, bad := strconv.Atoi(at)
	if !found || bad != nil {
		return e
	}
	e.Column, e.Text = column, rest
	for i, start := range starts {
		if column > utf8.RuneCountInString(spec[:start]) {
			e.Field = fmt.Sprintf("blocks.%d", i)
		}
	}
	return e
}

// decimate returns the steps of a curve of total steps that are to be drawn,
// about n of them. It looks at every step, so it misses no spike.
func decimate(ctx context.Context, at func(int64) float64, total int64, n int) ([]int64, error) {
	const each = 6 // the most steps of a bucket: see keep
	buckets := max(int64(n/each), 1)
	if total <= int64(n) {
		buckets = total
	}
	var steps []int64
	before := at(0)
	for b := range buckets {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		from, to := b*total/buckets, (b+1)*total/buckets
		steps, before = keep(ctx, steps, at, from, to, before)
	}
	return steps, ctx.Err()
}

// keep appends the steps from..to-1 that show what a curve does there: the first
// and the last, the lowest and the highest, and both sides of the steepest
// change; before is the value of the step before the first, and it returns that
// of the last. NaN is neither low nor high, but its edge is a steep change.
func keep(ctx context.Context, steps []int64, at func(int64) float64, from, to int64, before float64) ([]int64, float64) {
	lowest, highest, jump := from, from, from
	low, high, steepest := at(from), at(from), -1.0
	value := before
	for t := from; t < to; t++ {
		if t%glance == 0 && ctx.Err() != nil {
			break // what comes of it is not wanted any more
		}
		v := at(t)
		if v < low {
			low, lowest = v, t
		}
		if v > high {
			high, highest = v, t
		}
		change := v - value
		if change < 0 {
			change = -change
		}
		if change > steepest || change != change && steepest == steepest {
			steepest, jump = change, t
		}
		value = v
	}
	chosen := []int64{from, to - 1, lowest, highest, jump, jump - 1}
	for t := range ascending(chosen) {
		if t >= 0 && (len(steps) == 0 || steps[len(steps)-1] < t) {
			steps = append(steps, t)
		}
	}
	return steps, value
}
