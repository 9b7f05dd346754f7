// Package descent is the root of Descent: gradient-descent optimization for Go.
//
// What a program imports are the rooms below it:
//
//   - optim has the update rules, one file each, and the optimizer over named
//     parameters;
//   - schedule has learning-rate schedules, pure functions of the step;
//   - problem has test functions with exact gradients and Hessians;
//   - data reads, generates, splits and serves data sets;
//   - nn has small networks with backward passes of their own;
//   - train runs the loop of batches, schedule, clipping and stopping, saves and
//     resumes it to the bit, and diagnoses steps;
//   - checkpoint keeps the states of a run in a folder, whatever happens to the
//     process; record the runs themselves, with an index over all of them;
//   - experiment reads and writes all settings of a training as one file;
//   - tensorboard, metrics and export hand events to TensorBoard, Prometheus, CSV
//     and Parquet;
//   - figure draws contours with paths, surfaces and learning curves.
//
// This package gives a program with a model of its own the whole command line:
// see [Main], and examples/ownmodel. The command for everything else is in
// cmd/descent.
package descent
