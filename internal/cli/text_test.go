package cli

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestContenders(t *testing.T) {
	all, err := parseContenders([]string{"adam:beta1=0.8,lr=0.1,sgd", "adamw:lr=0"}, 0.01, true)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range all {
		got = append(got, label(c))
	}
	if want := []string{"adam:beta1=0.8, lr 0.1", "sgd, lr 0.01", "adamw, lr 0"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if all, err = parseContenders([]string{"adam"}, 0, false); err != nil || all[0].Rate != all[0].Rule.Info().Rate {
		t.Errorf("the default rate: %v, %v", all, err)
	}
}

func TestNumbers(t *testing.T) {
	for got, want := range map[string]string{
		short(1e-8): "1e-8", short(123456.7): "123457", short(1234567): "1.23457e+6", short(-0.1): "-0.1", short(math.NaN()): "NaN",
		short(1e-100): "1e-100", brief(0.123456): "0.1235", percent(0.98765): "98.77 %",
		grouped(0): "0", grouped(999): "999", grouped(-1234567): "-1,234,567", grouped(1e9): "1,000,000,000",
		bytesText(1023): "1023 B", bytesText(1536): "1.50 KiB", bytesText(28e9): "26.08 GiB",
		secondsText(1234 * time.Millisecond): "1.23 s", secondsText(150 * time.Second): "2m30s",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	object, err := encode(map[string]any{"nan": number(math.NaN()), "inf": number32(float32(math.Inf(1))), "x": number(0.1), "y": number32(0.1)})
	if want := "{\n  \"inf\": null,\n  \"nan\": null,\n  \"x\": 0.1,\n  \"y\": 0.1\n}\n"; err != nil || string(object) != want {
		t.Errorf("%s, %v, want %s", object, err, want)
	}
}

func TestTable(t *testing.T) {
	p := &page{width: 32}
	p.table([]column{words("name"), numbers("n"), words("text")}, [][]string{
		{"a", "1", "one two three four five six seven"},
		{"βγ", "-20", ""},
	})
	const want = `name    n  text
a       1  one two three four
           five six seven
βγ    -20
`
	if got := p.b.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	bold := &page{width: 30, bold: true}
	bold.heading("x")
	if bold.b.String() != "\x1b[1mx\x1b[0m\n" {
		t.Errorf("heading %q", bold.b.String())
	}
}

// Wrapping loses no word and keeps to the width where words let it.
func TestWrapped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-zé ]{0,200}`).Draw(t, "text")
		width := rapid.IntRange(1, 60).Draw(t, "width")
		lines := wrapped(text, width)
		if got, want := strings.Fields(strings.Join(lines, " ")), strings.Fields(text); !slices.Equal(got, want) {
			t.Fatalf("words %q, want %q", got, want)
		}
		for _, line := range lines {
			if utf8.RuneCountInString(line) > width && strings.Contains(line, " ") {
				t.Fatalf("line %q is wider than %d", line, width)
			}
		}
	})
}

func FuzzOptimizers(f *testing.F) {
	for _, s := range []string{"adam", "adam:lr=0.1,beta2=0.9,sgd", ":,=", "sgd:momentum=0.9,nesterov", "adam:,", "lr=1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		all, err := parseContenders([]string{s}, 0.1, true)
		if (err == nil) != (len(all) > 0) {
			t.Errorf("%d contenders and error %v", len(all), err)
		}
	})
}

func FuzzModelFile(f *testing.F) {
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x00{}"))
	f.Add([]byte("\xff\xff\xff\xff\xff\xff\xff\x7f{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		t.Chdir(t.TempDir())
		write(t, "m", string(b))
		if m, err := readModel("m"); err == nil && m.net == nil {
			t.Error("neither a model nor an error")
		}
	})
}
