package clients

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// long is a statement that runs for minutes, until it is stopped.
const long = "select sum(a.x * b.y) from generate_series(1, 3000000) a(x), generate_series(1, 3000000) b(y)"

// pgxChecks makes the checks of the driver that this program is built with.
func pgxChecks(t *testing.T, s *server) (o outcome) {
	t.Helper()
	conn := s.connect(t)
	o.version = "v5"
	for _, c := range []struct {
		name string
		do   func(context.Context, *pgx.Conn) error
	}{
		{"tables with their descriptions", pgxTables}, {"every table is read", pgxReads}, {"a value of every type", pgxTypes},
		{"parameters", pgxParameters}, {"cancel", pgxCancel}, {"time-out", pgxTimeout}, {"nothing is written", pgxReadOnly},
	} {
		o.made++
		if err := c.do(t.Context(), conn); err != nil {
			t.Errorf("pgx: %s: %v", c.name, err)
			continue
		}
		o.passed++
	}
	return o
}

func pgxNames(ctx context.Context, conn *pgx.Conn) (map[string]string, error) {
	rows, err := conn.Query(ctx, `select n.nspname || '.' || c.relname, coalesce(obj_description(c.oid, 'pg_class'), '') from pg_class c
		join pg_namespace n on n.oid = c.relnamespace where n.nspname = any ($1) and c.relkind in ('r', 'v')`, []string{"core", "marts", "meta"})
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	var name, words string
	_, err = pgx.ForEachRow(rows, []any{&name, &words}, func() error { names[name] = words; return nil })
	return names, err
}

func pgxTables(ctx context.Context, conn *pgx.Conn) error {
	names, err := pgxNames(ctx, conn)
	for name, words := range names {
		if words == "" {
			err = errors.Join(err, fmt.Errorf("%s has no description", name))
		}
	}
	if len(names) < 20 {
		err = errors.Join(err, fmt.Errorf("only %d tables", len(names)))
	}
	return err
}

func pgxReads(ctx context.Context, conn *pgx.Conn) error {
	names, err := pgxNames(ctx, conn)
	if err != nil {
		return err
	}
	for name := range names {
		var count, read int
		if err := conn.QueryRow(ctx, "select count(*) from "+name).Scan(&count); err != nil {
			return err
		}
		rows, err := conn.Query(ctx, "select * from "+name)
		for err == nil && rows.Next() {
			_, err = rows.Values()
			read++
		}
		if err := errors.Join(err, rows.Err()); err != nil || read != count {
			return fmt.Errorf("%s: %d rows of %d: %w", name, read, count, err)
		}
	}
	return nil
}

func pgxTypes(ctx context.Context, conn *pgx.Conn) error {
	var (
		yes            bool
		whole          int64
		part           float64
		text, decimal  string
		day, moment    time.Time
		numbers        []int32
		words          []string
		none           *string
		id             [16]byte
		small, ordinal int32
	)
	err := conn.QueryRow(ctx, `select true, 5000000000, 1.5::double precision, 'a''b', 1.50::numeric(10, 2)::text, date '2026-02-28',
		timestamptz '2026-07-01 12:30:00+00', array[1, 2], array['a', 'b c'], null::text, uuid '12345678-1234-1234-1234-123456789abc', 7::smallint, 70000`).
		Scan(&yes, &whole, &part, &text, &decimal, &day, &moment, &numbers, &words, &none, &id, &small, &ordinal)
	got := fmt.Sprintln(yes, whole, part, text, decimal, day.Format(time.DateOnly), moment.UTC().Format(time.RFC3339), numbers, words, none, id[0], small, ordinal)
	if want := "true 5000000000 1.5 a'b 1.50 2026-02-28 2026-07-01T12:30:00Z [1 2] [a b c] <nil> 18 7 70000"; err == nil && strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(want), " ") {
		err = fmt.Errorf("it is %s", got)
	}
	return err
}

func pgxParameters(ctx context.Context, conn *pgx.Conn) error {
	var sum int
	var text string
	err := conn.QueryRow(ctx, "select $1::integer + 1, $2::text", 41, "it's").Scan(&sum, &text)
	if err == nil && (sum != 42 || text != "it's") {
		err = fmt.Errorf("they are %d and %s", sum, text)
	}
	return err
}

// stopped says whether a statement ended as one that was stopped.
func stopped(err error) error {
	var told *pgconn.PgError
	if errors.As(err, &told) && told.Code == "57014" {
		return nil
	}
	return fmt.Errorf("it was not stopped: %w", err)
}

func pgxCancel(ctx context.Context, conn *pgx.Conn) error {
	timer := time.AfterFunc(300*time.Millisecond, func() { _ = conn.PgConn().CancelRequest(ctx) })
	defer timer.Stop()
	_, err := conn.Exec(ctx, long)
	return stopped(err)
}

func pgxTimeout(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, "set statement_timeout = 300"); err != nil {
		return err
	}
	_, err := conn.Exec(ctx, long)
	if err := stopped(err); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "reset statement_timeout")
	return err
}

func pgxReadOnly(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, "delete from marts.scorecard")
	if told := (*pgconn.PgError)(nil); !errors.As(err, &told) || told.Code != "25006" {
		return fmt.Errorf("it was not refused: %w", err)
	}
	return nil
}
