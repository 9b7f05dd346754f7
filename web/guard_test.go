package web

import (
	"bytes"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// example fills the wildcards of a pattern.
var example = regexp.MustCompile(`\{[^}]*\}`)

func method(pattern string) (method, path string) {
	method, path, _ = strings.Cut(pattern, " ")
	return method, example.ReplaceAllString(path, "x")
}

// No route is open to a browser that was not let in, to one that came by a
// foreign name, or to one that another site has sent. GET changes nothing.
func TestEveryRoute(t *testing.T) {
	s := open(t, Options{})
	in, out := s.browser(), stranger()
	seen := map[string]bool{}
	for _, r := range s.routes() {
		verb, path := method(r.pattern)
		switch {
		case verb != "GET" && verb != "POST" && verb != "DELETE":
			t.Errorf("%s: want GET, POST or DELETE", r.pattern)
		case !strings.HasPrefix(path, "/api/"):
			t.Errorf("%s is not below /api/", r.pattern)
		case seen[r.pattern]:
			t.Errorf("%s is there twice", r.pattern)
		case r.limit.body > 8<<20 || r.limit.time > 2*time.Minute:
			t.Errorf("%s: limit %+v", r.pattern, r.limit)
		}
		seen[r.pattern] = true
		foreign := []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}
		for _, c := range []struct {
			why    string
			client *http.Client
			header []string
			want   int
		}{
			{"a stranger", out, nil, http.StatusUnauthorized},
			{"a foreign name", in, []string{"Host", "evil.example"}, http.StatusMisdirectedRequest},
			{"a foreign site", in, foreign, http.StatusForbidden},
			{"a stranger from a foreign site", out, foreign, http.StatusForbidden},
			{"another port of this machine", in, []string{"Sec-Fetch-Site", "same-site"}, http.StatusForbidden},
		} {
			if got := s.do(c.client, verb, path, "", c.header...); got.status != c.want || !strings.HasPrefix(got.body, `{"error":`) {
				t.Errorf("%s by %s: %d %q, want %d", r.pattern, c.why, got.status, got.body, c.want)
			}
		}
		if verb == "POST" || verb == "DELETE" { // a browser too old to say which site it is
			if got := s.do(in, verb, path, "", "Origin", "http://evil.example"); got.status != http.StatusForbidden {
				t.Errorf("%s by an old browser: %d", r.pattern, got.status)
			}
		}
	}
	before := files(t, s.Runs)
	for _, r := range s.routes() {
		if verb, path := method(r.pattern); verb == "GET" && !r.limit.stream {
			if got := s.do(in, "GET", path, ""); got.status >= 500 {
				t.Errorf("%s: %d %s\n%s", r.pattern, got.status, got.body, s.told())
			}
		}
	}
	if after := files(t, s.Runs); after != before {
		t.Errorf("GET has changed files:\n%s\nwere\n%s", after, before)
	}
	for _, path := range []string{"/", "/explore", "/assets/x.js", "/nothing", "/api/nothing", "/api"} {
		if got := s.do(out, "GET", path, ""); got.status != http.StatusUnauthorized {
			t.Errorf("%s by a stranger: %d", path, got.status)
		}
	}
}

// files returns what is in a folder, but for the index of runs, which is a cache:
// reading changes it.
func files(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if strings.HasPrefix(d.Name(), "index.sqlite") {
			return nil
		}
		b.WriteString(path)
		if !d.IsDir() {
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			b.Write(content)
		}
		b.WriteByte('\n')
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A token lets one browser in, once.
func TestToken(t *testing.T) {
	s := open(t, Options{})
	address := s.Address()
	if !regexp.MustCompile(`^http://127\.0\.0\.1:\d+/\?token=[\w-]{43}$`).MatchString(address) {
		t.Errorf("address %s", address)
	}
	for _, path := range []string{"/", "/explore", "/?token=", "/?token=wrong", "/?token=" + strings.Repeat("A", 43), address + "x", "/?Token=" + s.guard.doors.key()} {
		r := s.do(stranger(), "GET", path, "")
		if r.status != http.StatusUnauthorized || r.header.Get("Set-Cookie") != "" || !strings.Contains(r.body, "printed") {
			t.Errorf("%s: %d %v %s", path, r.status, r.header, r.body)
		}
	}
	if r := s.do(stranger(), "HEAD", address, ""); r.status != http.StatusUnauthorized || s.Address() != address {
		t.Errorf("HEAD has used up the token: %d", r.status)
	}
	if r := s.do(stranger(), "POST", address, ""); r.status != http.StatusUnauthorized || s.Address() != address {
		t.Errorf("POST has used up the token: %d", r.status)
	}
	if r := s.do(stranger(), "GET", strings.Replace(address, "/?", "/api/meta?", 1), ""); r.status != http.StatusUnauthorized {
		t.Errorf("a token for the interface: %d", r.status)
	}
	first := stranger()
	r := s.do(first, "GET", strings.Replace(address, "/?", "/explore?f=x%5E2&", 1), "")
	cookie := r.header.Get("Set-Cookie")
	if r.status != http.StatusSeeOther || r.header.Get("Location") != "/explore?f=x%5E2" {
		t.Errorf("%d %v", r.status, r.header)
	}
	for _, want := range []string{"descent-" + address[strings.LastIndex(address, ":")+1:strings.LastIndex(address, "/")] + "=", "HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=2592000"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("cookie %s has no %s", cookie, want)
		}
	}
	if strings.Contains(cookie, "Secure") || strings.Contains(cookie, "Domain") {
		t.Errorf("cookie %s", cookie)
	}
	if r := s.do(first, "GET", "/api/meta", ""); r.status != http.StatusOK {
		t.Errorf("let in, then %d", r.status)
	}
	if r := s.do(stranger(), "GET", address, ""); r.status != http.StatusUnauthorized || !strings.Contains(r.body, "used before") {
		t.Errorf("replayed: %d", r.status)
	}
	next := s.Address()
	if next == address || !strings.Contains(s.told(), next) {
		t.Errorf("the operator was told %q, and the next address is %s", s.told(), next)
	}
	if r := s.do(first, "GET", next, ""); r.status != http.StatusSeeOther || r.header.Get("Set-Cookie") != "" || s.Address() != next {
		t.Errorf("a browser that is in has used up a token: %d", r.status)
	}
	if r := s.do(stranger(), "GET", next, ""); r.status != http.StatusSeeOther {
		t.Errorf("the second browser: %d", r.status)
	}
}

