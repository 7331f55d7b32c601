package warehouse

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// ServedAs is the name under which readers see the database of a release.
const ServedAs = "goldthread"

// A ServePlan says how a release is opened for many readers at once.
type ServePlan struct {
	Number   int64 // of the release; the current one where 0
	Audience string
	Limits   duckdb.Settings // memory, threads, time zone
	Beside   []string        // statements that lay out what stands beside the release, before the engine is locked
}

// Serve opens the file of a release, read-only and under the name ServedAs, in an engine of its own that is shut off from
// every other file and whose settings are locked.
func (r *Releases) Serve(ctx context.Context, plan ServePlan) (*sql.DB, error) {
	number, err := r.resolve(plan.Number)
	if err != nil {
		return nil, err
	}
	path, err := r.file(number, plan.Audience)
	if err != nil {
		return nil, err
	}
	limits := plan.Limits
	limits.NoFilesystem = true
	attach := fmt.Sprintf("attach %s as %s (read_only)", duckdb.Literal(path), duckdb.Name(ServedAs))
	return duckdb.OpenShared(ctx, limits, append([]string{attach}, plan.Beside...)...)
}
