package bench

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/goldthread/goldthread/warehouse"
)

// A Reading says what serves the releases, and beside what.
type Reading struct {
	Program  string   // goldthread
	Database Database // of a PostgreSQL server on this machine
	Switches int      // how many releases are made while eight clients read
}

//go:embed serve.sql
var servedTable string

// columnsInPostgreSQL are those of serve.sql.
const columnsInPostgreSQL = `id bigint, measure_key integer, organisation_key integer, period_key integer, amount numeric(12, 2),
	rate double precision, happened_at timestamp, loaded_at timestamptz, is_final boolean, service text, reference uuid`

// groupings are statements as a dashboard sends them.
var groupings = []string{
	"select service, count(*), sum(amount), avg(rate) from TABLE group by service",
	"select organisation_key, period_key, sum(amount) from TABLE group by organisation_key, period_key order by 1, 2",
	"select count(distinct measure_key) from TABLE where is_final",
	"select date_trunc('month', happened_at), count(*) from TABLE where amount > 500000 group by 1 order by 1",
}

// catalogued are statements by which tools look at what there is: tables, columns, keys and types.
var catalogued = []string{
	"select table_schema, table_name, table_type from information_schema.tables where table_schema not in ('information_schema', 'pg_catalog')",
	"select column_name, ordinal_position, is_nullable, data_type from information_schema.columns where table_name = 'bench' order by 2",
	"select n.nspname, c.relname, c.relkind, d.description from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace " +
		"left join pg_catalog.pg_description d on d.objoid = c.oid and d.objsubid = 0 where c.relkind in ('r', 'v') and n.nspname !~ '^pg_'",
	"select a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull from pg_catalog.pg_attribute a " +
		"join pg_catalog.pg_class c on c.oid = a.attrelid where c.relname = 'bench' and a.attnum > 0 order by a.attnum",
	"select t.oid, t.typname, t.typlen, t.typtype from pg_catalog.pg_type t join pg_catalog.pg_namespace n on n.oid = t.typnamespace where t.typname in ('int4', 'text', 'numeric')",
}

// Serve measures what goldthread serve gives of a table of eleven columns, beside PostgreSQL with the same rows.
func Serve(ctx context.Context, o Options, r Reading) (figures []Figure, err error) {
	err = withTemp(func(folder string) (err error) {
		if err := o.releaseBench(ctx, folder); err != nil {
			return err
		}
		b := &serveBench{Options: o}
		if b.ours, err = startServer(ctx, r.Program, folder); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, b.ours.stop()) }()
		if b.theirs, err = openPostgreSQL(ctx, r.Database); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, b.theirs.drop(context.WithoutCancel(ctx))) }()
		if err := b.fill(ctx); err != nil {
			return err
		}
		if figures, err = b.measure(ctx); err != nil {
			return err
		}
		switched, err := b.switches(ctx, folder, r.Switches)
		figures = append(figures, switched)
		return err
	})
	return figures, err
}

// releaseBench makes a council's folder with a release of the table.
func (o Options) releaseBench(ctx context.Context, folder string) (err error) {
	settings := "name: Bench\norganisation: E08000009\nserve: {threads: " + strconv.Itoa(o.Threads) + ", memory_limit: " + o.MemoryLimit + "}\n"
	if err := os.WriteFile(filepath.Join(folder, "goldthread.yaml"), []byte(settings), 0o600); err != nil {
		return err
	}
	w, err := warehouse.Open(ctx, warehouse.Options{Folder: filepath.Join(folder, ".goldthread"), MemoryLimit: o.MemoryLimit, Threads: o.Threads, Version: "bench"})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if _, err := w.Conn().ExecContext(ctx, strings.ReplaceAll(servedTable, "$rows", strconv.Itoa(o.Rows))); err != nil {
		return fmt.Errorf("making the table to serve: %w", err)
	}
	_, err = w.Release(ctx, warehouse.ReleasePlan{RunID: 1, Audience: "staff", Tables: []warehouse.ReleaseTable{{Schema: "marts", Name: "bench", Content: "bench"}}})
	return err
}

