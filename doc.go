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
//   - train runs the loop of batches, schedule, clipping and stopping;
//   - figure draws contours with paths, surfaces and learning curves.
//
// The command is in cmd/descent.
package descent
