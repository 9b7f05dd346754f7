package web

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/optim"
)

// The bytes are those of the library, and the largest number that fits fits
// while one more does not.
func TestMemory(t *testing.T) {
	s := open(t, Options{})
	c := s.browser()
	ask := func(body string) MemoryTold {
		t.Helper()
		r := s.do(c, "POST", "/api/memory", body)
		var told MemoryTold
		if err := json.Unmarshal([]byte(r.body), &told); err != nil || r.status != http.StatusOK {
			t.Fatalf("%s: %d %s", body, r.status, r.body)
		}
		return told
	}
	all := ask(`{"params":"7B","memory":"80GB"}`)
	if len(all.Runs) != len(optim.Rules()) || all.Params != 7e9 || all.DType != "float32" || all.Memory != 80e9 {
		t.Errorf("%+v", all)
	}
	for i, info := range optim.Rules() {
		got := all.Runs[i]
		rule := info.New()
		want, err := optim.MemoryOf(7e9, 4, rule)
		if err != nil || got.Footprint != want || got.Optimizer != info.Name || got.Fits != (want.Total <= 80e9) || !slices.Equal(got.Slots, append([]string{}, optim.FormOf(rule).Slots...)) {
			t.Errorf("%+v, want %+v, %v", got, want, err)
		}
		fits, err := optim.MemoryOf(got.Largest, 4, rule)
		over, err2 := optim.MemoryOf(got.Largest+1, 4, rule)
		if err != nil || err2 != nil || fits.Total > 80e9 || over.Total <= 80e9 {
			t.Errorf("%s: %d parameters fit: %d bytes, and %d with one more", info.Name, got.Largest, fits.Total, over.Total)
		}
	}
	model := ask(`{"model":"mlp:128,64","inputs":[784],"outputs":10,"optimizers":["sgd:momentum=0.9,adam"],"dtype":"float64"}`)
	if model.Params != 784*128+128+128*64+64+64*10+10 || len(model.Runs) != 2 || model.Runs[0].State != 8*model.Params || model.Runs[1].Total != 32*model.Params || model.Runs[0].Largest != 0 || !model.Runs[0].Fits {
		t.Errorf("%+v", model)
	}
	if want := "descent memory --params 109386 --dtype float64 --optimizer sgd:momentum=0.9,adam"; model.Command != want {
		t.Errorf("command %s, want %s", model.Command, want)
	}
	if shapes := ask(`{"shapes":[[784,128],[128],[]],"optimizers":["sgd"]}`); shapes.Params != 784*128+128+1 {
		t.Errorf("%+v", shapes)
	}
	if tiny := ask(`{"params":"10","memory":"1B","optimizers":["adam"]}`); tiny.Runs[0].Fits || tiny.Runs[0].Largest != 0 {
		t.Errorf("%+v", tiny)
	}
	if largest := ask(`{"params":"1e14","memory":"900PB","optimizers":["sgd"]}`); largest.Runs[0].Largest != maxParams || largest.Runs[0].Total >= 1<<53 {
		t.Errorf("%+v", largest)
	}
	for body, want := range map[string]string{
		`{}`:                                                  `given in 0 ways`,
		`{"params":"1","model":"softmax"}`:                    `given in 2 ways`,
		`{"params":"many"}`:                                   `"field":"params"`,
		`{"params":"1e15"}`:                                   `want at most 10^14`,
		`{"params":"1","dtype":"bfloat16"}`:                   `want float32 or float64`,
		`{"params":"1","memory":"much"}`:                      `such as 80GB`,
		`{"params":"1","optimizers":["adm"]}`:                 `"field":"optimizers.0"`,
		`{"params":"1","optimizers":["adam","adam:beta1=2"]}`: `"field":"optimizers.1"`,
		`{"params":"1","optimizers":[` + strings.Repeat(`"adam",`, 40) + `"adam"]}`: `want at most 40`,
		`{"model":"mlp:128"}`:                                                         `"field":"inputs"`,
		`{"model":"mlp:","inputs":[4],"outputs":2}`:                                   `"field":"model"`,
		`{"model":"mlp:4","inputs":[0],"outputs":2}`:                                  `"field":"inputs"`,
		`{"model":"mlp:4","inputs":[1,1,1,1],"outputs":2}`:                            `"field":"inputs"`,
		`{"model":"mlp:1073741824,1073741824","inputs":[4],"outputs":2}`:              `"field":"model"`,
		`{"shapes":[[3],[784,-1]]}`:                                                   `"field":"shapes.1"`,
		`{"shapes":[[99999999,99999999,99999999]]}`:                                   `"field":"shapes.0"`,
		`{"shapes":[[60000000000000],[60000000000000]]}`:                              `want at most 10^14`,
		`{"params":"1","optimizers":["` + strings.Repeat("a", 3000) + `"]}`:           `want at most 2000`,
		`{"model":"` + strings.Repeat("mlp:4,", 1000) + `","inputs":[4],"outputs":2}`: `want at most 2000`,
	} {
		if r := s.do(c, "POST", "/api/memory", body); r.status != http.StatusBadRequest || !strings.Contains(r.body, want) {
			t.Errorf("%.100s: %d %s, want %s", body, r.status, r.body, want)
		}
	}
}
