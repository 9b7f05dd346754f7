package schedule

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"

	"github.com/descent-go/descent/internal/portable"
)

// Plateau reduces the rate when a metric has stopped getting better: PyTorch's
// ReduceLROnPlateau. It is not a [Schedule], because it depends on what it has
// observed; its factor multiplies one. [NewPlateau] gives the defaults.
//
// A metric is better if it passes the best so far by a margin: Threshold
// itself, or in the mode rel Threshold·|best|. For positive metrics that is
// PyTorch's rule; PyTorch's margin turns round for negative ones, so that
// nothing or everything is better. NaN and infinite metrics are never better.
//
// Differs from PyTorch also in that factors, Min and Eps count in base rates.
type Plateau struct {
	Factor        float64 `json:"factor" def:"0.1" in:"(0,1)" sym:"\\gamma" doc:"what each reduction multiplies by"`
	Patience      int64   `json:"patience" def:"10" in:"[0,inf)" sym:"P" doc:"observations without a better one that are forgiven"`
	Threshold     float64 `json:"threshold" def:"1e-4" in:"[0,inf)" sym:"\\tau" doc:"margin by which a metric must pass the best"`
	ThresholdMode string  `json:"threshold_mode" def:"rel" in:"rel|abs" doc:"whether the margin is a part of the best metric"`
	Cooldown      int64   `json:"cooldown" def:"0" in:"[0,inf)" sym:"C" doc:"observations after a reduction that are not counted against patience"`
	Mode          string  `json:"mode" def:"min" in:"min|max" doc:"whether lower or higher metrics are better"`
	Min           float64 `json:"min" def:"0" in:"[0,1]" sym:"\\eta_{\\min}" doc:"lowest factor"`
	Eps           float64 `json:"eps" def:"1e-8" in:"[0,inf)" sym:"\\varepsilon" doc:"a reduction by no more than this is not made"`

	// State is what has been observed. Its zero value is that of a new Plateau.
	State PlateauState `json:"state"`
}

// PlateauState is what a Plateau knows of the metrics it has observed.
type PlateauState struct {
	Seen       bool    `json:"seen"`       // whether there is a best metric
	Best       float64 `json:"best"`       // the best metric
	Bad        int64   `json:"bad"`        // observations since then
	Cooling    int64   `json:"cooling"`    // observations left of the cooldown
	Reductions int64   `json:"reductions"` // how often the rate was reduced
}

// NewPlateau returns a Plateau with the defaults.
func NewPlateau() *Plateau {
	p := new(Plateau)
	setDefaults(reflect.ValueOf(p).Elem(), 0, nil)
	return p
}

// Observe takes the next metric and returns the factor from now on.
func (p *Plateau) Observe(metric float64) (factor float64) {
	st := &p.State
	if p.better(metric) {
		st.Seen, st.Best, st.Bad = true, metric, 0
	} else {
		st.Bad++
	}
	if st.Cooling > 0 {
		st.Cooling--
		st.Bad = 0
	}
	if st.Bad > p.Patience {
		if p.after(st.Reductions)-p.after(st.Reductions+1) > p.Eps {
			st.Reductions++
		}
		st.Cooling, st.Bad = p.Cooldown, 0
	}
	return p.Current()
}

// Current returns the factor that holds now: 1 at first.
func (p *Plateau) Current() float64 { return p.after(p.State.Reductions) }

// after returns the factor after n reductions.
func (p *Plateau) after(n int64) float64 {
	return max(portable.Pow(p.Factor, float64(n)), p.Min)
}

func (p *Plateau) better(metric float64) bool {
	if math.IsNaN(metric) || math.IsInf(metric, 0) {
		return false
	}
	best := p.State.Best
	if !p.State.Seen {
		return true
	}
	margin := p.Threshold
	if p.ThresholdMode == "rel" {
		margin = float64(p.Threshold * math.Abs(best))
	}
	if p.Mode == "max" {
		return metric > best+margin
	}
	return metric < best-margin
}

// Validate names the first field out of its domain, its value and the domain.
func (p Plateau) Validate() error { return validate(p) }

func (p Plateau) relations() error {
	st := p.State
	if math.IsNaN(st.Best) || math.IsInf(st.Best, 0) || st.Bad < 0 || st.Cooling < 0 || st.Reductions < 0 {
		return errorf("Plateau.State = %+v, want a finite best metric and counts of 0 or more", st)
	}
	return nil
}

// PlateauInfo describes Plateau as [All] describes the schedules. There is no
// example: without metrics it has no curve.
func PlateauInfo() Info {
	t := reflect.TypeFor[Plateau]()
	return Info{
		Name: "plateau", Title: "Plateau", Doc: "reduces the rate when a metric has stopped getting better",
		TeX:    `\max(\gamma^n, \eta_{\min}),\quad n \to n+1\ \text{after more than}\ P\ \text{metrics within}\ \tau\,|\text{best}|\ \text{of the best}`,
		Params: paramsOf(t), typ: t,
	}
}

// MarshalJSON writes the parameters and the state.
func (p Plateau) MarshalJSON() ([]byte, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	b, err := marshalFields(`{"schedule":"plateau"`, reflect.ValueOf(p), PlateauInfo().Params)
	if err != nil {
		return nil, err
	}
	state, err := json.Marshal(p.State)
	if err != nil {
		return nil, err
	}
	return append(append(append(b[:len(b)-1], `,"state":`...), state...), '}'), nil
}

// UnmarshalJSON reads what MarshalJSON writes. A parameter that is left out has
// its default, and without a state nothing has been observed; unknown names and
// values that Validate refuses are errors.
func (p *Plateau) UnmarshalJSON(b []byte) error {
	fields, err := object(b)
	if err != nil {
		return err
	}
	if kind, ok := fields["schedule"]; ok && string(kind) != `"plateau"` {
		return errorf(`JSON has kind %s, want "plateau"`, kind)
	}
	delete(fields, "schedule")
	var q Plateau
	if state, ok := fields["state"]; ok {
		d := json.NewDecoder(bytes.NewReader(state))
		d.DisallowUnknownFields()
		if err := d.Decode(&q.State); err != nil {
			return errorf("plateau.state: %v", err)
		}
		delete(fields, "state")
	}
	if err := unmarshalFields(fields, reflect.ValueOf(&q).Elem(), PlateauInfo(), 0); err != nil {
		return err
	}
	if err := q.Validate(); err != nil {
		return err
	}
	*p = q
	return nil
}
