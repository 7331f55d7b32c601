package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/internal/failpoint"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/warehouse"
)

// A taker stores what the runner reads of one dataset, and keeps account of it for the run.
type taker struct {
	r       *run
	source  connectors.Source
	dataset connectors.Dataset
	stale   bool             // the last look failed or was refused
	looked  map[string]bool  // the places of looks that brought no load
	volume  warehouse.Volume // of a load that was held back
	first   bool             // nothing was read before
}

// errWarehouse marks an error of the warehouse itself, after which no other dataset is tried.
var errWarehouse = errors.New("the warehouse cannot go on")

// Load stores one load.
func (t *taker) Load(ctx context.Context, load *connectors.Load) error {
	if err := t.r.stillRoom(); err != nil {
		return fmt.Errorf("%w: %w", errWarehouse, err)
	}
	stored, err := t.r.warehouse.Land(ctx, warehouse.Arrival{
		RunID: t.r.id,
		Table: tableOf(t.dataset, load.Schema()),
		Rows:  load,
		Rest:  func() (warehouse.Rest, error) { return t.believe(ctx, load) },
	})
	if load.Err() != nil {
		return load.Err()
	}
	if errors.Is(err, errHeld) {
		return t.hold(ctx, load)
	}
	var ofTheDataset *fault.Error
	if err != nil && !errors.As(err, &ofTheDataset) {
		return fmt.Errorf("%w: storing %s: %w", errWarehouse, t.dataset.Table(), err)
	}
	if err != nil {
		return err
	}
	failpoint.Hit("load.acknowledged")
	t.r.loaded(t.dataset, stored)
	t.noteComparison(load, stored)
	t.noteOddities(load.Looks())
	return nil
}

// Looked notes extracts that brought no load.
func (t *taker) Looked(ctx context.Context, looks []connectors.Look) error {
	for _, look := range looks {
		t.looked[look.Place] = true
		if look.Outcome == connectors.Refused || look.Outcome == connectors.Failed {
			t.stale = true
			t.r.refused(t.dataset, look)
		}
	}
	t.noteOddities(looks)
	err := t.r.warehouse.NoteExtracts(ctx, t.r.id, tableOf(t.dataset, t.dataset.Schema()), extractsOf(looks))
	if err != nil {
		return fmt.Errorf("%w: noting what was looked at: %w", errWarehouse, err)
	}
	failpoint.Hit("looks.noted")
	return nil
}

// noteComparison says what a load of everything found beside what changed from day to day.
func (t *taker) noteComparison(load *connectors.Load, stored warehouse.Stored) {
	if !load.Whole() || t.first || stored.Deleted == 0 && stored.Stored == 0 {
		return
	}
	t.r.result.Notes = append(t.r.result.Notes, fmt.Sprintf("%s.%s: everything was compared; rows gone at the source: %d, rows stored that had been missed: %d",
		t.dataset.Source, t.dataset.Name, stored.Deleted, stored.Stored))
}

func (t *taker) noteOddities(looks []connectors.Look) {
	for _, look := range looks {
		for _, note := range look.Notes {
			t.r.result.Notes = append(t.r.result.Notes, look.Place+": "+note)
		}
	}
}

// tableOf says how a dataset's rows are stored. Columns that came beyond the contract's are stored too.
func tableOf(ds connectors.Dataset, schema *arrow.Schema) warehouse.Table {
	table := warehouse.Table{Source: ds.Source, Dataset: ds.Name, Mode: string(ds.Mode), Key: ds.Key}
	described := map[string]connectors.Column{}
	for _, c := range ds.Columns {
		described[c.Name] = c
		if c.Kind == connectors.Period {
			table.Periods = append(table.Periods, c.Name)
		}
	}
	for _, field := range schema.Fields() {
		if field.Name[0] == '_' {
			continue
		}
		table.Columns = append(table.Columns, warehouse.Column{
			Name: field.Name, Type: engineType(field.Type), Comment: described[field.Name].Description,
		})
	}
	return table
}

// engineType is the engine's name of a type in which values travel.
func engineType(t arrow.DataType) string {
	switch t := t.(type) {
	case *arrow.Int64Type:
		return "BIGINT"
	case *arrow.Decimal128Type:
		return fmt.Sprintf("DECIMAL(%d,%d)", t.Precision, t.Scale)
	case *arrow.Date32Type:
		return "DATE"
	case *arrow.TimestampType:
		return "TIMESTAMP WITH TIME ZONE"
	case *arrow.BooleanType:
		return "BOOLEAN"
	default:
		return "VARCHAR"
	}
}

func restOf(load *connectors.Load) warehouse.Rest {
	read, blank := load.Counts()
	return warehouse.Rest{
		Read: read, Blank: blank,
		Cursor:      string(load.Cursor()),
		PublishedAt: load.PublishedAt(),
		Extracts:    extractsOf(load.Looks()),
		Whole:       load.Whole(),
		Rejected: func(yield func(warehouse.Rejected, error) bool) {
			for r, err := range load.Rejects() {
				if !yield(warehouse.Rejected{ExtractID: r.ExtractID, Row: r.Row, Column: r.Column, Text: r.Text, Reason: r.Reason}, err) {
					return
				}
			}
		},
	}
}

func extractsOf(looks []connectors.Look) []warehouse.Extract {
	var extracts []warehouse.Extract
	for _, l := range looks {
		extracts = append(extracts, warehouse.Extract{
			ID: l.ID, Place: l.Place, SHA256: l.SHA256, Size: l.Size,
			ModifiedAt: l.ModifiedAt, PublishedAt: l.PublishedAt,
			Outcome: string(l.Outcome), Reason: l.Reason, Notes: l.Notes,
		})
	}
	return extracts
}
