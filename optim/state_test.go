package optim

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/descent-go/descent/internal/safetensors"
)

// trained returns an optimizer of two parameters that has made 7 steps.
func trained[F Float](t *testing.T, r Rule) (*Optimizer[F], []Param[F]) {
	t.Helper()
	params := []Param[F]{tensorOf[F]("layer.weight", 6), tensorOf[F]("layer.bias", 2)}
	params[0].Shape = []int{2, 3}
	o := mustNew(t, params, All(r))
	late := params[1].Grad
	params[1].Grad = nil
	for step := range 7 {
		if step == 3 {
			params[1].Grad = late
		}
		mustStep(t, o, 0.01)
	}
	return o, params
}

// TestSaveLoadStep saves every form of every rule, loads into a fresh
// optimizer, and makes one more step with both: the same bits.
func TestSaveLoadStep(t *testing.T) {
	for _, v := range variants(t) {
		saveLoadStep[float32](t, v)
		saveLoadStep[float64](t, v)
	}
}

func saveLoadStep[F Float](t *testing.T, v variant) {
	t.Helper()
	o, params := trained[F](t, v.rule)
	dir := t.TempDir()
	state, weights := filepath.Join(dir, "state.safetensors"), filepath.Join(dir, "params.safetensors")
	if err := o.Save(state); err != nil {
		t.Fatalf("%v: %v", v, err)
	}
	if err := SaveParams(weights, params, map[string]string{"note": "x"}); err != nil {
		t.Fatal(err)
	}
	fresh := []Param[F]{{Name: "layer.bias", Shape: []int{2}, Data: make([]F, 2), Grad: params[1].Grad}, {Name: "layer.weight", Shape: []int{2, 3}, Data: make([]F, 6), Grad: params[0].Grad}}
	if meta, err := LoadParams(weights, fresh); err != nil || meta["note"] != "x" {
		t.Fatal(meta, err)
	}
	again := mustNew(t, fresh, All(v.rule)) // in another order: state goes by name
	if err := again.Load(state); err != nil {
		t.Fatalf("%v: %v", v, err)
	}
	if again.Updates() != 7 {
		t.Errorf("%v: %d updates after loading", v, again.Updates())
	}
	for range 2 {
		mustStep(t, o, 0.02)
		mustStep(t, again, 0.02)
	}
	if !equal(params[0].Data, fresh[1].Data) || !equal(params[1].Data, fresh[0].Data) {
		t.Errorf("%v: after loading the steps differ", v)
	}
}

