package web

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Under TLS the cookie is for TLS alone, and other machines may reach the server.
func TestTLS(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"lab"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	s := begin(t, Options{Certificate: &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, Hosts: []string{"lab"}}).serve("0.0.0.0:0")
	address := s.Address()
	if !strings.HasPrefix(address, "https://lab:") {
		t.Fatalf("address %s", address)
	}
	port := address[strings.LastIndex(address, ":"):strings.LastIndex(address, "/")]
	s.base = "https://127.0.0.1" + port
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	c := stranger()
	c.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	r := s.do(c, "GET", strings.Replace(address, "https://lab", "https://127.0.0.1", 1), "", "Host", "lab"+port)
	cookie := r.header.Get("Set-Cookie")
	if r.status != http.StatusSeeOther || !strings.HasPrefix(cookie, "__Host-descent-") || !strings.Contains(cookie, "; Secure") || !strings.Contains(cookie, "HttpOnly") {
		t.Errorf("%d %s", r.status, cookie)
	}
	if r := s.do(c, "GET", "/api/meta", "", "Host", "lab"+port); r.status != http.StatusOK {
		t.Errorf("let in, then %d", r.status)
	}
	if r := s.do(c, "GET", "/api/meta", "", "Host", "evil.example"+port); r.status != http.StatusMisdirectedRequest {
		t.Errorf("a foreign name: %d", r.status)
	}
	if r := s.do(c, "POST", "/api/meta", "{}", "Origin", "http://lab"+port, "Sec-Fetch-Site", "cross-site"); r.status != http.StatusForbidden {
		t.Errorf("from the same name without TLS: %d", r.status)
	}
	plain := stranger()
	if r := s.do(plain, "GET", "http://127.0.0.1"+port+"/", ""); r.status != http.StatusBadRequest {
		t.Errorf("without TLS: %d", r.status)
	}
}
