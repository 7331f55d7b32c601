package connectors

import "context"

// A Prober is a source that can be tried as it would be read, without landing anything: rights, types, precision, cursors.
type Prober interface {
	// Deep gives what was tried and what came of it, with no value of any row. What fails is a finding; the error is that of
	// a context that ended.
	Deep(ctx context.Context) ([]Finding, error)
}

// A Finding is one thing that was tried.
type Finding struct {
	Dataset string `json:"dataset,omitempty"` // empty where the source as a whole is meant
	Tried   string `json:"tried"`
	Found   string `json:"found"`
	OK      bool   `json:"ok"`
}
