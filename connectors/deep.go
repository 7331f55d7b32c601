package connectors

import "context"

// A Finding is one thing that a look into a source found. It holds names, types and counts, and no value of the source's.
type Finding struct {
	Check string `json:"check"` // what was looked at: reach, sign-in, rights, types, precision, key, cursor …
	State State  `json:"state"`
	What  string `json:"what"`
	Fix   string `json:"fix,omitempty"`
}

// A State is how a check came out.
type State string

const (
	Fine    State = "fine"
	Warning State = "warning"
	Fault   State = "fault"
)

// A Deep source has more to tell of itself than a reading shows, such as what its account may do and how its types come.
type Deep interface {
	Deep(ctx context.Context, ds Dataset) ([]Finding, error)
}