// A serveBench is the two servers and what is measured of them.
type serveBench struct {
	Options
	ours, theirs *reader
}

// fill copies the table to PostgreSQL, in binary: so its rows are the same, and it reads what was written.
func (b *serveBench) fill(ctx context.Context) error {
	b.progress("copying the table to PostgreSQL")
	from, err := b.ours.connect(ctx)
	if err != nil {
		return err
	}
	defer from.Close(ctx)
	to, err := b.theirs.connect(ctx)
	if err != nil {
		return err
	}
	defer to.Close(ctx)
	if _, err := to.Exec(ctx, "create table "+b.theirs.table+" ("+columnsInPostgreSQL+")").ReadAll(); err != nil {
		return err
	}
	if err := pipeCopy(ctx, from, "copy "+b.ours.table+" to stdout (format binary)", to, "copy "+b.theirs.table+" from stdin (format binary)"); err != nil {
		return err
	}
	_, err = to.Exec(ctx, "vacuum analyze "+b.theirs.table).ReadAll()
	return err
}

func (b *serveBench) measure(ctx context.Context) ([]Figure, error) {
	all := "select * from TABLE"
	ten := "select t.* from TABLE as t, generate_series(1, 10) as times (n)"
	var figures []Figure
	for _, one := range []struct {
		name string
		ask  request
		rows int
	}{
		{"serve.text", request{statements: []string{all}}, b.Rows},
		{"serve.binary", request{statements: []string{all}, binary: true}, b.Rows},
		{"serve.copy", request{statements: []string{"copy TABLE to stdout"}}, b.Rows},
		{"serve.copy_binary", request{statements: []string{"copy TABLE to stdout (format binary)"}}, b.Rows},
		{"serve.group_by", request{statements: groupings}, b.Rows},
		{"serve.catalogue_of_five", request{statements: catalogued, unlike: true}, 0},
		{"serve.first_of_ten_times", request{statements: []string{ten}, firstOnly: true}, 10 * b.Rows},
		{"serve.ten_times", request{statements: []string{ten}, binary: true}, 10 * b.Rows},
	} {
		measured, err := b.compare(ctx, one.name, one.rows, one.ask)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", one.name, err)
		}
		figures = append(figures, measured...)
	}
	return figures, nil
}

// compare asks both servers the same, by turns, and gives the time that it took and the processor time of the servers.
func (b *serveBench) compare(ctx context.Context, name string, rows int, ask request) ([]Figure, error) {
	took := &measurement{figure: Figure{Name: name, Rows: int64(rows), Floor: "PostgreSQL, " + b.theirs.encryption}}
	cpu := &measurement{figure: Figure{Name: name + ".cpu", Rows: int64(rows), Floor: "processor time of PostgreSQL's own process"}}
	for i := range b.Repeat {
		b.progress("%s, %d of %d", name, i+1, b.Repeat)
		ours, err := b.ours.ask(ctx, ask)
		if err != nil {
			return nil, err
		}
		theirs, err := b.theirs.ask(ctx, ask)
		if err != nil {
			return nil, fmt.Errorf("PostgreSQL: %w", err)
		}
		if ours.rows != theirs.rows && !ask.unlike {
			return nil, fmt.Errorf("goldthread gives %d rows and PostgreSQL %d", ours.rows, theirs.rows)
		}
		took.took(int64(rows), ours.seconds, ours.peak)
		took.floorTook(theirs.seconds)
		cpu.took(int64(rows), ours.cpu, 0)
		cpu.floorTook(theirs.cpu)
	}
	if ask.firstOnly || median(cpu.ours) == 0 || median(cpu.floors) == 0 { // the system counts in hundredths of a second
		return results(took), nil
	}
	return results(took, cpu), nil
}
