package schedule

import (
	"reflect"
	"slices"
	"strings"
)

// An Info describes a kind of schedule.
type Info struct {
	Name    string   // as JSON and the command line write it
	Title   string   // for people
	Doc     string   // what it does, in a sentence
	Cite    string   // where it is from; "" where it is common knowledge
	TeX     string   // the factor at step t
	Params  []Param  // in the order of the fields
	Example Schedule // a curve of about 100 steps; nil for a plateau
	typ     reflect.Type
}

// All returns every kind of schedule, the simple ones first. The lists in it
// are the caller's own.
func All() []Info {
	all := slices.Clone(registry)
	for i := range all {
		all[i].Params = slices.Clone(all[i].Params)
	}
	return all
}

// Lookup returns the kind of a name, in any case. The error lists the names.
func Lookup(name string) (Info, error) {
	names := make([]string, len(registry))
	for i, info := range registry {
		if strings.EqualFold(info.Name, name) {
			return info, nil
		}
		names[i] = info.Name
	}
	return Info{}, errorf("no schedule %q%s", name, suggestion(name, names))
}

// Default returns a schedule of one kind with every parameter at its default
// for a run of so many steps. Parameters without a default are zero.
//
//	s := schedule.Default[schedule.OneCycle](1000)
func Default[S Schedule](total int64) S {
	var s S
	setDefaults(reflect.ValueOf(&s).Elem(), max(total, 0), nil)
	return s
}

// unknown says that there is no such parameter, and which there are.
func (info Info) unknown(param string) string {
	names := make([]string, len(info.Params))
	for i, p := range info.Params {
		names[i] = p.Name
	}
	return info.Name + " has no parameter " + quote(param) + suggestion(param, names)
}

func quote(s string) string { return `"` + strings.ToValidUTF8(s, "?") + `"` }

// suggestion names the likeliest of the names and lists all.
func suggestion(name string, names []string) string {
	list := "; there are " + strings.Join(names, ", ")
	best, distance := "", max(len(name)/3, 1)+1
	for _, n := range names {
		if d := edits(strings.ToLower(name), n); d < distance {
			best, distance = n, d
		}
	}
	if best != "" {
		return ", did you mean " + best + "?" + list[1:]
	}
	return list
}

// edits counts the letters to insert, delete or replace to make a into b.
func edits(a, b string) int {
	if len(a) > 40 {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0]++
		for j := range len(b) {
			d := diagonal
			if a[i] != b[j] {
				d = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], d
		}
	}
	return row[len(b)]
}

var (
	registry = kindsOf()
	byType   = typesOf(registry)
)

func typesOf(infos []Info) map[reflect.Type]Info {
	m := map[reflect.Type]Info{}
	for _, info := range infos {
		m[info.typ] = info
	}
	return m
}

