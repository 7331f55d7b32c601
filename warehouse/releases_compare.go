package warehouse

import (
	"context"
	"database/sql"

	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// A Pair is two releases that are held against each other, as an audience has them.
type Pair struct {
	Later, Earlier int64
	Audience       string
	Limits         duckdb.Settings
}

// OpenPair opens the files of two releases beside each other, as the databases later and earlier, read-only and shut off from
// every other file.
func (r *Releases) OpenPair(ctx context.Context, p Pair) (*sql.DB, error) {
	var statements []string
	for _, one := range []struct {
		number int64
		name   string
	}{{p.Later, "later"}, {p.Earlier, "earlier"}} {
		number, err := r.resolve(one.number)
		if err != nil {
			return nil, err
		}
		path, err := r.file(number, p.Audience)
		if err != nil {
			return nil, err
		}
		statements = append(statements, "attach "+duckdb.Literal(path)+" as "+duckdb.Name(one.name)+" (read_only)")
	}
	limits := p.Limits
	limits.NoFilesystem = true
	return duckdb.OpenShared(ctx, limits, statements...)
}
