package metrics

import (
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// describe makes the description of a metric.
func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("descent_"+name, help, labels, nil)
}

// The metrics of a run. descent_run_info is described by each Metrics, whose
// labels it has.
var (
	runState     = describe("run_state", "1 for the state that the run is in: running, or the reason why it ended.", "state")
	parameters   = describe("parameters", "Elements of all parameters.")
	stateBytes   = describe("state_bytes", "Memory of the optimizer's state.")
	plannedSteps = describe("planned_steps", "Steps that the run takes at most.")

	stepsTotal    = describe("steps_total", "Updates applied since the run began.")
	skippedTotal  = describe("skipped_steps_total", "Steps of this process without an update, because of a non-finite gradient.")
	clippedTotal  = describe("clipped_steps_total", "Steps of this process whose gradient was clipped.")
	examplesTotal = describe("examples_total", "Examples that this process trained on.")
	epochsTotal   = describe("epochs_total", "Epochs completed since the run began.")

	loss          = describe("loss", "Training loss of the last step, before its update.")
	learningRate  = describe("learning_rate", "Learning rate of the last step.")
	gradientNorm  = describe("gradient_norm", "2-norm of the last gradient, before clipping.")
	updateNorm    = describe("update_norm", "2-norm of the last update.")
	parameterNorm = describe("parameter_norm", "2-norm of the parameters before the last update.")
	epochLoss     = describe("epoch_loss", "Mean training loss of the last epoch.")

	evaluationLoss     = describe("evaluation_loss", "Mean loss of a set at its last evaluation.", "set")
	evaluationAccuracy = describe("evaluation_accuracy", "Share of a set's examples classified rightly at its last evaluation.", "set")
	evaluationStep     = describe("evaluation_step", "Updates applied at the last evaluation of a set.", "set")
	evaluationsTotal   = describe("evaluations_total", "Evaluations of a set by this process.", "set")
	bestLoss           = describe("best_loss", "Lowest validation loss that this process saw.")

	checkpointsTotal   = describe("checkpoints_total", "Checkpoints that this process wrote.")
	checkpointFailures = describe("checkpoint_failures_total", "Checkpoints that this process could not write.")
	checkpointStep     = describe("checkpoint_step", "Updates applied that the last checkpoint holds.")
	checkpointBytes    = describe("checkpoint_bytes", "Size of the last checkpoint.")
	checkpointSeconds  = describe("checkpoint_duration_seconds", "Time that writing the last checkpoint took.")

	gradientCosine = describe("gradient_cosine", "Cosine of the angle between the last gradient and the one before.")
	stepAlpha      = describe("step_alpha", "How far the last update went on its line: -1 nowhere, 0 to the minimum, 1 to the same height.")
	curvature      = describe("curvature", "Curvature of the loss along the last update.")
	sharpness      = describe("sharpness", "Largest eigenvalue of the Hessian.")
	edge           = describe("edge", "Learning rate above which gradient descent is unstable, 2/sharpness.")
	oscillating    = describe("oscillating", "1 while the run goes back and forth.")
)

// Describe tells nothing: a run has the metrics that it measures.
func (m *Metrics) Describe(chan<- *prometheus.Desc) {}

// Collect sends the latest numbers.
func (m *Metrics) Collect(out chan<- prometheus.Metric) {
	m.mu.Lock()
	s := m.run
	sets := slices.Clone(s.sets)
	m.mu.Unlock()
	if !s.begun {
		return
	}
	send := func(d *prometheus.Desc, kind prometheus.ValueType, v float64, labels ...string) {
		for i, l := range labels {
			labels[i] = strings.ToValidUTF8(l, "\uFFFD") // else it panics
		}
		out <- prometheus.MustNewConstMetric(d, kind, v, labels...)
	}
	gauge := func(d *prometheus.Desc, v float64) { send(d, prometheus.GaugeValue, v) }
	counter := func(d *prometheus.Desc, n int64) { send(d, prometheus.CounterValue, float64(n)) }
	optional := func(d *prometheus.Desc, v measured) {
		if v.known {
			gauge(d, v.value)
		}
	}

	info := describe("run_info", "What the run is, in labels.", m.labels...)
	send(info, prometheus.GaugeValue, 1, append(slices.Clone(m.values), s.head.Optimizer)...)
	now := "running"
	if s.ended {
		now = s.reason.String()
	}
	send(runState, prometheus.GaugeValue, 1, now)
	gauge(parameters, float64(s.head.Parameters))
	gauge(stateBytes, float64(s.head.StateBytes))
	optional(plannedSteps, measured{float64(s.head.Steps), s.head.Steps > 0})

	counter(stepsTotal, s.steps)
	counter(skippedTotal, s.skipped)
	counter(clippedTotal, s.clipped)
	counter(examplesTotal, s.examples)
	counter(epochsTotal, int64(s.epochs))
	optional(loss, measured{s.loss, s.stepped})
	optional(learningRate, measured{s.rate, s.stepped})
	optional(gradientNorm, s.gradNorm)
	optional(updateNorm, s.updateNorm)
	optional(parameterNorm, s.paramNorm)
	optional(epochLoss, s.epochLoss)

	for i := range sets {
		e := &sets[i].last
		send(evaluationLoss, prometheus.GaugeValue, e.Loss, e.Set)
		if e.Labelled {
			send(evaluationAccuracy, prometheus.GaugeValue, e.Accuracy, e.Set)
		}
		send(evaluationStep, prometheus.GaugeValue, float64(e.Step), e.Set)
		send(evaluationsTotal, prometheus.CounterValue, float64(sets[i].count), e.Set)
	}
	optional(bestLoss, s.best)

	counter(checkpointsTotal, s.saved)
	counter(checkpointFailures, s.unsaved)
	if s.saved > 0 {
		gauge(checkpointStep, float64(s.checkpoint.Step))
		gauge(checkpointBytes, float64(s.checkpoint.Bytes))
		gauge(checkpointSeconds, s.checkpoint.Seconds)
	}
	optional(gradientCosine, s.cosine)
	optional(stepAlpha, s.alpha)
	optional(curvature, s.along)
	optional(sharpness, s.sharpness)
	optional(edge, s.edge)
	if s.head.Watched {
		var v float64
		if s.oscillating {
			v = 1
		}
		gauge(oscillating, v)
	}
}
