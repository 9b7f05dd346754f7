package web

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// Nothing outside of the front end can be named.
func TestTraversal(t *testing.T) {
	s := open(t, Options{})
	cookie := s.cookies(s.browser())
	for _, path := range []string{
		"/../go.mod", "/../../../../etc/passwd", "/assets/../../go.mod", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc%2fpasswd", "/%252e%252e%252fetc/passwd",
		`/..\..\etc\passwd`, "/..%5c..%5cetc%5cpasswd", "/assets/..%5cindex.html", "//etc/passwd", "/./../etc/passwd", "/%00", "/index.html%00.js", "/assets/%2e%2e/index.html",
		"/runs/../.serve/key", "/.serve/key", "/runs/.serve/key", "/runs/%2e%2e/.serve/key", "/dist/../embed.go", "/embed.go", "/C:/Windows/win.ini", "/api/../.serve/key", "/api/..%2f.serve%2fkey",
		"file:///etc/passwd", "http://evil.example/etc/passwd", "*",
	} {
		for _, verb := range []string{"GET", "HEAD", "POST"} {
			got := s.raw(fmt.Sprintf("%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: %s\r\nConnection: close\r\n\r\n", verb, path, cookie), 5*time.Second)
			status, body, _ := strings.Cut(got, "\r\n")
			_, body, _ = strings.Cut(body, "\r\n\r\n")
			if strings.Contains(got, "root:") || strings.Contains(got, "module ") || len(body) == keyBytes {
				t.Errorf("%s %s: %s", verb, path, got)
			}
			if strings.Contains(status, " 200 ") && !(strings.HasPrefix(path, "/runs/") && verb != "POST" && (verb == "HEAD" || strings.Contains(body, "<html"))) || strings.Contains(status, " 500 ") || status == "" {
				t.Errorf("%s %s: %s", verb, path, status)
			}
			if location := between(got, "\r\nLocation: ", "\r\n"); location != "" && (!strings.HasPrefix(location, "/") || strings.HasPrefix(location, "//")) {
				t.Errorf("%s %s leads to %s", verb, path, location)
			}
		}
	}
}

func between(text, begin, end string) string {
	_, text, _ = strings.Cut(text, begin)
	text, _, _ = strings.Cut(text, end)
	return text
}

