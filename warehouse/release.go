package warehouse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/goldthread/goldthread/internal/durable"
	"github.com/goldthread/goldthread/internal/failpoint"
	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// A ReleaseTable is a table or view that an audience may see, as it stands in the warehouse.
type ReleaseTable struct {
	Schema, Name string
	// Content tells one state of its rows from another; worked out here where it is empty.
	Content string
	// Where is a condition on the rows that are released; all of them where empty.
	Where string
	// Order are the columns by which people find the rows sorted; any order where empty.
	Order []string
	// View is the SELECT of a relation that the release holds as a view of its other tables; empty where it holds the rows.
	View string
	// PartitionBy is a column by whose values rows can be replaced some at a time. Partitions tell, for each value, one state
	// of its rows from another; nil where the table is written whole.
	PartitionBy string
	Partitions  map[string]string
}

func (t ReleaseTable) name() string { return t.Schema + "." + t.Name }

// released is the table's name in the file of a release.
func (t ReleaseTable) released() string { return duckdb.Name("release", t.Schema, t.Name) }

// rows selects what is released of the table.
func (t ReleaseTable) rows() string {
	query := "select * from " + duckdb.Name(t.Schema, t.Name)
	if t.Where != "" {
		query += " where " + t.Where
	}
	return query
}

// A Comment is a description that a release carries: of a table or view where Column is empty, else of a column.
type Comment struct{ Schema, Table, Column, Text string }

// A Manifest says what a release holds. It lies beside the files as manifest.json.
type Manifest struct {
	Release    int64           `json:"release"`
	RunID      int64           `json:"run_id"`
	RunDate    string          `json:"run_date"`
	ReleasedAt time.Time       `json:"released_at"`
	Version    string          `json:"program_version"`
	Files      []ManifestFile  `json:"files"`
	Tables     []ManifestTable `json:"tables"`
	// PartitionsSHA256 is that of partitions.json, from which the next release is made.
	PartitionsSHA256 string `json:"partitions_sha256,omitempty"`
}

// A ManifestFile is the file of one audience.
type ManifestFile struct {
	Audience string `json:"audience"`
	Name     string `json:"name"`
	Size     int64  `json:"size_bytes"`
	SHA256   string `json:"sha256"`
}

// A ManifestTable is a table with its number of rows and what tells its content.
type ManifestTable struct {
	Audience string `json:"audience"`
	Name     string `json:"name"`
	Rows     int64  `json:"rows"`
	Content  string `json:"content"`
}

// A ReleasePlan says what to release.
type ReleasePlan struct {
	RunID    int64
	Audience string // that sees every table
	Tables   []ReleaseTable
	Comments []Comment
	Limited  []ReleasePart
}

// A ReleasePart is what a further audience may see.
type ReleasePart struct {
	Audience string
	Tables   []ReleaseTable
}

// parts are what each audience gets, that of every table first.
func (p ReleasePlan) parts() []ReleasePart {
	return append([]ReleasePart{{p.Audience, p.Tables}}, p.Limited...)
}

// Release makes a new file of the tables for each audience, makes them last, and only then switches the pointer that readers
// follow. The first file begins as a copy of the current release's, in which what differs is replaced; that of a further
// audience is a copy where nothing of it differs, else it is written from nothing, so that no page of it still holds what the
// audience may no longer see. Where every table is as the current release has it, nothing is made and the number is 0.
func (w *Warehouse) Release(ctx context.Context, plan ReleasePlan) (number int64, err error) {
	parts := plan.parts()
	for _, part := range parts {
		if err := w.fillContents(ctx, part.Tables); err != nil {
			return 0, err
		}
	}
	releases := NewReleases(w.options.Folder)
	if err := w.noteRelease(ctx, releases); err != nil {
		return 0, fmt.Errorf("noting the current release: %w", err)
	}
	number, err = releases.next(parts)
	if err != nil || number == 0 {
		return 0, err
	}
	building := releases.building(number)
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(building))
		}
	}()
	failpoint.Hit("release.begun")
	if err := os.MkdirAll(building, 0o755); err != nil {
		return 0, err
	}
	failpoint.Hit("release.folder_made")
	manifest := Manifest{Release: number, RunID: plan.RunID, Version: w.options.Version, ReleasedAt: w.options.Now().UTC()}
	manifest.RunDate = localDate(w.options.Now(), w.options.Location).Format(time.DateOnly)
	if err := w.writeFiles(ctx, releases, plan, &manifest); err != nil {
		return 0, fmt.Errorf("writing release %d: %w", number, err)
	}
	if err := releases.publish(building, manifest); err != nil {
		return 0, fmt.Errorf("publishing release %d: %w", number, err)
	}
	failpoint.Hit("release.published")
	if err := w.noteRelease(ctx, releases); err != nil {
		return number, fmt.Errorf("noting release %d: %w", number, err)
	}
	failpoint.Hit("release.noted")
	return number, releases.Prune()
}

