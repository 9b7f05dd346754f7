package figure

import "slices"

// entries are the legend of all panels: a name stands there once, with what is
// to say of it in any of them. Of several runs, what holds for all is said last.
func (c Learning) entries(p *palette, parts []quantity) []entry {
	var es []entry
	at := map[string]int{}
	one, hasLoss := len(c.Runs) == 1, false
	for _, q := range parts {
		for _, st := range q.strands {
			notes := slices.Clone(st.notes)
			if !q.loss || hasLoss {
				for i := range notes {
					notes[i] = q.label + " " + notes[i]
				}
			}
			if one && st.beta > 0 && q.loss {
				notes = append(notes, "faint: raw; line: average, "+decay(st.beta))
			}
			if one && q.label == "learning rate" && len(notes) == 0 {
				continue // the axis says what it is
			}
			k, ok := at[st.name]
			if !ok {
				k = len(es)
				at[st.name] = k
				es = append(es, entry{name: st.name, draw: st.sample(!one)})
			}
			es[k].notes = append(es[k].notes, notes...)
			es[k].notes = append(es[k].notes, c.outcome(q, st)...)
		}
		hasLoss = hasLoss || q.loss
	}
	if one {
		return es
	}
	return append(es, c.key(p, parts)...)
}

// key says how runs are drawn when there are several.
func (c Learning) key(p *palette, parts []quantity) (es []entry) {
	muted := look{color: p.muted}
	var kinds []*strand
	raw := false
	for _, q := range parts {
		for _, st := range q.strands {
			if st.kind != "" && !slices.ContainsFunc(kinds, func(k *strand) bool { return k.kind == st.kind }) {
				kinds = append(kinds, st)
			}
			raw = raw || st.raw && len(st.runs) == 1
		}
	}
	for _, k := range kinds {
		draw := lineSample(muted, 1.2, false)
		if k.band != nil {
			draw = bandSample(muted, lineSample(muted, 2.2, false))
		}
		es = append(es, entry{notes: []string{k.kind}, draw: draw})
	}
	if beta := c.commonBeta(); beta > 0 {
		note := "training: average, " + decay(beta)
		if raw {
			note += "; faint: raw"
		}
		es = append(es, entry{notes: []string{note}, draw: averageSample(muted, raw)})
	}
	return es
}

// decay writes the decay of an average, however close to 1.
func decay(beta float64) string {
	if beta > 0.999 {
		return "β = 1 − " + number(1-beta)
	}
	return "β = " + number(beta)
}

// outcome is what a strand came to.
func (c Learning) outcome(q quantity, st *strand) (notes []string) {
	s, median := st.smooth[0], ""
	if st.band != nil {
		s, median = st.band.mid, "median "
	} else if len(st.runs) > 1 {
		return nil
	}
	sign, word, noun := -1.0, "lowest ", "loss "
	if !q.loss {
		sign, word, noun = 1, "highest ", "accuracy "
	}
	x, y, ok := best(s, sign)
	switch {
	case !ok || q.label == "learning rate" || !st.dotted:
	case len(c.Runs) == 1:
		return []string{word + noun + number(y) + " at " + place(c.XLabel, x)}
	default:
		return []string{"best " + median + noun + number(y)}
	}
	return nil
}

// best returns the first place of the largest value (sign 1) or smallest (−1).
func best(s Series, sign float64) (x, y float64, ok bool) {
	for i, v := range s.Y {
		if finite(v) && (!ok || sign*v > sign*y) {
			x, y, ok = s.x(i), v, true
		}
	}
	return x, y, ok
}

// sample is the strand in the legend; marked where markers tell curves apart.
func (st *strand) sample(marked bool) func(*scene, *palette, float64, float64) {
	lk := st.look
	line := lineSample(lk, 2.2, marked || st.dotted)
	switch {
	case st.band != nil:
		return bandSample(lk, line)
	case st.beta > 0 && !marked:
		return averageSample(lk, true)
	}
	return line
}

// bandSample is a line in a band.
func bandSample(lk look, line func(*scene, *palette, float64, float64)) func(*scene, *palette, float64, float64) {
	return func(s *scene, p *palette, x, y float64) {
		s.polygon(fade(lk.color, 0.2), pen{}, rect{x, y - 7, x + sampleWidth, y + 7}.corners()...)
		line(s, p, x, y)
	}
}

// averageSample is a line, with its raw values behind it.
func averageSample(lk look, raw bool) func(*scene, *palette, float64, float64) {
	return func(s *scene, p *palette, x, y float64) {
		if raw {
			s.line(pen{color: mix(p.paper, lk.color, 0.4), width: 1}, Point{x, y + 3}, Point{x + 6, y - 5}, Point{x + 13, y + 5}, Point{x + 20, y - 4}, Point{x + sampleWidth, y + 2})
		}
		s.line(pen{color: lk.color, width: 2.2}, Point{x, y}, Point{x + sampleWidth, y})
	}
}
