package cli

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/internal/safetensors"
	"github.com/descent-go/descent/nn"
	"github.com/descent-go/descent/optim"
)

// A model is a trained network and all that its inputs and outputs mean: what a
// model file holds, as safetensors with the rest in the metadata.
type model struct {
	net     *nn.Net
	scaler  *data.Scaler // how features were scaled; nil: not at all
	schema  *data.Schema // how rows of a table become features; nil: not from a table
	classes []string     // names of the classes; nil in a regression
}

// The keys of the metadata.
const (
	modelFormat      = "descent-model-1"
	parametersFormat = "descent-parameters-1" // of a program's own model

	keyFormat  = "format"
	keyModel   = "model"
	keyTask    = "task"
	keyShape   = "shape"
	keyOut     = "out"
	keyClasses = "classes"
	keyScaler  = "scaler"
	keySchema  = "schema"
)

// write saves the model to a file; notes are added to the metadata.
func (m *model) write(path string, notes map[string]string) error {
	f := &safetensors.File{Metadata: map[string]string{
		keyFormat: modelFormat,
		keyModel:  m.net.Spec(),
		keyTask:   m.net.Task().String(),
		keyOut:    strconv.Itoa(m.net.Out()),
	}}
	for key, value := range notes {
		f.Metadata[key] = value
	}
	parts := map[string]any{keyShape: m.net.Shape()}
	if m.classes != nil {
		parts[keyClasses] = m.classes
	}
	if m.scaler != nil {
		parts[keyScaler] = m.scaler
	}
	if m.schema != nil {
		parts[keySchema] = m.schema
	}
	for key, part := range parts {
		text, err := json.Marshal(part)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", path, key, err)
		}
		f.Metadata[key] = string(text)
	}
	for _, p := range m.tensors() {
		if err := safetensors.Put(f, p.Name, p.Shape, p.Data); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return f.WriteFile(path)
}

// writeParameters saves what a program's own model consists of, which that
// program alone can apply.
func writeParameters(path string, s *experiment.Session, notes map[string]string) error {
	f, err := s.Parameters()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	f.Metadata = notes
	f.Metadata[keyFormat], f.Metadata[keyModel] = parametersFormat, s.Model
	return f.WriteFile(path)
}

// readModel loads a model file. Errors name the file and the entry.
func readModel(path string) (*model, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s is a folder, want a model file that descent train wrote", path)
	}
	f, err := safetensors.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m, err := decodeModel(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

func decodeModel(f *safetensors.File) (*model, error) {
	meta := f.Metadata
	if meta[keyFormat] != modelFormat {
		return nil, fmt.Errorf("metadata %q is %q, want %q: not a model of descent train", keyFormat, meta[keyFormat], modelFormat)
	}
	var shape []int
	if err := json.Unmarshal([]byte(meta[keyShape]), &shape); err != nil {
		return nil, fmt.Errorf("metadata %q is %q, want the shape of an example, such as [28, 28]", keyShape, meta[keyShape])
	}
	in, err := elements(shape)
	if err != nil {
		return nil, fmt.Errorf("metadata %q: %w", keyShape, err)
	}
	out, err := positive(meta, keyOut)
	if err != nil {
		return nil, err
	}
	task := nn.Classify
	switch meta[keyTask] {
	case nn.Classify.String():
	case nn.Regress.String():
		task = nn.Regress
	default:
		return nil, fmt.Errorf("metadata %q is %q, want %v or %v", keyTask, meta[keyTask], nn.Classify, nn.Regress)
	}
	m := &model{}
	for _, part := range []struct {
		key  string
		into any
	}{{keyClasses, &m.classes}, {keyScaler, &m.scaler}, {keySchema, &m.schema}} {
		if text, ok := meta[part.key]; ok {
			if err := json.Unmarshal([]byte(text), part.into); err != nil {
				return nil, fmt.Errorf("metadata %q: %w", part.key, err)
			}
		}
	}
	switch {
	case task == nn.Classify && len(m.classes) != out:
		return nil, fmt.Errorf("metadata %q names %d classes, want %d", keyClasses, len(m.classes), out)
	case m.scaler != nil && m.scaler.Dim != in:
		return nil, fmt.Errorf("metadata %q scales %d features, want %d", keyScaler, m.scaler.Dim, in)
	case m.schema != nil && m.schema.Dim() != in:
		return nil, fmt.Errorf("metadata %q makes %d features, want %d", keySchema, m.schema.Dim(), in)
	}
	// The tensors bound what a network may ask for: a small file with large
	// numbers in its metadata is refused before anything is allocated.
	held := int64(0)
	for _, name := range f.Names() {
		info, _ := f.Info(name)
		held += info.Bytes
	}
	if int64(in) > held || int64(out) > held {
		return nil, fmt.Errorf("metadata wants %d inputs and %d outputs, and the tensors hold %d bytes", in, out, held)
	}
	const bytesEach = 4
	switch n, err := nn.Parameters(meta[keyModel], shape, out); {
	case err != nil:
		return nil, fmt.Errorf("metadata %q: %w", keyModel, err)
	case n > held/bytesEach:
		return nil, fmt.Errorf("metadata %q: %s has %d parameters, and the tensors hold %d bytes", keyModel, meta[keyModel], n, held)
	}
	if m.net, err = nn.ParseShape(meta[keyModel], shape, out, task); err != nil {
		return nil, fmt.Errorf("metadata %q: %w", keyModel, err)
	}
	tensors := m.tensors()
	if have, want := len(f.Names()), len(tensors); have != want {
		return nil, fmt.Errorf("%d tensors, want the %d of %s", have, want, m.net.Spec())
	}
	for _, p := range tensors {
		if err := safetensors.GetInto(f, p.Name, p.Shape, p.Data); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// tensors lists what a model file holds of the network: parameters, and what
// batch normalisation has seen.
func (m *model) tensors() []optim.Param[float32] {
	return append(slices.Clone(m.net.Params()), m.net.Buffers()...)
}

// elements returns the product of a shape whose dimensions are at least 1.
func elements(shape []int) (int, error) {
	for _, d := range shape {
		if d < 1 {
			return 0, fmt.Errorf("%v, want dimensions of at least 1", shape)
		}
	}
	n, err := optim.Elements(shape)
	if err != nil || len(shape) == 0 || n > math.MaxInt32 {
		return 0, fmt.Errorf("%v, want 1 to 3 dimensions of at most %d elements together", shape, math.MaxInt32)
	}
	return int(n), nil
}

func positive(meta map[string]string, key string) (int, error) {
	v, err := strconv.Atoi(meta[key])
	if err != nil || v < 1 {
		return 0, fmt.Errorf("metadata %q is %q, want a whole number of at least 1", key, meta[key])
	}
	return v, nil
}

// predict writes the predictions for a set to a slice of Len()×Out, in pieces
// so that memory does not grow with the set.
func (m *model) predict(s *data.Set) ([]float32, error) {
	if s.Dim != m.net.In() {
		return nil, fmt.Errorf("%s has %d features, want %d as the model was trained on", s.Name, s.Dim, m.net.In())
	}
	if m.scaler != nil {
		var err error
		if s, err = m.scaler.Apply(s); err != nil {
			return nil, err
		}
	}
	const piece = 256
	out := make([]float32, s.Len()*m.net.Out())
	for lo := 0; lo < s.Len(); lo += piece {
		hi := min(lo+piece, s.Len())
		b := s.Slice(lo, hi).All()
		if err := m.net.Predict(&b, out[lo*m.net.Out():hi*m.net.Out()]); err != nil {
			return nil, err
		}
	}
	return out, nil
}
