// Package schedule says how a learning rate, or any other hyper-parameter,
// changes with the step.
//
// A schedule is a plain value and a pure function of the step, which counts
// updates from 0. Unless its documentation says otherwise it gives a
// dimensionless factor of the base rate that the optimizer holds; with a base
// rate of 1 the factors are absolute rates. Schedules have no state, so
// training may stop, resume and look ahead anywhere, and there is no order of
// calls to keep.
//
// For every schedule here:
//   - a step below 0 counts as step 0, and past its end the last value holds;
//   - every value is computed from the step alone, in closed form, and has the
//     same bits on every architecture;
//   - zero means zero: a field left out of a literal is 0, which [Validate]
//     refuses where 0 makes no sense. [Default], [Parse] and JSON start from
//     the defaults that the field's documentation gives;
//   - At does not panic on values that [Validate] refuses, but for schedules
//     that are nil, and what it returns for them means nothing.
//
// [Plateau] is not a schedule: it watches a metric and so has state.
package schedule

// A Schedule gives the value at a step.
type Schedule interface {
	// At returns the value that update number step uses, counted from 0. It
	// returns the same for the same step, always.
	At(step int64) float64
}

// Validate checks a schedule and all schedules within it. The error names the
// field, its value and its domain. A Schedule of a type with no method
// Validate() error is taken to be valid.
func Validate(s Schedule) error {
	if isNil(s) {
		return errorf("the schedule is nil")
	}
	if v, ok := s.(interface{ Validate() error }); ok {
		return v.Validate()
	}
	return nil
}

// mix returns from where weight is 1 and to where it is 0.
func mix(from, to, weight float64) float64 {
	if weight == 1 {
		return from
	}
	return to + float64((from-to)*weight)
}

// fraction returns step/length within [0, 1].
func fraction(step, length int64) float64 {
	if step >= length {
		return 1
	}
	return float64(max(step, 0)) / float64(length)
}
