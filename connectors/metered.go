package connectors

import (
	"context"
	"time"
)

// A Metered source keeps to an allowance of data. Before it is read it is told how to ask the ledger how many bytes its looks
// have brought since a moment; what it takes afterwards it counts itself.
type Metered interface {
	Meter(taken func(ctx context.Context, since time.Time) (bytes int64, err error))
}
