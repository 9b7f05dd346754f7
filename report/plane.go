package report

import (
	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/train"
)

// planePlaces is the number of places along each side of the grid of a plane.
const planePlaces = 128

// A Plane is what a map draws, as numbers: heights over two axes, and what lies on
// them. It is for who draws it another way.
type Plane struct {
	X, Y PlaneAxis
	// Value is what the heights are.
	Value string
	// Relief has the heights, evenly spaced on the axes as they are drawn.
	Relief *figure.Relief
	Paths  []PlanePath
	Tries  []PlaneTry
	Minima []figure.Point // known ones
}

// A PlaneAxis is one of a plane. Choices count from 0, each with half a step to both
// sides.
type PlaneAxis struct {
	Axis
	Choices []string `json:"choices,omitempty"`
}

// A PlanePath is where a contender goes.
type PlanePath struct {
	Name string `json:"name"`
	// Look is the place of its name among those that have one look in all figures.
	Look int          `json:"look"`
	X    []float64    `json:"x"`
	Y    []float64    `json:"y"`
	F    []train.Real `json:"f"` // values there; the last is that of the end
	Step []int64      `json:"step"`
	// Diverged says when and how it did; "": it did not.
	Diverged string `json:"diverged,omitempty"`
}

// A PlaneTry is a try of a search.
type PlaneTry struct {
	Number int `json:"number"`
	// X and Y are where it is marked: tries at the same choice are moved apart.
	X        float64    `json:"x"`
	Y        float64    `json:"y"`
	At       [2]string  `json:"at"`   // its settings on both axes
	Loss     train.Real `json:"loss"` // +Inf when it diverged
	Diverged bool       `json:"diverged,omitempty"`
	Best     bool       `json:"best,omitempty"`
}
