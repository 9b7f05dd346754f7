package optim

import (
	"fmt"
	"io"
	"slices"

	"github.com/descent-go/descent/internal/safetensors"
)

// SaveParams writes parameters to a safetensors file, whole or not at all,
// with metadata of the caller's.
func SaveParams[F Float](path string, params []Param[F], metadata map[string]string) error {
	f, err := paramsFile(params, metadata)
	if err != nil {
		return err
	}
	return f.WriteFile(path)
}

func paramsFile[F Float](params []Param[F], metadata map[string]string) (*safetensors.File, error) {
	f := &safetensors.File{Metadata: metadata}
	for _, p := range params {
		if err := safetensors.Put(f, p.Name, p.Shape, p.Data); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// LoadParams reads the parameters that SaveParams wrote into params, and
// returns the metadata. It is strict: names, shapes and element type must be
// those of params. An error names what differs, and changes nothing.
func LoadParams[F Float](path string, params []Param[F]) (map[string]string, error) {
	f, err := safetensors.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if err := restoreParams(f, params); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f.Metadata, nil
}

// ReadParams reads parameters as LoadParams does from r: a file of size bytes.
func ReadParams[F Float](r io.Reader, size int64, params []Param[F]) (map[string]string, error) {
	f, err := safetensors.Read(r, size)
	if err != nil {
		return nil, err
	}
	if err := restoreParams(f, params); err != nil {
		return nil, err
	}
	return f.Metadata, nil
}

func restoreParams[F Float](f *safetensors.File, params []Param[F]) error {
	read := make([][]F, len(params))
	for i, p := range params {
		read[i] = make([]F, len(p.Data))
		if err := safetensors.GetInto(f, p.Name, p.Shape, read[i]); err != nil {
			return err
		}
	}
	for _, name := range f.Names() {
		if !slices.ContainsFunc(params, func(p Param[F]) bool { return p.Name == name }) {
			return fmt.Errorf("tensor %q, which the model has not", name)
		}
	}
	for i, p := range params {
		copy(p.Data, read[i])
	}
	return nil
}

// ReadMetadata returns the metadata of a safetensors file.
func ReadMetadata(path string) (map[string]string, error) {
	f, err := safetensors.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return f.Metadata, nil
}
