package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// goodMap is a small file of maps; the tests break it one line at a time.
const goodMap = `package kernel

// half returns half of x.
//
//descent:part
func half[F Float](x F) F { return x * 0.5 }

// soft returns x made softer.
//
//descent:map
func soft[F Float](x, y F) F {
	u := half(abs(x))
	u += y * -1.25
	return round(u) * pow2(max(u, -3))
}

// both32 returns two.
//
//descent:map
func both32[F float32](x F) (_, _ F) { return x + 1, x * x }
`

func TestGoodMap(t *testing.T) {
	dir := write(t, goodMap)
	files, err := generateMaps(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		"gen_maps.go": {
			"// Soft32 returns x made softer.", "func Soft32(r0_, x_, y_ []float32) {", "func Soft64(r0_, x_, y_ []float64) {",
			"func Both32(r0_, r1_, x_ []float32) {", "float32(y*float32(-1.25))", "math.RoundToEven(", "<<23", "<<52", "r1__[i] = float32(x * x)",
		},
		"gen_loops_amd64.go": {"Soft64Loops = Loops3[float64]{Go: Soft64, AVX2: Soft64AVX2, AVX512: Soft64AVX512}", "Both32Loops"},
		"gen_loops_other.go": {"Soft64Loops = Loops3[float64]{Go: Soft64}"},
		"gen_maps_amd64.go":  {"func Soft32AVX512("},
		"gen_maps_amd64.s":   {"TEXT ·soft32AVX512(SB)", "VRNDSCALEPS", "VROUNDPD", "VPSLLQ"},
		"gen_pool.go":        {"func MaxPoolBack["},
	} {
		for _, w := range want {
			if !bytes.Contains(files[name], []byte(w)) {
				t.Errorf("%s lacks %s:\n%s", name, w, files[name])
			}
		}
	}
	for _, no := range []string{"Both64", "Half32"} {
		if bytes.Contains(files["gen_maps.go"], []byte(no)) {
			t.Errorf("%s has a loop", no)
		}
	}
	again, err := generateMaps(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name := range files {
		if !bytes.Equal(files[name], again[name]) {
			t.Errorf("%s is not the same a second time", name)
		}
	}
}

func TestMapsRefused(t *testing.T) {
	const line, last = "	u += y * -1.25\n", "return round(u) * pow2(max(u, -3))"
	for _, c := range []struct{ name, old, new, want string }{
		{"branch", line, "	if u > 0 { u = y }\n", "good.go:13:2: soft: a branch is not allowed here"},
		{"unknown call", line, "	u = erf(y)\n", "good.go:13:6: soft: call of erf: want one of abs, ifpos, max, min, pow2, round, sign, sqrt"},
		{"field", line, "	u = k.Beta * y\n", "good.go:13:6: soft: this expression is not allowed"},
		{"undefined", line, "	u = w * y\n", "undefined: w"},
		{"arity", line, "	u = half(x, y)\n", "half takes 1 arguments, has 2"},
		{"two results", line, "	u = both32(x)\n", "both32 has 2 results"},
		{"recursion", line, "	u = soft(x, y)\n", "calls itself"},
		{"constant part", line, "	u = y * (1 - 0.5)\n", "a part does not depend on the parameters"},
		{"constant result", last, "return 1", "a result does not depend on the parameters"},
		{"results", last, "return u, u", "want 1 results"},
		{"no return", "	" + last + "\n", "", "want a return at its end"},
		{"not generic", "soft[F Float](x, y F) F", "soft(x, y float64) float64", "want the form func name[F C]"},
		{"constraint", "both32[F float32]", "both32[F float64]", "the name ends with the number of bits"},
		{"type", "(x, y F) F", "(x F, y int) F", "want parameters and results of type F"},
		{"no result", "soft[F Float](x, y F) F {", "soft[F Float](x, y F) {", "soft: want a result"},
		{"streams", "soft[F Float](x, y F) F", "soft[F Float](x, y, z F) F", "4 parameters and results, want 2 or 3"},
		{"reserved", "soft[F Float](x, y F) F", "soft[F Float](x, t1 F) F", "the name is used by generated code"},
		{"no map", "//descent:map\n", "", "no function marked //descent:map"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(goodMap, c.old) {
				t.Fatalf("the good maps do not hold %q", c.old)
			}
			_, err := generateMaps(write(t, strings.ReplaceAll(goodMap, c.old, c.new)))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %s", err, c.want)
			}
		})
	}
}

// TestCommittedMaps compares what is committed with what the maps give now.
func TestCommittedMaps(t *testing.T) {
	const dir = "../../nn/internal/kernel"
	files, err := generateMaps(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what the maps give (%v): run go generate ./...", name, err)
		}
	}
}
