package faulty

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
)

// A Survival says what of the unsynced a crash leaves.
type Survival struct {
	what string
	name func(i int) bool // whether the i-th change of names since then is kept
	data func(i int) fate // what becomes of the content of the i-th file met
}

func (s Survival) String() string { return s.what }

// A fate is what becomes of what was written to a file since its last Sync.
type fate int

const (
	lost   fate = iota // all of it
	kept               // nothing
	torn               // the second half
	zeroed             // the second half, but the length is kept
	fates
)

// Everything is what survives when the process is killed and the machine is not;
// Nothing, when the power fails before anything unsynced has reached the disk.
var (
	Everything = Survival{"all that was unsynced survives", all(true), all(kept)}
	Nothing    = Survival{"nothing unsynced survives", all(false), all(lost)}
)

// Survivals lists what chance may do in a crash: the extremes, and mixtures.
var Survivals = func() []Survival {
	list := []Survival{
		Everything,
		Nothing,
		{"names survive, contents do not", all(true), all(lost)},
		{"names survive, contents are torn", all(true), all(torn)},
		{"names survive, contents end in zeros", all(true), all(zeroed)},
	}
	for seed := range uint64(4) {
		list = append(list, Survival{
			what: fmt.Sprintf("chance %d decides", seed),
			name: func(i int) bool { return chance(seed, 0, i)%2 == 0 },
			data: func(i int) fate { return fate(chance(seed, 1, i) % uint64(fates)) },
		})
	}
	return list
}()

func all[T any](v T) func(int) T { return func(int) T { return v } }

// chance is a number that depends on its arguments alone.
func chance(seed, purpose uint64, i int) uint64 {
	return rand.New(rand.NewPCG(seed, purpose<<32|uint64(i))).Uint64()
}

// Crash returns the file system that is found after a crash now; f stays as it
// is.
func (f *FS) Crash(s Survival) *FS {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.crash(s)
}

func (f *FS) crash(s Survival) *FS {
	// The names: those that were durable, and of the changes since those that
	// survive, in order.
	names := map[*node]map[string]*node{}
	of := func(folder *node) map[string]*node {
		if names[folder] == nil {
			names[folder] = map[string]*node{}
			for name, n := range folder.durable {
				names[folder][name] = n
			}
		}
		return names[folder]
	}
	for i, c := range f.pending {
		// A rename of what has not survived does not survive either.
		source := !slices.ContainsFunc(c, func(e edit) bool { return e.to == nil && of(e.folder)[e.name] == nil })
		if s.name(i) && source {
			for _, e := range c {
				set(of(e.folder), e.name, e.to)
			}
		}
	}
	copies := map[*node]*node{}
	var survivor func(n *node) *node
	survivor = func(n *node) *node {
		if c := copies[n]; c != nil {
			return c
		}
		if !n.folder {
			content := n.after(s.data(len(copies)))
			copies[n] = &node{content: content, synced: content}
			return copies[n]
		}
		c := newFolder()
		copies[n] = c
		for _, name := range sorted(of(n)) {
			child := survivor(of(n)[name])
			c.names[name], c.durable[name] = child, child
		}
		return c
	}
	return &FS{root: survivor(f.root)}
}

// after returns what a crash leaves of a file.
func (n *node) after(f fate) []byte {
	common := 0
	for common < min(len(n.synced), len(n.content)) && n.synced[common] == n.content[common] {
		common++
	}
	half := common + (len(n.content)-common)/2
	switch f {
	case kept:
		return bytes.Clone(n.content)
	case torn:
		return bytes.Clone(n.content[:half])
	case zeroed:
		return append(bytes.Clone(n.content[:half]), make([]byte, len(n.content)-half)...)
	}
	return bytes.Clone(n.synced)
}
