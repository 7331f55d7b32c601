package transforms

import (
	"context"
	"testing"
)

// BenchmarkFingerprint takes the fingerprint of a million observations, whole and by measure.
func BenchmarkFingerprint(b *testing.B) {
	l, err := openLab(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	const rows = `create table intermediate.facts as select 'M' || (i % 300) as measure_code, 'E0' || (i % 400) as area_code,
		'FY' || (2000 + i % 25) as period_code, cast(i as decimal(38, 10)) / 7 as ratio, cast(i as decimal(38, 10)) as value,
		'ok' as value_status, date '2026-01-01' as published_at, i as _row from range(1000000) as n(i)`
	if _, err := l.conn.ExecContext(context.Background(), rows); err != nil {
		b.Fatal(err)
	}
	tx, err := l.conn.BeginTx(context.Background(), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer tx.Rollback()
	b.Run("whole", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := fingerprint(context.Background(), tx, "intermediate.facts"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("partitions", func(b *testing.B) {
		for b.Loop() {
			if _, err := partitionPrints(context.Background(), tx, "intermediate.facts", "measure_code"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
