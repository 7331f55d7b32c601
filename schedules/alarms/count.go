package alarms

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// A Count is how many problems have been told and are not over, and how many messages wait to be sent.
type Count struct{ Open, Waiting int }

// CountIn reads the file of a folder's desk, and changes nothing.
func CountIn(folder string) (c Count, err error) {
	text, err := os.ReadFile(filepath.Join(folder, File))
	if errors.Is(err, os.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	var held struct {
		Open    map[string]json.RawMessage `json:"open"`
		Letters []json.RawMessage          `json:"letters"`
	}
	if err := json.Unmarshal(text, &held); err != nil {
		return c, fmt.Errorf("reading %s: %w", File, err)
	}
	return Count{len(held.Open), len(held.Letters)}, nil
}