// writeFiles makes the file of each audience.
func (w *Warehouse) writeFiles(ctx context.Context, releases *Releases, plan ReleasePlan, manifest *Manifest) (err error) {
	building := releases.building(manifest.Release)
	first := releaseFile{w: w, part: plan.parts()[0], comments: plan.Comments, manifest: manifest, partitions: partitionsReleased{}}
	if first.base, err = releases.base(plan.Audience); err != nil {
		return err
	}
	if err := first.write(ctx, building); err != nil {
		return err
	}
	if err := first.notePartitions(building); err != nil {
		return err
	}
	for _, part := range plan.Limited {
		file := releaseFile{w: w, part: part, comments: plan.Comments, manifest: manifest, partitions: partitionsReleased{}}
		if file.base, err = releases.unchanged(part); err != nil {
			return err
		}
		if err := file.write(ctx, building); err != nil {
			return fmt.Errorf("for %s: %w", part.Audience, err)
		}
	}
	return nil
}

// noteRelease writes the current release into the ledger, unless it stands there: a run that was killed after it switched
// the pointer left that to the next.
func (w *Warehouse) noteRelease(ctx context.Context, releases *Releases) error {
	current, err := releases.Current()
	if err != nil || current == 0 {
		return err
	}
	m, err := releases.Manifest(current)
	if err != nil {
		return err
	}
	_, err = w.conn.ExecContext(ctx, `
		insert into meta.releases
		select cast($1 as bigint), $2, $3, cast($4 as date)
		where not exists (select 1 from meta.releases where release_id = $1)`, m.Release, m.RunID, m.ReleasedAt, m.RunDate)
	return err
}

func (w *Warehouse) fillContents(ctx context.Context, tables []ReleaseTable) error {
	for i := range tables {
		if tables[i].Content != "" {
			continue
		}
		content, err := w.content(ctx, tables[i])
		if err != nil {
			return err
		}
		tables[i].Content = content
	}
	return nil
}

// content tells one state of a table's rows from another, whatever their order.
func (w *Warehouse) content(ctx context.Context, t ReleaseTable) (content string, err error) {
	err = w.conn.QueryRowContext(ctx, fmt.Sprintf(`
		select concat(count(*), ':', coalesce(sum(cast(hash(rows) as hugeint)), 0), ':', coalesce(bit_xor(hash(rows)), 0))
		from (%s) as rows`, t.rows())).Scan(&content)
	return content, err
}

// building is where a release is made.
func (r *Releases) building(number int64) string { return r.path(fmt.Sprintf(".building-%d", number)) }

// publish makes the folder of a release last under its number, and then what readers follow.
func (r *Releases) publish(building string, manifest Manifest) error {
	text, err := json.MarshalIndent(manifest, "", "  ")
	if err != nil {
		return err
	}
	if err := writeSynced(filepath.Join(building, "manifest.json"), text); err != nil {
		return err
	}
	failpoint.Hit("release.manifest_written")
	if err := durable.SyncFolder(building); err != nil {
		return err
	}
	number := strconv.FormatInt(manifest.Release, 10)
	// A folder of this number that no pointer ever named is what a killed run left.
	if err := os.RemoveAll(r.path(number)); err != nil {
		return err
	}
	failpoint.Hit("release.before_rename")
	if err := durable.Rename(building, r.path(number)); err != nil {
		return err
	}
	failpoint.Hit("release.after_rename")
	if err := durable.SyncFolder(r.folder); err != nil {
		return err
	}
	failpoint.Hit("release.before_pointer")
	if err := writeSynced(r.path("current.new"), []byte(number+"\n")); err != nil {
		return err
	}
	failpoint.Hit("release.pointer_written")
	if err := durable.Rename(r.path("current.new"), r.path("current")); err != nil {
		return err
	}
	failpoint.Hit("release.after_pointer")
	return durable.SyncFolder(r.folder)
}

// writeSynced writes a file and makes it last.
func writeSynced(path string, text []byte) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	half := len(text) / 2
	_, err = file.Write(text[:half])
	failpoint.Hit("release.text_half_written")
	if err == nil {
		_, err = file.Write(text[half:])
	}
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}
