// Package lginform reads LG Inform Plus, the Local Government Association's store of figures on councils, by its web
// service: values of metric types, and the catalogue that explains them.
//
// What was known of the service when this was written comes from its public pages and from programs that use it; nobody
// has yet run this package against it. Where answers may differ from what is known, number, text and status are kept apart
// and what cannot be read is set aside by name.
package lginform

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/web"
)

// A Source is the service as one council's key sees it.
type Source struct {
	config Config
	deps   connectors.Deps
	web    *web.Client
	topics []topic
	meter  meter
	now    func() time.Time
}

// A topic is a dataset with what is asked for it.
type topic struct {
	Settings
	dataset connectors.Dataset
	subject subject
}

// Datasets lists the datasets of the contract. The service is not asked.
func (s *Source) Datasets(context.Context) ([]connectors.Dataset, error) {
	datasets := make([]connectors.Dataset, len(s.topics))
	for i, t := range s.topics {
		datasets[i] = t.dataset
	}
	return datasets, nil
}

// Read yields a dataset as one load. All answers are in the archive before the first row is yielded, so that a service
// that breaks off in the middle leaves nothing. Values are read whole at first, and again where the settings ask for
// something else than last time; after that, whole series of the metric types that the service says were changed, and now
// and then all of them, to find what is no longer given.
func (s *Source) Read(ctx context.Context, ds connectors.Dataset, since connectors.Cursor) iter.Seq2[connectors.Batch, error] {
	return connectors.Yielding(ctx, func(emit func(connectors.Batch) error) error {
		i := slices.IndexFunc(s.topics, func(t topic) bool { return t.dataset.Name == ds.Name })
		if i < 0 {
			return fmt.Errorf("the source has no dataset %q", ds.Name)
		}
		before, err := readCursor(since)
		if err != nil {
			return err
		}
		r := &reading{Source: s, topic: s.topics[i], dataset: ds, before: before, emit: emit}
		r.after = cursor{Asked: r.topic.asked(s.config), Bodies: map[string]string{}, Whole: before.Whole, Periods: maps.Clone(before.Periods)}
		return r.read(ctx)
	})
}