func kindsOf() []Info {
	oneCycle, cyclic := Default[OneCycle](100), Default[Cyclic](100)
	infos := []Info{
		{Name: "constant", Title: "Constant", Doc: "the same factor at every step",
			TeX: `c`, Example: Constant{Factor: 1}},
		{Name: "hold", Title: "Hold", Doc: "a factor for a number of steps, then 1",
			TeX: `\begin{cases} c & t < T \\ 1 & t \ge T \end{cases}`, Example: Hold{Factor: 0.25, Steps: 15}},
		{Name: "step", Title: "Step", Doc: "reduces the rate after every so many steps",
			TeX: `\gamma^{\lfloor t/s \rfloor}`, Example: Step{Every: 30, Gamma: 0.1}},
		{Name: "multistep", Title: "Multi-step", Doc: "reduces the rate at given steps",
			TeX: `\gamma^{\left|\{i : m_i \le t\}\right|}`, Example: MultiStep{Milestones: []int64{20, 50, 90}, Gamma: 0.3}},
		{Name: "exponential", Title: "Exponential", Doc: "reduces the rate after every step",
			TeX: `\gamma^t`, Example: Exponential{Gamma: 0.95}},
		{Name: "linear", Title: "Linear", Doc: "goes from one factor to another in a straight line",
			TeX: `a + (b-a)\min(t/T, 1)`, Example: Default[Linear](100)},
		{Name: "polynomial", Title: "Polynomial", Doc: "falls as a power of the steps that remain",
			TeX: `b + (1-b)\left(1 - \min(t/T, 1)\right)^p`, Example: Polynomial{Total: 100, Power: 2}},
		{Name: "cosine", Title: "Cosine", Doc: "falls along half a cosine",
			Cite: "I. Loshchilov, F. Hutter, SGDR: stochastic gradient descent with warm restarts, ICLR 2017, equation 5, arXiv:1608.03983",
			TeX:  `\eta_{\min} + \tfrac12 (1-\eta_{\min})\left(1 + \cos(\pi \min(t/T, 1))\right)`, Example: Default[Cosine](100)},
		{Name: "sgdr", Title: "Cosine with warm restarts", Doc: "falls along half a cosine and starts again, in ever longer periods",
			Cite: "I. Loshchilov, F. Hutter, SGDR: stochastic gradient descent with warm restarts, ICLR 2017, arXiv:1608.03983",
			TeX:  `\eta_{\min} + \tfrac12 (1-\eta_{\min})\left(1 + \cos\frac{\pi(t - R_i)}{R_{i+1} - R_i}\right),\quad R_i \le t < R_{i+1},\quad R_{i+1} = R_i + T_0 T_{\mathrm{mult}}^i,\quad R_0 = 0`, Example: SGDR{T0: 15, TMult: 2}},
		{Name: "onecycle", Title: "One cycle", Doc: "rises to the highest rate, then falls far below the first",
			Cite: "L. N. Smith, N. Topin, Super-convergence: very fast training of neural networks using large learning rates, 2018, arXiv:1708.07120",
			TeX:  `\tfrac1d \to 1 \to \tfrac1{df}\ \text{at}\ t = 0,\ pT-1,\ T-1\quad\left(\text{three phases: } \tfrac1d \to 1 \to \tfrac1d \to \tfrac1{df}\ \text{at}\ 0,\ pT-1,\ 2pT-2,\ T-1\right)`, Example: oneCycle},
		{Name: "onecycle_momentum", Title: "One cycle's momentum", Doc: "what goes against one cycle: absolute values for momentum or β₁",
			Cite: "L. N. Smith, N. Topin, Super-convergence: very fast training of neural networks using large learning rates, 2018, arXiv:1708.07120",
			TeX:  `\beta_{\max} \to \beta_{\min} \to \beta_{\max}\ \text{at}\ t = 0,\ pT-1,\ T-1\quad\left(\text{three phases: back at } 2pT-2\right)`, Example: OneCycleMomentum(oneCycle)},
		{Name: "cyclic", Title: "Cyclic", Doc: "goes up and down between two factors",
			Cite: "L. N. Smith, Cyclical learning rates for training neural networks, WACV 2017, arXiv:1506.01186",
			TeX:  `\eta_{\min} + (\eta_{\max}-\eta_{\min})\,h(t),\quad h(t) = s\cdot\begin{cases} r/u & r \le u \\ (u+d-r)/d & r > u \end{cases},\quad r = t \bmod (u+d),\quad s = 1,\ 2^{-\lfloor t/(u+d) \rfloor}\ \text{or}\ \gamma^t`, Example: cyclic},
		{Name: "cyclic_momentum", Title: "Cyclic momentum", Doc: "what goes against the cyclic rate: absolute values for momentum or β₁",
			Cite: "L. N. Smith, Cyclical learning rates for training neural networks, WACV 2017, arXiv:1506.01186",
			TeX:  `\beta_{\max} - (\beta_{\max}-\beta_{\min})\,h(t)`, Example: CyclicMomentum(cyclic)},
		{Name: "inverse_sqrt", Title: "Inverse square root", Doc: "rises in a straight line, then falls with the square root of the step",
			Cite: "A. Vaswani et al., Attention is all you need, NeurIPS 2017, equation 3, arXiv:1706.03762",
			TeX:  `\min\left(\frac{t+1}{W}, \sqrt{\frac{W}{t+1}}\right)`, Example: InverseSqrt{Warmup: 20}},
		{Name: "wsd", Title: "Warm-up, stable, decay", Doc: "warms up, stays, and decays at the end",
			Cite: "S. Hu et al., MiniCPM, COLM 2024, section 4, arXiv:2404.06395; A. Hägele et al., Scaling laws and compute-optimal training beyond fixed training durations, NeurIPS 2024, arXiv:2405.18392",
			TeX:  `\begin{cases} (t+1)/W & t < W \\ 1 & W \le t < T-D \\ \eta_{\min} + (1-\eta_{\min})\,g\!\left(\min\left(\tfrac{t-T+D}{D}, 1\right)\right) & t \ge T-D \end{cases},\quad g(u) = 1-\sqrt u,\ 1-u\ \text{or}\ \tfrac12(1+\cos\pi u)`, Example: WSD{Total: 100, Warmup: 10, Decay: 30, Shape: "1-sqrt"}},
		{Name: "warmup", Title: "Warm-up", Doc: "rises in a straight line to where another schedule begins, and follows it",
			TeX: `\begin{cases} \left(a + (1-a)\,t/W\right) f(0) & t < W \\ f(t-W) & t \ge W \end{cases}`, Example: Warmup{Steps: 10, Start: 0.01, Then: Cosine{Total: 90}}},
		{Name: "join", Title: "Join", Doc: "one schedule after another, each counting from its own 0",
			TeX: `f_i(t - m_i),\quad m_i \le t < m_{i+1},\quad m_0 = 0`, Example: Join{Parts: []Schedule{Constant{Factor: 1}, Default[Linear](60)}, Milestones: []int64{40}}},
		{Name: "times", Title: "Product", Doc: "the product of schedules",
			TeX: `\prod_i f_i(t)`, Example: Times{Parts: []Schedule{SGDR{T0: 25, TMult: 1}, Exponential{Gamma: 0.98}}}},
		{Name: "scale", Title: "Multiple", Doc: "a schedule times a number",
			TeX: `c\,f(t)`, Example: Scale{By: 0.5, Of: Default[Cosine](100)}},
	}
	for i := range infos {
		infos[i].typ = reflect.TypeOf(infos[i].Example)
		infos[i].Params = paramsOf(infos[i].typ)
	}
	return infos
}
