package lab

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/descent-go/descent/optim"
)

func newDescent(t *testing.T, o DescentOptions) *Descent {
	t.Helper()
	d, err := NewDescent(o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func paces(t *testing.T, lists ...string) []Pace {
	t.Helper()
	all, err := ParseRules(lists, nil)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Looking closer, and keeping less, changes no point of a path.
func TestKeepingChangesNothing(t *testing.T) {
	d := newDescent(t, DescentOptions{Function: "rosenbrock", Steps: 333, Noise: 0.1, Seed: 3, Schedule: "cosine"})
	for _, p := range paces(t, "nesterov:lr=0.0005,adam:lr=0.02,asgd:lr=0.0005") {
		var all *Track
		for _, k := range []Keeping{{Points: 1000}, {Points: 1000, Detail: true}, {Points: 50}, {Points: 7, Detail: true}, {}} {
			track, err := d.Run(context.Background(), p, k)
			if err != nil {
				t.Fatal(err)
			}
			if all == nil {
				all = track
			}
			if n := len(track.Steps); n > max(k.Points, 2) || track.Steps[0] != 0 || track.Steps[n-1] != 333 {
				t.Errorf("%s, %+v: %d points from %d to %d, want 0 to 333 and no more than asked for", p.Spec, k, n, track.Steps[0], track.Steps[n-1])
			}
			for i, step := range track.Steps {
				if track.X[i] != all.X[step] || track.Y[i] != all.Y[step] || track.Values[i] != all.Values[step] {
					t.Fatalf("%s, %+v: step %d is at (%v, %v), want (%v, %v)", p.Spec, k, step, track.X[i], track.Y[i], all.X[step], all.Y[step])
				}
				if step > 0 && track.Rates[i] != all.Rates[step] {
					t.Fatalf("%s, %+v: step %d has rate %v, want %v", p.Spec, k, step, track.Rates[i], all.Rates[step])
				}
			}
			if len(track.Milestones) != len(all.Milestones) {
				t.Errorf("%s, %+v: %d milestones, want %d", p.Spec, k, len(track.Milestones), len(all.Milestones))
			}
		}
	}
}

// Columns of a detailed path belong to its steps.
func TestTrackColumns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := DescentOptions{Function: "bowl:kappa=10", Steps: rapid.Int64Range(1, 60).Draw(t, "steps")}
		d, err := NewDescent(o)
		if err != nil {
			t.Fatal(err)
		}
		rule := rapid.SampledFrom([]string{"sgd:lr=0.02", "momentum:lr=0.01", "adam:lr=0.1"}).Draw(t, "rule")
		all, err := ParseRules([]string{rule}, nil)
		if err != nil {
			t.Fatal(err)
		}
		track, err := d.Run(context.Background(), all[0], Keeping{Points: rapid.IntRange(0, 70).Draw(t, "points"), Detail: true})
		if err != nil {
			t.Fatal(err)
		}
		for i, column := range track.columns() {
			if n := len(*column); n != len(track.Steps) && (n != 0 || rule != "sgd:lr=0.02") {
				t.Fatalf("column %d has %d numbers for %d steps", i, n, len(track.Steps))
			}
		}
		for i := range track.Steps {
			gx, gy := d.Plane.Gradient(track.X[i], track.Y[i])
			if track.GradX[i] != gx || track.GradY[i] != gy {
				t.Fatalf("the gradient of step %d is (%v, %v), want (%v, %v)", track.Steps[i], track.GradX[i], track.GradY[i], gx, gy)
			}
			if math.IsNaN(track.Alpha[i]) != (i == 0) {
				t.Fatalf("α of step %d is %v", track.Steps[i], track.Alpha[i])
			}
		}
	})
}

// The momentum of every rule that has one points where it is going: on a slope
// downhill.
func TestMomentum(t *testing.T) {
	has := map[string]bool{}
	for _, info := range optim.Rules() {
		for _, more := range []string{"", ":momentum=0.9"} {
			r, err := optim.Parse(info.Name + more)
			if err != nil {
				continue
			}
			d := newDescent(t, DescentOptions{Function: "3*x - y", Start: []float64{0, 0}, Steps: 4})
			track, err := d.Run(context.Background(), Pace{Spec: info.Name, Rule: r, Rate: 0.01}, Keeping{Points: 10, Detail: true})
			if err != nil {
				t.Fatal(err)
			}
			last := len(track.MomentumX) - 1
			if last < 0 {
				continue
			}
			has[info.Name+more] = true
			if track.MomentumX[0] != 0 || track.MomentumY[0] != 0 {
				t.Errorf("%s starts with momentum", info.Name)
			}
			if !(track.MomentumX[last] < 0 && track.MomentumY[last] > 0) {
				t.Errorf("%s: momentum (%v, %v) on a slope with gradient (3, -1)", info.Name, track.MomentumX[last], track.MomentumY[last])
			}
		}
	}
	for _, name := range []string{"momentum", "nesterov", "sgd:momentum=0.9", "rmsprop:momentum=0.9", "adam", "adamw", "nadam", "radam", "lion", "adamax", "amsgrad"} {
		if !has[name] {
			t.Errorf("%s has no momentum", name)
		}
	}
	for _, name := range []string{"sgd", "adagrad", "rmsprop", "adadelta", "rprop"} {
		if has[name] {
			t.Errorf("%s has a momentum", name)
		}
	}
}

