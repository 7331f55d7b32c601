package warehouse

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/goldthread/goldthread/internal/failpoint"
	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// A ReleaseTable is a table or view that an audience may see, as it stands in the warehouse.
type ReleaseTable struct {
	Schema, Name string
	// Content tells one state of its rows from another; worked out here where it is empty.
	Content string
	// Order are the columns by which people find the rows sorted; any order where empty.
	Order []string
	// View is the SELECT of a relation that the release holds as a view of its other tables; empty where it holds the rows.
	View string
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

// A ReleasePlan says what to release to one audience.
type ReleasePlan struct {
	RunID    int64
	Audience string
	Tables   []ReleaseTable
	Comments []Comment
}

// Release copies the tables into a new file, makes it last, and only then switches the pointer that readers follow. Where
// every table is as the current release has it, nothing is made and the number is 0.
func (w *Warehouse) Release(ctx context.Context, plan ReleasePlan) (number int64, err error) {
	if err := w.fillContents(ctx, plan.Tables); err != nil {
		return 0, err
	}
	releases := NewReleases(w.options.Folder)
	if err := w.noteRelease(ctx, releases); err != nil {
		return 0, fmt.Errorf("noting the current release: %w", err)
	}
	number, err = releases.next(plan)
	if err != nil || number == 0 {
		return 0, err
	}
	building := releases.path(fmt.Sprintf(".building-%d", number))
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
	if err := w.writeReleaseFile(ctx, building, plan, &manifest); err != nil {
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
		content, err := w.content(ctx, tables[i].Schema, tables[i].Name)
		if err != nil {
			return err
		}
		tables[i].Content = content
	}
	return nil
}

// content tells one state of a relation's rows from another, whatever their order.
func (w *Warehouse) content(ctx context.Context, schema, table string) (content string, err error) {
	err = w.conn.QueryRowContext(ctx, fmt.Sprintf(`
		select concat(count(*), ':', coalesce(sum(cast(hash(rows) as hugeint)), 0), ':', coalesce(bit_xor(hash(rows)), 0))
		from %s as rows`, duckdb.Name(schema, table))).Scan(&content)
	return content, err
}

func (w *Warehouse) writeReleaseFile(ctx context.Context, folder string, plan ReleasePlan, manifest *Manifest) error {
	name := plan.Audience + ".duckdb"
	path := filepath.Join(folder, name)
	if _, err := w.conn.ExecContext(ctx, "attach "+duckdb.Literal(path)+" as release (storage_version 'v1.0.0')"); err != nil {
		return err
	}
	err := w.copyTables(ctx, plan, manifest)
	if _, detach := w.conn.ExecContext(context.WithoutCancel(ctx), "detach release"); err != nil || detach != nil {
		return errors.Join(err, detach)
	}
	failpoint.Hit("release.file_written")
	file, err := describeFile(path)
	if err != nil {
		return err
	}
	failpoint.Hit("release.file_synced")
	file.Audience = plan.Audience
	manifest.Files = append(manifest.Files, file)
	return nil
}

func (w *Warehouse) copyTables(ctx context.Context, plan ReleasePlan, manifest *Manifest) error {
	made := map[string]bool{}
	for _, t := range plan.Tables {
		if !made[t.Schema] {
			made[t.Schema] = true
			if _, err := w.conn.ExecContext(ctx, "create schema if not exists "+duckdb.Name("release", t.Schema)); err != nil {
				return err
			}
		}
		if _, err := w.conn.ExecContext(ctx, t.copying()); err != nil {
			return fmt.Errorf("copying %s.%s: %w", t.Schema, t.Name, err)
		}
		var rows int64
		if err := w.conn.QueryRowContext(ctx, "select count(*) from "+duckdb.Name("release", t.Schema, t.Name)).Scan(&rows); err != nil {
			return err
		}
		manifest.Tables = append(manifest.Tables, ManifestTable{plan.Audience, t.Schema + "." + t.Name, rows, t.Content})
		failpoint.Hit("release.table_copied")
	}
	failpoint.Hit("release.tables_copied")
	return w.writeComments(ctx, plan)
}

// copying is the statement that copies the table. Sorted rows must be kept in their order.
func (t ReleaseTable) copying() string {
	if t.View != "" {
		return fmt.Sprintf("create view %s as %s", duckdb.Name("release", t.Schema, t.Name), t.View)
	}
	copying := fmt.Sprintf("create table %s as select * from %s", duckdb.Name("release", t.Schema, t.Name), duckdb.Name(t.Schema, t.Name))
	if len(t.Order) == 0 {
		return copying
	}
	var columns []string
	for _, column := range t.Order {
		columns = append(columns, duckdb.Name(column))
	}
	return fmt.Sprintf("set preserve_insertion_order = true; %s order by %s; set preserve_insertion_order = false",
		copying, strings.Join(columns, ", "))
}

// writeComments describes the release's tables again: a copy does not carry the words along.
func (w *Warehouse) writeComments(ctx context.Context, plan ReleasePlan) error {
	kinds := map[string]string{}
	for _, t := range plan.Tables {
		kinds[t.Schema+"."+t.Name] = t.kind()
	}
	for _, c := range plan.Comments {
		kind := kinds[c.Schema+"."+c.Table]
		if kind == "" {
			continue
		}
		on := kind + " " + duckdb.Name("release", c.Schema, c.Table)
		if c.Column != "" {
			on = "column " + duckdb.Name("release", c.Schema, c.Table, c.Column)
		}
		if _, err := w.conn.ExecContext(ctx, fmt.Sprintf("comment on %s is %s", on, duckdb.Literal(c.Text))); err != nil {
			return fmt.Errorf("describing %s.%s: %w", c.Schema, c.Table, err)
		}
	}
	return nil
}

func (t ReleaseTable) kind() string {
	if t.View != "" {
		return "view"
	}
	return "table"
}

func describeFile(path string) (f ManifestFile, err error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	sum := sha256.New()
	if f.Size, err = io.Copy(sum, file); err != nil {
		return f, err
	}
	f.Name, f.SHA256 = filepath.Base(path), hex.EncodeToString(sum.Sum(nil))
	return f, file.Sync()
}

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
	if err := syncFolder(building); err != nil {
		return err
	}
	number := strconv.FormatInt(manifest.Release, 10)
	// A folder of this number that no pointer ever named is what a killed run left.
	if err := os.RemoveAll(r.path(number)); err != nil {
		return err
	}
	failpoint.Hit("release.before_rename")
	if err := os.Rename(building, r.path(number)); err != nil {
		return err
	}
	failpoint.Hit("release.after_rename")
	if err := syncFolder(r.folder); err != nil {
		return err
	}
	failpoint.Hit("release.before_pointer")
	if err := writeSynced(r.path("current.new"), []byte(number+"\n")); err != nil {
		return err
	}
	failpoint.Hit("release.pointer_written")
	if err := os.Rename(r.path("current.new"), r.path("current")); err != nil {
		return err
	}
	failpoint.Hit("release.after_pointer")
	return syncFolder(r.folder)
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
