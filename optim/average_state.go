package optim

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/descent-go/descent/internal/safetensors"
)

// averageFormat is the version of the layout of saved averages.
const averageFormat = "1"

var errSwapped = errors.New("optim: the averages are swapped in; call Swap first")

func (a *Average[F]) stateMetadata() (map[string]string, error) {
	if a.swapped {
		return nil, errSwapped
	}
	return map[string]string{
		"descent": "averages",
		"format":  averageFormat,
		"count":   strconv.FormatInt(a.n, 10),
		"decay":   strconv.FormatFloat(a.decay, 'g', -1, 64),
	}, nil
}

// WriteState writes the averages to w as a safetensors file: a tensor per
// parameter, and in the metadata the decay and how many updates they are of.
// It is an error while the averages are swapped in.
func (a *Average[F]) WriteState(w io.Writer) error {
	metadata, err := a.stateMetadata()
	if err != nil {
		return err
	}
	f, err := paramsFile(a.means, metadata)
	if err != nil {
		return err
	}
	_, err = f.WriteTo(w)
	return err
}

// ReadState reads from r what WriteState wrote, size bytes, and makes the
// averages go on from it to the bit. It is strict: parameters, shapes, element
// type and decay must be those of the averages. An error names what differs,
// and changes nothing.
func (a *Average[F]) ReadState(r io.Reader, size int64) error {
	if a.swapped {
		return errSwapped
	}
	f, err := safetensors.Read(r, size)
	if err != nil {
		return err
	}
	if err := checkKind(f, "averages", averageFormat); err != nil {
		return err
	}
	n, err := strconv.ParseInt(f.Metadata["count"], 10, 64)
	if err != nil || n < 0 {
		return fmt.Errorf("optim: saved averages: metadata count = %q, want a count", f.Metadata["count"])
	}
	if got, want := f.Metadata["decay"], strconv.FormatFloat(a.decay, 'g', -1, 64); got != want {
		return fmt.Errorf("optim: averages: decay was %s when saved, is %s now (0 is the plain mean)", got, want)
	}
	if err := restoreParams(f, a.means); err != nil {
		return fmt.Errorf("optim: saved averages: %w", err)
	}
	a.n = n
	return nil
}