func TestLoadIsStrict(t *testing.T) {
	o, _ := trained[float32](t, NewAdam())
	var buf bytes.Buffer
	if err := o.WriteState(&buf); err != nil {
		t.Fatal(err)
	}
	good := buf.Bytes()
	load := func(params []Param[float32], groups ...Group) error {
		return mustNew(t, params, groups...).ReadState(bytes.NewReader(good), int64(len(good)))
	}
	weight, bias := tensorOf[float32]("layer.weight", 6), tensorOf[float32]("layer.bias", 2)
	weight.Shape = []int{2, 3}
	if err := load([]Param[float32]{weight, bias}, All(NewAdam())); err != nil {
		t.Fatal(err)
	}
	flat, other := weight, weight
	flat.Shape = []int{6}
	other.Name = "layer.gain"
	wantError(t, load([]Param[float32]{weight}, All(NewAdam())), `saved state has parameter "layer.bias", which the optimizer has not`)
	wantError(t, load([]Param[float32]{weight, bias, other}, All(NewAdam())), `saved state lacks parameter "layer.gain"; it has layer.bias, layer.weight`)
	wantError(t, load([]Param[float32]{flat, bias}, All(NewAdam())), "layer.weight#m")
	wantError(t, load([]Param[float32]{weight, bias}, All(NewAdamW())), `rule was "adam" when saved, is "adamw" now`)
	slower := NewAdam()
	slower.Beta2 = 0.99
	wantError(t, load([]Param[float32]{weight, bias}, All(slower)), `beta2 was 0.999 when saved, is 0.99 now`)
	wantError(t, load([]Param[float32]{weight, bias}, Freeze(Named("*.bias")), All(NewAdam())), `parameter "layer.bias": frozen = false when saved, true now`)

	wide := []Param[float64]{tensorOf[float64]("layer.weight", 6), tensorOf[float64]("layer.bias", 2)}
	wide[0].Shape = []int{2, 3}
	err := mustNew(t, wide, All(NewAdam())).ReadState(bytes.NewReader(good), int64(len(good)))
	wantError(t, err, "F32")

	// Metadata that lies.
	for key, c := range map[string]struct{ value, want string }{
		"descent":    {"model", "not saved optimizer state"},
		"format":     {"99", `state of format "99", want "1"`},
		"step":       {"-4", `metadata step = "-4", want a count`},
		"rate":       {"fast", `metadata rate = "fast", want a number`},
		"rules":      {"[", "metadata rules"},
		"parameters": {"{", "metadata parameters"},
	} {
		f, err := safetensors.Read(bytes.NewReader(good), int64(len(good)))
		if err != nil {
			t.Fatal(err)
		}
		f.Metadata[key] = c.value
		var bad bytes.Buffer
		if _, err := f.WriteTo(&bad); err != nil {
			t.Fatal(err)
		}
		o := mustNew(t, []Param[float32]{weight, bias}, All(NewAdam()))
		wantError(t, o.ReadState(&bad, int64(bad.Len())), c.want)
		if o.Updates() != 0 || o.State("layer.bias", "m")[0] != 0 {
			t.Errorf("%s: a refused state changed the optimizer", key)
		}
	}
	path := filepath.Join(t.TempDir(), "short")
	if err := os.WriteFile(path, good[:len(good)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	wantError(t, mustNew(t, []Param[float32]{weight, bias}, All(NewAdam())).Load(path), path)
}

// TestLoadFollowsSchedules loads a state saved while a hyper-parameter followed a curve.
func TestLoadFollowsSchedules(t *testing.T) {
	g := All(NewAdam())
	g.Hyper = map[string]Curve{"beta1": curve(func(s int64) float64 { return 0.9 - 0.01*float64(s) })}
	params := []Param[float32]{tensorOf[float32]("p", 3)}
	o := mustNew(t, params, g)
	mustStep(t, o, 0.1)
	mustStep(t, o, 0.1)
	var buf bytes.Buffer
	if err := o.WriteState(&buf); err != nil {
		t.Fatal(err)
	}
	again := mustNew(t, []Param[float32]{{Name: "p", Shape: []int{3}, Data: append([]float32(nil), params[0].Data...), Grad: params[0].Grad}}, g)
	if err := again.ReadState(&buf, int64(buf.Len())); err != nil {
		t.Fatal(err)
	}
	mustStep(t, o, 0.1)
	mustStep(t, again, 0.1)
	if !equal(params[0].Data, again.Params()[0].Data) {
		t.Error("after loading the steps differ")
	}
}

func TestLoadParamsIsStrict(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.safetensors")
	a, b := tensorOf[float32]("a", 3), tensorOf[float32]("b", 2)
	if err := SaveParams(path, []Param[float32]{a, b}, nil); err != nil {
		t.Fatal(err)
	}
	_, err := LoadParams(path, []Param[float32]{a})
	wantError(t, err, `tensor "b", which the model has not`)
	c := tensorOf[float32]("c", 2)
	_, err = LoadParams(path, []Param[float32]{a, b, c})
	wantError(t, err, `"c"`)
	long := tensorOf[float32]("b", 5)
	was := append([]float32(nil), a.Data...)
	a.Data[0]++
	was[0]++
	_, err = LoadParams(path, []Param[float32]{a, long})
	wantError(t, err, `"b"`)
	if !equal(a.Data, was) {
		t.Error("a refused file changed a parameter")
	}
	wantError(t, SaveParams(filepath.Join(path, "below", "a file"), []Param[float32]{a}, nil), path)
}
