package pipeline

import (
	"context"
	"errors"

	"github.com/rs/zerolog"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/warehouse"
)

// Ingest reads one source into an open warehouse and does no more: no ledger of a run, no build and no release. It is for
// who measures landing by itself.
func Ingest(ctx context.Context, w *warehouse.Warehouse, name string, src connectors.Source) ([]Load, error) {
	r := &run{warehouse: w, log: zerolog.Nop(), patience: usualPatience}
	if err := r.extract(ctx, name, src); err != nil {
		return nil, err
	}
	var problems []error
	for _, p := range r.result.Problems {
		problems = append(problems, errors.New(p.What))
	}
	return r.result.Loads, errors.Join(problems...)
}
