package pgwire

import (
	"testing"
	"time"

	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// BenchmarkEncode writes a hundred thousand rows of eleven columns, as a message a row and as lines of a copy.
func BenchmarkEncode(b *testing.B) {
	const rows = `select n::bigint, (n % 300)::int, (n // 300)::int, n::int, (n * 7919 % 1000000 / 100)::decimal(12, 2), n / 997::double,
		timestamp '2020-01-01' + to_seconds(n), timestamptz '2020-01-01 00:00:00+00' + to_seconds(n), n % 3 = 0, 'Service ' || n % 40, uuid()
		from range(100000) as r (n)`
	db, err := duckdb.OpenShared(b.Context(), duckdb.Settings{MemoryLimit: "256MB", Threads: 1})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(b.Context(), "create table t as "+rows); err != nil {
		b.Fatal(err)
	}
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		b.Fatal(err)
	}
	for name, write := range map[string]func(*answer, []byte) []byte{
		"rows": (*answer).appendRow,
		"copy": func(a *answer, to []byte) []byte { return a.appendText(to, &copying{delimiter: '\t', null: `\N`}) },
	} {
		b.Run(name, func(b *testing.B) {
			conn, err := db.Conn(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			defer conn.Close()
			var out []byte
			for b.Loop() {
				stream, err := duckdb.OpenStream(b.Context(), conn, "from t", nil)
				if err != nil {
					b.Fatal(err)
				}
				a := &answer{stream: stream, zone: zone, columns: make([]column, 11)}
				if err := a.use(nil); err != nil {
					b.Fatal(err)
				}
				for n, err := stream.Next(); n > 0; n, err = stream.Next() {
					if err != nil {
						b.Fatal(err)
					}
					for a.at = range n {
						out = write(a, out)
					}
					out = out[:0]
				}
				stream.Close()
			}
		})
	}
}
