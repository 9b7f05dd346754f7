package quantity

import "testing"

func TestCount(t *testing.T) {
	for text, want := range map[string]int64{"1": 1, "7e9": 7e9, "1.5M": 1.5e6, "7B": 7e9, "2T": 2e12, "3k": 3000, " 12 ": 12} {
		if got, err := Count(text); err != nil || got != want {
			t.Errorf("%q: %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "B", "0", "-3", "1.5", "1e30", "NaN", "7X", "Inf"} {
		if got, err := Count(text); err == nil {
			t.Errorf("%q: %d, want an error", text, got)
		}
	}
}

func TestBytes(t *testing.T) {
	for text, want := range map[string]int64{
		"80GB": 80e9, "24 GiB": 24 << 30, "16e9": 16e9, "1": 1, " 0.5 kib ": 512, "1.5TB": 1.5e12, "100b": 100, "2pib": 2 << 50,
	} {
		if got, err := Bytes(text); err != nil || got != want {
			t.Errorf("%q: %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "GB", "0GB", "-1GB", "1XB", "1e30", "NaN", "Inf", "0.1", "1 G B", "80GBGB"} {
		if got, err := Bytes(text); err == nil {
			t.Errorf("%q: %d, want an error", text, got)
		}
	}
}
