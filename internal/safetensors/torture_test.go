package safetensors

import (
	"bytes"
	"io"
	"testing"

	"github.com/descent-go/descent/internal/durable"
	"github.com/descent-go/descent/internal/durable/faulty"
)

// Whatever fails and wherever a crash comes, the file is the old one or the new
// one, and the new one for certain once WriteFile has said so.
func TestWriteFileTorture(t *testing.T) {
	const path = "model.safetensors"
	filled := func(value float64) (*File, []byte) {
		f := &File{Metadata: map[string]string{"value": "x"}}
		data := make([]float64, 20_000) // more than any buffer
		for i := range data {
			data[i] = value
		}
		if err := Put(f, "w", []int{len(data)}, data); err != nil {
			t.Fatal(err)
		}
		return f, encoded(t, f)
	}
	first, before := filled(1)
	second, after := filled(2)
	setup := func() *faulty.FS {
		f := faulty.New()
		if err := first.writeFile(f, path); err != nil {
			t.Fatal(err)
		}
		return f
	}
	n := faulty.Every(setup, func(f *faulty.FS) error { return second.writeFile(f, path) }, func(trial faulty.Trial) {
		got, err := content(trial.After, path)
		switch {
		case err != nil:
			t.Errorf("%s: %v", trial.What, err)
		case bytes.Equal(got, after):
		case trial.Err == nil || !bytes.Equal(got, before):
			t.Errorf("%s: WriteFile = %v, and the file has %d bytes", trial.What, trial.Err, len(got))
		}
		if trial.Fault == -1 && trial.Err != nil {
			t.Error(trial.Err)
		}
	})
	if n < 8 {
		t.Errorf("%d operations: the torture is none", n)
	}
}

func content(fsys durable.FS, path string) ([]byte, error) {
	f, err := fsys.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}
