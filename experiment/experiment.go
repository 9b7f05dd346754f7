// Package experiment says in one place what a training is made of: data or a
// function, a model, a rule, a schedule, and when to stop.
//
// An [Experiment] is a flat struct. The tags of a field are the only home of a
// setting: its key, default, domain and meaning. From them come the flags of
// the command line ([Experiment.Flags]), the YAML file ([Read],
// [Experiment.YAML]), the commented file to begin with ([Experiment.Template]),
// the JSON Schema ([Experiment.Schema]) and all checks. [Experiment.Open] turns
// the settings into data, a model and the options of the loop: a [Session].
//
// A program with a model of its own offers it as an [Own]; then the settings
// that choose data and model do not exist.
package experiment

// An Experiment holds the settings of a training. [Default] returns the usual
// ones; fields that are pointers may be nil, which leaves the value to the rule
// or the data, and Open fills in.
//
// The tags of a field:
//
//	key     name in files and on the command line
//	short   one-letter flag
//	def     default, and usual: what a nil pointer stands for
//	in      domain of a number; or: a value outside of it that is allowed
//	one     choices, separated by |
//	doc     meaning; the word in braces stands for the value in the help
//	eg      an example for something that has no default
//	of      the subjects that have the setting: data, network, function,
//	        examples (data of any origin); none: all
//	free    it may differ when a run is resumed
//	part    heading of the settings from here on
type Experiment struct {
	Data         string   `key:"data" short:"d" def:"digits" of:"data" doc:"what to learn from, a {source}" part:"Data"`
	Test         string   `key:"test" of:"data" eg:"test.csv" doc:"a {table} to test on"`
	Holdout      float64  `key:"holdout" def:"0.2" in:"[0,1)" of:"data" doc:"without a test set: the share of the examples set apart as one"`
	Val          *float64 `key:"val" usual:"0.1" in:"[0,1)" of:"examples" doc:"the share of the training examples set apart for validation"`
	Scale        string   `key:"scale" def:"auto" one:"auto|standard|minmax|example|none" of:"data" doc:"{how} features are scaled: standard, minmax, example, none, or auto: tables by standard, or by minmax when all columns are grey levels"`
	Sample       int      `key:"sample" def:"256" in:"[1,inf)" of:"data" doc:"rows on standard input to wait for before learning begins"`
	TargetColumn string   `key:"target-column" of:"data" eg:"class" doc:"{column} to learn, by name or number (default: the last)"`
	Task         string   `key:"task" def:"auto" one:"auto|classification|regression" of:"data" doc:"{task}: classification, regression, or auto: as the target looks"`
	Missing      string   `key:"missing" def:"error" one:"error|mean|median|drop" of:"data" doc:"what a missing value does: error, mean, median or drop"`
	Header       string   `key:"header" def:"auto" one:"auto|yes|no" of:"data" doc:"whether the first row holds names: yes, no or auto"`
	Categorical  []string `key:"categorical" of:"data" eg:"month, weekday" doc:"{columns} that are categories although they are numbers"`
	Ignore       []string `key:"ignore" of:"data" eg:"id" doc:"{columns} to leave out"`
	Classes      []string `key:"classes" of:"data" eg:"left, right" doc:"the {classes} in order (default: those of the training table)"`

	Model string `key:"model" short:"m" def:"mlp:128,64" of:"network" doc:"the {network}: softmax, linear, or mlp with the widths of its hidden layers" part:"Model"`

	Function string  `key:"function" short:"f" of:"function" eg:"rosenbrock" doc:"a {function} to minimize, in place of data and a network (descent functions lists them)" part:"Function"`
	Start    string  `key:"start" of:"function" eg:"-1.2,1" doc:"{point} to start from, such as -1.2,1 (default: the function's own)"`
	Noise    float64 `key:"noise" in:"[0,inf)" of:"function" doc:"standard deviation of the noise added to the function's gradient"`

	Optimizer     string   `key:"optimizer" def:"adamw" doc:"a {rule} with options, such as sgd:momentum=0.9 (descent rules lists them)" part:"Optimizer"`
	LR            *float64 `key:"lr" in:"[0,inf)" eg:"0.001" doc:"learning rate (default: the rule's own)"`
	Schedule      string   `key:"schedule" eg:"onecycle" doc:"{schedule} of the rate, such as onecycle or warmup:steps=100+cosine (default: constant)"`
	CycleMomentum bool     `key:"cycle-momentum" def:"true" doc:"let schedules that can cycle the momentum against the rate"`
	Plateau       string   `key:"plateau" eg:"factor=0.5,patience=3" doc:"lower the rate when the loss stops falling, such as factor=0.5,patience=3"`

	Epochs     *int    `key:"epochs" short:"e" usual:"10" in:"[0,inf)" of:"examples" free:"yes" doc:"passes over the training set; 0: as --steps says" part:"Length and batches"`
	Steps      int64   `key:"steps" in:"[0,inf)" free:"yes" doc:"most steps; 0: as --epochs says"`
	Batch      int     `key:"batch" short:"b" def:"32" in:"[0,inf)" of:"examples" doc:"examples of a step; 0: the whole set"`
	Accumulate int     `key:"accumulate" def:"1" in:"[1,inf)" of:"examples" doc:"batches of one step"`
	ClipNorm   float64 `key:"clip-norm" in:"[0,inf)" doc:"largest norm of the gradient; 0: any" part:"Gradients"`
	ClipValue  float64 `key:"clip-value" in:"[0,inf)" doc:"largest magnitude of a gradient value; 0: any"`
	NonFinite  string  `key:"non-finite" def:"fail" one:"fail|skip|zero" doc:"what a NaN or infinite gradient does: fail, skip (the step) or zero (the value)"`

	EMA         float64 `key:"ema" in:"(0,1)" or:"0" doc:"evaluate and save an exponential average of the parameters with this decay; 0: none" part:"Averages"`
	SWA         bool    `key:"swa" doc:"evaluate and save the mean of the parameters of all steps"`
	AverageFrom int64   `key:"average-from" in:"[0,inf)" doc:"steps before --ema or --swa begin"`

	Patience   int      `key:"patience" in:"[0,inf)" free:"yes" doc:"stop after so many epochs without a lower validation loss, and keep the best parameters; 0: do not" part:"Stopping"`
	MinDelta   float64  `key:"min-delta" in:"[0,inf)" doc:"what --patience counts as lower"`
	Target     *float64 `key:"target" in:"(-inf,inf)" free:"yes" eg:"0.01" doc:"stop when the validation loss is at most this (default: do not)"`
	MaxSeconds float64  `key:"max-seconds" in:"[0,9e9]" free:"yes" doc:"stop after so much time; 0: do not"`

	Seed uint64 `key:"seed" doc:"seed of all that is random" part:"Repeating"`

	CheckpointEvery   int64    `key:"checkpoint-every" in:"[0,inf)" free:"yes" doc:"steps from one checkpoint to the next; 0: do not count steps" part:"Checkpoints and diagnostics"`
	CheckpointSeconds float64  `key:"checkpoint-seconds" def:"60" in:"[0,9e9]" free:"yes" doc:"seconds from one checkpoint to the next; 0: do not count them"`
	Keep              int      `key:"keep" def:"3" in:"[1,inf)" free:"yes" doc:"checkpoints to keep"`
	Diagnose          []string `key:"diagnose" one:"params|cosine|line|sharpness|all" free:"yes" eg:"cosine, sharpness" doc:"{what} to look into: params (norms of each), cosine (of successive gradients), line (along the step), sharpness (of the loss), or all"`
	DiagnoseEvery     int64    `key:"diagnose-every" def:"1" in:"[1,inf)" free:"yes" doc:"steps from one look of --diagnose to the next"`

	Name string   `key:"name" free:"yes" eg:"first try" doc:"a {name} for people" part:"Name"`
	Tags []string `key:"tags" free:"yes" eg:"baseline, paper" doc:"{words} to find the run by"`

	own   *Own
	given map[string]position // settings that a file or a flag has set
}

// A position is where a file says something; the zero value is no file.
type position struct {
	file         string
	line, column int
}

// Default returns the usual settings.
func Default() *Experiment { return DefaultOf(nil) }

// DefaultOf returns the usual settings of a program with a model of its own; it
// has no settings that choose data and model. Without one it is Default.
func DefaultOf(own *Own) *Experiment {
	e := &Experiment{own: own, given: map[string]position{}}
	for i := range settings {
		s := &settings[i]
		if s.Default != "" {
			_ = s.parse(e.field(s), s.Default) // a default that is none is found by the tests
		}
	}
	return e
}
