package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/descent-go/descent/lab"
)

// The time left is that of the task that is under way: a thousand trainings of a
// millisecond say nothing of one that takes a second.
func TestTimeLeftIsOfTheTask(t *testing.T) {
	var out bytes.Buffer
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	b := &trialBar{a: &app{}, out: &out, terminal: true, columns: func() int { return 120 }, clock: func() time.Time { return now }}
	b.event(&lab.ComparisonStarted{Trials: 1100})
	train := func(task string, n int, each time.Duration) (lines []string) {
		for range n {
			now = now.Add(each)
			out.Reset()
			b.event(&lab.TrialDone{Task: task, Stage: "tuning", Total: 1100, Outcome: &lab.Outcome{}})
			lines = append(lines, out.String())
		}
		return lines
	}
	if fast := strings.Join(train("quick", 1000, time.Millisecond), ""); !strings.Contains(fast, "0.3s left") {
		t.Errorf("quick: %q", fast)
	}
	slow := train("slow", 4, time.Second)
	if strings.Contains(slow[0], "left") {
		t.Errorf("before anything is known of the task: %q", slow[0])
	}
	if want := "1m36s left"; !strings.Contains(slow[3], want) {
		t.Errorf("%q, want %q", slow[3], want)
	}
}
