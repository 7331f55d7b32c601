package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// Payments are what the ingest figures land: a snapshot of eleven columns with one key.
const paymentsContract = `
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

// writePayments writes rows of a fixed seed; where changed is above zero, one row in so many has another note.
func writePayments(path string, rows, changed int) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(file, 1<<20)
	fmt.Fprintln(out, "reference,paid,supplier,service,amount,vat,invoices,category,postcode,is_grant,note")
	random := rand.New(rand.NewPCG(1, 2))
	day := time.Date(2020, 4, 1, 0, 0, 0, 0, time.UTC)
	for i := range rows {
		note := "of the contract"
		if changed > 0 && i%changed == 0 {
			note = "restated"
		}
		fmt.Fprintf(out, "PAY%09d,%s,\"Supplier %d, Limited\",Adult social care,%d.%02d,%d.%02d,%d,Third party payments,M%d %dAB,%t,Invoice %d %s\n",
			i, day.AddDate(0, 0, i%2000).Format(time.DateOnly), random.IntN(5000), random.IntN(100000), random.IntN(100),
			random.IntN(10000), random.IntN(100), random.IntN(9), random.IntN(40), random.IntN(9), i%17 == 0, i, note)
	}
	return errors.Join(out.Flush(), file.Close())
}

// engineInsert is the floor of landing: the engine's own typed insert of the file into a table, without hashes, ledger,
// archive, or a word about what it could not read.
func (o Options) engineInsert(ctx context.Context, path, database string) (err error) {
	db, err := duckdb.Open(ctx, duckdb.Settings{Path: database, MemoryLimit: o.MemoryLimit, Threads: o.Threads, TempFolder: database + ".tmp"})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, fmt.Sprintf(`
		create table payments as
		select *
		from read_csv(%s, header = true, delim = ',', quote = '"', escape = '"', auto_detect = false, columns = {
			reference: 'varchar', paid: 'date', supplier: 'varchar', service: 'varchar', amount: 'decimal(18,2)',
			vat: 'decimal(18,2)', invoices: 'bigint', category: 'varchar', postcode: 'varchar', is_grant: 'boolean', note: 'varchar'});
		checkpoint`, duckdb.Literal(path)))
	return err
}
