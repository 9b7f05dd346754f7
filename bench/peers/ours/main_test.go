package main

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
)

func TestServe(t *testing.T) {
	const ready, number = "ready", "a number"
	lines := []struct{ line, want string }{
		{`run 1 0`, "error run before a case is ready"},
		{`case {"work":"update","rule":"adamw","params":10,"threads":1}`, ready},
		{`run 3 1`, number},
		{`case {"work":"train","model":"mlp:2","batch":3,"threads":1}`, ready},
		{`run 1 0`, number},
		{`case {"work":"product","m":2,"n":3,"k":4,"trans_a":true,"threads":1}`, ready},
		{`run 2 2`, number},
		{`run many 2`, `error run "many 2", want two counts`},
		{`case {"work":"update","rule":"adamx","params":10,"threads":1}`, `error optim: no rule "adamx"`},
		{`run 1 0`, "error run before a case is ready"},
		{`case {"work":"train","model":"magic","batch":3,"threads":1}`, `error nn: `},
		{`case {"work":"dance","threads":1}`, `error no work "dance"`},
		{`case {"work":"update","rule":"adamw","params":10}`, "error 0 threads"},
		{`case {`, "error unexpected end of JSON input"},
		{`fly`, `error "fly" is none of`},
	}
	var in, out strings.Builder
	for _, l := range lines {
		in.WriteString(l.line + "\n")
	}
	in.WriteString("machine\n")
	if err := serve(strings.NewReader(in.String()), &out); err != nil {
		t.Fatal(err)
	}
	answers := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(answers) != len(lines)+1 {
		t.Fatalf("%d answers to %d lines:\n%s", len(answers), len(lines)+1, out.String())
	}
	for i, l := range lines {
		got := answers[i]
		if ns, err := strconv.ParseInt(got, 10, 64); l.want == number && (err != nil || ns < 0) || l.want != number && !strings.HasPrefix(got, l.want) {
			t.Errorf("%s: %q, want %s", l.line, got, l.want)
		}
	}
	var machine map[string]any
	if err := json.Unmarshal([]byte(answers[len(lines)]), &machine); err != nil || machine["cores"] == nil {
		t.Errorf("machine: %q, %v", answers[len(lines)], err)
	}
}
