package sqldb

import (
	"encoding/json"
	"fmt"

	"github.com/goldthread/goldthread/connectors"
)

// A cursor says how far a dataset has been read, and what it looked like then.
type cursor struct {
	// Of is what was read and by which columns; where the settings ask for something else, everything is read.
	Of string `json:"of"`
	// At is the greatest value of the cursor's column that was read, or the source's clock where that is less, in the
	// source's own words; nil where no row had one.
	At *string `json:"at,omitempty"`
	// Compared is when everything was last read, by the source's clock in seconds since 1970.
	Compared int64 `json:"compared,omitempty"`
	// Shape is what the relation looked like.
	Shape *shape `json:"shape,omitempty"`
}

func readCursor(text connectors.Cursor) (cursor, error) {
	var c cursor
	if len(text) == 0 {
		return c, nil
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return c, fmt.Errorf("reading the cursor: %w", err)
	}
	return c, nil
}

func (c cursor) text() connectors.Cursor {
	text, err := json.Marshal(c)
	if err != nil {
		panic(err) // texts and numbers alone
	}
	return text
}
