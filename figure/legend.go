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

// A cell is an entry set in lines: the name and the notes that fit beside it,
// the other notes below.
type cell struct {
	entry
	shown string   // the name, as long as it fits
	lines []string // of notes; the first stands beside the name
	width float64
}

const noteGap = 6 // between a name and its notes

// set breaks an entry into lines, each at most room wide without the sample.
func set(e entry, room float64) cell {
	c := cell{entry: e, shown: shorten(clean(e.name), legendSize, false, room), lines: []string{""}}
	beside := 0.0
	if c.shown != "" {
		beside = textWidth(c.shown, legendSize, false) + noteGap
	}
	for _, n := range e.notes {
		n = clean(n)
		last := len(c.lines) - 1
		left := room
		if last == 0 {
			left -= beside
		}
		line := c.lines[last]
		if line != "" {
			line += "; "
		}
		if textWidth(line+n, noteSize-0.5, false) > left {
			c.lines = append(c.lines, shorten(n, noteSize-0.5, false, room))
			continue
		}
		c.lines[last] = line + n
	}
	c.width = textWidth(c.shown, legendSize, false)
	for i, l := range c.lines {
		w := textWidth(l, noteSize-0.5, false)
		if i == 0 && l != "" {
			w += beside
		}
		c.width = max(c.width, w)
	}
	c.width += sampleWidth + sampleGap
	return c
}

// legendRows draws entries beside one another from x0 to x1 below y, in columns
// where they take more than a row, and returns the y below. Notes follow the
// name in the muted colour. Entries beyond sixteen rows are counted.
func legendRows(s *scene, p *palette, entries []entry, x0, x1, y float64) float64 {
	const row, noteRow, gap, maxRows = 22, 15, 24, 16
	if len(entries) == 0 {
		return y
	}
	s.open("legend", "")
	defer s.close()
	cells := make([]cell, len(entries))
	total, widest := -float64(gap), 0.0
	for i, e := range entries {
		cells[i] = set(e, x1-x0-sampleWidth-sampleGap)
		total += cells[i].width + gap
		widest = max(widest, cells[i].width)
	}
	columns := len(cells)
	if total > x1-x0 {
		columns = max(1, int((x1-x0+gap)/(widest+gap)))
	}
	end := y + maxRows*row
	for i := 0; i < len(cells); i += columns {
		if y+row > end {
			s.text(label{at: Point{x0, y + row/2 + 0.36*noteSize}, text: "and " + count(int64(len(cells)-i)) + " more", size: noteSize, ink: p.muted})
			return y + row + 6
		}
		x, lines := x0, 1
		for _, c := range cells[i:min(i+columns, len(cells))] {
			c.draw(s, p, x, y)
			lines = max(lines, len(c.lines))
			if total > x1-x0 {
				x += widest + gap
			} else {
				x += c.width + gap
			}
		}
		y += row + float64(noteRow*float64(lines-1))
	}
	return y + 6
}

// draw draws a cell in a row whose upper left corner is (x, y).
func (c cell) draw(s *scene, p *palette, x, y float64) {
	const row, noteRow = 22, 15
	s.open("legend-entry", clean(c.name))
	defer s.close()
	c.entry.draw(s, p, x, y+row/2)
	x += sampleWidth + sampleGap
	base := y + row/2 + 0.36*legendSize
	s.text(label{at: Point{x, base}, text: c.shown, size: legendSize, ink: p.ink})
	for i, l := range c.lines {
		at := Point{x, base + float64(noteRow*i)}
		if i == 0 && c.shown != "" {
			at.X += textWidth(c.shown, legendSize, false) + noteGap
		}
		s.text(label{at: at, text: l, size: noteSize - 0.5, ink: p.muted})
	}
}
