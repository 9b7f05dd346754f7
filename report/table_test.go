package report

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCells(t *testing.T) {
	for _, c := range []struct {
		cell            Cell
		text, key, file string
	}{
		{Cell{}, "–", "", ""},
		{Text("adam"), "adam", "", "adam"},
		{Number(0.123456), "0.1235", "0.123456", "0.123456"},
		{Number(1.0 / 3), "0.3333", "0.3333333333333333", "0.3333333333333333"},
		{Number(0), "0", "0", "0"},
		{Number(-2.5), "−2.5", "-2.5", "-2.5"},
		{Number(12345.6), "12,346", "12345.6", "12345.6"},
		{Number(9999.7), "10,000", "9999.7", "9999.7"},
		{Number(-43210), "−43,210", "-43210", "-43210"},
		{Number(1.5e-7), "1.5e-7", "1.5e-07", "1.5e-07"},
		{Number(-3e12), "−3e12", "-3000000000000", "-3000000000000"},
		{Number(math.Inf(1)), "∞", "Infinity", "+Inf"},
		{Number(math.Inf(-1)), "−∞", "-Infinity", "-Inf"},
		{Number(math.NaN()), "–", "", ""},
		{Count(1234567), "1,234,567", "1234567", "1234567"},
		{Percent(0.9871), "98.71 %", "0.9871", "0.9871"},
		{Shown(3, "3 of 10"), "3 of 10", "3", "3"},
	} {
		if c.cell.Text() != c.text || c.cell.Key() != c.key || c.cell.csv() != c.file {
			t.Errorf("%q, sorted by %q, %q in the file; want %q, %q, %q", c.cell.Text(), c.cell.Key(), c.cell.csv(), c.text, c.key, c.file)
		}
	}
}

// What is shown is within half of a unit of the fourth digit.
func TestShortIsClose(t *testing.T) {
	back := strings.NewReplacer("−", "-", ",", "", "∞", "Inf")
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Float64Range(-1e300, 1e300).Draw(t, "v")
		text := short(v)
		got, err := strconv.ParseFloat(back.Replace(text), 64)
		if err != nil || math.Abs(got-v) > 0.00051*math.Abs(v) && math.Abs(v) > 1e-300 {
			t.Fatalf("%v is shown as %q, which is %v, %v", v, text, got, err)
		}
	})
}

func TestCellsInOrder(t *testing.T) {
	cells := []Cell{{}, Text("b"), Number(2), Number(math.Inf(1)), Text("a"), Number(-1)}
	slices.SortFunc(cells, Cell.compare)
	var texts []string
	for _, c := range cells {
		texts = append(texts, c.Text())
	}
	if got := strings.Join(texts, " "); got != "−1 2 ∞ – a b" {
		t.Errorf("order %s", got)
	}
}

func TestWordsForPeople(t *testing.T) {
	for got, want := range map[string]string{
		duration(0): "0 s", duration(4.2e-6): "4.2 µs", duration(0.0123): "12.3 ms", duration(59.94): "59.9 s", duration(90): "1.5 min",
		duration(7200): "2.0 h", duration(math.Inf(1)): "∞", duration(0.99999): "1 s", duration(0.00099999): "1 ms",
		size(12): "12 B", size(4096): "4.0 KiB", size(5 << 20): "5.0 MiB", size(3 << 30): "3.0 GiB",
		seeds(nil): "none", seeds([]uint64{7}): "7", seeds([]uint64{1, 2, 3}): "1 to 3", seeds([]uint64{1, 5, 9}): "1, 5, 9",
		list([]string{"a"}, 3): "a", list([]string{"a", "b"}, 3): "a and b", list([]string{"a", "b", "c", "d"}, 3): "a, b and 2 more",
		slug("Digits: n=600/mlp:16!"): "digits-n-600-mlp-16", slug("ÄÖ"): "part", slug(""): "part",
		slug(strings.Repeat("ab-", 40)): strings.TrimSuffix(strings.Repeat("ab-", 16), "-"),
		sentence("test loss"):           "Test loss", sentence("Value"): "Value", sentence(""): "",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
