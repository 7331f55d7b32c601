// Package export writes what an audience sees of a release, its star and its marts, as files that any tool opens: Parquet, or
// CSV as RFC 4180 has it, with a data package that describes them.
package export

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/goldthread/goldthread/internal/durable"
	"github.com/goldthread/goldthread/internal/failpoint"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/warehouse"
	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// Formats are those that can be written.
var Formats = []string{"parquet", "csv"}

// A Plan says what is written where.
type Plan struct {
	Release     int64 // the current one where 0
	Audience    string
	Format      string // one of Formats
	Folder      string // which must not be there yet
	Licence     string // one of Licences, or none
	Council     string // its name
	MemoryLimit string
}

// Write writes a release. It writes into a folder beside and gives that its name once all of it is on the disk: a folder of the
// name is whole. The rows go from the engine into the files, so that memory does not grow with them.
func Write(ctx context.Context, releases *warehouse.Releases, plan Plan) (p Package, err error) {
	if err := plan.check(); err != nil {
		return p, err
	}
	manifest, err := releases.Manifest(plan.Release)
	if err != nil {
		return p, err
	}
	building, err := begin(plan.Folder)
	if err != nil {
		return p, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(building))
		}
	}()
	p = newPackage(plan, manifest)
	w := writer{plan: plan, folder: building}
	if p.Resources, err = w.tables(ctx, releases, manifest.Release); err != nil {
		return p, fmt.Errorf("exporting release %d: %w", manifest.Release, err)
	}
	if err := p.write(filepath.Join(building, packageFile)); err != nil {
		return p, err
	}
	failpoint.Hit("export.described")
	if err := durable.SyncFolder(building); err != nil {
		return p, err
	}
	failpoint.Hit("export.before_rename")
	if err := os.Rename(building, plan.Folder); err != nil {
		return p, err
	}
	failpoint.Hit("export.renamed")
	return p, durable.SyncFolder(filepath.Dir(plan.Folder))
}

func (plan Plan) check() error {
	if !slices.Contains(Formats, plan.Format) {
		return &fault.Error{Where: "--format", What: fmt.Sprintf("%q is no format", plan.Format), Fix: fault.DidYouMean(plan.Format, "formats", Formats)}
	}
	if _, known := licences[plan.Licence]; !known && plan.Licence != "" {
		return &fault.Error{Where: "--licence", What: fmt.Sprintf("%q is no licence that is known here", plan.Licence), Fix: fault.DidYouMean(plan.Licence, "licences", Licences())}
	}
	return nil
}

// begin makes the folder that is written into, and clears away what an export that was killed left there.
func begin(folder string) (building string, err error) {
	if _, err := os.Lstat(folder); !errors.Is(err, os.ErrNotExist) {
		return "", errors.Join(&fault.Error{Where: folder, What: "there is something of this name already", Fix: "name a folder that is not there yet, such as one named after the release"}, err)
	}
	parent, name := filepath.Split(filepath.Clean(folder))
	if err := os.MkdirAll(filepath.Clean(parent), 0o755); err != nil && parent != "" {
		return "", err
	}
	building = filepath.Join(parent, "."+name+".exporting")
	if err := os.RemoveAll(building); err != nil {
		return "", err
	}
	return building, os.Mkdir(building, 0o755)
}

// A writer writes the tables of one export.
type writer struct {
	plan   Plan
	folder string
	db     *sql.DB
}

// tables writes each table and describes it. The engine spills into the folder as well, and may write nowhere else.
func (w writer) tables(ctx context.Context, releases *warehouse.Releases, number int64) (resources []Resource, err error) {
	spill := filepath.Join(w.folder, ".spill")
	w.db, err = releases.OpenToWrite(ctx, number, w.plan.Audience, duckdb.Settings{
		MemoryLimit: w.plan.MemoryLimit, TempFolder: spill, TimeZone: "UTC", WriteFolder: w.folder,
		Threads: 1, // keeps the rows in their order, and the other cores for readers and runs
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.db.Close(), os.RemoveAll(spill)) }()
	tables, err := readTables(ctx, w.db)
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		r, err := w.table(ctx, t)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.name(), err)
		}
		resources = append(resources, r)
		failpoint.Hit("export.table_written")
	}
	return resources, nil
}

func (w writer) table(ctx context.Context, t table) (Resource, error) {
	path := filepath.Join(w.folder, t.name()+"."+w.plan.Format)
	result, err := w.db.ExecContext(ctx, fmt.Sprintf("copy (%s) to %s (%s)", t.query(w.plan.Format), duckdb.Literal(path), options[w.plan.Format]))
	if err != nil {
		return Resource{}, err
	}
	rows, err := result.RowsAffected()
	if err != nil {
		return Resource{}, err
	}
	r := t.resource(w.plan.Format)
	r.Rows = rows
	r.Bytes, r.Hash, err = settle(path)
	return r, err
}

// settle makes a file last and says what it is.
func settle(path string) (size int64, hash string, err error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return 0, "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	sum := sha256.New()
	if size, err = io.Copy(sum, file); err != nil {
		return 0, "", err
	}
	return size, "sha256:" + hex.EncodeToString(sum.Sum(nil)), file.Sync()
}

func (p Package) write(path string) error {
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
		return err
	}
	_, _, err = settle(path)
	return err
}
