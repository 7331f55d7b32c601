// Package duckdb opens the embedded engine the way Goldthread needs it: bounded memory and threads, a temporary folder of
// its own, no downloads, and never the server's idea of the time zone.
//
// It builds only with the tag duckdb_arrow, which compiles the driver's Arrow calls.
package duckdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/duckdb/duckdb-go/v2"
)

// Settings bound what the engine may use.
type Settings struct {
	Path         string // of the database file; empty for one in memory
	ReadOnly     bool
	MemoryLimit  string // such as 1GB
	Threads      int
	TempFolder   string // where it spills; empty for none
	TempLimit    string // how much, such as 4GB; empty for what the disk has
	TimeZone     string // of the session, such as Europe/London
	NoFilesystem bool   // statements may read and write no other file
	WriteFolder  string // save in this folder, where NoFilesystem is set
	Storage      string // the oldest engine that must be able to read a file made here, such as v1.4.0; its default where empty
}

// Open opens a database. The handle has one connection, so that no idle transaction of ours can hold up a checkpoint.
func Open(ctx context.Context, s Settings) (*sql.DB, error) {
	mode := "READ_WRITE"
	if s.ReadOnly {
		mode = "READ_ONLY"
	}
	connector, err := duckdb.NewConnector(s.Path+"?access_mode="+mode+s.storage(), func(exec driver.ExecerContext) error {
		for _, statement := range s.statements() {
			if _, err := exec.ExecContext(ctx, statement, nil); err != nil {
				return fmt.Errorf("setting up the engine (%s): %w", statement, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func (s Settings) storage() string {
	if s.Storage == "" {
		return ""
	}
	return "&storage_compatibility_version=" + s.Storage
}

func (s Settings) statements() []string { return append(s.limits(), s.shut()...) }

// limits are the statements that bound what the engine may use.
func (s Settings) limits() []string {
	list := []string{
		"set autoinstall_known_extensions = false",
		"set autoload_known_extensions = false",
		"set preserve_insertion_order = false",
		"set arrow_lossless_conversion = true",
	}
	add := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if s.MemoryLimit != "" {
		add("set memory_limit = %s", Literal(s.MemoryLimit))
	}
	if s.Threads > 0 {
		add("set threads = %d", s.Threads)
	}
	if s.TempFolder != "" {
		add("set temp_directory = %s", Literal(s.TempFolder))
	}
	if s.TempLimit != "" {
		add("set max_temp_directory_size = %s", Literal(s.TempLimit))
	}
	if s.TimeZone != "" {
		add("set TimeZone = %s", Literal(s.TimeZone))
	}
	return list
}

// shut are the statements that close the engine to every other file and to any change of its settings.
func (s Settings) shut() []string {
	if !s.NoFilesystem {
		return nil
	}
	var list []string
	if s.WriteFolder != "" {
		list = append(list, fmt.Sprintf("set allowed_directories = [%s]", Literal(s.WriteFolder)))
	}
	return append(list, "set enable_external_access = false", "set lock_configuration = true")
}

// Name quotes the parts of an identifier and joins them with dots.
func Name(parts ...string) string {
	quoted := make([]string, len(parts))
	for i, part := range parts {
		quoted[i] = `"` + strings.ReplaceAll(part, `"`, `""`) + `"`
	}
	return strings.Join(quoted, ".")
}

// Literal quotes a text for the few statements that take no bound values.
func Literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// WithView calls use while the rows of reader can be read, once, as the view name on conn.
func WithView(conn *sql.Conn, reader array.RecordReader, name string, use func() error) error {
	var release func()
	err := conn.Raw(func(raw any) error {
		engine, err := duckdb.NewArrowFromConn(raw.(driver.Conn))
		if err != nil {
			return err
		}
		release, err = engine.RegisterView(reader, name)
		return err
	})
	if err != nil {
		return fmt.Errorf("handing rows to the engine: %w", err)
	}
	defer release()
	if err := use(); err != nil {
		return err
	}
	// The engine keeps the view in its catalogue, where a later look at it would read rows that are gone.
	_, err = conn.ExecContext(context.Background(), "drop view "+Name(name))
	return err
}

// Batches calls take with the rows of a query, a batch at a time; uuids come as their 16 bytes.
func Batches(ctx context.Context, conn *sql.Conn, query string, take func(arrow.RecordBatch) error, args ...any) error {
	return conn.Raw(func(raw any) error {
		engine, err := duckdb.NewArrowFromConn(raw.(driver.Conn))
		if err != nil {
			return err
		}
		rows, err := engine.QueryContext(ctx, query, args...)
		if err != nil {
			return err
		}
		defer rows.Release()
		for rows.Next() {
			if err := take(rows.RecordBatch()); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// Append writes rows to a table within the connection's transaction.
func Append(conn *sql.Conn, schema, table string, rows func(add func(...driver.Value) error) error) error {
	return conn.Raw(func(raw any) error {
		appender, err := duckdb.NewAppenderFromConn(raw.(driver.Conn), schema, table)
		if err != nil {
			return err
		}
		if err := rows(appender.AppendRow); err != nil {
			return errors.Join(err, appender.Close())
		}
		return appender.Close()
	})
}
