package checkpoint

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strings"
	"unicode/utf8"
)

const (
	manifestName = "manifest.json"
	// formatVersion is the version of manifests that this package writes; it
	// reads those from 1 to it.
	formatVersion = 1
	// maxManifest is the longest manifest that is written or read, in bytes.
	maxManifest = 1 << 20
)

// A manifest states what a checkpoint consists of. Its file is a JSON object
// whose last member, "sha256", is the sum of all bytes of the file before that
// member: this holds for every version of the format, so that a manifest of a
// later one can be told from a damaged one.
type manifest struct {
	Format int               `json:"format"`
	Step   int64             `json:"step"`
	Epoch  int               `json:"epoch"`
	Meta   map[string]string `json:"meta,omitempty"`
	Parts  []partEntry       `json:"parts"`
}

type partEntry struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// A FutureError says that a checkpoint was written by a later version of this
// package. The checkpoint is sound.
type FutureError struct {
	Name   string
	Format int
}

func (e *FutureError) Error() string {
	return fmt.Sprintf("checkpoint: %s has format %d, this program reads formats up to %d: use the program that wrote it, or a newer one",
		e.Name, e.Format, formatVersion)
}

// The end of a manifest: the sum, in hexadecimal, between these two.
const (
	sealStart = ",\n  \"sha256\": \""
	sealEnd   = "\"\n}\n"
	sealSize  = len(sealStart) + 2*sha256.Size + len(sealEnd)
)

// seal ends a manifest whose object is still open.
func seal(body []byte) []byte {
	sum := sha256.Sum256(body)
	return fmt.Appendf(bytes.Clone(body), "%s%x%s", sealStart, sum, sealEnd)
}

// encode returns the file of a manifest.
func (m *manifest) encode() ([]byte, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(m); err != nil {
		return nil, err
	}
	file := seal(bytes.TrimSuffix(b.Bytes(), []byte("\n}\n")))
	if len(file) > maxManifest {
		return nil, fmt.Errorf("the manifest has %d bytes, want at most %d: Info.Meta is too long", len(file), maxManifest)
	}
	return file, nil
}

// decodeManifest reads the file of a manifest. A sound one of a later version
// is a *FutureError without a name.
func decodeManifest(file []byte) (*manifest, error) {
	if len(file) > maxManifest {
		return nil, fmt.Errorf("%d bytes, want at most %d", len(file), maxManifest)
	}
	body := file[:max(0, len(file)-sealSize)]
	if !bytes.Equal(seal(body), file) {
		return nil, errors.New("its own checksum does not fit")
	}
	var version struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(file, &version); err != nil {
		return nil, err
	}
	switch {
	case version.Format > formatVersion:
		return nil, &FutureError{Format: version.Format}
	case version.Format < 1:
		return nil, fmt.Errorf("format = %d, want 1 to %d", version.Format, formatVersion)
	}
	var sealed struct {
		manifest
		SHA256 string `json:"sha256"`
	}
	d := json.NewDecoder(bytes.NewReader(file))
	d.DisallowUnknownFields()
	if err := d.Decode(&sealed); err != nil {
		return nil, err
	}
	m := &sealed.manifest
	if err := m.check(); err != nil {
		return nil, err
	}
	return m, nil
}

var partName = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$`)

// check reports what no manifest may say.
func (m *manifest) check() error {
	if m.Step < 0 {
		return fmt.Errorf("step = %d, want at least 0", m.Step)
	}
	if m.Epoch < 0 {
		return fmt.Errorf("epoch = %d, want at least 0", m.Epoch)
	}
	for key, value := range m.Meta {
		if !utf8.ValidString(key) || !utf8.ValidString(value) {
			return fmt.Errorf("meta %+q = %+q, want UTF-8", key, value)
		}
	}
	if len(m.Parts) == 0 {
		return errors.New("no parts, want at least one")
	}
	seen := map[string]string{}
	var total int64
	for _, p := range m.Parts {
		folded := strings.ToLower(p.Name) // some file systems do not tell cases apart
		switch other, twice := seen[folded]; {
		case !partName.MatchString(p.Name):
			return fmt.Errorf("part %+.110q: want a name of 1 to 100 letters, digits, dots, dashes and underscores that does not start with a dot", p.Name)
		case folded == manifestName:
			return fmt.Errorf("part %q: the name is the manifest's", p.Name)
		case twice:
			return fmt.Errorf("parts %q and %q: want names that differ in more than case", other, p.Name)
		case p.Bytes < 0 || p.Bytes > math.MaxInt64-maxManifest-total:
			return fmt.Errorf("part %q: %d bytes", p.Name, p.Bytes)
		}
		if sum, err := hex.DecodeString(p.SHA256); err != nil || len(sum) != sha256.Size {
			return fmt.Errorf("part %q: sha256 = %+.80q, want %d hexadecimal digits", p.Name, p.SHA256, 2*sha256.Size)
		}
		seen[folded] = p.Name
		total += p.Bytes
	}
	return nil
}

// info returns what the manifest says of the checkpoint.
func (m *manifest) info() Info {
	return Info{Step: m.Step, Epoch: m.Epoch, Meta: m.Meta}.clone()
}
