package figure

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Profile shows performance profiles: for every rule the share of problems that
// it solves at no more than τ times the cost of the best rule for each. A curve
// begins at the share of problems on which its rule is the best and ends at the
// share that it solves at all.
//
// Dolan & Moré, "Benchmarking optimization software with performance profiles",
// Mathematical Programming 91 (2002), section 2. The axis of τ is logarithmic.
// Lines that coincide are drawn side by side.
type Profile struct {
	Style
	Rules  []ProfileCurve
	XLabel string // "": cost, as a multiple of the best
	YLabel string // "": share of problems solved
}

// ProfileCurve is one rule's performance ratios.
type ProfileCurve struct {
	Name string
	// Ratios has for each problem the rule's cost divided by the lowest of all
	// rules, at least 1; +Inf: not solved. All rules have as many.
	Ratios []float64
}

// Figure draws the profiles, 960 units wide by default and as high as legend
// and panel need.
func (c Profile) Figure() (*Figure, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.XLabel == "" {
		c.XLabel = "cost, as a multiple of the best"
	}
	if c.YLabel == "" {
		c.YLabel = "share of problems solved"
	}
	p := c.Theme.palette()
	end := 1.0
	entries := make([]entry, len(c.Rules))
	for i, r := range c.Rules {
		first, solved := 0, 0
		for _, v := range r.Ratios {
			if v == 1 {
				first++
			}
			if finite(v) {
				solved++
				end = max(end, v)
			}
		}
		note := fmt.Sprintf("best on %d, solves %d of %d", first, solved, len(r.Ratios))
		entries[i] = entry{r.Name, []string{note}, lineSample(p.look(i), 2, true)}
	}
	end = max(2, end+float64(0.12*(end-1)))
	pn := &panel{p: p, x: axis{lo: 1 - float64(0.015*min(end-1, 10)), hi: min(end, math.MaxFloat64), log: true}, y: axis{lo: -0.03, hi: 1.03}, crowd: len(c.Rules)}
	top := func(s *scene) float64 {
		return legendRows(s, p, entries, 20, s.w-20, heading(s, p, c.Style, 20, s.w-20))
	}
	if _, err := pn.stage(c.Style, top, "Profile"); err != nil {
		return nil, err
	}
	pn.ground(true)
	apart := min(1.6, 12/float64(len(c.Rules)))
	for i, r := range c.Rules {
		pn.s.open("curve", clean(r.Name))
		pn.stairs(r.Ratios, p.look(i), apart*(float64(i)-float64(len(c.Rules)-1)/2))
		pn.s.close()
	}
	pn.axes(c.XLabel, c.YLabel, true)
	return newFigure(pn.s, c.scale(2))
}

// stairs draws a profile with a marker at every rise, moved down by a distance.
func (pn *panel) stairs(ratios []float64, lk look, down float64) {
	sorted := slices.Sorted(slices.Values(ratios))
	var line, rises []Point
	share := 0.0
	put := func(x float64) { line = append(line, Point{x, pn.py(share) + down}) }
	if sorted[0] > 1 {
		put(pn.px(1))
	}
	for i := 0; i < len(sorted) && finite(sorted[i]); {
		x := pn.px(sorted[i])
		if len(line) > 0 {
			put(x)
		}
		for v := sorted[i]; i < len(sorted) && sorted[i] == v; {
			i++
		}
		share = float64(i) / float64(len(sorted))
		put(x)
		rises = append(rises, line[len(line)-1])
	}
	put(pn.frame.x1)
	pn.s.line(pen{color: lk.color, width: 1.9, dash: lk.dash}, line...)
	for _, at := range rises {
		pn.s.marker(pn.p, lk, at, 3.8)
	}
}

func (c Profile) check() error {
	if err := c.Style.check(); err != nil {
		return err
	}
	if len(c.Rules) == 0 {
		return errors.New("figure: Profile.Rules is empty, want at least one rule")
	}
	n := len(c.Rules[0].Ratios)
	if n == 0 {
		return errors.New("figure: Profile has no problems, want at least one ratio for each rule")
	}
	for i, r := range c.Rules {
		if len(r.Ratios) != n {
			return fmt.Errorf("figure: Profile.Rules[%d] (%q) has %d ratios, want %d, as many as the first", i, r.Name, len(r.Ratios), n)
		}
		for k, v := range r.Ratios {
			if !(v >= 1) {
				return fmt.Errorf("figure: Profile.Rules[%d] (%q).Ratios[%d] = %v, want at least 1, or +Inf for not solved", i, r.Name, k, v)
			}
		}
	}
	return nil
}
