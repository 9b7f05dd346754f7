// Package curves makes curves of the columns of a run's log that a page can draw:
// against steps, epochs, examples or seconds, smoothed, and thinned to as many
// points as a picture has columns, without losing a spike.
package curves
