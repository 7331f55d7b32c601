package catalog_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/warehouse/duckdb"
	"github.com/goldthread/goldthread/warehouse/serve/catalog"
)

const release = `
	create schema marts;
	create schema core;
	create schema meta;
	create schema secret;
	create table secret.people (name varchar);
	create table core.dim_measures (measure_key integer, measure_code varchar);
	create table core.fct_observations (measure_key integer, period_key integer, value decimal(12, 2), tags varchar[]);
	create table marts.scorecard (measure_code varchar, value decimal(38, 10), published_at timestamptz);
	create view marts.latest as select measure_code from marts.scorecard;
	comment on table marts.scorecard is 'How the measures stand.';
	comment on column marts.scorecard.value is 'The value, unrounded.';
	create table meta.model_keys (model varchar, kind varchar, columns varchar[], parent varchar, parent_columns varchar[]);
	insert into meta.model_keys values
		('core.dim_measures', 'grain', ['measure_key'], null, null),
		('core.dim_measures', 'not_null', ['measure_key'], null, null),
		('core.fct_observations', 'grain', ['measure_key', 'period_key'], null, null),
		('core.fct_observations', 'not_null', ['measure_key', 'period_key'], null, null),
		('core.fct_observations', 'relationship', ['measure_key'], 'core.dim_measures', ['measure_key']),
		('core.fct_observations', 'relationship', ['period_key'], 'core.dim_periods', ['period_key']),
		('marts.scorecard', 'grain', ['measure_code'], null, null);`

// open lays out the catalogue of a release as servers do.
func open(t testing.TB, statements string) *sql.Conn {
	t.Helper()
	path := filepath.Join(t.TempDir(), "release.duckdb")
	made, err := duckdb.Open(t.Context(), duckdb.Settings{Path: path})
	if err == nil {
		_, err = made.ExecContext(t.Context(), statements)
	}
	if err != nil {
		t.Fatal(err)
	}
	made.Close()
	db, err := duckdb.OpenShared(t.Context(), duckdb.Settings{Threads: 1, NoFilesystem: true}, "attach "+duckdb.Literal(path)+" as goldthread (read_only)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := catalog.Install(t.Context(), db, "goldthread", catalog.Settings{"server_version": "15.0"}); err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(t.Context())
	if err == nil {
		_, err = conn.ExecContext(t.Context(), "set search_path = 'goldthread.marts,goldthread.core,goldthread.meta,"+catalog.SearchPath+"'; "+catalog.SignIn("reader"))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// ask gives the rows of a statement, a line each.
func ask(ctx context.Context, conn *sql.Conn, statement string) (string, error) {
	rows, err := conn.QueryContext(ctx, catalog.Rewrite(statement))
	if err != nil {
		return "", err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return "", err
	}
	var lines []string
	for rows.Next() {
		values, at := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			at[i] = &values[i]
		}
		if err := rows.Scan(at...); err != nil {
			return "", err
		}
		line := fmt.Sprintln(values...)
		lines = append(lines, strings.TrimSuffix(line, "\n"))
	}
	return strings.Join(lines, "\n"), rows.Err()
}

func TestTheCatalogueShowsTheRelease(t *testing.T) {
	conn := open(t, release)
	for name, one := range map[string]struct{ statement, want string }{
		"tables": {"select relname, relkind from pg_class where relnamespace not in (11, 13000) and relkind <> 'i' order by 1",
			"dim_measures r\nfct_observations r\nlatest v\nmodel_keys r\nscorecard r"},
		"types": {"select attname, format_type(atttypid, atttypmod) from pg_attribute where attrelid = to_regclass('fct_observations') order by attnum",
			"measure_key integer\nperiod_key integer\nvalue numeric(12,2)\ntags text[]"},
		"descriptions": {"select obj_description(to_regclass('scorecard'), 'pg_class'), col_description(to_regclass('marts.scorecard'), 2)",
			"How the measures stand. The value, unrounded."},
		"keys": {"select conname, contype, pg_get_constraintdef(oid) from pg_constraint order by 1",
			"dim_measures_pkey p PRIMARY KEY (measure_key)\n" +
				"fct_observations_measure_key_fkey f FOREIGN KEY (measure_key) REFERENCES dim_measures(measure_key)\n" +
				"fct_observations_pkey p PRIMARY KEY (measure_key, period_key)\nscorecard_measure_code_key u UNIQUE (measure_code)"},
		"who asks": {"select rolname, rolcanlogin from pg_roles order by 1", "goldthread false\nreader true"},
	} {
		if got, err := ask(t.Context(), conn, one.statement); err != nil || got != one.want {
			t.Errorf("%s:\n%s\n%v; wanted\n%s", name, got, err, one.want)
		}
	}
}

// An OID that a client remembers means the same object in the next release.
func TestOIDsStayFromReleaseToRelease(t *testing.T) {
	const oids = "select relname, oid from pg_class where relnamespace not in (11, 13000) and relname in ('scorecard', 'dim_measures', 'dim_measures_pkey') order by 1"
	first, err := ask(t.Context(), open(t, release), oids)
	if err != nil {
		t.Fatal(err)
	}
	second, err := ask(t.Context(), open(t, release+"create table marts.another (a integer);"), oids)
	if err != nil || first != second || strings.Count(first, "\n") != 2 {
		t.Errorf("they were\n%s\nand are\n%s\n%v", first, second, err)
	}
}

func TestAReleaseWithoutKeysIsShown(t *testing.T) {
	got, err := ask(t.Context(), open(t, "create schema marts; create schema core; create schema meta; create table marts.one (a integer)"), "select count(*) from pg_constraint")
	if err != nil || got != "0" {
		t.Error(got, err)
	}
}
