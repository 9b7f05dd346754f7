// Package figure draws what an optimizer does: contours with paths, surfaces,
// loss curves, learning curves, schedules and animations; and how several of them
// compare: convergence, sensitivity to the learning rate, the cost of tuning and
// performance profiles; and what a search found: its history, slices, heat maps,
// parallel coordinates, range tests and landscapes.
//
// Every kind of picture is a plain struct of slices and functions. Its Figure
// method lays the picture out once and returns a [Figure], which is written as
// PNG or SVG; both show the same drawing. [WriteThemedSVG] writes an SVG that is
// light or dark as its reader prefers, [Animation] a GIF.
//
// The zero [Style] gives a light picture with a size that suits its kind. The
// colours are those of Okabe and Ito ("Color Universal Design", 2008), adapted
// where they would be too pale or too dark on the background; every series also
// has a dash pattern and a marker of its own, so that nothing depends on colour
// alone.
//
// The same input gives the same bytes: nothing depends on time, random numbers
// or the order of a map. Text is set in Liberation Sans; an SVG names it
// together with fonts of the same widths (Arimo, Arial, Helvetica).
//
// Values that cannot be drawn (NaN, ±Inf, ≤ 0 on a logarithmic axis, or beyond
// an axis that a few of them would stretch until nothing else could be seen) are
// marked where they happen and named in the legend, never dropped in silence.
package figure
