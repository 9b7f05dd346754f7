package web

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A guard stands before everything the server has. A request gets past it when
// its Host is one of the server's names (a foreign name that resolves to this
// machine is an attack), when no other site has made the browser send it, and
// when its cookie says that this browser has opened an address that the operator
// was shown.
type guard struct {
	doors  doors
	secure bool // TLS
	hosts  []string
	origin *http.CrossOriginProtection
	note   func(format string, args ...any)

	mu   sync.Mutex
	addr net.TCPAddr // where the server listens
}

func newGuard(o Options) (*guard, error) {
	g := &guard{secure: o.Certificate != nil, origin: http.NewCrossOriginProtection(), note: o.Note}
	for _, h := range o.Hosts {
		if err := CheckHost(h); err != nil {
			return nil, fmt.Errorf("web: Options.Hosts: %q: %w", h, err)
		}
		g.hosts = append(g.hosts, strings.ToLower(h))
	}
	var err error
	g.doors, err = newDoors(o.Runs, o.Clock)
	return g, err
}

// CheckHost says what is wrong with a name for [Options.Hosts].
func CheckHost(h string) error {
	if host, _ := splitHost(h); host == "" || strings.ContainsAny(h, "/@?#* \t") {
		return errors.New("want a name or name:port")
	}
	return nil
}

// allowAddress refuses an address that other machines can reach, if what they
// send could be read on its way.
func (g *guard) allowAddress(address string) error {
	no := func(format string, args ...any) error { return &AddressError{address, fmt.Sprintf(format, args...)} }
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return no("want host:port, such as 127.0.0.1:8421")
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return no("the port is %q, want 0 to 65535", port)
	}
	if isLoopback(host) {
		return nil
	}
	if !g.secure {
		return no("other machines can reach it, so it takes TLS: want --tls-cert and --tls-key, or 127.0.0.1:%s", port)
	}
	if ip, err := netip.ParseAddr(host); (host == "" || err == nil && ip.IsUnspecified()) && len(g.hosts) == 0 {
		return no("it is every address of this machine: want --host, the name that browsers call")
	}
	return nil
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// at tells the guard where the server listens.
func (g *guard) at(addr net.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if tcp, ok := addr.(*net.TCPAddr); ok {
		g.addr = *tcp
	}
}

func (g *guard) listening() net.TCPAddr {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.addr
}

// base returns the address of the page without a token.
func (g *guard) base() string {
	at := g.listening()
	scheme, host := "http", net.JoinHostPort("127.0.0.1", strconv.Itoa(at.Port))
	if g.secure {
		scheme = "https"
	}
	switch {
	case len(g.hosts) > 0 && !at.IP.IsLoopback():
		host = g.hosts[0]
		if _, port := splitHost(host); port == "" {
			host = net.JoinHostPort(host, strconv.Itoa(at.Port))
		}
	case at.IP != nil && !at.IP.IsUnspecified():
		host = at.String()
	}
	return scheme + "://" + host
}

// address returns where one browser may enter, once.
func (g *guard) address() string { return g.base() + "/?token=" + g.doors.key() }

// knows reports whether a Host header names this server. A loopback name may
// have any port: it may have been forwarded from another machine.
func (g *guard) knows(header string) bool {
	host, port := splitHost(strings.ToLower(header))
	if isLoopback(host) {
		return true
	}
	at := g.listening()
	here := strconv.Itoa(at.Port)
	if port == "" {
		port = map[bool]string{false: "80", true: "443"}[g.secure]
	}
	if ip, err := netip.ParseAddr(host); err == nil && at.IP != nil && !at.IP.IsUnspecified() {
		if own, ok := netip.AddrFromSlice(at.IP); ok && own.Unmap() == ip.Unmap() {
			return port == here
		}
	}
	return slices.ContainsFunc(g.hosts, func(h string) bool {
		name, p := splitHost(h)
		if p == "" {
			p = here
		}
		return name == host && p == port
	})
}

// splitHost returns the parts of host, host:port, [v6] or [v6]:port.
func splitHost(h string) (host, port string) {
	if host, port, err := net.SplitHostPort(h); err == nil {
		return host, port
	}
	return strings.TrimSuffix(strings.TrimPrefix(h, "["), "]"), ""
}

// policy is what browsers are told of every answer.
var policy = map[string]string{
	"Content-Security-Policy":      "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"Referrer-Policy":              "no-referrer",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Permissions-Policy":           "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
	"Cache-Control":                "no-store",
}

// protect returns a handler that lets past the guard what may pass it.
func (g *guard) protect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		for name, value := range policy {
			h.Set(name, value)
		}
		switch {
		case !g.knows(r.Host):
			g.deny(w, r, http.StatusMisdirectedRequest, "this server does not have the name by which it was called; --host allows one")
			return
		case !slices.Contains([]string{"GET", "HEAD", "POST", "DELETE"}, r.Method):
			h.Set("Allow", "GET, HEAD, POST, DELETE")
			g.deny(w, r, http.StatusMethodNotAllowed, "the method is none of GET, HEAD, POST and DELETE")
			return
		case !strings.HasPrefix(r.URL.Path, "/") || r.URL.Host != "":
			g.deny(w, r, http.StatusBadRequest, "the address is not one of a page here")
			return
		case g.origin.Check(r) != nil || isAPI(r) && foreign(r):
			g.deny(w, r, http.StatusForbidden, "another site has made the browser ask for this")
			return
		}
		if r.Method == http.MethodGet && r.URL.Query().Has("token") && !isAPI(r) {
			g.enter(w, r)
			return
		}
		if !g.doors.in(r, g.cookie()) {
			g.deny(w, r, http.StatusUnauthorized, "open the address that the server has printed where it runs; it lets one browser in, once")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func isAPI(r *http.Request) bool {
	return r.URL.Path == "/api" || strings.HasPrefix(r.URL.Path, "/api/")
}

// foreign reports whether a browser says that another site is behind a request,
// whatever its method.
func foreign(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return site != "" && site != "same-origin" && site != "none"
}

// cookie returns the name of the cookie. Cookies do not know ports: the name
// keeps servers of one machine apart.
func (g *guard) cookie() string {
	name := "descent-" + strconv.Itoa(g.listening().Port)
	if g.secure {
		name = "__Host-" + name
	}
	return name
}

// enter exchanges the token of an address for a cookie.
func (g *guard) enter(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	token := query.Get("token")
	query.Del("token")
	clean := "/" + strings.TrimLeft(r.URL.EscapedPath(), "/\\")
	if q := query.Encode(); q != "" {
		clean += "?" + q
	}
	known := g.doors.in(r, g.cookie()) // a browser that is in needs no token, and uses none up
	if !known {
		session, ok := g.doors.open(token)
		if !ok {
			g.deny(w, r, http.StatusUnauthorized, "this address was used before, or is of an earlier start: open the one that the server has printed last")
			return
		}
		g.note("A browser is in. For another one: %s", g.address())
		http.SetCookie(w, &http.Cookie{
			Name: g.cookie(), Value: session, Path: "/", MaxAge: int(sessionTime.Seconds()),
			HttpOnly: true, Secure: g.secure, SameSite: http.SameSiteStrictMode,
		})
	}
	http.Redirect(w, r, clean, http.StatusSeeOther)
}
