// Package quantity reads how much of something people want.
package quantity

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// Count reads a number of things: 7000000, 7e9, 1.5M, 7B. It is at least 1.
func Count(text string) (int64, error) {
	digits, factor := strings.TrimSpace(text), 1.0
	if i := len(digits) - 1; i > 0 {
		if f := map[byte]float64{'k': 1e3, 'K': 1e3, 'M': 1e6, 'B': 1e9, 'G': 1e9, 'T': 1e12}[digits[i]]; f > 0 {
			digits, factor = digits[:i], f
		}
	}
	v, err := strconv.ParseFloat(digits, 64)
	v *= factor
	if err != nil || !(v >= 1 && v <= 1e18) || v != math.Trunc(v) {
		return 0, errors.New("want a whole number of at least 1, such as 7e9, 350M or 7B")
	}
	return int64(v), nil
}

// units of memory: powers of ten, and powers of two.
var units = map[string]float64{
	"": 1, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "pb": 1e15,
	"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40, "pib": 1 << 50,
}

// Bytes reads an amount of memory: 80GB, 24 GiB, 16e9. It is at least 1; a part
// of a byte is dropped.
func Bytes(text string) (int64, error) {
	digits := strings.TrimRight(strings.TrimSpace(text), "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
	factor, known := units[strings.ToLower(strings.TrimSpace(text)[len(digits):])]
	v, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	v *= factor
	if err != nil || !known || !(v >= 1 && v <= 1e18) {
		return 0, errors.New("want an amount of memory, such as 80GB or 24GiB")
	}
	return int64(v), nil
}
