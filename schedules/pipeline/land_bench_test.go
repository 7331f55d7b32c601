package pipeline

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/csvdrop"
	"github.com/goldthread/goldthread/warehouse"
	"github.com/goldthread/goldthread/warehouse/duckdb"
)

const benchContract = `
source: bench
kind: csvdrop
folder: drops
datasets:
  - name: payments
    files: payments.csv
    format: {delimiter: ",", encoding: utf-8, header_row: 1}
    mode: snapshot
    key: [reference]
    columns:
      reference: {type: text, required: true}
      paid: {type: date, date_order: ymd, required: true}
      supplier: {type: text}
      service: {type: text}
      amount: {type: "decimal(18,2)", required: true}
      vat: {type: "decimal(18,2)"}
      invoices: {type: integer}
      category: {type: text}
      postcode: {type: text}
      is_grant: {type: boolean}
      note: {type: text}
`

func writePayments(tb testing.TB, path string, rows int) {
	tb.Helper()
	file, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	out := bufio.NewWriterSize(file, 1<<20)
	fmt.Fprintln(out, "reference,paid,supplier,service,amount,vat,invoices,category,postcode,is_grant,note")
	random := rand.New(rand.NewPCG(1, 2))
	day := time.Date(2020, 4, 1, 0, 0, 0, 0, time.UTC)
	for i := range rows {
		fmt.Fprintf(out, "PAY%09d,%s,\"Supplier %d, Limited\",Adult social care,%d.%02d,%d.%02d,%d,Third party payments,M%d %dAB,%t,Invoice %d of the contract\n",
			i, day.AddDate(0, 0, i%2000).Format(time.DateOnly), random.IntN(5000), random.IntN(100000), random.IntN(100),
			random.IntN(10000), random.IntN(100), random.IntN(9), random.IntN(40), random.IntN(9), i%17 == 0, i)
	}
	if err := out.Flush(); err != nil {
		tb.Fatal(err)
	}
	if err := file.Close(); err != nil {
		tb.Fatal(err)
	}
}

// BenchmarkLand lands a file with hashing, provenance, archive and ledger, beside the engine's own typed insert of the same
// file into a table. The metric floor_ratio is our rows a second over the engine's; 1 is as quick.
func BenchmarkLand(b *testing.B) {
	const rows = 1_000_000
	folder := b.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "drops"), 0o755); err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(folder, "drops", "payments.csv")
	writePayments(b, path, rows)
	var ours, floor time.Duration
	for b.Loop() {
		floor += engineInsert(b, path, filepath.Join(b.TempDir(), "floor.duckdb"))
		ours += landOnce(b, folder, b.TempDir())
	}
	b.ReportMetric(float64(rows)*float64(b.N)/ours.Seconds(), "rows/s")
	b.ReportMetric(float64(floor)/float64(ours), "floor_ratio")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkLandMemory reports the most memory the process held while it landed files of two sizes, on Linux: it must not grow
// with the file. The engine's own limit is 512 MB.
func BenchmarkLandMemory(b *testing.B) {
	for _, rows := range []int{2_000_000, 6_000_000} {
		b.Run(fmt.Sprintf("%d_rows", rows), func(b *testing.B) {
			folder := b.TempDir()
			if err := os.Mkdir(filepath.Join(folder, "drops"), 0o755); err != nil {
				b.Fatal(err)
			}
			writePayments(b, filepath.Join(folder, "drops", "payments.csv"), rows)
			var peak float64
			for b.Loop() {
				forgetPeak()
				landOnce(b, folder, b.TempDir())
				peak = max(peak, peakMiB())
			}
			b.ReportMetric(peak, "peak_MiB")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// forgetPeak begins a new reckoning of the most memory held; elsewhere than on Linux it does nothing.
func forgetPeak() { _ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) }

func peakMiB() float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	var kilobytes float64
	if _, after, found := strings.Cut(string(text), "VmHWM:"); found {
		fmt.Sscan(after, &kilobytes)
	}
	return kilobytes / 1024
}

func landOnce(tb testing.TB, folder, state string) time.Duration {
	tb.Helper()
	ctx := context.Background()
	file, err := connectors.Kinds{"csvdrop": csvdrop.Default}.Decode("bench.yaml", []byte(benchContract))
	if err != nil {
		tb.Fatal(err)
	}
	w, err := warehouse.Open(ctx, warehouse.Options{Folder: state, MemoryLimit: "512MB", Threads: 2, Version: "bench"})
	if err != nil {
		tb.Fatal(err)
	}
	defer w.Close()
	source, err := file.Config.Open(connectors.Deps{Root: folder, Archive: &connectors.Archive{Folder: filepath.Join(state, "archive")}, Zone: time.UTC})
	if err != nil {
		tb.Fatal(err)
	}
	began := time.Now()
	r := &run{warehouse: w, log: zerolog.Nop()}
	if err := r.extract(ctx, "bench", source); err != nil {
		tb.Fatal(err)
	}
	took := time.Since(began)
	if len(r.result.Loads) != 1 || r.result.Loads[0].Quarantined != 0 {
		tb.Fatalf("%+v", r.result)
	}
	return took
}

func engineInsert(tb testing.TB, path, database string) time.Duration {
	tb.Helper()
	ctx := context.Background()
	db, err := duckdb.Open(ctx, duckdb.Settings{Path: database, MemoryLimit: "512MB", Threads: 2})
	if err != nil {
		tb.Fatal(err)
	}
	defer db.Close()
	began := time.Now()
	_, err = db.ExecContext(ctx, fmt.Sprintf(`
		create table payments as
		select *
		from read_csv(%s, header = true, delim = ',', quote = '"', escape = '"', auto_detect = false, columns = {
			reference: 'varchar', paid: 'date', supplier: 'varchar', service: 'varchar', amount: 'decimal(18,2)',
			vat: 'decimal(18,2)', invoices: 'bigint', category: 'varchar', postcode: 'varchar', is_grant: 'boolean', note: 'varchar'})`,
		duckdb.Literal(path)))
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := db.ExecContext(ctx, "checkpoint"); err != nil {
		tb.Fatal(err)
	}
	return time.Since(began)
}