// A token's address leads to no other site, and splits no header.
func TestRedirect(t *testing.T) {
	s := open(t, Options{})
	for _, path := range []string{"//evil.example/", "/\\evil.example/", "///evil.example", "/%5cevil.example", "/%2fevil.example", "/%0d%0aSet-Cookie:a=b", "/explore"} {
		for _, query := range []string{"", "&x=%0d%0aSet-Cookie:a=b", "&x=%0aX-Evil:1"} {
			got := s.raw(fmt.Sprintf("GET %s?token=%s%s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", path, s.guard.doors.key(), query), 5*time.Second)
			header, _, _ := strings.Cut(got, "\r\n\r\n")
			location := between(header, "\r\nLocation: ", "\r\n")
			if !strings.HasPrefix(location, "/") || strings.HasPrefix(location, "//") || strings.HasPrefix(location, `/\`) || strings.Contains(header, "\nX-Evil") || strings.Count(header, "Set-Cookie:") > strings.Count(location, "Set-Cookie:")+1 {
				t.Errorf("%s%s: %s", path, query, header)
			}
		}
	}
}

// Methods that browsers do not need are none.
func TestMethods(t *testing.T) {
	s := open(t, Options{})
	cookie := s.cookies(s.browser())
	for _, verb := range []string{"OPTIONS", "TRACE", "CONNECT", "PUT", "PATCH", "PROPFIND", "DESCENT"} {
		for _, path := range []string{"/", "/api/meta", "/assets/x"} {
			got := s.raw(fmt.Sprintf("%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: %s\r\nX-Secret: secret\r\nConnection: close\r\n\r\n", verb, path, cookie), 5*time.Second)
			if !strings.HasPrefix(got, "HTTP/1.1 405 ") && !strings.HasPrefix(got, "HTTP/1.1 400 ") || strings.Contains(got, "secret") {
				t.Errorf("%s %s: %s", verb, path, got)
			}
		}
	}
	for _, request := range []string{
		"GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET /\r\n\r\n", "\x16\x03\x01\x02\x00", "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	} {
		if got := s.raw(request, 250*time.Millisecond); strings.HasPrefix(got, "HTTP/1.1 200") || strings.HasPrefix(got, "HTTP/1.0 200") {
			t.Errorf("%q: %s", request, got)
		}
	}
}

// Whatever a client sends comes back as data, never as markup.
func TestMarkup(t *testing.T) {
	s := open(t, Options{})
	c := s.browser()
	const evil = "<script>alert(1)</script>"
	for _, r := range []answer{
		s.do(c, "GET", "/"+strings.ReplaceAll(evil, " ", ""), ""), s.do(c, "GET", "/api/"+evil, ""), s.do(c, "GET", "/explore?x="+evil, ""),
		s.do(stranger(), "GET", "/"+evil, ""), s.do(stranger(), "GET", "/?token="+evil, ""), s.do(stranger(), "GET", "/api/"+evil, ""),
	} {
		if strings.Contains(r.body, "<script>alert") {
			t.Errorf("%d: %s", r.status, r.body)
		}
		if kind := r.header.Get("Content-Type"); kind == "" || r.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%d is a %q", r.status, kind)
		}
	}
}

// lone serves one route, without a guard.
func lone(t *testing.T, o Options, p patience, r route) *site {
	t.Helper()
	s := begin(t, o)
	s.patience = p
	s.handler = s.limited(r)
	return s.serve("127.0.0.1:0")
}

type greeting struct {
	Name  string         `json:"name"`
	Count int            `json:"count"`
	List  []int          `json:"list"`
	More  map[string]int `json:"more"`
}

// What is wrong with a request is said by the name of the field.
func TestReadJSON(t *testing.T) {
	s := lone(t, Options{}, usualPatience, route{handle: func(w http.ResponseWriter, r *http.Request) error {
		g, err := readJSON[greeting](r)
		if err != nil {
			return err
		}
		if g.Name == "twice" {
			return refuseAt(http.StatusUnprocessableEntity, "name", 3, "name %q: want another", g.Name)
		}
		return writeJSON(w, g)
	}})
	for _, c := range []struct {
		body   string
		status int
		want   string
	}{
		{`{"name":"<b>"}`, 200, `{"name":"\u003cb\u003e","count":0,"list":null,"more":null}`},
		{`{"name":"twice"}`, 422, `{"error":"name \"twice\": want another","field":"name","column":3}`},
		{`{"title":"a"}`, 400, `{"error":"there is no field \"title\"","field":"title"}`},
		{`{"name":1}`, 400, `{"error":"name is a JSON number, want a text","field":"name"}`},
		{`{"count":"1"}`, 400, `{"error":"count is a JSON string, want a whole number","field":"count"}`},
		{`{"count":1.5}`, 400, `{"error":"count is a JSON number 1.5, want a whole number","field":"count"}`},
		{`{"list":{}}`, 400, `{"error":"list is a JSON object, want a list","field":"list"}`},
		{`{"more":[]}`, 400, `{"error":"more is a JSON array, want an object","field":"more"}`},
		{`{"name":"a"} {}`, 400, `goes on after its JSON object`},
		{`[]`, 400, `not a JSON object`},
		{` `, 400, `not a JSON object`},
		{`{"name":`, 400, `not JSON`},
		{`{"name":"` + strings.Repeat("a", 70<<10) + `"}`, 413, `longer than 65536 bytes`},
		{strings.Repeat("[", 60000), 400, `not a JSON object`},
		{`{"list":` + strings.Repeat("[", 60000), 400, `not JSON`},
	} {
		r := s.do(stranger(), "POST", "/", c.body)
		if r.status != c.status || !strings.Contains(r.body, c.want) || r.header.Get("Content-Type") != "application/json" {
			t.Errorf("%.60s: %d %s, want %d %s", c.body, r.status, r.body, c.status, c.want)
		}
	}
	for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json-evil"} {
		if r := s.do(stranger(), "POST", "/", `{}`, "Content-Type", kind); r.status != http.StatusUnsupportedMediaType {
			t.Errorf("%s: %d", kind, r.status)
		}
	}
}

// A client is told what it did wrong; what the server did wrong is for the
// operator.
func TestFailures(t *testing.T) {
	s := lone(t, Options{}, usualPatience, route{limit: limit{time: 300 * time.Millisecond}, handle: func(w http.ResponseWriter, r *http.Request) error {
		switch r.URL.Path {
		case "/panic":
			panic("a secret of the server")
		case "/error":
			return errors.New("a secret of the server")
		case "/nan":
			return writeJSON(w, make(chan int))
		case "/half":
			fmt.Fprint(w, "half of it")
			if err := http.NewResponseController(w).Flush(); err != nil {
				return err
			}
			return errors.New("the other half is missing")
		}
		<-r.Context().Done()
		return fmt.Errorf("computing: %w", r.Context().Err())
	}})
	for path, want := range map[string]int{"/panic": 500, "/error": 500, "/nan": 500, "/long": 503} {
		r := s.do(stranger(), "GET", path, "")
		if r.status != want || strings.Contains(r.body, "secret") || strings.Contains(r.body, "goroutine") || !strings.HasPrefix(r.body, `{"error":`) {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
	if told := s.told(); strings.Count(told, "a secret of the server") != 2 || !strings.Contains(told, "attack_test.go") {
		t.Errorf("the operator was told %s", told)
	}
	res, err := stranger().Get(s.base + "/half")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if text, err := io.ReadAll(res.Body); err == nil {
		t.Errorf("half of an answer was taken for %q", text)
	}
	if told := s.told(); !strings.Contains(told, "/half: the other half is missing") || strings.Contains(told, "abort") {
		t.Errorf("the operator was told %s", told)
	}
}

// Requests that compute wait for each other, and not for ever; one that its
// client has given up frees its slot.
func TestWorkSlots(t *testing.T) {
	s := begin(t, Options{})
	s.slots.work = newQueue(1)
	s.patience.work = 20 * time.Second
	mux := http.NewServeMux()
	for path, wait := range map[string]time.Duration{"/slow": time.Minute, "/patient": time.Minute, "/quick": 50 * time.Millisecond} {
		mux.Handle(path, s.limited(route{limit: limit{work: true, time: wait}, handle: func(w http.ResponseWriter, r *http.Request) error {
			if path != "/slow" {
				return writeJSON(w, "done")
			}
			<-r.Context().Done()
			return r.Context().Err()
		}}))
	}
	s.handler = mux
	s.serve("127.0.0.1:0")
	slow, err := net.Dial("tcp", strings.TrimPrefix(s.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(slow, "GET /slow HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
	for len(s.slots.work.slots) == 0 {
		time.Sleep(time.Millisecond)
	}
	_ = slow.Close()                                                             // the client has gone: its work ends long before its time
	if r := s.do(stranger(), "GET", "/patient", ""); r.status != http.StatusOK { // a stranger waits for 20 s
		t.Errorf("after the client had gone: %d", r.status)
	}
	s.patience.work = 50 * time.Millisecond
	_, leave, err := s.slots.work.take(t.Context(), "", "a long walk", time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if r := s.do(stranger(), "GET", "/quick", ""); r.status != http.StatusServiceUnavailable || r.header.Get("Retry-After") == "" || !strings.Contains(r.body, "busy with a long walk (since 0 s)") {
		t.Errorf("with all slots taken: %d %s", r.status, r.body)
	}
	leave()
}

// Streams above their number are refused, and one that ends makes room.
func TestTooManyStreams(t *testing.T) {
	s := lone(t, Options{Streams: 3}, usualPatience, route{limit: limit{stream: true}, handle: func(w http.ResponseWriter, r *http.Request) error {
		fmt.Fprint(w, "data: hello\n\n")
		if err := http.NewResponseController(w).Flush(); err != nil {
			return err
		}
		<-r.Context().Done()
		return nil
	}})
	var streams []*http.Response
	for range 3 {
		res, err := stranger().Get(s.base)
		if err != nil {
			t.Fatal(err)
		}
		streams = append(streams, res)
		defer res.Body.Close()
	}
	if r := s.do(stranger(), "GET", "/", ""); r.status != http.StatusServiceUnavailable || !strings.Contains(r.body, "3 event streams are open") || r.header.Get("Retry-After") == "" {
		t.Errorf("%d %s", r.status, r.body)
	}
	_ = streams[0].Body.Close()
	for deadline := time.Now().Add(5 * time.Second); s.slots.open.Load() == 3 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	res, err := stranger().Get(s.base)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(res, err)
	}
	_ = res.Body.Close()
}

// A stream lasts longer than any request may take, quiet or not.
func TestStreamLasts(t *testing.T) {
	p := patience{header: 400 * time.Millisecond, body: 400 * time.Millisecond, idle: 100 * time.Millisecond, write: 100 * time.Millisecond}
	s := lone(t, Options{}, p, route{limit: limit{stream: true}, handle: func(w http.ResponseWriter, r *http.Request) error {
		fmt.Fprint(w, "begin")
		if err := http.NewResponseController(w).Flush(); err != nil {
			return err
		}
		select {
		case <-r.Context().Done():
			return r.Context().Err()
		case <-time.After(700 * time.Millisecond):
		}
		_, err := fmt.Fprint(w, " and end")
		return err
	}})
	if r := s.do(stranger(), "GET", "/", ""); r.body != "begin and end" {
		t.Errorf("%d %q", r.status, r.body)
	}
}

// A client that stops to read does not keep a stream for ever.
func TestStuckReader(t *testing.T) {
	ended := make(chan error, 1)
	p := usualPatience
	p.write = 200 * time.Millisecond
	s := lone(t, Options{}, p, route{limit: limit{stream: true}, handle: func(w http.ResponseWriter, r *http.Request) error {
		lump := make([]byte, 1<<20)
		for {
			if _, err := w.Write(lump); err != nil {
				ended <- err
				return err
			}
		}
	}})
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
	select {
	case err := <-ended:
		var late net.Error
		if !errors.As(err, &late) || !late.Timeout() {
			t.Errorf("%v", err)
		}
	case <-time.After(5 * time.Second):
		t.Error("the server still writes")
	}
	s.stop()
	if told := s.told(); told != "" { // it is nothing that the server has done
		t.Errorf("the operator was told %s", told)
	}
}

// Clients that send byte by byte are cut off, and keep nobody waiting.
func TestSlowLoris(t *testing.T) {
	p := patience{header: 300 * time.Millisecond, body: 600 * time.Millisecond, idle: time.Second, write: time.Second}
	s := begin(t, Options{})
	s.patience = p
	s.serve("127.0.0.1:0")
	c := s.browser()
	cookie := s.cookies(c)
	var wg sync.WaitGroup
	for i := range 50 {
		begin := "GET /api/meta HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
		if i%2 == 1 {
			begin = "POST /api/meta HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: " + cookie + "\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
		}
		wg.Go(func() {
			conn, err := net.Dial("tcp", strings.TrimPrefix(s.base, "http://"))
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			gone := make(chan struct{})
			go func() {
				_, _ = io.Copy(io.Discard, conn)
				close(gone)
			}()
			fmt.Fprint(conn, begin)
			for start := time.Now(); ; {
				select {
				case <-gone:
					return
				case <-time.After(20 * time.Millisecond):
					if _, err := io.WriteString(conn, "a"); err != nil {
						return
					}
				}
				if time.Since(start) > 15*time.Second {
					t.Errorf("still connected: %.20s", begin)
					return
				}
			}
		})
	}
	for range 20 {
		start := time.Now()
		if r := s.do(c, "GET", "/", ""); r.status != http.StatusOK || time.Since(start) > 4*time.Second {
			t.Errorf("meanwhile: %d in %v", r.status, time.Since(start))
		}
		time.Sleep(10 * time.Millisecond)
	}
	wg.Wait()
}

// Headers and queries have an end.
func TestHugeHeader(t *testing.T) {
	s := open(t, Options{})
	cookie := s.cookies(s.browser())
	for _, request := range []string{
		"GET /?" + strings.Repeat("a", 100<<10) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + strings.Repeat("a", 100<<10) + "\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: " + strings.Repeat(cookie+"; ", 1000) + "\r\n\r\n",
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.base, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		go fmt.Fprint(conn, request) // the server closes before it has read all
		first := make([]byte, 12)
		if _, err := io.ReadFull(conn, first); err != nil || string(first) != "HTTP/1.1 431" {
			t.Errorf("%.60q: %s %v", request, first, err)
		}
		_ = conn.Close()
	}
}

// A request for no address at all is for the guard, too.
func TestOptionsOfTheServer(t *testing.T) {
	s := open(t, Options{})
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
	first := make([]byte, 12)
	if _, err := io.ReadFull(conn, first); err != nil || string(first) != "HTTP/1.1 405" {
		t.Errorf("%s %v", first, err)
	}
}
