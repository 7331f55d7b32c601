package pipeline

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/csvdrop"
	"github.com/goldthread/goldthread/warehouse"
)

const deliveryContract = `
source: desk
kind: csvdrop
folder: drops
datasets:
  - name: requests
    files: "*/*.csv"
    format: {delimiter: ",", encoding: utf-8, header_row: 1}
    mode: increment
    published_at: {from: path, pattern: '(\d{4}-\d{2}-\d{2})/'}
    key: [ref]
    columns:
      ref: {type: integer, required: true}
      edition: {type: integer, required: true}
`

// rowsAnEdition is how many rows each edition holds, and references how many things all of them speak of.
const rowsAnEdition, references = 10, 40

// TestDeliveriesAgainLateAndOutOfOrderStoreEachRowOnce delivers each of a hundred editions three times, under new names and
// in any order, a few before each look.
func TestDeliveriesAgainLateAndOutOfOrderStoreEachRowOnce(t *testing.T) {
	const editions = 100
	folder, state := t.TempDir(), t.TempDir()
	file, err := connectors.Kinds{"csvdrop": csvdrop.Default}.Decode("desk.yaml", []byte(deliveryContract))
	if err != nil {
		t.Fatal(err)
	}
	source, err := file.Config.Open(connectors.Deps{Root: folder, Archive: &connectors.Archive{Folder: filepath.Join(state, "archive")}, Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	w, err := warehouse.Open(t.Context(), warehouse.Options{Folder: state, MemoryLimit: "256MB", Threads: 1, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	order := rand.New(rand.NewPCG(1, 11))
	loads := 0
	for n, delivery := range order.Perm(3 * editions) {
		deliver(t, folder, n, delivery%editions)
		if order.IntN(5) > 0 && n < 3*editions-1 {
			continue // it waits for the next look
		}
		landed, err := Ingest(t.Context(), w, "desk", source)
		if err != nil {
			t.Fatal(err)
		}
		loads += len(landed)
	}
	var raw, distinct, present, newest int
	err = w.Conn().QueryRowContext(t.Context(), `
		select count(*), count(distinct (ref, edition)),
			(select count(*) from "current".desk__requests),
			(select count(*) from "current".desk__requests as held where edition = (
				select max(edition) from raw.desk__requests as all_rows where all_rows.ref = held.ref))
		from raw.desk__requests where not _is_deleted`).Scan(&raw, &distinct, &present, &newest)
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%d loads, %d rows, %d distinct, %d present, %d of them the newest", loads, raw, distinct, present, newest)
	want := fmt.Sprintf("%d loads, %d rows, %[2]d distinct, %d present, %[3]d of them the newest", editions, editions*rowsAnEdition, references)
	if got != want {
		t.Errorf("after %d deliveries\ngot  %s\nwant %s", 3*editions, got, want)
	}
}

// deliver writes an edition as a file of a name of its own.
func deliver(t *testing.T, folder string, n, edition int) {
	t.Helper()
	day := time.Date(2020, 1, 1+edition, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	drop := filepath.Join(folder, "drops", day)
	if err := os.MkdirAll(drop, 0o755); err != nil {
		t.Fatal(err)
	}
	text := "ref,edition\n"
	for i := range rowsAnEdition {
		text += fmt.Sprintf("%d,%d\n", (edition*7+i)%references, edition)
	}
	if err := os.WriteFile(filepath.Join(drop, fmt.Sprintf("delivery-%d.csv", n)), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
