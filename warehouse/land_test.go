package warehouse

import (
	"context"
	"crypto/md5"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

var testTime = time.Date(2026, 4, 1, 6, 0, 0, 0, time.UTC)

func openTest(t *testing.T, folder string) *Warehouse {
	t.Helper()
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	w, err := Open(t.Context(), Options{Folder: folder, MemoryLimit: "256MB", Threads: 2, Location: london,
		Now: func() time.Time { return testTime }, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

// testTable is of requests: a reference and a status, the reference being the key.
func testTable(mode string, key ...string) Table {
	return Table{Source: "desk", Dataset: "requests", Mode: mode, Key: key,
		Columns: []Column{{"ref", "VARCHAR", "Reference."}, {"status", "VARCHAR", ""}}}
}

// testRows makes an arrival's rows from texts "ref status", numbered from line 2.
func testRows(t *testing.T, key []string, rows ...string) array.RecordReader {
	t.Helper()
	return extractRows(t, 1, key, rows...)
}

func extractRows(t *testing.T, extract int64, key []string, rows ...string) array.RecordReader {
	t.Helper()
	uuid := arrow.NewMetadata([]string{"ARROW:extension:name", "ARROW:extension:metadata"}, []string{"arrow.uuid", ""})
	hash := func(name string) arrow.Field {
		return arrow.Field{Name: name, Type: &arrow.FixedSizeBinaryType{ByteWidth: 16}, Metadata: uuid}
	}
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "ref", Type: arrow.BinaryTypes.String}, {Name: "status", Type: arrow.BinaryTypes.String},
		{Name: "_extract_id", Type: arrow.PrimitiveTypes.Int64}, {Name: "_row", Type: arrow.PrimitiveTypes.Int64},
		hash("_key_hash"), hash("_row_hash")}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	for i, row := range rows {
		ref, status, _ := strings.Cut(row, " ")
		b.Field(0).(*array.StringBuilder).Append(ref)
		b.Field(1).(*array.StringBuilder).Append(status)
		b.Field(2).(*array.Int64Builder).Append(extract)
		b.Field(3).(*array.Int64Builder).Append(int64(i + 2))
		whole, k := md5.Sum([]byte(row)), md5.Sum([]byte(ref))
		if len(key) == 0 {
			k = whole
		}
		b.Field(4).(*array.FixedSizeBinaryBuilder).Append(k[:])
		b.Field(5).(*array.FixedSizeBinaryBuilder).Append(whole[:])
	}
	reader, err := array.NewRecordReader(schema, []arrow.RecordBatch{b.NewRecordBatch()})
	if err != nil {
		t.Fatal(err)
	}
	return reader
}

func arrive(t *testing.T, table Table, edition string, rows ...string) Arrival {
	t.Helper()
	rest := Rest{Read: int64(len(rows)), Cursor: "{}"}
	if edition != "" {
		day, err := time.Parse(time.DateOnly, edition)
		if err != nil {
			t.Fatal(err)
		}
		rest.PublishedAt = day
	}
	return Arrival{RunID: 1, Table: table, Rows: testRows(t, table.Key, rows...), Rest: func() (Rest, error) { return rest, nil }}
}

func land(t *testing.T, w *Warehouse, a Arrival) Counts {
	t.Helper()
	stored, err := w.Land(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	c := stored.Counts
	if c.Read != c.Stored+c.Unchanged+c.Quarantined+c.Blank {
		t.Errorf("does not add up: %+v", c)
	}
	return c
}

// list gives the texts of a query of one column, sorted.
func list(t *testing.T, w *Warehouse, query string, args ...any) []string {
	t.Helper()
	rows, err := w.Conn().QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		found = append(found, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(found)
	return found
}

func present(t *testing.T, w *Warehouse) []string {
	t.Helper()
	return list(t, w, `select concat_ws(' ', ref, status) from "current".desk__requests`)
}

func wantList(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

func TestLandStoresOnlyWhatChanged(t *testing.T) {
	for _, test := range []struct {
		name, mode   string
		key          []string
		first, again []string
		want         Counts
		present      []string
	}{
		{"snapshot with key", "snapshot", []string{"ref"},
			[]string{"a open", "b open", "c open"}, []string{"a open", "b closed", "d open"},
			Counts{Read: 3, Stored: 2, Unchanged: 1, Deleted: 1}, []string{"a open", "b closed", "d open"}},
		{"increment with key", "increment", []string{"ref"},
			[]string{"a open", "b open"}, []string{"b closed", "c open"},
			Counts{Read: 2, Stored: 2}, []string{"a open", "b closed", "c open"}},
		{"append with key", "append", []string{"ref"},
			[]string{"a open", "b open"}, []string{"b closed", "c open"},
			Counts{Read: 2, Stored: 1, Unchanged: 1}, []string{"a open", "b open", "c open"}},
		{"snapshot without key", "snapshot", nil,
			[]string{"a open", "a open", "b open"}, []string{"a open", "c open", "c open"},
			Counts{Read: 3, Stored: 2, Unchanged: 1, Deleted: 2}, []string{"a open", "c open", "c open"}},
		{"append without key", "append", nil,
			[]string{"a open"}, []string{"a open", "a open", "b open"},
			Counts{Read: 3, Stored: 2, Unchanged: 1}, []string{"a open", "a open", "b open"}},
		{"nothing changed", "snapshot", []string{"ref"},
			[]string{"a open"}, []string{"a open"}, Counts{Read: 1, Unchanged: 1}, []string{"a open"}},
		{"emptied", "snapshot", []string{"ref"},
			[]string{"a open"}, nil, Counts{Deleted: 1}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := openTest(t, t.TempDir())
			table := testTable(test.mode, test.key...)
			land(t, w, arrive(t, table, "", test.first...))
			if got := land(t, w, arrive(t, table, "", test.again...)); got != test.want {
				t.Errorf("counts:\n got %+v\nwant %+v", got, test.want)
			}
			wantList(t, "present", present(t, w), test.present...)
			if len(test.key) > 0 {
				wantList(t, "known after the last load", list(t, w,
					"select concat_ws(' ', ref, status) from meta.known_at_load('desk__requests', 2)"), test.present...)
			}
			wantList(t, "known after load 1", list(t, w,
				"select concat_ws(' ', ref, status) from meta.known_at_load('desk__requests', 1)"), test.first...)
		})
	}
}

// A view of rows that are gone would crash whoever looks at it.
func TestLandLeavesNoViewOfTheRowsOnTheirWay(t *testing.T) {
	w := openTest(t, t.TempDir())
	table := testTable("snapshot", "ref")
	for _, row := range []string{"a open", "a closed"} {
		land(t, w, arrive(t, table, "", row))
		wantList(t, "views", list(t, w, "select view_name from duckdb_views() where not internal and schema_name = 'main'"))
	}
}

func TestLandSetsRepeatedKeysAside(t *testing.T) {
	for _, before := range [][]string{nil, {"a open", "z open"}} {
		w := openTest(t, t.TempDir())
		table := testTable("increment", "ref")
		if before != nil {
			land(t, w, arrive(t, table, "", before...))
		}
		got := land(t, w, arrive(t, table, "", "a open", "a closed", "b open", "c open", "c open"))
		if got.Quarantined != 3 || got.Stored != 2 {
			t.Errorf("counts: %+v", got)
		}
		wantList(t, "quarantine", list(t, w, "select concat_ws(' ', row_number, reason) from meta.quarantine"),
			"2 the key (ref) stands on lines 2, 3 with different values",
			"3 the key (ref) stands on lines 2, 3 with different values",
			"6 repeats line 5 word for word")
	}
}

func TestLandKeepsAnOlderEditionAsHistory(t *testing.T) {
	w := openTest(t, t.TempDir())
	table := testTable("increment", "ref")
	land(t, w, arrive(t, table, "2026-05-01", "a restated", "b open"))
	got := land(t, w, arrive(t, table, "2024-09-01", "a first", "c old"))
	if got.Stored != 2 {
		t.Errorf("counts: %+v", got)
	}
	wantList(t, "present", present(t, w), "a restated", "b open", "c old")
	wantList(t, "published by the end of 2024", list(t, w,
		"select concat_ws(' ', ref, status) from meta.known_at_edition('desk__requests', date '2024-12-31')"), "a first", "c old")
}

func TestLandKeepsNothingOfALoadThatBreaksOff(t *testing.T) {
	w := openTest(t, t.TempDir())
	table := testTable("increment", "ref")
	land(t, w, arrive(t, table, "", "a open"))
	broken := arrive(t, table, "", "a closed", "b open")
	lost := errors.New("the line went dead")
	broken.Rest = func() (Rest, error) { return Rest{}, lost }
	if _, err := w.Land(t.Context(), broken); !errors.Is(err, lost) {
		t.Fatalf("got %v", err)
	}
	wantList(t, "present", present(t, w), "a open")
	land(t, w, arrive(t, table, "", "a closed", "b open"))
	wantList(t, "present after another try", present(t, w), "a closed", "b open")
}

func TestLandAddsAColumnAndRefusesAnotherType(t *testing.T) {
	w := openTest(t, t.TempDir())
	table := testTable("increment", "ref")
	table.Columns = table.Columns[:1]
	narrow := arrive(t, table, "", "a open")
	land(t, w, narrow)
	wide := testTable("increment", "ref")
	land(t, w, arrive(t, wide, "", "b open"))
	wantList(t, "present", present(t, w), "a", "b open")
	wide.Columns[1].Type = "BIGINT"
	_, err := w.Land(t.Context(), arrive(t, wide, "", "c 1"))
	if err == nil || !strings.Contains(err.Error(), `column "status" is VARCHAR in the warehouse and BIGINT in the contract`) {
		t.Errorf("got %v", err)
	}
}

func TestLandWritesTheCursorWithTheRows(t *testing.T) {
	w := openTest(t, t.TempDir())
	a := arrive(t, testTable("append", "ref"), "", "a open")
	a.Rest = func() (Rest, error) { return Rest{Read: 1, Cursor: `{"page":2}`}, nil }
	land(t, w, a)
	cursor, err := w.Cursor(context.Background(), "desk", "requests")
	if err != nil || cursor != `{"page":2}` {
		t.Errorf("got %q, %v", cursor, err)
	}
}

func TestLandKeepsEveryRowOnceInAll(t *testing.T) {
	w := openTest(t, t.TempDir())
	table := testTable("snapshot", "ref")
	land(t, w, arrive(t, table, "", "a open", "b open", "c open"))
	land(t, w, arrive(t, table, "", "a closed", "b open"))
	land(t, w, arrive(t, table, "", "a open", "b open", "c open"))
	wantList(t, "raw", list(t, w, "select concat_ws(' ', _load_id, ref, status, _is_deleted) from raw.desk__requests"),
		"1 a open false", "1 b open false", "1 c open false", "2 a closed false", "2 c true", "3 a open false", "3 c open false")
	wantList(t, "present", present(t, w), "a open", "b open", "c open")
}

func TestLandFindsRepeatsPartByPart(t *testing.T) {
	for _, n := range []int64{1, 3, 7} {
		parts := hashParts(n)
		if parts[0][0] != "00000000-0000-0000-0000-000000000000" || parts[n-1][1] != "ffffffff-ffff-ffff-ffff-ffffffffffff" {
			t.Errorf("%d parts do not hold all hashes: %v", n, parts)
		}
		for i := range parts[1:] {
			last, next := asNumber(t, parts[i][1]), asNumber(t, parts[i+1][0])
			if last.Add(last, big.NewInt(1)).Cmp(next) != 0 {
				t.Errorf("between %s and %s lies a hash that no part holds, or one that two hold", parts[i][1], parts[i+1][0])
			}
		}
	}
}

func asNumber(t *testing.T, uuid string) *big.Int {
	t.Helper()
	n, ok := new(big.Int).SetString(strings.ReplaceAll(uuid, "-", ""), 16)
	if !ok {
		t.Fatalf("%q is no hash", uuid)
	}
	return n
}

// A load may say that it is everything there is, in a table in which what a load lacks otherwise stays.
func TestAWholeLoadOfAnIncrementFindsWhatVanished(t *testing.T) {
	w := openTest(t, t.TempDir())
	table := testTable("increment", "ref")
	land(t, w, arrive(t, table, "", "a open", "b open", "c open"))
	land(t, w, arrive(t, table, "", "b closed"))
	wantList(t, "present", present(t, w), "a open", "b closed", "c open")
	whole := arrive(t, table, "", "b closed", "c closed", "d open")
	rest := whole.Rest
	whole.Rest = func() (Rest, error) {
		r, err := rest()
		r.Whole = true
		return r, err
	}
	if got, want := land(t, w, whole), (Counts{Read: 3, Stored: 2, Unchanged: 1, Deleted: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	wantList(t, "present", present(t, w), "b closed", "c closed", "d open")
	if got, want := land(t, w, arrive(t, table, "", "d open")), (Counts{Read: 1, Unchanged: 1}); got != want {
		t.Errorf("the next load is not whole: got %+v, want %+v", got, want)
	}
}
