package problem

import "math"

// An entry defines one function of the table: everything else about it is
// computed from its expression.
type entry struct {
	name, title string
	expr        string
	params      []Param
	// minima are points near, or at, the minima to know, among them the global
	// one; they follow from the parameters.
	minima    func(p []float64) [][2]float64
	domain    Domain
	start     [2]float64
	log       bool
	doc, from string
}

func at(points ...[2]float64) func([]float64) [][2]float64 {
	return func([]float64) [][2]float64 { return points }
}

var table = []entry{
	{
		name: "rosenbrock", title: "Rosenbrock's valley",
		expr:   "(a - x)^2 + b*(y - x^2)^2",
		params: []Param{{"a", 1, "x of the minimum"}, {"b", 100, "steepness of the valley's sides"}},
		minima: func(p []float64) [][2]float64 { return [][2]float64{{p[0], float64(p[0] * p[0])}} },
		domain: Domain{-2, 2, -1, 3}, start: [2]float64{-1.2, 1}, log: true,
		doc:  "A curved valley with a flat floor: finding it is easy, following it to the minimum is not.",
		from: "Rosenbrock, The Computer Journal 3 (1960), 175-184",
	},
	{
		name: "parabola", title: "Parabola",
		expr:   "x^2 + y^2",
		minima: at([2]float64{0, 0}),
		domain: Domain{-3, 3, -3, 3}, start: [2]float64{2, 1.5},
		doc:  "The round bowl: the gradient points away from the minimum everywhere.",
		from: "De Jong, dissertation, University of Michigan (1975), function 1",
	},
	{
		name: "bowl", title: "Elongated bowl",
		expr:   "(x^2 + kappa*y^2)/2",
		params: []Param{{"kappa", 100, "condition number"}},
		minima: at([2]float64{0, 0}),
		domain: Domain{-10, 10, -4, 4}, start: [2]float64{-8, 2}, log: true,
		doc:  "A quadratic whose curvature in y is kappa times that in x: steps that are stable across the bowl are short along it.",
		from: "Polyak, USSR Computational Mathematics and Mathematical Physics 4 (1964), 1-17",
	},
	{
		name: "saddle", title: "Saddle",
		expr:   "x^2 - y^2",
		domain: Domain{-2, 2, -2, 2}, start: [2]float64{1.5, 0.001},
		doc:  "Unbounded below. On the ridge y = 0 the gradient leads to the saddle point at the origin.",
		from: "Dauphin et al., NeurIPS 2014, arXiv:1406.2572",
	},
	{
		name: "monkey-saddle", title: "Monkey saddle",
		expr:   "x^3 - 3*x*y^2",
		domain: Domain{-2, 2, -2, 2}, start: [2]float64{1.2, 0.001},
		doc:  "Unbounded below. Three valleys and three ridges meet at the origin, where the Hessian is zero.",
		from: "Hilbert and Cohn-Vossen, Geometry and the Imagination (1952)",
	},
	{
		name: "beale", title: "Beale",
		expr:   "(1.5 - x + x*y)^2 + (2.25 - x + x*y^2)^2 + (2.625 - x + x*y^3)^2",
		minima: at([2]float64{3, 0.5}),
		domain: Domain{-4.5, 4.5, -4.5, 4.5}, start: [2]float64{1, 1}, log: true,
		doc:  "A flat plain between steep corners; the gradient differs by orders of magnitude between them.",
		from: "Beale (1958); Moré, Garbow and Hillstrom, ACM TOMS 7 (1981), 17-41, problem 5",
	},
	{
		name: "himmelblau", title: "Himmelblau",
		expr: "(x^2 + y - 11)^2 + (x + y^2 - 7)^2",
		minima: at([2]float64{3, 2}, [2]float64{-2.805, 3.131},
			[2]float64{-3.779, -3.283}, [2]float64{3.584, -1.848}),
		domain: Domain{-6, 6, -6, 6}, start: [2]float64{0, 0}, log: true,
		doc:  "Four minima of the same value; the start decides which one is found.",
		from: "Himmelblau, Applied Nonlinear Programming (1972)",
	},
	{
		name: "booth", title: "Booth",
		expr:   "(x + 2*y - 7)^2 + (2*x + y - 5)^2",
		minima: at([2]float64{1, 3}),
		domain: Domain{-10, 10, -10, 10}, start: [2]float64{-8, -6}, log: true,
		doc:  "A quadratic whose axes are turned by 45 degrees; condition number 9.",
		from: "Jamil and Yang, IJMMNO 4 (2013), 150-194, arXiv:1308.4008, function 17",
	},
	{
		name: "goldstein-price", title: "Goldstein–Price",
		expr: "(1 + (x + y + 1)^2*(19 - 14*x + 3*x^2 - 14*y + 6*x*y + 3*y^2))*" +
			"(30 + (2*x - 3*y)^2*(18 - 32*x + 12*x^2 + 48*y - 36*x*y + 27*y^2))",
		minima: at([2]float64{0, -1}, [2]float64{-0.6, -0.4}, [2]float64{1.8, 0.2}, [2]float64{1.2, 0.8}),
		domain: Domain{-2, 2, -2.5, 1.5}, start: [2]float64{-1.5, 0.5}, log: true,
		doc:  "A polynomial with values from 3 to a million and three local minima besides the global one.",
		from: "Goldstein and Price, Mathematics of Computation 25 (1971), 569-574",
	},
	{
		name: "three-hump-camel", title: "Three-hump camel",
		expr:   "2*x^2 - 1.05*x^4 + x^6/6 + x*y + y^2",
		minima: at([2]float64{0, 0}, [2]float64{1.7476, -0.8738}, [2]float64{-1.7476, 0.8738}),
		domain: Domain{-2.5, 2.5, -2.5, 2.5}, start: [2]float64{-2.2, 1.5}, log: true,
		doc:  "A global minimum between two local ones.",
		from: "Jamil and Yang, IJMMNO 4 (2013), 150-194, arXiv:1308.4008, function 29",
	},
	{
		name: "rastrigin", title: "Rastrigin",
		expr:   "2*a + x^2 + y^2 - a*cos(2*pi*x) - a*cos(2*pi*y)",
		params: []Param{{"a", 10, "depth of the ripples"}},
		minima: at([2]float64{0, 0}),
		domain: Domain{-5.12, 5.12, -5.12, 5.12}, start: [2]float64{3.3, -2.7},
		doc:  "A bowl under a regular grid of ripples: a local minimum near every point with whole coordinates. Only the global one is listed.",
		from: "Rastrigin, Systems of Extremal Control (1974)",
	},
	{
		name: "ackley", title: "Ackley",
		expr: "a*(1 - exp(-b*sqrt((x^2 + y^2)/2))) + e - exp((cos(c*x) + cos(c*y))/2)",
		params: []Param{{"a", 20, "depth of the funnel"}, {"b", 0.2, "steepness of the funnel"},
			{"c", 2 * math.Pi, "frequency of the ripples"}},
		minima: at([2]float64{0, 0}),
		domain: Domain{-5, 5, -5, 5}, start: [2]float64{3.3, -2.7},
		doc: "Ripples around a deep funnel. The minimum is the tip of a cone, where no gradient exists: " +
			"the one returned there is zero, the subgradient of least norm. Only the global minimum is listed.",
		from: "Ackley, A Connectionist Machine for Genetic Hillclimbing (1987)",
	},
	{
		name: "styblinski-tang", title: "Styblinski–Tang",
		expr: "(x^4 - 16*x^2 + 5*x + y^4 - 16*y^2 + 5*y)/2",
		minima: at([2]float64{-2.9, -2.9}, [2]float64{2.75, -2.9},
			[2]float64{-2.9, 2.75}, [2]float64{2.75, 2.75}),
		domain: Domain{-5, 5, -5, 5}, start: [2]float64{0.5, 0.5},
		doc:  "Four basins, one for each choice of sign; one of them holds the global minimum.",
		from: "Styblinski and Tang, Neural Networks 3 (1990), 467-483",
	},
	{
		name: "double-well", title: "Double well",
		expr:   "(x^2 - 1)^2 + tilt*x + y^2",
		params: []Param{{"tilt", 0.3, "difference between the wells, per unit of x"}},
		minima: at([2]float64{-1, 0}, [2]float64{1, 0}),
		domain: Domain{-2, 2, -1.5, 1.5}, start: [2]float64{1.6, 1}, log: true,
		doc:  "A shallow and a deep well with a barrier between them; from the start, the shallow one comes first.",
		from: "The quartic potential of Duffing, Erzwungene Schwingungen (1918), tilted",
	},
}

// function builds the entry's Function for the values of its parameters.
func (e *entry) function(values []float64) (*Function, error) {
	f := &Function{
		Name: e.name, Title: e.title, Doc: e.doc, Source: e.from,
		Domain: e.domain, Start: e.start, LogLevels: e.log,
	}
	for i, p := range e.params {
		p.Value = values[i]
		f.Params = append(f.Params, p)
	}
	if err := f.parse(e.expr); err != nil {
		return nil, err
	}
	if e.minima != nil {
		f.findMinima(e.minima(values))
	}
	return f, nil
}

func (e *entry) defaults() []float64 {
	values := make([]float64, len(e.params))
	for i, p := range e.params {
		values[i] = p.Value
	}
	return values
}
