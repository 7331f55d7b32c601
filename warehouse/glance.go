package warehouse

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// A glance reads the first rows before they are asked for, to see whether many come, and then hands all of them on.
type glance struct {
	array.RecordReader
	first   []arrow.RecordBatch // read and not yet handed on
	current arrow.RecordBatch
	many    bool
}

// glanceAt reads until so many rows have come.
func glanceAt(rows array.RecordReader, enough int64) *glance {
	g := &glance{RecordReader: rows}
	for n := int64(0); n < enough; {
		if !rows.Next() {
			return g
		}
		batch := rows.RecordBatch()
		batch.Retain()
		g.first = append(g.first, batch)
		n += batch.NumRows()
	}
	g.many = true
	return g
}

func (g *glance) Next() bool {
	g.drop()
	if len(g.first) > 0 {
		g.current, g.first = g.first[0], g.first[1:]
		return true
	}
	if !g.many || !g.RecordReader.Next() {
		return false
	}
	g.current = g.RecordReader.RecordBatch()
	g.current.Retain()
	return true
}

func (g *glance) RecordBatch() arrow.RecordBatch { return g.current }

func (g *glance) Record() arrow.RecordBatch { return g.current }

func (g *glance) drop() {
	if g.current != nil {
		g.current.Release()
		g.current = nil
	}
}

func (g *glance) close() {
	g.drop()
	for _, batch := range g.first {
		batch.Release()
	}
	g.first = nil
}
