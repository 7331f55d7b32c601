package main

import (
	"io"
	"os"
	"path/filepath"
)

// logWriter opens where a command's log goes: logs/ of the state's folder, unless --log says otherwise.
func (p *program) logWriter(state string) (io.WriteCloser, error) {
	path := p.log
	switch path {
	case "-":
		return unclosed{p.term.errors}, nil
	case "":
		folder := filepath.Join(state, "logs")
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return nil, err
		}
		path = filepath.Join(folder, "goldthread.log")
	}
	return os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
}

// An unclosed writer stays open for others.
type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }
