package cli

import (
	"bytes"
	"encoding/json"
	"flag"
	"math"
	"os"
	"testing"
	"time"
)

var updateNumbers = flag.Bool("update-numbers", false, "write the table of numbers that the page is tested with anew")

// shared is the table of numbers as people see them. The page's own tests read
// it too, so that it writes numbers as the command line does.
const shared = "../../web/ui/src/format.cases.json"

// A numberCase is a number, or an amount, in every way that it is written.
type numberCase struct {
	Value    string `json:"value"` // as JSON and JavaScript read it
	Brief    string `json:"brief"`
	Short    string `json:"short"`
	Percent  string `json:"percent,omitempty"`
	Duration string `json:"duration,omitempty"`
	Grouped  string `json:"grouped,omitempty"`
	Bytes    string `json:"bytes,omitempty"`
}

func numberCases() []numberCase {
	values := []float64{
		0, 1, -1, 0.5, 1.5, 2.5, 9.9995, 9.99949, 99.995, 100, 123.456, 999.95, 1000, 1000.5, 1001.5, 1234.5, 1235.5, 9999.5, 12345.6, 99999.5,
		123456, 123456.5, 1234567, 999999.5, 1e6, 1e9, 1e21, 1.5e300, math.MaxFloat64, 0.1, 0.01, 0.001, 0.0001, 0.00012345, 0.00009999, 0.000099996,
		1e-5, 1.5e-5, 1e-10, 5e-324, 1.0 / 3, 2.0 / 3, math.Pi, -math.E, 1e-4 / 3, 0.125, 0.0625, 0.03125, 0.00125, 0.25, 0.375, 1024, 1536, 1 << 20, 1<<20 + 5243,
		1 << 40, 3599.5, 3600, 86399.4, 0.05, 0.12345, math.Nextafter(1, 2), math.Nextafter(10, 0), 4095.9999,
	}
	cases := []numberCase{
		{Value: "NaN", Brief: brief(math.NaN()), Short: short(math.NaN()), Percent: percent(math.NaN())},
		{Value: "+Inf", Brief: brief(math.Inf(1)), Short: short(math.Inf(1)), Percent: percent(math.Inf(1))},
		{Value: "-Inf", Brief: brief(math.Inf(-1)), Short: short(math.Inf(-1)), Percent: percent(math.Inf(-1))},
	}
	for _, v := range values {
		text, _ := json.Marshal(v) // finite
		c := numberCase{Value: string(text), Brief: brief(v), Short: short(v)}
		if math.Abs(v) < 1e6 {
			c.Percent = percent(v)
		}
		if v >= 0 && v < 1e6 {
			c.Duration = secondsText(time.Duration(v * 1e9))
		}
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			c.Grouped = grouped(int64(v))
			if v >= 0 {
				c.Bytes = bytesText(int64(v))
			}
		}
		cases = append(cases, c)
	}
	return cases
}

func TestNumbersOfThePage(t *testing.T) {
	var want bytes.Buffer
	e := json.NewEncoder(&want)
	e.SetIndent("", " ")
	if err := e.Encode(numberCases()); err != nil {
		t.Fatal(err)
	}
	if *updateNumbers {
		if err := os.WriteFile(shared, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(shared)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want.Bytes()) {
		t.Errorf("%s is not what the command line writes now: run go test ./internal/cli -run TestNumbersOfThePage -update-numbers, and the page's tests", shared)
	}
}
