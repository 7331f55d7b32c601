package connectors

import "context"

// A Previewer is a source that can tell what Read would find, without reading rows or keeping anything.
type Previewer interface {
	Preview(ctx context.Context, ds Dataset, since Cursor) ([]Found, error)
}

// A Found is one file, page or query as a preview finds it.
type Found struct {
	Place string     `json:"place"`
	State FoundState `json:"state"`
}

// A FoundState is how what was found stands to what has been read.
type FoundState string

const (
	FoundNew        FoundState = "new"        // it has not been read before
	FoundChanged    FoundState = "changed"    // it holds something else than when it was last read
	FoundSame       FoundState = "same"       // its content has been read before
	FoundGone       FoundState = "gone"       // it was read and is no longer there, which changes the dataset
	FoundAgain      FoundState = "again"      // it is the same, and the program now makes something else of it
	FoundUnreadable FoundState = "unreadable" // Read says why
	FoundUnknown    FoundState = "unknown"    // the source tells only when it is read
)
