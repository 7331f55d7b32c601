package warehouse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// A releaseBase is the current release, from whose file the next one is made: what is the same in both is not written again.
type releaseBase struct {
	path       string
	file       ManifestFile
	contents   map[string]string // of its tables, by name
	partitions partitionsReleased
}

// partitionsReleased tells what the partitions of a release's tables hold, by the name of the table. It lies beside the files
// as partitions.json.
type partitionsReleased map[string]partitionsOfTable

type partitionsOfTable struct {
	Contents map[string]string `json:"contents"`
	// Replaced is how many rows were removed since the table was last written whole. Their room is still in the file.
	Replaced int64 `json:"replaced_rows"`
}

// mostReplaced is the share of a table's rows, one in so many, up to which the room of removed ones is left as it is.
const mostReplaced = 4

// base gives the current release, or nil where the next one has to be written from nothing: there is none, it does not tell
// its partitions, its file is gone, or a good part of its file is the room of rows that are gone.
func (r *Releases) base(audience string) (*releaseBase, error) {
	current, err := r.Current()
	if err != nil || current == 0 {
		return nil, err
	}
	manifest, err := r.Manifest(current)
	if err != nil {
		return nil, err
	}
	folder := r.path(strconv.FormatInt(current, 10))
	b := &releaseBase{contents: map[string]string{}, partitions: partitionsReleased{}}
	for _, f := range manifest.Files {
		if f.Audience == audience {
			b.file, b.path = f, filepath.Join(folder, f.Name)
		}
	}
	text, err := os.ReadFile(filepath.Join(folder, partitionsFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if _, err := os.Stat(b.path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil // there was none, or somebody took it away
	}
	if sumOfText(text) != manifest.PartitionsSHA256 || json.Unmarshal(text, &b.partitions) != nil {
		return nil, nil
	}
	for _, t := range manifest.Tables {
		if t.Audience != audience {
			continue
		}
		b.contents[t.Name] = t.Content
		if b.partitions[t.Name].Replaced*mostReplaced > t.Rows {
			return nil, nil
		}
	}
	return b, nil
}

// unchanged gives the current release where the file of a limited audience is to hold the same again, else nil.
func (r *Releases) unchanged(part ReleasePart) (*releaseBase, error) {
	b, err := r.base(part.Audience)
	if err != nil || b == nil || !part.sameAs(b.contents) {
		return nil, err
	}
	b.partitions = nil // which are of the first file
	return b, nil
}

// sameAs says whether there are just the tables of a part, and each as it is to be.
func (p ReleasePart) sameAs(held map[string]string) bool {
	same := len(held) == len(p.Tables)
	for _, t := range p.Tables {
		same = same && held[t.name()] == t.Content
	}
	return same
}

const partitionsFile = "partitions.json"

// copyTo copies the base's file, and says whether it is what its manifest says. One that a disk has damaged must not be handed on.
func (b *releaseBase) copyTo(path string) (sound bool, err error) {
	copied := make(chan error)
	go func() { copied <- copyFile(b.path, path) }()
	sound, err = b.sound()
	if err = errors.Join(err, <-copied); err != nil || sound {
		return sound, err
	}
	return false, os.Remove(path)
}

func (b *releaseBase) sound() (bool, error) {
	file, err := os.Open(b.path)
	if err != nil {
		return false, err
	}
	defer file.Close()
	found, err := sumOf(file)
	return found.SHA256 == b.file.SHA256, err
}

// differing are the partitions of a table that the base has otherwise or not at all, and those that it alone has. The table
// has to be written whole where the base does not know them, or where a good part of them differs.
func (b *releaseBase) differing(t ReleaseTable) (keys []string, whole bool) {
	before := b.partitions[t.name()].Contents
	if before == nil || t.Partitions == nil {
		return nil, true
	}
	for key, content := range t.Partitions {
		if before[key] != content {
			keys = append(keys, key)
		}
	}
	for key := range before {
		if _, still := t.Partitions[key]; !still {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys, len(keys)*mostReplaced > len(t.Partitions)
}

// clear drops what the file begins with and must not keep: views, which are made anew, and tables that are no longer released.
func (f *releaseFile) clear(ctx context.Context) error {
	kept := map[string]bool{}
	for _, t := range f.part.Tables {
		kept[t.name()] = t.View == ""
	}
	rows, err := f.w.conn.QueryContext(ctx, `
		select table_schema, table_name, table_type
		from information_schema.tables
		where table_catalog = 'release'`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var drops []string
	for rows.Next() {
		var schema, name, kind string
		if err := rows.Scan(&schema, &name, &kind); err != nil {
			return err
		}
		switch {
		case kind == "VIEW":
			drops = append(drops, "drop view "+duckdb.Name("release", schema, name))
		case !kept[schema+"."+name]:
			drops = append(drops, "drop table "+duckdb.Name("release", schema, name))
		}
	}
	if err := rows.Err(); err != nil || len(drops) == 0 {
		return err
	}
	return f.exec(ctx, strings.Join(drops, ";\n"))
}

// replace puts the rows of some partitions in the place of those that the base has, and gives how many it removed.
func (f *releaseFile) replace(ctx context.Context, t ReleaseTable, keys []string) (removed int64, err error) {
	if len(keys) == 0 {
		return 0, nil
	}
	values := make([]string, len(keys))
	for i, key := range keys {
		values[i] = duckdb.Literal(key)
	}
	condition := fmt.Sprintf("%s in (%s)", duckdb.Name(t.PartitionBy), strings.Join(values, ", "))
	result, err := f.w.conn.ExecContext(ctx, fmt.Sprintf("delete from %s where %s", t.released(), condition))
	if err != nil {
		return 0, err
	}
	if removed, err = result.RowsAffected(); err != nil {
		return 0, err
	}
	return removed, f.exec(ctx, fmt.Sprintf("insert into %s select * from %s where %s", t.released(), duckdb.Name(t.Schema, t.Name), condition))
}
