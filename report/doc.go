// Package report writes what the lab found out as a page of HTML.
//
// A [Document] is a title, a sentence and sections of blocks: paragraphs,
// verdicts, lists, facts, tables, figures and commands. [Document.Write] makes one
// file of it that needs nothing else: no network, no other file, no JavaScript.
// Scripts only make tables sortable; the page itself forbids every other one, and
// every connection.
//
// The page is light or dark as the reader prefers, its figures too. They are drawn
// twice, for wide and for narrow screens. Every table comes with its numbers as
// CSV, in full precision; every figure with its SVG and the command that draws it
// again. The same document gives the same bytes.
//
// [Comparison] makes the document of a comparison, [Tuning] that of a search for
// settings.
package report
