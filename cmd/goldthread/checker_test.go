package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/goldthread/goldthread/warehouse"
	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// verdict says what is wrong with a council's state after whatever was done to it: with itself, with the loads that had
// been acknowledged before, and with the state it would have without a disturbance.
func verdict(ctx context.Context, folder string, acknowledged []string, want string) []string {
	got, faults := stateOf(ctx, folder)
	held := journalOf(folder)
	for _, load := range acknowledged {
		if !slices.Contains(held, load) {
			faults = append(faults, fmt.Sprintf("the load %q was acknowledged and is gone", load))
		}
	}
	if got != want {
		faults = append(faults, "the state differs: "+difference(want, got))
	}
	return faults
}

// difference lists the lines that only one of two states has.
func difference(want, got string) string {
	wanted, found := strings.Split(want, "\n"), strings.Split(got, "\n")
	var b strings.Builder
	for _, line := range wanted {
		if !slices.Contains(found, line) {
			b.WriteString("\n  lost:  " + line)
		}
	}
	for _, line := range found {
		if !slices.Contains(wanted, line) {
			b.WriteString("\n  added: " + line)
		}
	}
	if b.Len() == 0 {
		b.WriteString("lines stand more than once")
	}
	return b.String()
}

// content is all that must be the same however often a run was disturbed: every row and version, what was set aside,
// what the ledger says of it.
var content = []string{
	`select concat_ws(' ', 'raw', area_code, period, recycled, collected, _row, _is_deleted) from raw.returns__waste order by all`,
	`select concat_ws(' ', 'current', area_code, period, recycled, collected, _row) from "current".returns__waste order by all`,
	`select concat_ws(' ', 'quarantine', row_number, column_name, raw_text, reason) from meta.quarantine order by all`,
	`select concat_ws(' ', 'load', source, dataset, published_at, rows_read, rows_stored, rows_unchanged, rows_deleted,
		rows_quarantined, rows_blank, rows_current) from meta.loads order by all`,
	`select concat_ws(' ', 'file', place, sha256) from meta.extracts where outcome = 'landed' order by all`,
	`select concat_ws(' ', 'measure', measure_code, name, unit) from handbook.measures order by all`,
	`select concat_ws(' ', 'target', measure_code, period_from, target_value, version) from handbook.targets order by all`,
	`select concat_ws(' ', 'built', measure_code, area_code, period_code, value, value_status)
		from intermediate.int_observations order by all`,
}

// consistency are queries that give a line for each thing that does not fit within a warehouse.
var consistency = []string{
	`select concat('rows of load ', _load_id, ' stand in raw and the ledger knows no such load')
		from raw.returns__waste where _load_id not in (select load_id from meta.loads)`,
	`select concat('load ', load_id, ' does not add up: ', rows_read, ' read') from meta.loads
		where rows_read <> rows_stored + rows_unchanged + rows_quarantined + rows_blank`,
	`select concat('load ', load_id, ' stored ', rows_stored, ' rows by the ledger and ', count(raw._row), ' stand in raw')
		from meta.loads as loads left join raw.returns__waste as raw on raw._load_id = loads.load_id and not raw._is_deleted
		where dataset = 'waste' group by load_id, rows_stored having rows_stored <> count(raw._row)`,
	`select concat('load ', load_id, ' set aside ', rows_quarantined, ' rows by the ledger and ', count(aside.reason), ' stand there')
		from meta.loads as loads left join meta.quarantine as aside using (load_id)
		group by load_id, rows_quarantined having rows_quarantined <> count(aside.reason)`,
	`select concat('load ', load_id, ' stands ', count(*), ' times in the ledger') from meta.loads group by load_id having count(*) > 1`,
	`select concat('row ', _row, ' of extract ', _extract_id, ' is stored twice') from raw.returns__waste
		group by _extract_id, _row having count(*) > 1`,
	`select concat('look ', extract_id, ' stands ', count(*), ' times in the ledger') from meta.extracts
		group by extract_id having count(*) > 1`,
	`select concat('the key ', _key_hash, ' is present twice') from "current".returns__waste group by _key_hash having count(*) > 1`,
}

// stateOf gives what a council's state holds, and what does not fit within it.
func stateOf(ctx context.Context, folder string) (state string, faults []string) {
	db, err := duckdb.Open(ctx, duckdb.Settings{Path: filepath.Join(folder, ".goldthread", "warehouse.duckdb"), ReadOnly: true})
	if err != nil {
		return "", []string{err.Error()}
	}
	defer db.Close()
	lines, faults := ask(ctx, db, content)
	more, broken := ask(ctx, db, consistency)
	faults = slices.Concat(faults, more, broken)
	ledger, broken := ask(ctx, db, []string{`
		select concat_ws(' ', load_id, source, dataset, rows_read, rows_stored, rows_current) from meta.loads order by load_id`})
	faults = append(faults, broken...)
	if journal := journalOf(folder); !slices.Equal(journal, ledger) {
		faults = append(faults, "the journal and the ledger differ: "+difference(strings.Join(ledger, "\n"), strings.Join(journal, "\n")))
	}
	faults = append(faults, archiveFaults(ctx, db, folder)...)
	marts, broken := releaseOf(ctx, db, folder)
	return strings.Join(append(lines, marts...), "\n"), append(faults, broken...)
}

