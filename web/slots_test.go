package web

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// heavySite is a server with a route whose requests work until they are released by
// their name, one at a time.
func heavySite(t *testing.T, patience time.Duration) (s *site, begun chan string, release func(name string)) {
	begun = make(chan string, 16)
	var mu sync.Mutex
	gates := map[string]chan struct{}{}
	gate := func(name string) chan struct{} {
		mu.Lock()
		defer mu.Unlock()
		if gates[name] == nil {
			gates[name] = make(chan struct{})
		}
		return gates[name]
	}
	p := usualPatience
	p.heavy = patience
	s = lone(t, Options{}, p, route{limit: limit{heavy: true, time: time.Minute, does: "a search"}, handle: func(w http.ResponseWriter, r *http.Request) error {
		name := r.URL.Path[1:]
		begun <- name
		select {
		case <-gate(name):
			return writeJSON(w, name)
		case <-r.Context().Done():
			return fmt.Errorf("search: %w", r.Context().Err())
		}
	}})
	s.slots.heavy = newQueue(1)
	return s, begun, func(name string) { close(gate(name)) }
}

// ask sends a request of a tab, and returns where its answer will come.
func (s *site) ask(tab, name string) <-chan answer {
	c := make(chan answer, 1)
	go func() { c <- s.do(stranger(), "GET", "/"+name, "", tabHeader, tab) }()
	return c
}

// waits until there are so many turns.
func (q *queue) waits(t *testing.T, n int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		q.mu.Lock()
		have := len(q.turns)
		q.mu.Unlock()
		if have == n {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d turns, want %d", have, n)
		}
	}
}

// Heavy requests wait in the order in which they came. A newer one of the same tab
// ends the older one, at work or waiting, and goes to the end: others come first.
func TestHeavyWorkIsFair(t *testing.T) {
	s, begun, release := heavySite(t, time.Minute)
	next := func(want string) {
		t.Helper()
		select {
		case got := <-begun:
			if got != want {
				t.Fatalf("%s is at work, want %s", got, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%s is not at work", want)
		}
	}
	a1 := s.ask("a", "a1")
	next("a1")
	b1 := s.ask("b", "b1")
	s.slots.heavy.waits(t, 2)
	c1 := s.ask("c", "c1")
	s.slots.heavy.waits(t, 3)
	a2 := s.ask("a", "a2")
	if r := <-a1; r.status != http.StatusConflict || !strings.Contains(r.body, "newer request") {
		t.Errorf("the older one of a tab: %d %s", r.status, r.body)
	}
	next("b1")
	s.slots.heavy.waits(t, 3)
	c2 := s.ask("c", "c2") // for one that waits
	if r := <-c1; r.status != http.StatusConflict {
		t.Errorf("an older one that waited: %d %s", r.status, r.body)
	}
	s.slots.heavy.waits(t, 3)
	release("b1")
	next("a2")
	release("a2")
	next("c2")
	release("c2")
	for _, c := range []<-chan answer{b1, a2, c2} {
		if r := <-c; r.status != http.StatusOK {
			t.Errorf("%d %s", r.status, r.body)
		}
	}
	s.slots.heavy.waits(t, 0)
}

// Who has waited long enough is told what is at work, and when to come again.
func TestHeavyWorkIsNotWaitedForForever(t *testing.T) {
	s, begun, release := heavySite(t, 100*time.Millisecond)
	a := s.ask("a", "a1")
	<-begun
	at := time.Now()
	r := <-s.ask("b", "b1")
	if r.status != http.StatusServiceUnavailable || r.header.Get("Retry-After") == "" || !strings.Contains(r.body, "busy with a search (since 0 s)") || time.Since(at) < 100*time.Millisecond {
		t.Errorf("after %v: %d %s", time.Since(at), r.status, r.body)
	}
	release("a1")
	if r := <-a; r.status != http.StatusOK {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// That the disk is full is for the user to know.
func TestDiskIsFull(t *testing.T) {
	s := lone(t, Options{}, usualPatience, route{handle: func(http.ResponseWriter, *http.Request) error {
		return fmt.Errorf("web: %w", &fs.PathError{Op: "write", Path: "job.json", Err: syscall.ENOSPC})
	}})
	if r := s.do(stranger(), "GET", "/", ""); r.status != http.StatusInsufficientStorage || !strings.Contains(r.body, "disk") || !strings.Contains(s.told(), "job.json") {
		t.Errorf("%d %s; the operator was told %q", r.status, r.body, s.told())
	}
}

// The queue has an end, and who leaves it makes room.
func TestQueueIsFull(t *testing.T) {
	q := newQueue(1)
	_, leave, err := q.take(t.Context(), "", "a walk", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for i := range mostWaiting {
		all.Go(func() {
			if _, _, err := q.take(ctx, fmt.Sprint(i), "a run", time.Minute); !errors.Is(err, context.Canceled) {
				t.Errorf("%v, want that nobody waits for it", err)
			}
		})
	}
	q.waits(t, mostWaiting+1)
	if _, _, err := q.take(ctx, "one more", "a run", time.Minute); err == nil || !strings.Contains(err.Error(), "256 requests wait") {
		t.Errorf("one more: %v", err)
	}
	cancel()
	all.Wait()
	leave()
	if _, leave, err = q.take(t.Context(), "", "a walk", 0); err != nil {
		t.Fatal(err)
	}
	leave()
}
