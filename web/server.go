// Package web is the page: the lab in a browser, on this machine.
//
// It is a face of the command line. What takes longer than a request runs as a
// process of its own, by the command that a user would type; what is quick is
// computed by the library in the request. The browser computes nothing that the
// library does.
//
// Everything the server has is behind one guard (see guard.go): who has not
// opened the address that the operator was shown gets nothing.
package web

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/descent-go/descent/experiment"
)

// Options say how a server works.
type Options struct {
	// Runs is the folder of runs; what the server keeps itself is in its folder
	// .serve. Default "runs".
	Runs string
	// Jobs is how many trainings, comparisons and searches go on at a time; the
	// rest waits. Default 1.
	Jobs int
	// Hosts are further names, as name or name:port, by which browsers may call
	// the server. Those of the loopback interface and the address that it listens
	// at are always allowed.
	Hosts []string
	// Certificate makes the server speak TLS.
	Certificate *tls.Certificate
	// Command is how this program is started: the beginning of a command line.
	Command []string
	// Program is what users call it. Default "descent".
	Program string
	// Version is the version of the program, as the page shows it.
	Version string
	// Own is the program's own model, or nil.
	Own *experiment.Own
	// Note gets what the operator should see: a line. Default: nobody sees it.
	Note func(format string, args ...any)
	// Clock is the time of day. Default time.Now.
	Clock func() time.Time
	// Streams is how many event streams may be open at a time. Default 512.
	Streams int
}

// A Server is the page and what it asks for.
type Server struct {
	Options
	guard    *guard
	jobs     *jobService
	slots    slots
	patience patience
	handler  http.Handler

	runs *runStore
}

// New returns a server. It makes the folder of runs, and in it what the server
// keeps; it fails when that cannot be done, when the folder's key can be read by
// others, or when another server has the folder. Jobs that wait there begin. A
// server that does not serve must be closed.
func New(o Options) (*Server, error) {
	if o.Runs == "" {
		o.Runs = "runs"
	}
	if o.Program == "" {
		o.Program = "descent"
	}
	if o.Note == nil {
		o.Note = func(string, ...any) {}
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Jobs == 0 {
		o.Jobs = 1
	}
	if o.Streams == 0 {
		o.Streams = 512
	}
	switch {
	case o.Jobs < 1:
		return nil, fmt.Errorf("web: Options.Jobs = %d, want at least 1", o.Jobs)
	case o.Streams < 1:
		return nil, fmt.Errorf("web: Options.Streams = %d, want at least 1", o.Streams)
	}
	s := &Server{Options: o, slots: newSlots(o.Streams), patience: usualPatience}
	var err error
	if s.guard, err = newGuard(o); err != nil {
		return nil, err
	}
	assets, err := newAssets()
	if err != nil {
		return nil, err
	}
	if s.runs, err = newRunStore(o.Runs); err != nil {
		return nil, err
	}
	if s.jobs, err = newJobService(o); err != nil {
		return nil, errors.Join(err, s.runs.close())
	}
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		mux.Handle(r.pattern, s.limited(r))
	}
	mux.Handle("/api/", s.limited(route{handle: noSuchRoute}))
	mux.Handle("/", assets)
	s.handler = s.guard.protect(mux)
	return s, nil
}

// routes is the table of contents of the server's interface. Every one of them
// is behind the guard, and a test walks them.
func (s *Server) routes() []route {
	var all []route
	for _, some := range [][]route{
		s.metaRoutes(),
		s.jobRoutes(),
		s.compareRoutes(),
		s.exploreRoutes(),
		s.runsRoutes(),
		s.scheduleRoutes(),
		s.memoryRoutes(),
	} {
		all = append(all, some...)
	}
	return all
}

func noSuchRoute(_ http.ResponseWriter, r *http.Request) error {
	return refuse(http.StatusNotFound, "", "%s %s: there is nothing", r.Method, r.URL.Path)
}

// Handler returns all of the server, behind its guard.
func (s *Server) Handler() http.Handler { return s.handler }

// Address returns where a browser may enter: an address with a token that lets
// one browser in, once. Serve must have been called, or the port is missing.
func (s *Server) Address() string { return s.guard.address() }

// An AddressError says why a server does not listen at an address.
type AddressError struct{ Address, Want string }

func (e *AddressError) Error() string { return fmt.Sprintf("%s: %s", e.Address, e.Want) }

// Listen listens at an address such as "127.0.0.1:8421" for [Server.Serve]. One
// that other machines can reach is refused without a certificate, by an
// [*AddressError].
func (s *Server) Listen(ctx context.Context, address string) (net.Listener, error) {
	if err := s.guard.allowAddress(address); err != nil {
		return nil, err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	s.guard.at(l.Addr())
	return l, nil
}

// Close ends the jobs that are at work, each with a checkpoint, for the next
// server to go on with, and lets go of the folder of runs.
func (s *Server) Close() error { return errors.Join(s.jobs.Close(), s.runs.close()) }

// Serve serves at l until ctx ends, and then returns nil within seconds, open
// streams or not. It closes l and the server.
func (s *Server) Serve(ctx context.Context, l net.Listener) (err error) {
	defer func() { err = errors.Join(err, s.Close()) }()
	s.guard.at(l.Addr())
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	server := &http.Server{
		Handler:           s.handler,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: s.patience.header,
		ReadTimeout:       s.patience.body,
		IdleTimeout:       s.patience.idle,
		WriteTimeout:      s.patience.body + s.patience.write,
		MaxHeaderBytes:    32 << 10,
		// OPTIONS * is for the guard too.
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     log.New(serverLog{s.Note}, "", 0),
	}
	ended := make(chan error, 1)
	go func() {
		if s.Certificate == nil {
			ended <- server.Serve(l)
			return
		}
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*s.Certificate}, MinVersion: tls.VersionTLS12}
		ended <- server.ServeTLS(l, "", "")
	}()
	select {
	case err := <-ended:
		return fmt.Errorf("web: %w", err)
	case <-ctx.Done():
	}
	patience, stop := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer stop()
	if err := server.Shutdown(patience); err != nil {
		err = server.Close()
		if err != nil && !errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("web: %w", err)
		}
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("web: %w", err)
	}
	return nil
}

// serverLog passes on what the HTTP server has to say, but not what any client
// that goes away or speaks nonsense makes it say.
type serverLog struct {
	note func(format string, args ...any)
}

func (l serverLog) Write(text []byte) (int, error) {
	line := strings.TrimSpace(string(text))
	for _, noise := range []string{"TLS handshake error", "URL query contains semicolon", "superfluous response.WriteHeader", "unsolicited response"} {
		if strings.Contains(line, noise) {
			return len(text), nil
		}
	}
	l.note("%s", line)
	return len(text), nil
}
