package bench

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/schedules/pipeline"
	"github.com/goldthread/goldthread/warehouse"
)

// A Database is a PostgreSQL server that a bench may make a table of its own on, and remove it.
type Database struct {
	Host, Name, User string
	Port             int
	Password         string
}

const sourcesContract = `
source: bench
kind: sqldb
engine: postgresql
host: %q
port: %d
database: %q
user: %q
password_env: PASSWORD
tls: "off"
datasets:
  - name: payments
    table: goldthread_bench
    mode: increment
    key: [id]
    totals: [amount]
    cursor: {column: updated_at}
    columns:
      id: {type: integer, required: true}
      paid: {type: date}
      supplier: {type: text}
      service: {type: text}
      amount: {type: "decimal(18,2)"}
      vat: {type: "decimal(18,2)"}
      invoices: {type: integer}
      category: {type: text}
      postcode: {type: text}
      is_grant: {type: boolean}
      updated_at: {type: timestamp}
`

//go:embed sources.sql
var sourcesTable string

// Sources measures pulling a table of eleven columns from PostgreSQL into the warehouse: whole, and by cursor after one row in a
// hundred changed. Beside the first stand the server's own copy to nowhere, and a plain scan; beside the second the first.
func Sources(ctx context.Context, o Options, kinds connectors.Kinds, database Database) (figures []Figure, err error) {
	b := &sourceBench{
		Options: o, kinds: kinds, database: database,
		first:  &measurement{figure: Figure{Name: "sources.first", Rows: int64(o.Rows), Floor: "psql's binary copy of the table to nowhere"}},
		scan:   &measurement{figure: Figure{Name: "sources.first_beside_scan", Rows: int64(o.Rows), Floor: "a scan by database/sql into any"}},
		change: &measurement{figure: Figure{Name: "sources.one_percent_changed", Rows: int64(o.Rows), Floor: "the first pull"}},
	}
	if b.psql, err = exec.LookPath("psql"); err != nil {
		return nil, &fault.Error{What: "psql is not installed, beside which the figures stand", Fix: "install PostgreSQL's client programs", Err: err}
	}
	if b.db, err = database.open(); err != nil {
		return nil, err
	}
	defer func() {
		_, dropped := b.db.ExecContext(context.WithoutCancel(ctx), "drop table if exists goldthread_bench")
		err = errors.Join(err, dropped, b.db.Close())
	}()
	if err := o.inTemp(ctx, func(folder string) error { return b.measure(ctx, folder) }); err != nil {
		return nil, err
	}
	return results(b.first, b.scan, b.change), nil
}

func (d Database) open() (*sql.DB, error) {
	config, err := pgx.ParseConfig("sslmode=disable")
	if err != nil {
		return nil, err
	}
	config.Host, config.Port, config.Database, config.User, config.Password = d.Host, uint16(d.Port), d.Name, d.User, d.Password
	return stdlib.OpenDB(*config), nil
}

// A sourceBench is one table at a server and what is measured of it.
type sourceBench struct {
	Options
	kinds               connectors.Kinds
	database            Database
	db                  *sql.DB
	psql                string
	first, scan, change *measurement
}

// measure makes the table anew, pulls it, changes some of it and pulls that.
func (b *sourceBench) measure(ctx context.Context, folder string) (err error) {
	for statement := range strings.SplitSeq(sourcesTable, ";\n") {
		if _, err := b.db.ExecContext(ctx, strings.ReplaceAll(statement, "$1", strconv.Itoa(b.Rows))); err != nil {
			return fmt.Errorf("making the table to pull: %w", err)
		}
	}
	source, err := b.open(folder)
	if err != nil {
		return err
	}
	w, err := warehouse.Open(ctx, warehouse.Options{Folder: filepath.Join(folder, "state"), MemoryLimit: b.MemoryLimit, Threads: b.Threads, Version: "bench"})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	pull := func(stored int64) func() error {
		return func() error {
			loads, err := pipeline.Ingest(ctx, w, "bench", source)
			if err == nil && (len(loads) != 1 || loads[0].Stored != stored) {
				err = fmt.Errorf("%+v came where %d rows were to be stored", loads, stored)
			}
			return err
		}
	}
	if err := errors.Join(b.first.timeFloor(func() error { return b.copy(ctx) }), b.scan.timeFloor(func() error { return b.scanAll(ctx) })); err != nil {
		return err
	}
	if err := b.first.time(pull(int64(b.Rows))); err != nil {
		return err
	}
	first := b.first.ours[len(b.first.ours)-1]
	b.scan.ours, b.change.floors = append(b.scan.ours, first), append(b.change.floors, first)
	changed, err := b.db.ExecContext(ctx, "update goldthread_bench set amount = amount + 1, updated_at = clock_timestamp() where id % $1 = 0", oneIn)
	if err != nil {
		return err
	}
	some, err := changed.RowsAffected()
	return errors.Join(err, b.change.time(pull(some)))
}

func (b *sourceBench) open(folder string) (connectors.Source, error) {
	d := b.database
	text := fmt.Sprintf(sourcesContract, d.Host, d.Port, d.Name, d.User)
	if d.Password == "" {
		text = strings.Replace(text, "password_env: PASSWORD\n", "", 1)
	}
	file, err := b.kinds.Decode("bench.yaml", []byte(text))
	if err != nil {
		return nil, err
	}
	return file.Config.Open(connectors.Deps{Root: folder, Zone: time.UTC, Getenv: func(string) string { return d.Password }})
}

// copy has psql fetch the table in the quickest form the server has, and throw it away.
func (b *sourceBench) copy(ctx context.Context) error {
	d := b.database
	c := exec.CommandContext(ctx, b.psql, "-X", "-q", "-h", d.Host, "-p", strconv.Itoa(d.Port), "-U", d.User, "-d", d.Name, "-c", "copy goldthread_bench to stdout (format binary)")
	c.Env = append(os.Environ(), "PGPASSWORD="+d.Password)
	nowhere, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer nowhere.Close()
	c.Stdout = nowhere
	if err := c.Run(); err != nil {
		return fmt.Errorf("having psql copy the table: %w", err)
	}
	return nil
}

// scanAll reads the table as most programs would.
func (b *sourceBench) scanAll(ctx context.Context) error {
	rows, err := b.db.QueryContext(ctx, `
		select id, paid, supplier, service, amount, vat, invoices, category, postcode, is_grant, updated_at
		from goldthread_bench`)
	if err != nil {
		return err
	}
	defer rows.Close()
	values := make([]any, 11)
	into := make([]any, len(values))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
	}
	return rows.Err()
}
