package train

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/descent-go/descent/internal/safetensors"
)

// historyFormat is the version of the layout of a saved history.
const historyFormat = "1"

// savedHistory is what the metadata of a saved history hold; its columns are
// tensors.
type savedHistory struct {
	Every       int64
	Started     Started
	Value       float64 // of Started, whose JSON leaves out −0
	EpochEnds   []EpochEnd
	Evaluations []Evaluation
	Oscillating *Oscillating
	Diverged    *Diverged
	Last        *leftOut
}

// leftOut is what a history keeps of a step that it has left out.
type leftOut struct {
	Step                        int64
	Epoch                       int
	Loss, Rate, GradNorm, Value float64
	Point                       []float64
}

// StateName returns "history".
func (h *History) StateName() string { return "history" }

// State returns all that was recorded, as a safetensors file with a tensor for
// each column.
func (h *History) State() ([]byte, error) {
	saved := savedHistory{
		Every: h.Every, Started: h.Started, Value: h.Started.Value, EpochEnds: h.EpochEnds, Evaluations: h.Evaluations,
		Oscillating: h.Oscillating, Diverged: h.Diverged,
	}
	if e := &h.last; h.behind {
		saved.Last = &leftOut{e.Step, e.Epoch, e.Loss, e.Rate, e.GradNorm, e.Value, e.Point}
	}
	text, err := json.Marshal(&saved)
	if err != nil {
		return nil, fmt.Errorf("train: history: %w", err)
	}
	f := &safetensors.File{Metadata: map[string]string{"descent": "history", "format": historyFormat, "history": string(text)}}
	epochs := make([]int64, len(h.Epochs))
	for i, e := range h.Epochs {
		epochs[i] = int64(e)
	}
	var path []float64
	for _, p := range h.Path {
		path = append(path, p...)
	}
	width := 0
	if len(h.Path) > 0 {
		width = len(h.Path[0])
	}
	for _, c := range []struct {
		name  string
		data  []float64
		shape []int
	}{
		{"losses", h.Losses, []int{len(h.Losses)}}, {"rates", h.Rates, []int{len(h.Rates)}},
		{"grad_norms", h.GradNorms, []int{len(h.GradNorms)}}, {"values", h.Values, []int{len(h.Values)}},
		{"path", path, []int{len(h.Path), width}},
	} {
		if err := safetensors.Put(f, c.name, c.shape, c.data); err != nil {
			return nil, fmt.Errorf("train: history: %w", err)
		}
	}
	for name, data := range map[string][]int64{"steps": h.Steps, "epochs": epochs} {
		if err := safetensors.Put(f, name, []int{len(data)}, data); err != nil {
			return nil, fmt.Errorf("train: history: %w", err)
		}
	}
	var b bytes.Buffer
	_, err = f.WriteTo(&b)
	return b.Bytes(), err
}

// SetState makes the history what it was when State returned b, but for Limit,
// or for nil an empty one. On an error it changes nothing.
func (h *History) SetState(b []byte) error {
	fresh := History{Every: h.Every, Limit: h.Limit}
	if b != nil {
		if err := fresh.read(b); err != nil {
			return fmt.Errorf("train: history: %w", err)
		}
	}
	*h = fresh
	return nil
}

func (h *History) read(b []byte) error {
	f, err := safetensors.Read(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return err
	}
	if f.Metadata["descent"] != "history" || f.Metadata["format"] != historyFormat {
		return fmt.Errorf("metadata descent = %q, format = %q, want %q, %q", f.Metadata["descent"], f.Metadata["format"], "history", historyFormat)
	}
	var saved savedHistory
	if err := json.Unmarshal([]byte(f.Metadata["history"]), &saved); err != nil {
		return err
	}
	h.Every, h.Started, h.EpochEnds, h.Evaluations = saved.Every, saved.Started, saved.EpochEnds, saved.Evaluations
	h.Oscillating, h.Diverged, h.Started.Value = saved.Oscillating, saved.Diverged, saved.Value
	if e := saved.Last; e != nil {
		h.behind = true
		h.last = Step{Step: e.Step, Epoch: e.Epoch, Loss: e.Loss, Rate: e.Rate, GradNorm: e.GradNorm, Point: e.Point, Value: e.Value}
	}
	if h.Steps, err = column[int64](f, "steps"); err != nil {
		return err
	}
	epochs, err := column[int64](f, "epochs")
	if err != nil {
		return err
	}
	for _, e := range epochs {
		h.Epochs = append(h.Epochs, int(e))
	}
	for name, to := range map[string]*[]float64{"losses": &h.Losses, "rates": &h.Rates, "grad_norms": &h.GradNorms, "values": &h.Values} {
		if *to, err = column[float64](f, name); err != nil {
			return err
		}
	}
	if n := len(h.Steps); len(h.Epochs) != n || len(h.Losses) != n || len(h.Rates) != n || len(h.GradNorms) != n {
		return fmt.Errorf("columns of different lengths")
	}
	path, shape, err := safetensors.Get[float64](f, "path")
	if err != nil {
		return err
	}
	if len(shape) != 2 || len(h.Values) != shape[0] || shape[0] != 0 && shape[0] != len(h.Steps) && shape[0] != len(h.Steps)+1 {
		return fmt.Errorf("a path of shape %v and %d values for %d steps", shape, len(h.Values), len(h.Steps))
	}
	for i := range shape[0] {
		h.Path = append(h.Path, slices.Clone(path[i*shape[1]:(i+1)*shape[1]]))
	}
	return nil
}

// column reads a tensor of one dimension; an empty one is nil.
func column[F safetensors.Elem](f *safetensors.File, name string) ([]F, error) {
	data, shape, err := safetensors.Get[F](f, name)
	if err != nil || len(data) == 0 {
		return nil, err
	}
	if len(shape) != 1 {
		return nil, fmt.Errorf("column %s has shape %v", name, shape)
	}
	return data, nil
}