func ask(ctx context.Context, db *sql.DB, queries []string) (lines, faults []string) {
	for _, query := range queries {
		found, err := texts(ctx, db, query)
		if err != nil {
			faults = append(faults, err.Error())
		}
		lines = append(lines, found...)
	}
	return lines, faults
}

// archiveFaults says which file that was landed is not kept as it came, and what a killed copy left.
func archiveFaults(ctx context.Context, db *sql.DB, folder string) []string {
	hashes, faults := ask(ctx, db, []string{"select distinct sha256 from meta.extracts where outcome = 'landed' and source = 'returns'"})
	archive := filepath.Join(folder, ".goldthread", "archive")
	for _, hash := range hashes {
		text, err := os.ReadFile(filepath.Join(archive, hash[:2], hash))
		if sum := sha256.Sum256(text); err != nil || hex.EncodeToString(sum[:]) != hash {
			faults = append(faults, fmt.Sprintf("the archive does not hold %s: %v", hash, err))
		}
	}
	if left, err := fs.Glob(os.DirFS(archive), "incoming-*"); err != nil || len(left) > 0 {
		faults = append(faults, fmt.Sprintf("the archive still holds %v: %v", left, err))
	}
	return faults
}

// releaseOf gives what readers see, and what is wrong with the releases: each must have its files as its manifest says and a
// line in the ledger, and nothing unfinished may lie beside them.
func releaseOf(ctx context.Context, ledger *sql.DB, folder string) (lines, faults []string) {
	releases := warehouse.NewReleases(filepath.Join(folder, ".goldthread"))
	numbers, err := releases.Numbers()
	if err != nil {
		return nil, []string{err.Error()}
	}
	noted, faults := ask(ctx, ledger, []string{"select cast(release_id as varchar) from meta.releases order by release_id"})
	for _, number := range numbers {
		name := strconv.FormatInt(number, 10)
		if !slices.Contains(noted, name) {
			faults = append(faults, "release "+name+" is not in the ledger")
		}
		faults = append(faults, releaseFaults(releases, folder, number)...)
	}
	if left, err := fs.Glob(os.DirFS(filepath.Join(folder, ".goldthread", "releases")), ".*"); err != nil || len(left) > 0 {
		faults = append(faults, fmt.Sprintf("unfinished releases are left: %v %v", left, err))
	}
	db, err := releases.Open(ctx, 0, "staff")
	if err != nil {
		return nil, append(faults, err.Error())
	}
	defer db.Close()
	lines, broken := ask(ctx, db, []string{`
		select concat_ws(' ', 'mart', measure_code, period_code, area_code, value, target) from marts.measure_trend order by all`})
	return lines, append(faults, broken...)
}

func releaseFaults(releases *warehouse.Releases, folder string, number int64) (faults []string) {
	manifest, err := releases.Manifest(number)
	if err != nil {
		return []string{err.Error()}
	}
	for _, file := range manifest.Files {
		text, err := os.ReadFile(filepath.Join(folder, ".goldthread", "releases", strconv.FormatInt(number, 10), file.Name))
		if sum := sha256.Sum256(text); err != nil || hex.EncodeToString(sum[:]) != file.SHA256 {
			faults = append(faults, fmt.Sprintf("release %d: %s is not as its manifest says: %v", number, file.Name, err))
		}
	}
	return faults
}

// journalOf reads the loads that were acknowledged, each a whole line, in the form in which stateOf reads the ledger's.
func journalOf(folder string) []string { return journalIn(filepath.Join(folder, ".goldthread")) }

func journalIn(state string) (loads []string) {
	text, err := os.ReadFile(filepath.Join(state, "journal"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return []string{err.Error()}
	}
	for line := range bytes.Lines(text[:bytes.LastIndexByte(text, '\n')+1]) {
		_, text, _ := bytes.Cut(line, []byte(" "))
		var entry struct {
			LoadID  int64  `json:"load_id"`
			Source  string `json:"source"`
			Dataset string `json:"dataset"`
			Read    int64  `json:"read"`
			Stored  int64  `json:"stored"`
			Current int64  `json:"current"`
		}
		if json.Unmarshal(text, &entry) == nil {
			loads = append(loads, fmt.Sprintf("%d %s %s %d %d %d", entry.LoadID, entry.Source, entry.Dataset, entry.Read, entry.Stored, entry.Current))
		}
	}
	return loads
}
