package lab

// A Space is what may be searched for good settings: the product of its
// dimensions.
type Space struct {
	Params []Dimension `json:"params"`
	// Base has the task's own optimizer, schedule and model, whose parts dimensions
	// such as optimizer.beta2, schedule.steps and width vary where no dimension
	// chooses them. What is missing has the default of descent train.
	Base Settings `json:"base,omitempty"`
}

// A Dimension is one of the things that vary: a number between Low and High, or
// one of Choices.
type Dimension struct {
	// Key is a setting of descent train (lr, batch, schedule, model, clip-norm …),
	// optimizer.NAME for a hyper-parameter of the rule, schedule.NAME for an option of
	// the schedule, width for that of all hidden layers, or depth for their number.
	Key     string   `json:"key"`
	Low     float64  `json:"low,omitempty"`
	High    float64  `json:"high,omitempty"`
	Log     bool     `json:"log,omitempty"`     // evenly by the logarithm
	Int     bool     `json:"int,omitempty"`     // whole numbers, both ends included
	Step    float64  `json:"step,omitempty"`    // multiples of it above Low; 0: any
	Choices []string `json:"choices,omitempty"` // then the numbers mean nothing
	// When is the condition under which the dimension exists. Nil: always.
	When *Condition `json:"when,omitempty"`
}

// A Condition holds when another dimension, which comes earlier, has one of some
// values. A rule and its options count as the rule.
type Condition struct {
	Key    string   `json:"key"`
	Values []string `json:"values"`
}

// A Configuration is a place in a space: the value of each dimension that exists
// there, as text, by its key.
type Configuration map[string]string
