package csvdrop

import (
	"encoding/json"
	"fmt"
	"maps"

	"github.com/goldthread/goldthread/connectors"
)

// A cursor says what each file held when it was last read.
type cursor struct {
	Files map[string]held `json:"files"`
}

type held struct {
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}

func readCursor(since connectors.Cursor) (cursor, error) {
	c := cursor{Files: map[string]held{}}
	if len(since) == 0 {
		return c, nil
	}
	if err := json.Unmarshal(since, &c); err != nil {
		return c, fmt.Errorf("reading the cursor of the last load: %w", err)
	}
	if c.Files == nil {
		c.Files = map[string]held{}
	}
	return c, nil
}

func (c cursor) text() connectors.Cursor {
	text, _ := json.Marshal(c) // a map of texts and numbers cannot fail
	return text
}

// knows says whether the content of a file has been read. Under a path that has been read before, only what it held last
// counts, so that a file put back to what it held earlier lands again; under a new path, what any other holds: the file was
// renamed or copied.
func (c cursor) knows(place, sha256 string) bool {
	if own, ok := c.Files[place]; ok {
		return own.SHA256 == sha256
	}
	return c.hashes()[sha256]
}

func (c cursor) clone() cursor { return cursor{maps.Clone(c.Files)} }

// hashes is the set of contents.
func (c cursor) hashes() map[string]bool {
	set := map[string]bool{}
	for _, h := range c.Files {
		set[h.SHA256] = true
	}
	return set
}

// hasSize says whether any file had so many bytes.
func (c cursor) hasSize(size int64) bool {
	for _, h := range c.Files {
		if h.Size == size {
			return true
		}
	}
	return false
}