// Of many that try one token at once, one gets in.
func TestTokenRace(t *testing.T) {
	s := open(t, Options{})
	address := s.Address()
	var wg sync.WaitGroup
	in := make([]bool, 16)
	for i := range in {
		wg.Go(func() {
			res, err := stranger().Get(address)
			if err != nil {
				t.Error(err)
				return
			}
			_ = res.Body.Close()
			in[i] = res.StatusCode == http.StatusSeeOther
		})
	}
	wg.Wait()
	n := 0
	for _, ok := range in {
		if ok {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d browsers came in by one token", n)
	}
}

// A session outlives the server, not its time, and cannot be made.
func TestSession(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	s := open(t, Options{Clock: clock})
	c := s.browser()
	address := strings.TrimPrefix(s.base, "http://")
	s.stop()
	again := begin(t, Options{Runs: s.Runs, Clock: clock}).serve(address)
	if r := again.do(c, "GET", "/api/meta", ""); r.status != http.StatusOK {
		t.Errorf("after a restart: %d", r.status)
	}
	name, good, _ := strings.Cut(again.cookies(c), "=")
	flip := func(i int) string {
		b := []byte(good)
		if b[i]++; b[i] > 'z' {
			b[i] = 'A'
		}
		return string(b)
	}
	for _, bad := range []string{"", "x", flip(0), flip(12), flip(40), flip(len(good) - 2), good + "A", good[:len(good)-4], good + "=", strings.ToUpper(good)} {
		if r := again.do(stranger(), "GET", "/api/meta", "", "Cookie", name+"="+bad); r.status != http.StatusUnauthorized {
			t.Errorf("cookie %q: %d", bad, r.status)
		}
	}
	if r := again.do(stranger(), "GET", "/api/meta", "", "Cookie", "descent-1="+good); r.status != http.StatusUnauthorized {
		t.Errorf("a cookie of another port: %d", r.status)
	}
	other := open(t, Options{Clock: clock})
	if r := other.do(stranger(), "GET", "/api/meta", "", "Cookie", other.guard.cookie()+"="+good); r.status != http.StatusUnauthorized {
		t.Errorf("a session of another server: %d", r.status)
	}
	header := again.cookies(c)
	now = now.Add(sessionTime - time.Second)
	if r := again.do(stranger(), "GET", "/api/meta", "", "Cookie", header); r.status != http.StatusOK {
		t.Errorf("before its end: %d", r.status)
	}
	now = now.Add(time.Second)
	if r := again.do(stranger(), "GET", "/api/meta", "", "Cookie", header); r.status != http.StatusUnauthorized {
		t.Errorf("after its end: %d", r.status)
	}
}

// The key of sessions is nobody else's.
func TestKey(t *testing.T) {
	runs := t.TempDir()
	path := filepath.Join(runs, ".serve", "key")
	if s, err := New(Options{Runs: runs}); err != nil || s.Close() != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile(path)
	if err != nil || len(key) != keyBytes {
		t.Fatal(key, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	refused := func(want string) {
		t.Helper()
		if _, err := New(Options{Runs: runs}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	refused("mode 0640, so others may have read it, want 0600")
	if err := os.WriteFile(path, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused("is not a key of sessions")
	elsewhere := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(elsewhere, bytes.Repeat([]byte("a"), keyBytes), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, path); err != nil {
		t.Fatal(err)
	}
	refused("is not a key of sessions")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if s, err := New(Options{Runs: runs}); err != nil || s.Close() != nil {
		t.Fatal(err)
	}
	if fresh, err := os.ReadFile(path); err != nil || bytes.Equal(fresh, key) {
		t.Errorf("the new key is the old one (%v)", err)
	}
	if left, err := filepath.Glob(filepath.Join(runs, ".serve", "*")); err != nil || len(left) != 2 { // the key and the jobs
		t.Errorf("left behind: %v %v", left, err)
	}
	if _, err := New(Options{Runs: filepath.Join(path, "below")}); err == nil || !strings.Contains(err.Error(), "the folder of runs") {
		t.Errorf("%v", err)
	}
}

// Every name but the server's own is foreign.
func TestHosts(t *testing.T) {
	s := begin(t, Options{Hosts: []string{"lab", "other:99", "[fd00::1]:7"}})
	s.guard.at(&net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 8421})
	for host, want := range map[string]bool{
		"localhost": true, "localhost:8421": true, "LOCALHOST:8421": true, "127.0.0.1:8421": true, "127.0.0.1:9000": true, "[::1]:8421": true, "::1": true,
		"192.0.2.7:8421": true, "lab:8421": true, "Lab:8421": true, "other:99": true, "[fd00::1]:7": true,
		"": false, "192.0.2.7": false, "192.0.2.7:80": false, "192.0.2.8:8421": false, "lab": false, "lab:80": false, "other:8421": false, "other": false,
		"localhost.evil.example": false, "127.0.0.1.evil.example:8421": false, "evil.example": false, "evil.example:8421": false, "localhost.": false,
		"127.1:8421": false, "0x7f.1": false, "2130706433": false, "0.0.0.0:8421": false, "[::]:8421": false, "lab.": false, "user@localhost": false, "localhost:8421:80": false,
	} {
		if got := s.guard.knows(host); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}

// Other machines are kept out, unless nobody can read what they send.
func TestAllowAddress(t *testing.T) {
	plain, secure, named := &guard{}, &guard{secure: true}, &guard{secure: true, hosts: []string{"lab"}}
	const tls, every = "want --tls-cert and --tls-key", "want --host"
	for _, c := range []struct {
		g             *guard
		address, want string
	}{
		{plain, "127.0.0.1:8421", ""}, {plain, "127.0.0.1:0", ""}, {plain, "[::1]:8421", ""}, {plain, "localhost:8421", ""}, {plain, "127.9.9.9:1", ""},
		{plain, "0.0.0.0:8421", tls}, {plain, ":8421", tls}, {plain, "[::]:8421", tls}, {plain, "192.0.2.7:8421", tls}, {plain, "lab:8421", tls}, {plain, "127.1:8421", tls},
		{secure, "192.0.2.7:8421", ""}, {secure, "lab:8421", ""}, {secure, "127.0.0.1:0", ""},
		{secure, "0.0.0.0:8421", every}, {secure, ":8421", every}, {secure, "[::]:8421", every},
		{named, "0.0.0.0:8421", ""}, {named, ":8421", ""},
		{plain, "8421", "want host:port"}, {plain, "127.0.0.1", "want host:port"}, {plain, "127.0.0.1:http", "want 0 to 65535"}, {plain, "127.0.0.1:65536", "want 0 to 65535"}, {plain, "127.0.0.1:-1", "want 0 to 65535"},
	} {
		err := c.g.allowAddress(c.address)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.address, err, c.want)
		}
	}
}

// What browsers are told holds for every answer, refusals too.
func TestPolicy(t *testing.T) {
	s := open(t, Options{})
	c := s.browser()
	for _, r := range []answer{
		s.do(c, "GET", "/", ""), s.do(c, "GET", "/api/meta", ""), s.do(c, "GET", "/api/nothing", ""), s.do(c, "GET", "/nothing", ""),
		s.do(stranger(), "GET", "/", ""), s.do(c, "GET", "/", "", "Host", "evil.example"), s.do(c, "PUT", "/", ""),
	} {
		for name := range policy {
			if r.header.Get(name) == "" {
				t.Errorf("%d without %s", r.status, name)
			}
		}
		csp := r.header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src '", "frame-ancestors 'none'", "base-uri 'none'", "form-action '"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%d: %s", r.status, csp)
			}
		}
		if strings.Contains(csp, "unsafe") || r.header.Get("Access-Control-Allow-Origin") != "" || r.header.Get("Server") != "" {
			t.Errorf("%d: %v", r.status, r.header)
		}
	}
	if r := s.do(c, "OPTIONS", "/api/meta", "", "Origin", "https://evil.example", "Access-Control-Request-Method", "POST"); r.status != http.StatusMethodNotAllowed || r.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("a preflight: %d %v", r.status, r.header)
	}
	if u, err := url.Parse(s.Address()); err != nil || u.Query().Get("token") == "" {
		t.Errorf("%v %v", u, err)
	}
}
