package web

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"
)

// sessionTime is how long a browser stays in.
const sessionTime = 30 * 24 * time.Hour

// keyBytes is the length of a key and of a token.
const keyBytes = 32

// doors let browsers in: a token opens once, for a session; a session is its end
// and a name, signed with a key that outlives the server.
type doors struct {
	sign  []byte
	clock func() time.Time
	token *token
}

type token struct {
	mu   sync.Mutex
	text string
}

func newDoors(runs string, clock func() time.Time) (doors, error) {
	dir := filepath.Join(runs, ".serve")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return doors{}, fmt.Errorf("web: the folder of runs: %w", err)
	}
	key, err := loadKey(filepath.Join(dir, "key"))
	return doors{sign: key, clock: clock, token: &token{text: secret()}}, err
}

// loadKey reads the key of sessions, which it makes when there is none.
func loadKey(path string) ([]byte, error) {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return makeKey(path)
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("web: the key of sessions: %w", err)
	case !info.Mode().IsRegular() || info.Size() != keyBytes:
		return nil, fmt.Errorf("web: %s is not a key of sessions: remove it, and every browser enters anew", path)
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return nil, fmt.Errorf("web: %s has mode %04o, so others may have read it, want 0600: remove it, and every browser enters anew", path, info.Mode().Perm())
	}
	key, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("web: the key of sessions: %w", err)
	}
	if len(key) != keyBytes {
		return nil, fmt.Errorf("web: %s has %d bytes, want %d", path, len(key), keyBytes)
	}
	return key, nil
}

// makeKey writes a new key. Of two servers that do so at once, one wins and
// both read its key.
func makeKey(path string) ([]byte, error) {
	key := make([]byte, keyBytes)
	rand.Read(key) // never fails
	f, err := os.CreateTemp(filepath.Dir(path), "key-*")
	if err != nil {
		return nil, fmt.Errorf("web: the key of sessions: %w", err)
	}
	_, err = f.Write(key)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Link(f.Name(), path)
	}
	switch removed := os.Remove(f.Name()); {
	case errors.Is(err, fs.ErrExist):
		return loadKey(path)
	case err != nil || removed != nil:
		return nil, fmt.Errorf("web: the key of sessions: %w", errors.Join(err, removed))
	}
	return key, nil
}

// secret returns a random text of 256 bits.
func secret() string {
	b := make([]byte, keyBytes)
	rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

// key returns the token that opens now.
func (d doors) key() string {
	d.token.mu.Lock()
	defer d.token.mu.Unlock()
	return d.token.text
}

// open returns a session for a token, which opens nothing from then on.
func (d doors) open(token string) (session string, ok bool) {
	d.token.mu.Lock()
	defer d.token.mu.Unlock()
	if !equal(token, d.token.text) {
		return "", false
	}
	d.token.text = secret()
	return d.session(d.clock().Add(sessionTime)), true
}

// equal compares in a time that tells nothing of where texts differ.
func equal(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// session returns a signed session: its end in seconds, a name, the signature.
func (d doors) session(end time.Time) string {
	b := make([]byte, 8+16, 8+16+sha256.Size)
	binary.BigEndian.PutUint64(b, uint64(end.Unix()))
	rand.Read(b[8:]) // never fails
	return base64.RawURLEncoding.EncodeToString(append(b, d.signature(b)...))
}

func (d doors) signature(b []byte) []byte {
	h := hmac.New(sha256.New, d.sign)
	h.Write([]byte("descent session\x00"))
	h.Write(b)
	return h.Sum(nil)
}

// in reports whether a request has a session that has not ended.
func (d doors) in(r *http.Request, name string) bool {
	for _, c := range r.CookiesNamed(name) {
		b, err := base64.RawURLEncoding.Strict().DecodeString(c.Value)
		if err != nil || len(b) != 8+16+sha256.Size || !hmac.Equal(b[24:], d.signature(b[:24])) {
			continue
		}
		if end := binary.BigEndian.Uint64(b); uint64(d.clock().Unix()) < end {
			return true
		}
	}
	return false
}
