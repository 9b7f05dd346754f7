package figure

// entry is one line of a legend: a sample, a name and remarks below it.
type entry struct {
	name  string
	notes []string
	draw  func(s *scene, p *palette, x, y float64) // the sample, 30 wide, centred on y
}

const (
	sampleWidth = 30
	sampleGap   = 8
)

// lineSample is the sample of a series.
func lineSample(lk look, width float64, marked bool) func(*scene, *palette, float64, float64) {
	return func(s *scene, p *palette, x, y float64) {
		s.line(pen{color: lk.color, width: width, dash: lk.dash}, Point{x, y}, Point{x + sampleWidth, y})
		if marked {
			s.marker(p, lk, Point{x + sampleWidth/2, y}, 4)
		}
	}
}

// legendColumn draws entries below one another in r; those that do not fit are
// counted on the last line. It returns the y below.
func legendColumn(s *scene, p *palette, entries []entry, r rect) float64 {
	const row, noteRow, gap = 20, 15, 4
	s.open("legend", "")
	defer s.close()
	y, room := r.y0, r.w()-sampleWidth-sampleGap
	height := func(e entry) float64 { return row + float64(noteRow*len(e.notes)) + gap }
	for i, e := range entries {
		rest := 0.0
		if i < len(entries)-1 {
			rest = row
		}
		if y+height(e)-gap+rest > r.y1+0.5 {
			s.text(label{at: Point{r.x0 + sampleWidth + sampleGap, y + 14}, text: "and " + count(int64(len(entries)-i)) + " more",
				size: noteSize, ink: p.muted})
			return y + row
		}
		s.open("legend-entry", clean(e.name))
		e.draw(s, p, r.x0, y+row/2)
		x := r.x0 + sampleWidth + sampleGap
		s.text(label{at: Point{x, y + row/2 + 0.36*legendSize}, text: shorten(clean(e.name), legendSize, false, room), size: legendSize, ink: p.ink})
		for k, n := range e.notes {
			s.text(label{at: Point{x, y + row + float64(noteRow*k) + 10}, text: shorten(clean(n), noteSize-0.5, false, room), size: noteSize - 0.5, ink: p.muted})
		}
		s.close()
		y += height(e)
	}
	return y
}

// columnWidth returns the width that entries need, at most limit.
func columnWidth(entries []entry, limit float64) float64 {
	var w float64
	for _, e := range entries {
		w = max(w, textWidth(clean(e.name), legendSize, false))
		for _, n := range e.notes {
			w = max(w, textWidth(clean(n), noteSize-0.5, false))
		}
	}
	if len(entries) == 0 {
		return 0
	}
	return min(w+sampleWidth+sampleGap+1, limit)
}

// legendRows draws entries beside one another from (x0, y), wrapping at x1, and
// returns the y below. Notes follow the name in the muted colour. At most
// maxRows lines are used; entries beyond them are counted.
func legendRows(s *scene, p *palette, entries []entry, x0, x1, y float64) float64 {
	const row, gap, maxRows = 22, 24, 6
	if len(entries) == 0 {
		return y
	}
	s.open("legend", "")
	defer s.close()
	x, rows := x0, 1
	for i, e := range entries {
		name, note := clean(e.name), joinNotes(e.notes)
		nameWidth := textWidth(name, legendSize, false)
		noteWidth := 0.0
		if note != "" {
			noteWidth = 6 + textWidth(note, noteSize-0.5, false)
		}
		room := x1 - x0 - sampleWidth - sampleGap
		if nameWidth+noteWidth > room {
			name = shorten(name, legendSize, false, max(room-noteWidth, room/2))
			nameWidth = textWidth(name, legendSize, false)
			note = shorten(note, noteSize-0.5, false, room-nameWidth-6)
			noteWidth = 6 + textWidth(note, noteSize-0.5, false)
		}
		w := sampleWidth + sampleGap + nameWidth + noteWidth
		if x > x0 && x+w > x1 {
			if rows == maxRows {
				s.text(label{at: Point{x0, y + row + row/2 + 0.36*noteSize}, text: "and " + count(int64(len(entries)-i)) + " more", size: noteSize, ink: p.muted})
				return y + 2*row + 6
			}
			x, y, rows = x0, y+row, rows+1
		}
		s.open("legend-entry", clean(e.name))
		e.draw(s, p, x, y+row/2)
		base := y + row/2 + 0.36*legendSize
		s.text(label{at: Point{x + sampleWidth + sampleGap, base}, text: name, size: legendSize, ink: p.ink})
		if note != "" {
			s.text(label{at: Point{x + sampleWidth + sampleGap + nameWidth + 6, base}, text: note, size: noteSize - 0.5, ink: p.muted})
		}
		s.close()
		x += w + gap
	}
	return y + row + 6
}

func joinNotes(notes []string) string {
	s := ""
	for i, n := range notes {
		if i > 0 {
			s += "; "
		}
		s += clean(n)
	}
	return s
}
