package export

import (
	"slices"

	"github.com/descent-go/descent/train"
)

// The tags of rows are those of parquet-go; the other formats read the names
// from them. A pointer is what an event may not have.

// head is the beginning of every row.
type head struct {
	Run  string  // name of the run
	Time float64 // seconds since the run began
}

// A StepRow is a step of a run, applied or skipped.
type StepRow struct {
	Run        string    `parquet:"run,dict"`
	Time       float64   `parquet:"time"`                // seconds since the run began
	Step       int64     `parquet:"step,delta"`          // updates applied so far
	Epoch      int64     `parquet:"epoch"`               // being served, from 0
	Loss       float64   `parquet:"loss"`                // before the update
	Rate       float64   `parquet:"rate"`                // of the update
	Examples   int64     `parquet:"examples"`            // of this step; 0 without a source
	GradNorm   *float64  `parquet:"grad_norm"`           // where something asked for it; never 0
	UpdateNorm *float64  `parquet:"update_norm"`         // likewise
	ParamNorm  *float64  `parquet:"param_norm"`          // likewise
	Clipped    bool      `parquet:"clipped"`             // the gradient was scaled
	Skipped    bool      `parquet:"skipped"`             // no update
	Value      *float64  `parquet:"value"`               // the loss at point
	Point      []float64 `parquet:"point,list,optional"` // the method's point after the update, of a run that tells it
}

func stepRow(h head, event train.Event) (r StepRow, ok bool) {
	e, ok := event.(*train.Step)
	if !ok {
		return r, false
	}
	r = StepRow{
		Run: h.Run, Time: h.Time, Step: e.Step, Epoch: int64(e.Epoch), Loss: e.Loss, Rate: e.Rate, Examples: int64(e.Examples),
		GradNorm: measured(e.GradNorm), UpdateNorm: measured(e.UpdateNorm), ParamNorm: measured(e.ParamNorm),
		Clipped: e.Clipped, Skipped: e.Skipped, Point: slices.Clone(e.Point),
	}
	if e.Point != nil {
		r.Value = pointer(e.Value)
	}
	return r, true
}

// measured returns a norm, unless it is 0, which it is where nothing asked for
// it.
func measured(v float64) *float64 {
	if v == 0 {
		return nil
	}
	return &v
}

func pointer(v float64) *float64 { return &v }

// An EvaluationRow is an evaluation of a set.
type EvaluationRow struct {
	Run      string   `parquet:"run,dict"`
	Time     float64  `parquet:"time"`       // seconds since the run began
	Step     int64    `parquet:"step,delta"` // updates applied
	Epoch    int64    `parquet:"epoch"`      // epochs completed
	Set      string   `parquet:"set,dict"`   // train, validation or test
	Loss     float64  `parquet:"loss"`       // mean over the set
	Accuracy *float64 `parquet:"accuracy"`   // of sets with classes
	Examples int64    `parquet:"examples"`
	Best     bool     `parquet:"best"` // the lowest validation loss so far
}

func evaluationRow(h head, event train.Event) (r EvaluationRow, ok bool) {
	e, ok := event.(*train.Evaluation)
	if !ok {
		return r, false
	}
	r = EvaluationRow{
		Run: h.Run, Time: h.Time, Step: e.Step, Epoch: int64(e.Epoch), Set: e.Set, Loss: e.Loss, Examples: int64(e.Examples), Best: e.Best,
	}
	if e.Labelled {
		r.Accuracy = pointer(e.Accuracy)
	}
	return r, true
}

// An EpochRow is the end of an epoch.
type EpochRow struct {
	Run   string  `parquet:"run,dict"`
	Time  float64 `parquet:"time"`       // seconds since the run began
	Step  int64   `parquet:"step,delta"` // updates applied
	Epoch int64   `parquet:"epoch"`      // epochs completed
	Loss  float64 `parquet:"loss"`       // mean over the epoch's examples
	Rate  float64 `parquet:"rate"`       // of the last update
}

