package lab

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

// A rule with a schedule of its own goes as it would if all had that schedule.
func TestOwnSchedule(t *testing.T) {
	run := func(common, rule string) *Track {
		t.Helper()
		d := newDescent(t, DescentOptions{Function: "rosenbrock", Steps: 50, Schedule: common})
		track, err := d.Run(context.Background(), paces(t, rule)[0], Keeping{Points: 100})
		if err != nil {
			t.Fatal(err)
		}
		return track
	}
	for _, c := range []struct{ common, rule, same, all string }{
		{"", "adam:lr=0.1,schedule=cosine", "cosine", "adam:lr=0.1"},
		{"cosine", "adam:lr=0.1,schedule=(step:every=10,gamma=0.5)", "step:every=10,gamma=0.5", "adam:lr=0.1"},
		{"cosine", "adam:lr=0.1,schedule=constant", "", "adam:lr=0.1"},
	} {
		own, all, other := run(c.common, c.rule), run(c.same, c.all), run(c.common, c.all)
		if !slices.Equal(own.Rates[1:], all.Rates[1:]) || !slices.Equal(own.X, all.X) {
			t.Errorf("%s is not %s with schedule %q", c.rule, c.all, c.same)
		}
		if slices.Equal(own.X, other.X) {
			t.Errorf("%s goes like %s with schedule %q", c.rule, c.all, c.common)
		}
	}
	d := newDescent(t, DescentOptions{Function: "rosenbrock", Steps: 50})
	_, err := d.Run(context.Background(), paces(t, "adam:schedule=warmup:steps=50+cosine")[0], Keeping{})
	var bad *OptionError
	if !errors.As(err, &bad) || bad.Option != "schedule" || !strings.Contains(err.Error(), "50 of 50") {
		t.Errorf("%v, want an error of the schedule", err)
	}
	if _, err := ParseRules([]string{"adam:schedule="}, nil); err == nil {
		t.Error("an empty schedule is taken")
	}
}

// Contenders may have schedules of their own, and the protocol says so.
func TestContenderSchedule(t *testing.T) {
	c, err := ParseContender("sgd:lr=0.1,schedule=(step:every=30,gamma=0.5)")
	if err != nil || c.Name != "sgd:schedule=(step:every=30,gamma=0.5)" || c.Optimizer != "sgd" || c.Usual != 0.1 || c.Settings["schedule"] != "step:every=30,gamma=0.5" {
		t.Errorf("%+v, %v", c, err)
	}
	for _, spec := range []string{"adam:schedule=cosinus", "adam:schedule=", "adam:schedule=step:every=30,gamma=0.5"} {
		if c, err := ParseContender(spec); err == nil {
			t.Errorf("%s: %+v, want an error", spec, c)
		}
	}
	o := DefaultCompare()
	o.Schedule, o.Contenders = "cosine", []Contender{c}
	if text := o.protocol().Text[1]; text != "The rate of all follows the schedule cosine. That of sgd:schedule=(step:every=30,gamma=0.5) follows its own, step:every=30,gamma=0.5." {
		t.Error(text)
	}
}
