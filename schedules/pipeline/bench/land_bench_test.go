package bench

import (
	"fmt"
	"testing"

	"github.com/goldthread/goldthread/connectors/all"
)

// BenchmarkLand gives the figures of goldthread bench ingest to go test -bench: floor_ratio is our speed over that of the
// engine's own typed insert of the same file, peak_MiB the most memory held, which must not grow with the file, and
// changed_of_first what a new version with one row in a hundred changed takes of the first load's time.
func BenchmarkLand(b *testing.B) {
	for _, rows := range []int{1_000_000, 10_000_000} {
		b.Run(fmt.Sprintf("%d_rows", rows), func(b *testing.B) {
			var first, changed Figure
			for b.Loop() {
				figures, err := Ingest(b.Context(), Options{Rows: rows, Repeat: 1, MemoryLimit: "512MB", Threads: 2}, all.Kinds)
				if err != nil {
					b.Fatal(err)
				}
				first, changed = figures[0], figures[2]
			}
			b.ReportMetric(float64(first.Rows)/first.Seconds, "rows/s")
			b.ReportMetric(first.Ratio, "floor_ratio")
			b.ReportMetric(first.PeakMiB, "peak_MiB")
			b.ReportMetric(changed.Seconds/first.Seconds, "changed_of_first")
			b.ReportMetric(0, "ns/op")
		})
	}
}
