package warehouse

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"

	"github.com/goldthread/goldthread/internal/durable"
	"github.com/goldthread/goldthread/internal/failpoint"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// An entry of the journal names one load that was acknowledged.
type entry struct {
	LoadID      int64  `json:"load_id"`
	Source      string `json:"source"`
	Dataset     string `json:"dataset"`
	Read        int64  `json:"read"`
	Stored      int64  `json:"stored"`
	Unchanged   int64  `json:"unchanged"`
	Deleted     int64  `json:"deleted"`
	Quarantined int64  `json:"quarantined"`
	Blank       int64  `json:"blank"`
	Current     int64  `json:"current"`
}

// A journal is a file beside the database that each acknowledged load is noted in, a line each: a checksum, then JSON.
// The engine takes a damaged log for a torn one and opens without the later commits; the journal tells.
type journal struct {
	file    *os.File
	entries []entry
}

func openJournal(path string) (*journal, error) {
	text, err := os.ReadFile(path)
	fresh := errors.Is(err, os.ErrNotExist)
	if err != nil && !fresh {
		return nil, err
	}
	entries, whole, err := readJournal(path, text)
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	j := &journal{file: file, entries: entries}
	if err := j.cutAt(whole); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if fresh {
		err = durable.SyncFolder(filepath.Dir(path))
	}
	return j, err
}

// readJournal reads the entries of text and how many bytes of it they take. A last line without its end was never
// acknowledged and is left out; any other line that does not fit its checksum is damage.
func readJournal(path string, text []byte) (entries []entry, whole int64, err error) {
	lines := bufio.NewScanner(bytes.NewReader(text[:bytes.LastIndexByte(text, '\n')+1]))
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		one, err := readEntry(lines.Bytes())
		if err != nil {
			return nil, 0, &fault.Error{
				Where: fmt.Sprintf("%s:%d", path, n),
				What:  "the journal of loads is damaged: " + err.Error(),
				Fix:   "put back a backup of the whole warehouse folder, file and journal together",
			}
		}
		entries = append(entries, one)
		whole += int64(len(lines.Bytes())) + 1
	}
	return entries, whole, lines.Err()
}

func readEntry(line []byte) (one entry, err error) {
	sum, text, found := bytes.Cut(line, []byte(" "))
	if !found || string(sum) != checksum(text) {
		return one, errors.New("the line does not fit its checksum")
	}
	return one, json.Unmarshal(text, &one)
}

func checksum(text []byte) string { return fmt.Sprintf("%08x", crc32.ChecksumIEEE(text)) }

func (j *journal) cutAt(size int64) error {
	if err := j.file.Truncate(size); err != nil {
		return err
	}
	_, err := j.file.Seek(size, 0)
	return err
}

// note acknowledges a load: when it returns, the entry is on the disk.
func (j *journal) note(one entry) error {
	text, err := json.Marshal(one)
	if err != nil {
		return err
	}
	line := []byte(checksum(text) + " " + string(text) + "\n")
	half := len(line) / 2
	failpoint.Hit("journal.before_write")
	if _, err := j.file.Write(line[:half]); err != nil {
		return err
	}
	failpoint.Hit("journal.half_written")
	if _, err := j.file.Write(line[half:]); err != nil {
		return err
	}
	failpoint.Hit("journal.before_sync")
	if err := j.file.Sync(); err != nil {
		return err
	}
	failpoint.Hit("journal.after_sync")
	j.entries = append(j.entries, one)
	return nil
}

func (j *journal) close() error { return j.file.Close() }

// compareJournal refuses a warehouse that lacks a load it acknowledged, and notes the one that was committed and not yet
// noted when its owner was killed.
func (w *Warehouse) compareJournal(ctx context.Context) error {
	ledger, err := w.ledgerEntries(ctx)
	if err != nil {
		return err
	}
	noted := make(map[int64]bool, len(w.journal.entries))
	newest := map[string]entry{}
	for _, one := range w.journal.entries {
		noted[one.LoadID] = true
		newest[one.Source+"__"+one.Dataset] = one
		if ledger[one.LoadID] != one {
			return w.missing(one, "is not in the warehouse as it was acknowledged")
		}
	}
	for id := int64(1); id <= w.lastLoad; id++ {
		one, held := ledger[id]
		if !held || noted[id] {
			continue
		}
		newest[one.Source+"__"+one.Dataset] = one
		if err := w.journal.note(one); err != nil {
			return fmt.Errorf("noting load %d in the journal: %w", id, err)
		}
	}
	return w.countCurrent(ctx, newest)
}

// countCurrent holds the number of present rows of each dataset against what its last load left.
func (w *Warehouse) countCurrent(ctx context.Context, newest map[string]entry) error {
	for table, one := range newest {
		var rows int64
		query := "select count(*) from " + duckdb.Name("current", table)
		if err := w.conn.QueryRowContext(ctx, query).Scan(&rows); err != nil {
			return w.missing(one, "has no table any more: "+err.Error())
		}
		if rows != one.Current {
			return w.missing(one, fmt.Sprintf("left %d rows, and %d are there", one.Current, rows))
		}
	}
	return nil
}

func (w *Warehouse) missing(one entry, what string) error {
	return &fault.Error{
		Where: w.Path(),
		What:  fmt.Sprintf("load %d of %s.%s %s: the file was damaged or replaced", one.LoadID, one.Source, one.Dataset, what),
		Fix:   "put back a backup of the whole warehouse folder, file and journal together",
	}
}

func (w *Warehouse) ledgerEntries(ctx context.Context) (map[int64]entry, error) {
	rows, err := w.conn.QueryContext(ctx, `
		select load_id, source, dataset, rows_read, rows_stored, rows_unchanged, rows_deleted, rows_quarantined,
			rows_blank, rows_current
		from meta.loads`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	entries := map[int64]entry{}
	for rows.Next() {
		var e entry
		if err := rows.Scan(&e.LoadID, &e.Source, &e.Dataset, &e.Read, &e.Stored, &e.Unchanged, &e.Deleted,
			&e.Quarantined, &e.Blank, &e.Current); err != nil {
			return nil, err
		}
		entries[e.LoadID] = e
	}
	return entries, rows.Err()
}
