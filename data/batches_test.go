package data

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// served writes down which examples the next count calls of Next serve; an end
// of an epoch is written as nil.
func served(t interface{ Fatalf(string, ...any) }, b *Batches, set *Set, count int) [][]int {
	var all [][]int
	var batch Batch
	for range count {
		if !b.Next(&batch) {
			all = append(all, nil)
			continue
		}
		if len(batch.X) != batch.N*batch.Dim || batch.Label != nil && len(batch.Label) != batch.N || len(batch.Target) != batch.N*batch.Out {
			t.Fatalf("a batch of %d has %d features, %d labels, %d targets", batch.N, len(batch.X), len(batch.Label), len(batch.Target))
		}
		ids := []int{}
		for i := range batch.N {
			id := int(batch.X[i*batch.Dim])
			ids = append(ids, id)
			if !slices.Equal(batch.X[i*batch.Dim:(i+1)*batch.Dim], set.Row(id)) {
				t.Fatalf("example %d has features %v", id, batch.X[i*batch.Dim:(i+1)*batch.Dim])
			}
			if batch.Label != nil && batch.Label[i] != set.Label[id] {
				t.Fatalf("example %d has label %d", id, batch.Label[i])
			}
			if batch.Target != nil && (batch.Target[2*i] != float32(-id) || batch.Target[2*i+1] != float32(10*id)) {
				t.Fatalf("example %d has targets %v", id, batch.Target[2*i:2*i+2])
			}
		}
		all = append(all, ids)
	}
	return all
}

func TestBatches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "n")
		size := rapid.IntRange(0, n+3).Draw(t, "size")
		drop := rapid.Bool().Draw(t, "drop")
		seed := rapid.Uint64().Draw(t, "seed")
		set := tiny(n)
		if rapid.Bool().Draw(t, "regression") {
			set = quantities(n)
		}
		fresh := func() *Batches {
			b, err := NewBatches(set, size, seed)
			if err != nil {
				t.Fatal(err)
			}
			if drop {
				b.DropShort()
			}
			return b
		}
		b := fresh()
		per := b.PerEpoch()
		all := served(t, b, set, 3*(per+1))
		for e := range 3 {
			epoch := all[e*(per+1) : (e+1)*(per+1)]
			if epoch[per] != nil {
				t.Fatalf("epoch %d does not end after %d batches", e, per)
			}
			var ids []int
			for _, batch := range epoch[:per] {
				ids = append(ids, batch...)
			}
			slices.Sort(ids)
			want := n
			if drop {
				want = per * b.Size()
			}
			if len(ids) != want {
				t.Fatalf("epoch %d serves %d examples, want %d", e, len(ids), want)
			}
			if len(slices.Compact(ids)) != len(ids) {
				t.Fatalf("epoch %d serves an example twice: %v", e, ids)
			}
		}

		// From any position on, the same batches follow.
		at := rapid.IntRange(0, 3*(per+1)-1).Draw(t, "position")
		b = fresh()
		served(t, b, set, at)
		c := fresh()
		if err := c.Seek(b.Position()); err != nil {
			t.Fatal(err)
		}
		if got, want := served(t, c, set, 2*per), served(t, b, set, 2*per); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("after Seek %v, want %v", got, want)
		}
	})
}

func TestBatchesReshuffle(t *testing.T) {
	set := tiny(100)
	b, err := NewBatches(set, 10, 1)
	if err != nil {
		t.Fatal(err)
	}
	all := served(t, b, set, 22)
	if fmt.Sprint(all[:10]) == fmt.Sprint(all[11:21]) {
		t.Error("two epochs have the same order")
	}
	other, err := NewBatches(set, 10, 2)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(served(t, other, set, 10)) == fmt.Sprint(all[:10]) {
		t.Error("two seeds give the same order")
	}
	whole, err := NewBatches(set, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	var batch Batch
	if !whole.Next(&batch) || batch.N != 100 || &batch.X[0] != &set.X[0] || whole.Next(&batch) {
		t.Error("the whole set is not one batch of the set itself")
	}
}

func TestBatchesErrors(t *testing.T) {
	_, err := NewBatches(tiny(0), 1, 1)
	wantError(t, err, "tiny", "no examples")
	_, err = NewBatches(tiny(3), -1, 1)
	wantError(t, err, "tiny", "batch size -1")
	b, err := NewBatches(tiny(3), 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range [][2]int{{-1, 0}, {0, -1}, {0, 3}} {
		wantError(t, b.Seek(p[0], p[1]), "seek to epoch")
	}
}

func TestBatchesAllocateNothing(t *testing.T) {
	for _, size := range []int{1, 64, 0} {
		b, err := NewBatches(tiny(20000), size, 1)
		if err != nil {
			t.Fatal(err)
		}
		var batch Batch
		b.Next(&batch)
		if n := testing.AllocsPerRun(200, func() { b.Next(&batch) }); n != 0 {
			t.Errorf("a batch of %d allocates %v times", size, n)
		}
	}
}
