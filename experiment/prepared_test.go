package experiment

import (
	"strings"
	"testing"
)

// A session of prepared data trains to the bits of one that read them, in whatever
// order sessions are opened.
func TestPrepared(t *testing.T) {
	points := table(t, "points.csv", 60)
	for _, c := range []struct {
		text, length string
		more         map[string]string
	}{
		{"data: digits:n=200\nmodel: mlp:6\nseed: 3\n", "epochs: 1\n", map[string]string{"batch": "7", "epochs": "2", "schedule": "cosine", "model": "mlp:5"}},
		{"data: " + points + "\nmodel: softmax\nseed: 3\nscale: standard\nval: 0.2\n", "epochs: 2\n", map[string]string{"optimizer": "momentum", "lr": "0.02", "epochs": "3"}},
		{"data: " + points + "\nmodel: softmax\nseed: 3\nval: 0\n", "epochs: 2\n", map[string]string{"ema": "0.9", "epochs": "1"}},
		{"function: rosenbrock\nseed: 3\nnoise: 0.1\n", "steps: 30\n", map[string]string{"optimizer": "nesterov", "steps": "20"}},
		{"function: quadratic_deep:n=8\nseed: 3\n", "steps: 30\n", map[string]string{"clip-norm": "0.1", "steps": "20"}},
	} {
		p, err := parsed(t, c.text+c.length).Prepare(t.Context(), Inputs{})
		if err != nil {
			t.Fatal(err)
		}
		open := func(settings map[string]string, seed uint64) string {
			s, err := p.Open(t.Context(), settings, seed)
			if err != nil {
				t.Fatal(err)
			}
			return outcome(t, s)
		}
		whole := c.text
		for key, value := range c.more {
			if key == "model" {
				whole = strings.Replace(whole, "model: mlp:6\n", "", 1)
			}
			whole += key + ": " + value + "\n"
		}
		plain, changed, other := open(nil, 3), open(c.more, 3), open(nil, 4)
		if want := outcome(t, opened(t, parsed(t, c.text+c.length), Inputs{})); plain != want {
			t.Errorf("%s: other bits than those of Open", c.text)
		}
		if want := outcome(t, opened(t, parsed(t, whole), Inputs{})); changed != want {
			t.Errorf("%s: other bits than those of Open", whole)
		}
		if other == plain || changed == plain {
			t.Errorf("%s: seeds %v, settings %v make no difference", c.text, other == plain, changed == plain)
		}
		if again := open(nil, 3); again != plain {
			t.Errorf("%s: the second time other bits", c.text)
		}
	}
}
