// Package checkpoint keeps a folder of checkpoints: sets of files that appear
// whole or not at all, whatever happens while they are written, and that are
// checked to the last bit when they are read. It knows nothing of training: a
// checkpoint is named parts, a step, an epoch and free text.
//
// # On the disk
//
//	checkpoints/
//	  000007-step-3000/
//	    manifest.json         format, step, epoch, meta; size and SHA-256 of every part
//	    model.safetensors     the parts, under the names that Save was given
//	    …
//	  000008-step-3500/
//	  000009-step-4000.tmp/   being written, or left by a process that was killed
//	  000006-step-2500.old/   being removed
//	  000005-step-2000.invalid/  found damaged
//
// The first number counts the checkpoints of the folder, the second is the
// step. The newest is the one with the highest first number, so a run that goes
// back to an older step and on from there needs no clearing up.
//
// # How one is written, and why each sync is there
//
//  1. The parts are written into a folder NAME.tmp, each of them synced: a name
//     can reach the disk before the content does, and without this a crash could
//     leave the right names with empty or torn files.
//  2. manifest.json is written last and synced: where it is, all parts are.
//  3. NAME.tmp is synced: the names of the parts are the content of that folder
//     and no file's sync makes them durable.
//  4. NAME.tmp is renamed to NAME, in one step: no reader sees half of it.
//  5. The folder of checkpoints is synced, which makes the rename durable. Only
//     now does Save count the checkpoint as saved, and only now may it drop an
//     older one; the other order could, in a crash, leave neither.
//
// To drop one it is first renamed to NAME.old, so that one removed by half is
// never taken for a checkpoint. The folder of checkpoints and those above it
// that had to be made are synced into place before anything else.
//
// Whoever calls Save or Newest has the folder for itself; what else is in it,
// and files within a checkpoint that its manifest does not list, are left alone.
package checkpoint

import (
	"fmt"
	"io"
	"maps"
	"slices"
)

// A Part is one file of a checkpoint.
type Part struct {
	// Name is the name of the file: up to 100 letters, digits, dots, dashes and
	// underscores of ASCII, not starting with a dot. No two parts have names
	// that differ in case alone.
	Name string
	// Write writes the content; the writer is buffered.
	Write func(io.Writer) error
}

// Info is what a checkpoint says of itself.
type Info struct {
	Step  int64             // at least 0
	Epoch int               // at least 0
	Meta  map[string]string // what the reader must compare: free text, UTF-8
}

// A Saved describes the checkpoint that Save has written.
type Saved struct {
	Name  string
	Bytes int64 // of all parts and the manifest
	// Undropped says why older checkpoints beyond the number to keep are still
	// there, else nil. The next Save tries again.
	Undropped error
}

// An Entry is a checkpoint in the folder's list. Its parts have not been read.
type Entry struct {
	Name  string
	Info  Info
	Bytes int64 // of all parts and the manifest
	Err   error // why it cannot be used, as far as manifest and sizes tell; else nil
}

// A Rejected is a damaged checkpoint that Newest passed over.
type Rejected struct {
	Name string
	Err  error // what is wrong with it
	// MovedTo is the name under which the folder is kept aside, or empty when
	// it could not be renamed, which Err then says too.
	MovedTo string
}

// A Checkpoint is one that has been read and whose parts have the sums that its
// manifest states.
type Checkpoint struct {
	Name string
	Info Info

	order []string
	parts map[string][]byte
}

// Part returns the content of a part. The caller must not change it.
func (c *Checkpoint) Part(name string) ([]byte, error) {
	b, ok := c.parts[name]
	if !ok {
		return nil, fmt.Errorf("checkpoint: %s has no part %q, it has %q", c.Name, name, c.order)
	}
	return b, nil
}

// Has reports whether the checkpoint has a part of that name.
func (c *Checkpoint) Has(name string) bool { _, ok := c.parts[name]; return ok }

// Parts returns the names of the parts in the order in which they were saved.
func (c *Checkpoint) Parts() []string { return slices.Clone(c.order) }

// clone returns a copy whose Meta is its own.
func (i Info) clone() Info {
	i.Meta = maps.Clone(i.Meta)
	return i
}