// A path has arrived when it comes near a minimum for good.
func TestArrived(t *testing.T) {
	d := newDescent(t, DescentOptions{Function: "bowl:kappa=1", Start: []float64{1, 0}, Steps: 100})
	track, err := d.Run(context.Background(), paces(t, "sgd:lr=0.1")[0], Keeping{Points: 200})
	if err != nil {
		t.Fatal(err)
	}
	want := slices.IndexFunc(track.X, func(x float64) bool { return math.Abs(x) <= Near })
	if want < 10 || track.Arrived != int64(want) {
		t.Errorf("arrived at step %d, want %d", track.Arrived, want)
	}
	// One that comes by with momentum has not arrived until it stays.
	track, err = d.Run(context.Background(), paces(t, "momentum:lr=0.1,beta=0.95")[0], Keeping{Points: 200})
	if err != nil {
		t.Fatal(err)
	}
	if first := slices.IndexFunc(track.X, func(x float64) bool { return math.Abs(x) <= Near }); first < 0 || track.Arrived == int64(first) {
		t.Errorf("arrived at step %d, where it comes by at %d", track.Arrived, first)
	}
}

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		function, rule, verdict string
		start                   []float64
	}{
		{"bowl:kappa=5", "sgd:lr=0.1", "minimum", nil},
		{"saddle", "sgd:lr=0.1", "saddle", []float64{1, 0}},
		{"rosenbrock", "sgd:lr=0.1", "diverged", nil},
		{"x + y", "sgd:lr=1e5", "unbounded", nil},
	} {
		d := newDescent(t, DescentOptions{Function: c.function, Start: c.start, Steps: 2000})
		track, err := d.Run(context.Background(), paces(t, c.rule)[0], Keeping{Points: 10})
		if err != nil {
			t.Fatal(err)
		}
		l, err := d.Judge(track.Result)
		if err != nil {
			t.Fatal(err)
		}
		if l.Verdict != c.verdict || l.Why == "" {
			t.Errorf("%s by %s: %q because %q, want %q", c.function, c.rule, l.Verdict, l.Why, c.verdict)
		}
		if HasDiverged(track.Result) != (c.verdict == "diverged") {
			t.Errorf("%s: HasDiverged is %v", c.function, HasDiverged(track.Result))
		}
	}
}

func TestDescentErrors(t *testing.T) {
	for _, c := range []struct {
		o      DescentOptions
		option string
	}{
		{DescentOptions{Function: "bowl"}, "steps"},
		{DescentOptions{Function: "boul", Steps: 1}, "function"},
		{DescentOptions{Function: "bowl", Steps: 1, Noise: -1}, "noise"},
		{DescentOptions{Function: "bowl", Steps: 1, Schedule: "cosinus"}, "schedule"},
		{DescentOptions{Function: "bowl", Steps: 1, Start: []float64{1, math.NaN()}}, "start"},
		{DescentOptions{Function: "bowl", Steps: 1, Start: []float64{1}}, "start"},
	} {
		_, err := NewDescent(c.o)
		var bad *OptionError
		if !errors.As(err, &bad) || bad.Option != c.option {
			t.Errorf("%+v: %v, want an error of %s", c.o, err, c.option)
		}
	}
	if _, err := ParseRules([]string{"adam,adom"}, nil); err == nil {
		t.Error("adom is taken for a rule")
	}
}

func TestNorm(t *testing.T) {
	for _, c := range []struct {
		v    []float64
		want float64
	}{
		{nil, 0}, {[]float64{3, -4}, 5}, {[]float64{3e200, 4e200}, 5e200}, {[]float64{0, 0}, 0},
		{[]float64{1, math.Inf(-1)}, math.Inf(1)}, {[]float64{math.NaN(), 1}, math.NaN()},
	} {
		got := norm(c.v)
		if !(math.Abs(got-c.want) <= 1e-15*c.want) && got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("norm(%v) = %v, want %v", c.v, got, c.want)
		}
	}
}

func ExampleDescent_Run() {
	d, err := NewDescent(DescentOptions{Function: "rosenbrock", Steps: 2000})
	if err != nil {
		fmt.Println(err)
		return
	}
	rules, err := ParseRules([]string{"adam:lr=0.1"}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	track, err := d.Run(context.Background(), rules[0], Keeping{Points: 1000})
	if err != nil {
		fmt.Println(err)
		return
	}
	end, err := d.Judge(track.Result)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s, %.0g from (%.0f, %.0f), within %g of it from step %d on\n",
		end.Verdict, end.Distance, end.Nearest.X, end.Nearest.Y, Near, track.Arrived)
	// Output: minimum, 2e-08 from (1, 1), within 0.01 of it from step 930 on
}
