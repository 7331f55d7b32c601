package main

import (
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/goldthread/goldthread/internal/daylog"
)

// logWriter opens where a command's log goes: logs/ of the state's folder, unless --log says otherwise.
func (p *program) logWriter(state string) (io.WriteCloser, error) {
	switch p.log {
	case "-":
		return unclosed{p.term.errors}, nil
	case "":
		return daylog.Open(filepath.Join(state, "logs"), time.Now)
	}
	return os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
}

// An unclosed writer stays open for others.
type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }
