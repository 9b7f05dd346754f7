// Package metrics tells Prometheus how a run is going: a [Metrics] is a sink of
// the run, keeps the latest numbers, and serves them where it is asked to.
//
//	descent_run_info{…} 1                     Options.Labels, and the optimizer
//	descent_run_state{state="…"} 1            running, then the reason why it ended
//	descent_parameters, descent_state_bytes   sizes of model and optimizer state
//	descent_planned_steps                     that the run takes at most, where known
//	descent_steps_total                       updates applied, since the run began
//	descent_skipped_steps_total               steps without an update, of this process
//	descent_clipped_steps_total               steps whose gradient was scaled, of this process
//	descent_examples_total                    trained on by this process
//	descent_epochs_total                      completed since the run began
//	descent_loss, descent_learning_rate       of the last step
//	descent_gradient_norm, descent_update_norm, descent_parameter_norm
//	descent_epoch_loss                        mean of the last epoch
//	descent_evaluation_loss{set="…"}, descent_evaluation_accuracy{set="…"}
//	descent_evaluation_step{set="…"}, descent_evaluations_total{set="…"}
//	descent_best_loss                         lowest validation loss of this process
//	descent_checkpoints_total, descent_checkpoint_failures_total
//	descent_checkpoint_step, descent_checkpoint_bytes, descent_checkpoint_duration_seconds
//	descent_gradient_cosine, descent_step_alpha, descent_curvature,
//	descent_sharpness, descent_edge           of the last diagnosis
//	descent_oscillating                       1 while a run that is watched goes back and forth
//
// Beside them are the metrics of the Go runtime and of the process. What a run
// does not measure is not there.
package metrics

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/descent-go/descent/train"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Options say what is told of a run.
type Options struct {
	// Labels of descent_run_info, such as the run's name. Names have letters,
	// digits and underscores; "optimizer" is taken.
	Labels map[string]string
}

// Metrics is a [train.Sink] that keeps the latest numbers of a run. Events and
// scrapes may come at the same time; neither waits for the other's network.
type Metrics struct {
	registry *prometheus.Registry
	labels   []string // names, sorted, and the values
	values   []string

	mu  sync.Mutex
	run state
}

// A state is what a run has told so far.
type state struct {
	begun, ended bool
	head         train.Started
	reason       train.Reason

	stepped                               bool
	loss, rate                            float64 // of the last step
	steps, skipped, clipped, examples     int64
	gradNorm, updateNorm, paramNorm       measured
	epochs                                int
	epochLoss                             measured
	sets                                  []set
	best                                  measured
	saved, unsaved                        int64
	checkpoint                            train.Checkpointed
	cosine, alpha, along, sharpness, edge measured
	oscillating                           bool
}

// A set is what is known of a set that is evaluated.
type set struct {
	last  train.Evaluation
	count int64
}

// measured is a number that a run may not have.
type measured struct {
	value float64
	known bool
}

// New returns metrics with a registry of their own. A label that Prometheus
// does not allow is an error.
func New(o Options) (*Metrics, error) {
	m := &Metrics{registry: prometheus.NewRegistry()}
	m.labels = slices.Sorted(maps.Keys(o.Labels))
	for _, name := range m.labels {
		if name == "optimizer" || !plain(name) {
			return nil, fmt.Errorf("metrics: label %q, want letters, digits and underscores, not beginning with a digit or two underscores, and not \"optimizer\"", name)
		}
		m.values = append(m.values, o.Labels[name])
	}
	m.labels = append(m.labels, "optimizer")
	for _, c := range []prometheus.Collector{
		m, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		if err := m.registry.Register(c); err != nil {
			return nil, fmt.Errorf("metrics: %w", err)
		}
	}
	return m, nil
}

// plain reports whether Prometheus allows a name for a label.
func plain(name string) bool {
	if name == "" || len(name) > 1 && name[:2] == "__" {
		return false
	}
	for i, c := range name {
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// Gatherer returns the registry, to serve it in a way of one's own.
func (m *Metrics) Gatherer() prometheus.Gatherer { return m.registry }

// Event takes an event of a run.
func (m *Metrics) Event(e train.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.run.take(e)
}

func (s *state) take(e train.Event) {
	switch e := e.(type) {
	case *train.Started:
		s.begin(e)
	case *train.Resumed:
		s.begin(&e.Started)
		s.steps, s.epochs = e.Step, e.Epoch
	case *train.Step:
		s.takeStep(e)
	case *train.EpochEnd:
		s.epochs = e.Epoch
		s.epochLoss = measured{e.Loss, true}
	case *train.Evaluation:
		s.evaluated(e)
	case *train.Checkpointed:
		if e.Error != "" {
			s.unsaved++
			return
		}
		s.saved++
		s.checkpoint = *e
	case *train.Diagnosis:
		s.cosine.real(e.Cosine)
		s.alpha.real(e.Alpha)
		s.along.real(e.Along)
		s.sharpness.real(e.Sharpness)
		s.edge.real(e.Edge)
	case *train.Oscillating:
		s.oscillating = true
	case *train.Finished:
		s.ended, s.reason = true, e.Result.Reason
		s.oscillating = e.Result.Oscillating != nil && !e.Result.Oscillating.Ceased
	}
}

func (s *state) begin(e *train.Started) {
	*s = state{begun: true, head: *e}
	s.head.Point = nil
}

func (s *state) takeStep(e *train.Step) {
	s.stepped = true
	s.loss, s.rate = e.Loss, e.Rate
	s.steps = e.Step
	s.examples += int64(e.Examples)
	if e.Skipped {
		s.skipped++
	}
	if e.Clipped {
		s.clipped++
	}
	s.gradNorm.norm(e.GradNorm)
	s.updateNorm.norm(e.UpdateNorm)
	s.paramNorm.norm(e.ParamNorm)
}

// norm takes a norm, which is 0 where nothing asked for it.
func (m *measured) norm(v float64) {
	if m.known = m.known || v != 0; m.known {
		m.value = v
	}
}

// real takes a number of a diagnosis, which is NaN where nothing asked for it.
func (m *measured) real(v train.Real) {
	if v == v {
		*m = measured{float64(v), true}
	}
}

func (s *state) evaluated(e *train.Evaluation) {
	if e.Set == "validation" && e.Loss == e.Loss && (!s.best.known || e.Loss < s.best.value) {
		s.best = measured{e.Loss, true}
	}
	for i := range s.sets {
		if s.sets[i].last.Set == e.Set {
			s.sets[i].last = *e
			s.sets[i].count++
			return
		}
	}
	s.sets = append(s.sets, set{*e, 1})
}

var _ train.Sink = (*Metrics)(nil)
