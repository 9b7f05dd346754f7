package train

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/descent-go/descent/internal/safetensors"
)

// state returns what the next diagnosis depends on beside the step: the last
// gradient and the eigenvector.
func (d *diagnoser[F]) state() ([]byte, error) {
	f := &safetensors.File{Metadata: map[string]string{}}
	if d.lastOf > 0 {
		f.Metadata["last"] = strconv.FormatInt(d.lastOf, 10)
		if err := safetensors.Put(f, "gradient", []int{len(d.last)}, d.last); err != nil {
			return nil, err
		}
	}
	if d.power != nil {
		random, err := d.power.random.MarshalBinary()
		if err != nil {
			return nil, err
		}
		f.Metadata["random"] = hex.EncodeToString(random)
		if d.power.warm {
			if err := safetensors.Put(f, "eigenvector", []int{len(d.power.v)}, d.power.v); err != nil {
				return nil, err
			}
		}
	}
	var b bytes.Buffer
	_, err := f.WriteTo(&b)
	return b.Bytes(), err
}

// setState goes on from what state returned; nil begins anew. A state of
// diagnostics that asked for something else gives what it has. On an error
// nothing is changed.
func (d *diagnoser[F]) setState(b []byte) error {
	f := &safetensors.File{}
	if b != nil {
		var err error
		if f, err = safetensors.Read(bytes.NewReader(b), int64(len(b))); err != nil {
			return fmt.Errorf("train: state of the diagnostics: %w", err)
		}
	}
	fresh := *d
	fresh.lastOf = 0
	if d.last != nil {
		fresh.last = make([]F, len(d.last))
		found, err := vector(f, "gradient", fresh.last)
		if err != nil {
			return err
		}
		if found {
			n, err := strconv.ParseInt(f.Metadata["last"], 10, 64)
			if err != nil || n < 1 {
				return fmt.Errorf("train: state of the diagnostics: a gradient of step %q, want a number from 1", f.Metadata["last"])
			}
			fresh.lastOf = n
		}
	}
	if d.power != nil {
		fresh.power = newPower[F](len(d.power.v), d.o.Seed)
		var err error
		if fresh.power.warm, err = vector(f, "eigenvector", fresh.power.v); err != nil {
			return err
		}
		if text, ok := f.Metadata["random"]; ok {
			random, err := hex.DecodeString(text)
			if err == nil {
				err = fresh.power.random.UnmarshalBinary(random)
			}
			if err != nil {
				return fmt.Errorf("train: state of the diagnostics: %w", err)
			}
		}
	}
	*d = fresh
	return nil
}

// vector reads a tensor of as many elements as dst, and reports whether it is
// there.
func vector[F float32 | float64](f *safetensors.File, name string, dst []F) (bool, error) {
	if _, ok := f.Info(name); !ok {
		return false, nil
	}
	if err := safetensors.GetInto(f, name, []int{len(dst)}, dst); err != nil {
		return false, fmt.Errorf("train: state of the diagnostics: %w", err)
	}
	return true, nil
}