func epochRow(h head, event train.Event) (r EpochRow, ok bool) {
	e, ok := event.(*train.EpochEnd)
	if !ok {
		return r, false
	}
	return EpochRow{Run: h.Run, Time: h.Time, Step: e.Step, Epoch: int64(e.Epoch), Loss: e.Loss, Rate: e.Rate}, true
}

// A DiagnosisRow is what was found out about a step: see [train.Diagnosis].
// Numbers that were not asked for are NaN.
type DiagnosisRow struct {
	Run       string  `parquet:"run,dict"`
	Time      float64 `parquet:"time"`       // seconds since the run began
	Step      int64   `parquet:"step,delta"` // updates applied so far
	Rate      float64 `parquet:"rate"`       // of the update
	Cosine    float64 `parquet:"cosine"`     // of the gradient and the one before
	Alpha     float64 `parquet:"alpha"`      // how far the update went on its line
	Curvature float64 `parquet:"curvature"`  // along the update
	Sharpness float64 `parquet:"sharpness"`  // largest eigenvalue of the Hessian
	Edge      float64 `parquet:"edge"`       // 2/sharpness
}

func diagnosisRow(h head, event train.Event) (r DiagnosisRow, ok bool) {
	e, ok := event.(*train.Diagnosis)
	if !ok {
		return r, false
	}
	return DiagnosisRow{
		Run: h.Run, Time: h.Time, Step: e.Step, Rate: float64(e.Rate), Cosine: float64(e.Cosine), Alpha: float64(e.Alpha),
		Curvature: float64(e.Along), Sharpness: float64(e.Sharpness), Edge: float64(e.Edge),
	}, true
}

// A NormRow has the 2-norms of one parameter in a diagnosis.
type NormRow struct {
	Run       string  `parquet:"run,dict"`
	Time      float64 `parquet:"time"`           // seconds since the run began
	Step      int64   `parquet:"step,delta"`     // updates applied so far
	Parameter string  `parquet:"parameter,dict"` // its name
	Value     float64 `parquet:"value"`          // of the parameter before the update
	Grad      float64 `parquet:"grad"`           // of its gradient before clipping
	Update    float64 `parquet:"update"`         // of the update
	Ratio     float64 `parquet:"ratio"`          // of update to value
}

func normRows(table []NormRow, h head, event train.Event) []NormRow {
	if e, ok := event.(*train.Diagnosis); ok {
		for _, p := range e.Params {
			table = append(table, NormRow{
				Run: h.Run, Time: h.Time, Step: e.Step, Parameter: p.Name,
				Value: float64(p.Value), Grad: float64(p.Grad), Update: float64(p.Update), Ratio: float64(p.Ratio),
			})
		}
	}
	return table
}

// A CheckpointRow is a checkpoint that was written, or could not be.
type CheckpointRow struct {
	Run     string  `parquet:"run,dict"`
	Time    float64 `parquet:"time"`       // seconds since the run began
	Step    int64   `parquet:"step,delta"` // updates applied that it holds
	Epoch   int64   `parquet:"epoch"`      // epochs completed
	Name    string  `parquet:"name"`
	Bytes   int64   `parquet:"bytes"`
	Seconds float64 `parquet:"seconds"` // that writing took
	Error   string  `parquet:"error"`   // why it could not be written, or empty
	Warning string  `parquet:"warning"` // of one that was written: why older ones could not be dropped
}

func checkpointRow(h head, event train.Event) (r CheckpointRow, ok bool) {
	e, ok := event.(*train.Checkpointed)
	if !ok {
		return r, false
	}
	return CheckpointRow{
		Run: h.Run, Time: h.Time, Step: e.Step, Epoch: int64(e.Epoch), Name: e.Name, Bytes: e.Bytes, Seconds: e.Seconds, Error: e.Error, Warning: e.Warning,
	}, true
}
