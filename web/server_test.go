package web

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// A site is a server at work on a real port.
type site struct {
	*Server
	t    *testing.T
	base string // http://127.0.0.1:port
	stop func() // ends Serve and waits for it

	mu    sync.Mutex
	notes []string
}

// begin starts a server in a folder of its own, or in that of the options.
func begin(t *testing.T, o Options) *site {
	t.Helper()
	if o.Runs == "" {
		o.Runs = t.TempDir()
	}
	s := &site{t: t}
	o.Note = func(format string, args ...any) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.notes = append(s.notes, fmt.Sprintf(format, args...))
	}
	var err error
	if s.Server, err = New(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// serve listens and serves until the test ends.
func (s *site) serve(address string) *site {
	s.t.Helper()
	l, err := s.Listen(context.Background(), address)
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	s.stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				s.t.Error(err)
			}
		case <-time.After(8 * time.Second):
			s.t.Error("the server does not end")
		}
	})
	s.t.Cleanup(s.stop)
	s.base = strings.TrimSuffix(s.guard.base(), "/")
	return s
}

func open(t *testing.T, o Options) *site { return begin(t, o).serve("127.0.0.1:0") }

// told returns what the operator was told.
func (s *site) told() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.notes, "\n")
}

// stranger is a browser that was not let in.
func stranger() *http.Client {
	jar, _ := cookiejar.New(nil) // without options there is nothing to fail
	return &http.Client{
		Jar: jar, Timeout: 20 * time.Second, Transport: &http.Transport{},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// browser is one that was let in.
func (s *site) browser() *http.Client {
	s.t.Helper()
	c := stranger()
	s.t.Cleanup(c.CloseIdleConnections)
	r := s.do(c, "GET", s.Address(), "")
	if r.status != http.StatusSeeOther || r.header.Get("Location") != "/" {
		s.t.Fatalf("%d %v", r.status, r.header)
	}
	return c
}

type answer struct {
	status int
	header http.Header
	body   string
}

// do asks for a path or an address; header holds pairs of names and values.
func (s *site) do(c *http.Client, method, path, body string, header ...string) answer {
	s.t.Helper()
	if strings.HasPrefix(path, "/") {
		path = s.base + path
	}
	req, err := http.NewRequest(method, path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
		} else {
			req.Header.Set(header[i], header[i+1])
		}
	}
	res, err := c.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(text)}
}

// cookies returns the header Cookie of a browser that is in.
func (s *site) cookies(c *http.Client) string {
	u, _ := url.Parse(s.base) // an address of our own
	var all []string
	for _, k := range c.Jar.Cookies(u) {
		all = append(all, k.Name+"="+k.Value)
	}
	return strings.Join(all, "; ")
}

// raw sends bytes as they are and returns what comes back until the server
// closes the connection or a time is over.
func (s *site) raw(text string, wait time.Duration) string {
	s.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.base, "http://"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, text); err != nil {
		s.t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
		s.t.Fatal(err)
	}
	got, _ := io.ReadAll(conn) // a deadline is an end too
	return string(got)
}

// A server ends within seconds though a stream is open.
func TestServeEnds(t *testing.T) {
	s := begin(t, Options{})
	begun := make(chan struct{})
	inner := http.NewServeMux()
	inner.Handle("GET /stream", s.limited(route{limit: limit{stream: true}, handle: func(w http.ResponseWriter, r *http.Request) error {
		fmt.Fprint(w, "data: 1\n\n")
		if err := http.NewResponseController(w).Flush(); err != nil {
			return err
		}
		close(begun)
		<-r.Context().Done()
		return r.Context().Err()
	}}))
	s.handler = inner
	s.serve("127.0.0.1:0")
	go func() {
		res, err := stranger().Get(s.base + "/stream")
		if err == nil {
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
		}
	}()
	<-begun
	start := time.Now()
	s.stop()
	if d := time.Since(start); d > 4*time.Second {
		t.Errorf("it took %v", d)
	}
}

func TestOptions(t *testing.T) {
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{Jobs: -1}, "Options.Jobs = -1, want at least 1"},
		{Options{Streams: -1}, "Options.Streams = -1, want at least 1"},
		{Options{Hosts: []string{"http://lab"}}, `"http://lab": want a name or name:port`},
		{Options{Hosts: []string{""}}, `"": want a name or name:port`},
		{Options{Hosts: []string{"*.org"}}, `"*.org": want a name`},
	} {
		c.o.Runs = t.TempDir()
		if _, err := New(c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}

// The front end is served in the form that a browser takes, and not sent twice.
func TestAssets(t *testing.T) {
	s := open(t, Options{})
	c := s.browser()
	for _, path := range []string{"/", "/explore?f=rosenbrock", "/runs/2026-01-01-abc", "/memory"} {
		r := s.do(c, "GET", path, "")
		if r.status != http.StatusOK || !strings.Contains(r.body, "<html") || r.header.Get("Content-Type") != "text/html; charset=utf-8" || r.header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %d %v", path, r.status, r.header)
		}
		if again := s.do(c, "GET", path, "", "If-None-Match", r.header.Get("Etag")); again.status != http.StatusNotModified || again.body != "" {
			t.Errorf("%s: %d with its own tag", path, again.status)
		}
	}
	for _, path := range []string{"/explored", "/assets", "/assets/", "/index", "/dist/index.html", "/robots.txt", "/api/", "/api/nothing"} {
		if r := s.do(c, "GET", path, ""); r.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, r.status)
		}
	}
	if r := s.do(c, "POST", "/explore", "{}"); r.status != http.StatusMethodNotAllowed {
		t.Errorf("POST of a page: %d", r.status)
	}
	if r := s.do(c, "HEAD", "/", ""); r.status != http.StatusOK || r.body != "" || r.header.Get("Content-Length") == "0" {
		t.Errorf("HEAD: %d %v", r.status, r.header)
	}
}

func TestAcceptsGzip(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, "gzip": true, "br, GZIP": true, "gzip;q=0": false, "gzip;q=0.0": false, "gzip; q=0.5, br": true, "deflate": false, "gzip;q=x": false, "xgzip": false,
	} {
		r := &http.Request{Header: http.Header{"Accept-Encoding": {header}}}
		if got := acceptsGzip(r); got != want {
			t.Errorf("%q: %v", header, got)
		}
	}
	text := strings.Repeat("the same again. ", 400)
	a := assets{"/assets/x.js": {
		plain: []byte(text), kind: "text/javascript", tag: "abc", stays: true, packed: func() []byte { return pack([]byte(text)) },
	}}
	s := begin(t, Options{})
	s.handler = a
	s.serve("127.0.0.1:0")
	c := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	plain := s.do(c, "GET", "/assets/x.js", "")
	packed := s.do(c, "GET", "/assets/x.js", "", "Accept-Encoding", "gzip", "Range", "bytes=0-3")
	if plain.body != text || plain.header.Get("Content-Encoding") != "" || !strings.Contains(plain.header.Get("Cache-Control"), "immutable") {
		t.Errorf("%d bytes, %v", len(plain.body), plain.header)
	}
	if packed.status != http.StatusOK || packed.header.Get("Content-Encoding") != "gzip" || len(packed.body) > 200 || packed.header.Get("Etag") == plain.header.Get("Etag") {
		t.Errorf("%d, %d bytes, %v", packed.status, len(packed.body), packed.header)
	}
	if pack([]byte("short")) != nil {
		t.Error("packing makes it longer")
	}
}
