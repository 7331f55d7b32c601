package warehouse

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/goldthread/goldthread/internal/durable"
)

// formatFile holds the format of everything in the folder of a warehouse: releases, accounts, audit log, ledger of schedules, for
// those who open them and not the warehouse itself. A change of any has a migration, if one without a statement.
const formatFile = "format"

func knownFormat() (int, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	return len(names), err
}

// CheckFormat refuses a folder that a newer program has brought to a format that this one does not know.
func CheckFormat(folder string) error {
	path := filepath.Join(folder, formatFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	version, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return nil // damaged, and told nowhere else: the warehouse's file says the same
	}
	known, err := knownFormat()
	if err != nil {
		return err
	}
	return newer(path, version, known)
}

// noteFormat notes in the folder what the file is of now.
func (w *Warehouse) noteFormat() error {
	known, err := knownFormat()
	if err != nil {
		return err
	}
	path, text := filepath.Join(w.options.Folder, formatFile), strconv.Itoa(known)+"\n"
	if held, err := os.ReadFile(path); err == nil && string(held) == text {
		return nil
	}
	return durable.Replace(path, []byte(text), 0o644)
}
