package pgwire

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgtype"
)

// TestParametersComeAsTextAndBinary sends values of each type as the driver does, which is in binary, and as text.
func TestParametersComeAsTextAndBinary(t *testing.T) {
	conn := serve(t, nil).connect("")
	at := time.Date(2026, 7, 1, 12, 30, 0, 0, time.UTC)
	for name, one := range map[string]struct {
		query string
		value any
		want  string
	}{
		"integer":     {"select ($1::integer + 1)::text", 41, "42"},
		"bigint":      {"select ($1::bigint)::text", int64(-5000000000), "-5000000000"},
		"boolean":     {"select ($1::boolean)::text", true, "true"},
		"double":      {"select ($1::double)::text", 1.5, "1.5"},
		"date":        {"select ($1::date)::text", at, "2026-07-01"},
		"timestamp":   {"select ($1::timestamp)::text", at, "2026-07-01 12:30:00"},
		"timestamptz": {"select ($1::timestamptz)::text", at, "2026-07-01 13:30:00+01"},
		"text":        {"select $1 || '!'", "it's", "it's!"},
		"null":        {"select coalesce($1::integer::text, 'none')", nil, "none"},
		"uuid":        {"select ($1::uuid)::text", pgtype.UUID{Bytes: [16]byte{1}, Valid: true}, "01000000-0000-0000-0000-000000000000"},
	} {
		for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeDescribeExec, pgx.QueryExecModeCacheStatement} {
			var got string
			if err := conn.QueryRow(t.Context(), one.query, mode, one.value).Scan(&got); err != nil || got != one.want {
				t.Errorf("%s: %q, %v", name, got, err)
			}
		}
	}
}

// TestColumnsAreKnownWhateverTheParameters prepares what the engine cannot say the columns of without the parameters' types.
func TestColumnsAreKnownWhateverTheParameters(t *testing.T) {
	conn := serve(t, nil).connect("")
	described, err := conn.Prepare(t.Context(), "", "select rank, mark, case when mark <> $1 then json_object($2, rank) end as made, list_value($3) from marts.scorecard where mark = any (list_value($4, $5))")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range described.Fields {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != "rank mark made list_value" || described.Fields[0].DataTypeOID != pgtype.Int8OID {
		t.Errorf("%s, the first of type %d", got, described.Fields[0].DataTypeOID)
	}
}

func TestPreparedStatementsAreBounded(t *testing.T) {
	front := serve(t, nil).front()
	text := "select '" + strings.Repeat("x", 3<<20) + "'"
	for i := range 6 {
		front.Send(&pgproto3.Parse{Name: fmt.Sprint(i), Query: text})
	}
	front.Send(&pgproto3.Sync{})
	if got := receive(t, front, 1); got != strings.Repeat("ParseComplete ", 5)+"ErrorResponse ReadyForQuery" {
		t.Error(got)
	}
}

func FuzzReadArgument(f *testing.F) {
	f.Add([]byte{0, 1, 0, 0, 0, 0, 0, 0, 0, 1}, uint32(pgtype.NumericOID), int16(1))
	f.Add([]byte("{"), uint32(pgtype.Int4ArrayOID), int16(0))
	f.Fuzz(func(t *testing.T, raw []byte, oid uint32, format int16) { _, _ = readArgument(raw, oid, format) })
}
