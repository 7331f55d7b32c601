package handbook

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/goldthread/goldthread/connectors"
)

// revision is raised when the same files come to other rows under the same columns, so that they are read again.
const revision = 1

// A cursor says what the files held when they were last read, and what columns were made of them.
type cursor struct {
	Made  string            `json:"made"`
	Files map[string]string `json:"files"` // SHA-256 by name
}

func newCursor(t table, files []file) cursor {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s", revision, t.dataset.Schema()))
	c := cursor{Made: hex.EncodeToString(sum[:8]), Files: map[string]string{}}
	for _, f := range files {
		if f.own {
			c.Files[f.name] = f.extract.SHA256
		}
	}
	return c
}

// former reads the cursor of the last load. One that cannot be read stands for nothing: then all is read.
func former(since connectors.Cursor) (c cursor) {
	if json.Unmarshal(since, &c) != nil {
		return cursor{}
	}
	return c
}

// equals says whether two cursors stand for the same.
func (c cursor) equals(other cursor) bool {
	return c.Made == other.Made && maps.Equal(c.Files, other.Files)
}

// gone lists the files that were read last time and are not there now.
func (c cursor) gone(before cursor) []string {
	names := slices.Sorted(maps.Keys(before.Files))
	return slices.DeleteFunc(names, func(name string) bool { return c.Files[name] != "" })
}

func (c cursor) text() connectors.Cursor {
	text, _ := json.Marshal(c) // a map of texts cannot fail
	return text
}
