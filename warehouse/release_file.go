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
	"slices"
	"strings"

	"github.com/goldthread/goldthread/internal/failpoint"
	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// A releaseFile is the file of one audience in the making.
type releaseFile struct {
	w          *Warehouse
	part       ReleasePart
	comments   []Comment
	base       *releaseBase // nil where the file is written from nothing
	manifest   *Manifest
	partitions partitionsReleased
}

func (f *releaseFile) exec(ctx context.Context, statement string) error {
	_, err := f.w.conn.ExecContext(ctx, statement)
	return err
}

// write makes the file in a folder and adds it to the manifest.
func (f *releaseFile) write(ctx context.Context, folder string) error {
	path := filepath.Join(folder, f.part.Audience+".duckdb")
	if err := f.begin(ctx, path); err != nil {
		return err
	}
	err := f.fill(ctx)
	if err == nil {
		err = f.checkHeld(ctx)
	}
	if detach := f.exec(context.WithoutCancel(ctx), "detach release"); err != nil || detach != nil {
		return errors.Join(err, detach)
	}
	failpoint.Hit("release.file_written")
	file, err := describeFile(path)
	if err != nil {
		return err
	}
	failpoint.Hit("release.file_synced")
	file.Audience = f.part.Audience
	f.manifest.Files = append(f.manifest.Files, file)
	return nil
}

// notePartitions writes what the next release is made from.
func (f *releaseFile) notePartitions(folder string) error {
	text, err := json.Marshal(f.partitions)
	if err != nil {
		return err
	}
	f.manifest.PartitionsSHA256 = sumOfText(text)
	return writeSynced(filepath.Join(folder, partitionsFile), text)
}

// begin opens the file, a copy of the base's if there is one that can be relied on.
func (f *releaseFile) begin(ctx context.Context, path string) error {
	if f.base != nil {
		sound, err := f.base.copyTo(path)
		if err != nil {
			return fmt.Errorf("copying the release before: %w", err)
		}
		if !sound {
			f.base = nil
		}
	}
	if f.base == nil {
		return f.exec(ctx, "attach "+duckdb.Literal(path)+" as release (storage_version 'v1.0.0')")
	}
	return f.exec(ctx, "attach "+duckdb.Literal(path)+" as release")
}

// checkHeld makes sure that the file holds what its audience may see, and nothing else.
func (f *releaseFile) checkHeld(ctx context.Context) error {
	var may, held []string
	for _, t := range f.part.Tables {
		may = append(may, t.name())
	}
	rows, err := f.w.conn.QueryContext(ctx, "select concat(table_schema, '.', table_name) from information_schema.tables where table_catalog = 'release'")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		held = append(held, name)
	}
	slices.Sort(may)
	slices.Sort(held)
	if err := rows.Err(); err != nil || slices.Equal(may, held) {
		return err
	}
	return fmt.Errorf("the file for %s holds %v, and it is to hold %v", f.part.Audience, held, may)
}

// fill brings every table of the plan into the file.
func (f *releaseFile) fill(ctx context.Context) error {
	if err := f.clear(ctx); err != nil {
		return err
	}
	for _, t := range f.part.Tables {
		if err := f.exec(ctx, "create schema if not exists "+duckdb.Name("release", t.Schema)); err != nil {
			return err
		}
		if err := f.table(ctx, t); err != nil {
			return fmt.Errorf("copying %s: %w", t.name(), err)
		}
		failpoint.Hit("release.table_copied")
	}
	failpoint.Hit("release.tables_copied")
	return nil
}

// table brings one table into the file and notes what it holds.
func (f *releaseFile) table(ctx context.Context, t ReleaseTable) error {
	replaced, err := f.bring(ctx, t)
	if err != nil {
		return err
	}
	var rows int64
	if err := f.w.conn.QueryRowContext(ctx, "select count(*) from "+t.released()).Scan(&rows); err != nil {
		return err
	}
	f.manifest.Tables = append(f.manifest.Tables, ManifestTable{f.part.Audience, t.name(), rows, t.Content})
	if t.Partitions != nil {
		f.partitions[t.name()] = partitionsOfTable{t.Partitions, replaced}
	}
	return nil
}

// bring makes the table what it is to be, in the way that costs least, and gives how many rows have been removed from it since
// it was last written whole.
func (f *releaseFile) bring(ctx context.Context, t ReleaseTable) (replaced int64, err error) {
	if f.base == nil {
		return 0, errors.Join(f.exec(ctx, t.making()), f.describe(ctx, t))
	}
	replaced = f.base.partitions[t.name()].Replaced
	if t.View == "" && f.base.contents[t.name()] == t.Content {
		return replaced, nil
	}
	keys, whole := f.base.differing(t)
	if whole {
		return 0, errors.Join(f.exec(ctx, "drop table if exists "+t.released()+"; "+t.making()), f.describe(ctx, t))
	}
	removed, err := f.replace(ctx, t, keys)
	return replaced + removed, errors.Join(err, f.describe(ctx, t))
}

// making is the statement that makes the table or view. Sorted rows must be kept in their order.
func (t ReleaseTable) making() string {
	if t.View != "" {
		return fmt.Sprintf("create view %s as %s", t.released(), t.View)
	}
	making := fmt.Sprintf("create table %s as %s", t.released(), t.rows())
	if len(t.Order) == 0 {
		return making
	}
	var columns []string
	for _, column := range t.Order {
		columns = append(columns, duckdb.Name(column))
	}
	return fmt.Sprintf("set preserve_insertion_order = true; %s order by %s; set preserve_insertion_order = false",
		making, strings.Join(columns, ", "))
}

// describe writes the words of a table: a copy of its rows does not carry them along.
func (f *releaseFile) describe(ctx context.Context, t ReleaseTable) error {
	kind := "table "
	if t.View != "" {
		kind = "view "
	}
	for _, c := range f.comments {
		if c.Schema != t.Schema || c.Table != t.Name {
			continue
		}
		on := kind + t.released()
		if c.Column != "" {
			on = "column " + duckdb.Name("release", c.Schema, c.Table, c.Column)
		}
		if err := f.exec(ctx, fmt.Sprintf("comment on %s is %s", on, duckdb.Literal(c.Text))); err != nil {
			return fmt.Errorf("describing it: %w", err)
		}
	}
	return nil
}

// describeFile makes a file last and says what it is.
func describeFile(path string) (f ManifestFile, err error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if f, err = sumOf(file); err != nil {
		return f, err
	}
	return f, file.Sync()
}

func sumOfText(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

func sumOf(file *os.File) (f ManifestFile, err error) {
	sum := sha256.New()
	f.Size, err = io.Copy(sum, file)
	f.Name, f.SHA256 = filepath.Base(file.Name()), hex.EncodeToString(sum.Sum(nil))
	return f, err
}
