package cli

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// A number is a float64 that JSON can hold: NaN and ±Inf are null there.
type number float64

// MarshalJSON writes the shortest decimal that reads back to the same bits.
func (n number) MarshalJSON() ([]byte, error) {
	if v := float64(n); !math.IsNaN(v) && !math.IsInf(v, 0) {
		return json.Marshal(v)
	}
	return []byte("null"), nil
}

func numbersOf(values []float64) []number {
	out := make([]number, len(values))
	for i, v := range values {
		out[i] = number(v)
	}
	return out
}

// short writes a number for people with six significant digits.
func short(v float64) string {
	text := strconv.FormatFloat(v, 'g', 6, 64)
	return strings.NewReplacer("e-0", "e-", "e+0", "e+").Replace(text)
}

// percent writes a share for people.
func percent(share float64) string { return fmt.Sprintf("%.2f %%", 100*share) }

// grouped writes a whole number with commas between thousands.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	sign := ""
	if text[0] == '-' {
		sign, text = "-", text[1:]
	}
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return sign + text
}

// plural writes a number of things.
func plural(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return grouped(n) + " " + thing + "s"
}

// bytesText writes an amount of memory for people.
func bytesText(n int64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}
	v, i := float64(n), 0
	for v >= 1024 && i < len(units)-1 {
		v, i = v/1024, i+1
	}
	if i == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.2f %s", v, units[i])
}

// secondsText writes a duration for people.
func secondsText(d time.Duration) string {
	if s := d.Seconds(); s < 100 {
		return strconv.FormatFloat(s, 'g', 3, 64) + " s"
	}
	return d.Round(time.Second).String()
}

// A number32 is a float32 that JSON can hold, with no more digits than it has.
type number32 float32

// MarshalJSON writes the shortest decimal that reads back to the same bits.
func (n number32) MarshalJSON() ([]byte, error) {
	if v := float64(n); math.IsNaN(v) || math.IsInf(v, 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float32(n))
}

func numbers32(values []float32) []number32 {
	out := make([]number32, len(values))
	for i, v := range values {
		out[i] = number32(v)
	}
	return out
}

// brief writes a number for a crowded table with four significant digits.
func brief(v float64) string {
	return strings.NewReplacer("e-0", "e-", "e+0", "e+").Replace(strconv.FormatFloat(v, 'g', 4, 64))
}
