package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	var out bytes.Buffer
	if err := run(context.Background(), &out, 2000, 4); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	var share float64
	if _, err := fmt.Sscanf(lines[len(lines)-1], "%f %% of 500 test digits", &share); err != nil || len(lines) != 5 {
		t.Fatalf("%v:\n%s", err, out.String())
	}
	if share < 90 {
		t.Errorf("only %v %% right", share)
	}
}
