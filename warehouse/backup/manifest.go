package backup

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goldthread/goldthread/internal/fault"
)

// A Manifest says what a backup holds. It is written last: a folder without one is no backup.
type Manifest struct {
	Format       int       `json:"format"`
	Council      string    `json:"council"`
	Organisation string    `json:"organisation"`
	MadeAt       time.Time `json:"made_at"`
	Version      string    `json:"program_version"`
	Loads        int64     `json:"loads"`
	LastLoad     int64     `json:"last_load"`
	Rows         int64     `json:"rows"` // ever stored
	Release      int64     `json:"release"`
	// State is the warehouse's folder within the files; StateElsewhere is where it lay if that was outside the council's folder.
	State          string `json:"state"`
	StateElsewhere string `json:"state_elsewhere,omitempty"`
	Files          []File `json:"files"`
}

// A File is one file of a backup, by its path from the council's folder, with slashes.
type File struct {
	Path   string `json:"path"`
	Size   int64  `json:"size_bytes"`
	SHA256 string `json:"sha256"`
}

// Bytes is the size of all files together.
func (m Manifest) Bytes() (sum int64) {
	for _, f := range m.Files {
		sum += f.Size
	}
	return sum
}

const (
	format       = 1 // of backups that this program makes
	manifestName = "manifest.json"
	sumName      = "manifest.sha256" // as sha256sum writes and checks it
	filesFolder  = "folder"          // holds what a restore gives back
)

var hashForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

// ParseManifest reads the text of a manifest, and refuses one that a restore could not follow without harm: a path that leads
// out of the folder, a file named twice.
func ParseManifest(text []byte) (m Manifest, err error) {
	var head struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return m, err
	}
	if head.Format > format {
		return m, errNewer
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&m); err != nil {
		return m, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return m, errors.New("something follows its end")
	}
	return m, m.check()
}

var errNewer = errors.New("a newer goldthread made it")

func (m Manifest) check() error {
	if m.Format != format || !plain(m.State) || len(m.Files) == 0 {
		return errors.New("it lacks a part")
	}
	held := map[string]bool{}
	for _, f := range m.Files {
		switch {
		case !plain(f.Path):
			return fmt.Errorf("%q is no path within a folder", f.Path)
		case held[f.Path]:
			return fmt.Errorf("%q stands in it twice", f.Path)
		case f.Size < 0 || !hashForm.MatchString(f.SHA256):
			return fmt.Errorf("%q has no size or no SHA-256", f.Path)
		}
		held[f.Path] = true
	}
	return nil
}

// plain says whether a path with slashes names a file below a folder on this system, in UTF-8.
func plain(name string) bool {
	return name != "." && path.Clean(name) == name && filepath.IsLocal(filepath.FromSlash(name)) &&
		utf8.ValidString(name) && !strings.Contains(name, "\x00")
}

// read reads the manifest of the backup in a folder.
func read(folder string) (m Manifest, err error) {
	name := filepath.Join(folder, manifestName)
	text, err := os.ReadFile(name)
	sum, failed := os.ReadFile(filepath.Join(folder, sumName))
	if errors.Is(err, os.ErrNotExist) || errors.Is(failed, os.ErrNotExist) {
		return m, &fault.Error{Where: folder, What: "this is no whole backup: " + manifestName + " or " + sumName + " is missing", Fix: "name a folder that goldthread backup made, or the folder of several"}
	}
	if err := errors.Join(err, failed); err != nil {
		return m, err
	}
	if string(sum) != sumLine(text) {
		return m, damaged(name, "the manifest does not fit its checksum")
	}
	m, err = ParseManifest(text)
	if errors.Is(err, errNewer) {
		return m, &fault.Error{Where: name, What: "a newer goldthread made this backup", Fix: "restore it with the newer program", Err: err}
	}
	if err != nil {
		return m, damaged(name, "the manifest cannot be read: "+err.Error())
	}
	return m, nil
}

func damaged(where, what string) error {
	return &fault.Error{Where: where, What: what, Fix: "restore an earlier backup, or a copy of this one that lies elsewhere"}
}

func sumLine(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]) + "  " + manifestName + "\n"
}

// write makes a folder a backup.
func (m Manifest) write(folder string) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := writeSynced(filepath.Join(folder, manifestName), text); err != nil {
		return err
	}
	return writeSynced(filepath.Join(folder, sumName), []byte(sumLine(text)))
}

func writeSynced(name string, text []byte) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}
