package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/goldthread/goldthread/connectors"
)

// A result is what came of one file.
type result struct {
	File        string               `json:"file"`
	Status      string               `json:"status"` // loaded, partial or rejected
	Reason      string               `json:"reason,omitempty"`
	Rows        []map[string]*string `json:"rows"`
	Quarantined []quarantined        `json:"quarantined"`
	Blank       int64                `json:"blank"`
}

type quarantined struct {
	Line   int64  `json:"line"`
	Reason string `json:"reason"`
}

// read reads every file that expected.jsonl names.
func read(ctx context.Context, folder string) ([]result, error) {
	files, err := readDeclared(filepath.Join(folder, "expected.jsonl"))
	if err != nil {
		return nil, err
	}
	archive, err := os.MkdirTemp("", "corpus-archive-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(archive)
	deps := connectors.Deps{Root: folder, Archive: &connectors.Archive{Folder: archive}, Zone: time.UTC}
	results := make([]result, 0, len(files))
	for _, d := range files {
		r, err := readFile(ctx, deps, d)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", d.File, err)
		}
		results = append(results, r)
	}
	return results, nil
}

func readDeclared(path string) ([]declared, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var files []declared
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		var d declared
		if err := json.Unmarshal(lines.Bytes(), &d); err != nil {
			return nil, fmt.Errorf("reading %s: %w", path, err)
		}
		files = append(files, d)
	}
	return files, lines.Err()
}

// readFile reads one file as a source of its own.
func readFile(ctx context.Context, deps connectors.Deps, d declared) (result, error) {
	r := result{File: d.File, Status: "loaded", Rows: []map[string]*string{}, Quarantined: []quarantined{}}
	c, err := readContract(deps.Root, d.Contract)
	if err != nil {
		return r, err
	}
	config, err := c.settings(d)
	if err != nil {
		return r, err
	}
	source, err := config.Open(deps)
	if err != nil {
		return r, err
	}
	datasets, err := source.Datasets(ctx)
	if err != nil {
		return r, err
	}
	seen := keys{names: c.Key, lines: map[string]int64{}}
	for batch, err := range source.Read(ctx, datasets[0], nil) {
		if err != nil {
			return r, err
		}
		r.add(batch, seen)
	}
	if r.Status == "loaded" && len(r.Quarantined) > 0 {
		r.Status = "partial"
	}
	return r, nil
}

// add takes a batch as the warehouse would.
func (r *result) add(batch connectors.Batch, seen keys) {
	if batch.Extract != nil && batch.Extract.Outcome != connectors.Landed {
		*r = result{File: r.File, Status: "rejected", Reason: batch.Extract.Reason, Rows: r.Rows[:0], Quarantined: r.Quarantined[:0]}
		return
	}
	if batch.Rows != nil {
		r.rows(batch.Rows, seen)
		batch.Rows.Release()
	}
	for _, reject := range batch.Rejects {
		r.Quarantined = append(r.Quarantined, quarantined{reject.Row, reject.Reason})
	}
	r.Blank += batch.Blank
}

func (r *result) rows(rows arrow.RecordBatch, seen keys) {
	last := int(rows.NumCols()) - 1
	for i := range int(rows.NumRows()) {
		row := make(map[string]*string, last)
		for c := range last {
			row[rows.ColumnName(c)] = canonical(rows.Column(c), i)
		}
		line := rows.Column(last).(*array.Int64).Value(i)
		if first, repeated := seen.repeats(row, line); repeated {
			reason := fmt.Sprintf("the key has been seen before, on line %d", first)
			r.Quarantined = append(r.Quarantined, quarantined{line, reason})
			continue
		}
		r.Rows = append(r.Rows, row)
	}
}

// canonical is a value as the corpus writes it: decimals with all their places, nothing for null.
func canonical(column arrow.Array, i int) *string {
	if column.IsNull(i) {
		return nil
	}
	text := column.ValueStr(i)
	if decimals, ok := column.(*array.Decimal128); ok {
		text = decimals.Value(i).ToString(column.DataType().(*arrow.Decimal128Type).Scale)
	}
	return &text
}

// keys finds the second row of a key, which landing would find by a query: the first row stands, the second is set aside.
type keys struct {
	names []string
	lines map[string]int64
}

func (k keys) repeats(row map[string]*string, line int64) (first int64, repeated bool) {
	var key strings.Builder
	for _, name := range k.names {
		if text := row[name]; text != nil {
			fmt.Fprintf(&key, "%d:%s", len(*text), *text)
		}
		key.WriteByte(0)
	}
	first, repeated = k.lines[key.String()]
	if !repeated {
		k.lines[key.String()] = line
	}
	return first, repeated
}
