package lab

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/descent-go/descent/internal/rng"
	"github.com/descent-go/descent/train"
)

// fill puts something into every field that JSON knows.
func fill(r *rng.Rand, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(r, v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Tag.Get("json") != "-" {
				fill(r, v.Field(i))
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1+r.IntN(3), 3))
		for i := range v.Len() {
			fill(r, v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("key <é>\n"), reflect.ValueOf("va\"lue"))
	case reflect.String:
		v.SetString([]string{"adam", "a\nb", "<script>", "Überschuß", "\u2028"}[r.IntN(5)])
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		x := r.Normal() * math.Exp(20*r.Normal())
		if v.Type() == reflect.TypeFor[train.Real]() && r.IntN(3) == 0 {
			x = []float64{math.Inf(1), math.Inf(-1)}[r.IntN(2)]
		}
		v.SetFloat(x)
	case reflect.Uint64:
		v.SetUint(r.Uint64())
	default:
		v.SetInt(1 + int64(r.IntN(1<<30)))
	}
}

// Every event reads back as it was written.
func TestEventRoundTrip(t *testing.T) {
	r := rng.New(1, "events")
	for _, kind := range events {
		for range 20 {
			e := reflect.New(reflect.TypeOf(kind).Elem())
			fill(r, e.Elem())
			at := math.Round(r.Float64()*1e9) / 1e6
			line, err := AppendEvent(nil, at, e.Interface().(Event))
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Count(line, []byte("\n")) != 1 || line[len(line)-1] != '\n' || !json.Valid(line) {
				t.Fatalf("not one line of JSON: %q", line)
			}
			seconds, back, err := ParseEvent(line)
			if err != nil || seconds != at || !reflect.DeepEqual(back, e.Interface()) {
				t.Fatalf("%s: %v at %v, %v, want %v at %v", line, back, seconds, err, e.Interface(), at)
			}
		}
	}
	line, err := AppendEvent([]byte("x"), 0.5, &Searching{Task: "rosenbrock", Stage: "edge", Spent: 300, Budget: 5000})
	if want := `x{"event":"searching","t":0.5,"task":"rosenbrock","stage":"edge","spent":300,"budget":5000}` + "\n"; err != nil || string(line) != want {
		t.Errorf("%s, %v, want %s", line, err, want)
	}
	if line, err := AppendEvent(nil, 2, &Interrupted{}); err != nil || string(line) != `{"event":"interrupted","t":2}`+"\n" {
		t.Errorf("%s, %v", line, err)
	}
	nan := &RateTried{TriedRate: TriedRate{Rate: 1, Median: train.Real(math.NaN())}}
	if line, err = AppendEvent(nil, 0, nan); err != nil || !strings.Contains(string(line), `"median":"NaN"`) {
		t.Errorf("%s, %v", line, err)
	}
}

// Lines are bounded: curves are thinned, and left out where they do not fit.
func TestEventIsBounded(t *testing.T) {
	o := &Outcome{Trial: Trial{Settings: Settings{}}}
	for i := range int64(200) {
		o.Curve = append(o.Curve, Point{10 * (i + 1), train.Real(i)})
	}
	parse := func(e *TrialDone) *TrialDone {
		t.Helper()
		line, err := AppendEvent(nil, 0, e)
		if err != nil || len(line) > MaxEventLine {
			t.Fatalf("%d bytes, %v", len(line), err)
		}
		_, back, err := ParseEvent(line)
		if err != nil {
			t.Fatal(err)
		}
		return back.(*TrialDone)
	}
	back := parse(&TrialDone{Outcome: o})
	if n := len(back.Outcome.Curve); n != loggedPoints || back.Outcome.Curve[n-1] != o.Curve[199] || len(o.Curve) != 200 {
		t.Errorf("%d points, the last %v", n, back.Outcome.Curve[n-1])
	}
	short := *o
	short.Curve = o.Curve[:7]
	if back = parse(&TrialDone{Outcome: &short}); !reflect.DeepEqual(back.Outcome.Curve, short.Curve) {
		t.Errorf("%v", back.Outcome.Curve)
	}
	o.Settings["model"] = strings.Repeat("m", MaxEventLine-700)
	if back = parse(&TrialDone{Outcome: o}); back.Outcome.Curve != nil {
		t.Errorf("%d points in a line that is full", len(back.Outcome.Curve))
	}
	before := []byte("before\n")
	line, err := AppendEvent(before, 0, &Failed{Error: strings.Repeat("x", MaxEventLine)})
	if err == nil || !strings.Contains(err.Error(), "failed: an event of ") || string(line) != "before\n" {
		t.Errorf("%d bytes, %v", len(line), err)
	}
	if line, err = AppendEvent(before, 0, &RateChosen{Rate: math.NaN()}); err == nil || string(line) != "before\n" {
		t.Errorf("%q, %v", line, err)
	}
}

func TestParseEventRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  "want an event",
		"3":                                 "want an event",
		`{"event":"trial_done","t":1`:       "want an event",
		`{"event":"trial_done","t":1}`:      "no outcome",
		`{"event":"searching","spent":"x"}`: "searching: ",
		`{"event":"step"}`:                  `unknown event "step"`,
		`{"t":1}`:                           `unknown event ""`,
		`{"event":"finished","t":"x"}`:      "want an event",
		`{"event":"rate_tried","median":"minus"}`:  "rate_tried: ",
		`{"event":"surveying","done":1.5}`:         "surveying: ",
		`{"event":"interrupted","t":1}{"event":1}`: "want an event",
	} {
		if _, e, err := ParseEvent([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v, want %q", text, e, err, want)
		}
	}
	if _, _, err := ParseEvent([]byte(`{"event":"later"}`)); !errors.Is(err, ErrUnknownEvent) {
		t.Error(err)
	}
}

// A log is read with what is torn, and what later versions write, left out.
func TestReadEvents(t *testing.T) {
	const text = `{"event":"failed","t":1,"error":"a","more":[1,2]}

{"event":"trial_done","t":2,"outco
{"event":"later","t":2}
{"event":"interrupted","t":3}
{"event":"finis`
	var got []Event
	if err := ReadEvents(strings.NewReader(text), func(_ float64, e Event) error { got = append(got, e); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].(*Failed).Error != "a" {
		t.Errorf("%v", got)
	}
	stop := errors.New("stop")
	if err := ReadEvents(strings.NewReader(text), func(float64, Event) error { return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
	if err := ReadEvents(strings.NewReader("\n{\"event\":\"failed\",\"error\":3}\n"), func(float64, Event) error { return nil }); err == nil || !strings.Contains(err.Error(), "line 2: ") {
		t.Error(err)
	}
	if err := ReadEvents(strings.NewReader(strings.Repeat("x", 3*MaxEventLine)), func(float64, Event) error { return nil }); err == nil {
		t.Error("a line without an end")
	}
}

func FuzzParseEvent(f *testing.F) {
	r := rng.New(2, "events")
	for _, kind := range events {
		e := reflect.New(reflect.TypeOf(kind).Elem())
		fill(r, e.Elem())
		line, err := AppendEvent(nil, 1.5, e.Interface().(Event))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(line)
	}
	f.Add([]byte(`{"event":"rate_tried","rate":1e-300,"median":"NaN","losses":[null,"+Inf"]}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		at, e, err := ParseEvent(line)
		if err != nil || !(math.Abs(at) < 1e9) {
			return
		}
		again, err := AppendEvent(nil, at, e)
		if err != nil {
			if len(line) < MaxEventLine/8 { // escaping makes it longer
				t.Fatal(err)
			}
			return
		}
		at2, back, err := ParseEvent(again)
		if err != nil {
			t.Fatal(err)
		}
		third, err := AppendEvent(nil, at2, back)
		if err != nil || !bytes.Equal(third, again) {
			t.Fatalf("%s\n%s\n%v", again, third, err)
		}
	})
}
