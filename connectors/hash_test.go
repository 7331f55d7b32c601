package connectors

import (
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/zeebo/xxh3"
)

// TestRowHashIsOfTheCellsByName pins what goes into a hash: a warehouse compares it with those of earlier programs, so were
// it to change, every row would land anew.
func TestRowHashIsOfTheCellsByName(t *testing.T) {
	ds := Dataset{Key: []string{"ref"}, Columns: []Column{
		{Name: "ref", Kind: Text}, {Name: "b_paid", Kind: Date}, {Name: "a_amount", Kind: Decimal, Precision: 18, Scale: 2},
		{Name: "n", Kind: Integer}, {Name: "at", Kind: Timestamp}, {Name: "done", Kind: Boolean},
	}}
	batch := batchOf(t, ds, []string{"x", "2025-06-30", "-1.50", "7", "2025-06-30T12:00:00Z", "yes"}, []string{"y", "", "", "", "", "no"})
	defer batch.Release()
	le := binary.LittleEndian
	tag := func(name string) []byte { return le.AppendUint64(nil, xxh3.HashString(name)) }
	first := append(append(tag("a_amount"), 0x6A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF), 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF)
	first = le.AppendUint64(append(first, tag("at")...), uint64(time.Date(2025, 6, 30, 12, 0, 0, 0, time.UTC).UnixMicro()))
	first = le.AppendUint32(append(first, tag("b_paid")...), uint32(time.Date(2025, 6, 30, 0, 0, 0, 0, time.UTC).Unix()/86400))
	first = append(append(first, tag("done")...), "true"...)
	first = le.AppendUint64(append(first, tag("n")...), 7)
	key := append(append(tag("ref"), 1, 0, 0, 0), 'x')
	first = append(first, key...)
	second := append(append(append(tag("done"), "false"...), tag("ref")...), 1, 0, 0, 0, 'y')

	keys, contents := NewRowHasher(batch.Schema(), ds.Key).Hash(batch)
	for i, want := range [][]byte{first, second} {
		if got := hexOf(contents, i); got != hexOfSum(want) {
			t.Errorf("row %d is hashed to %s; want %s", i, got, hexOfSum(want))
		}
	}
	if got := hexOf(keys, 0); got != hexOfSum(key) {
		t.Errorf("the key is hashed to %s; want %s", got, hexOfSum(key))
	}
	_, part := NewRowHasher(batch.Schema(), ds.Key).Hash(batch.NewSlice(1, 2))
	if hexOf(part, 0) != hexOf(contents, 1) {
		t.Error("a row of a part of the batch has another hash")
	}
}

func hexOf(hashes arrow.Array, row int) string {
	return fmt.Sprintf("%x", hashes.Data().Buffers()[1].Bytes()[row*hashBytes:][:hashBytes])
}

func hexOfSum(text []byte) string {
	sum := xxh3.Hash128(text).Bytes()
	return fmt.Sprintf("%x", sum[:])
}

// batchOf converts rows of texts.
func batchOf(t testing.TB, ds Dataset, texts ...[]string) arrow.RecordBatch {
	t.Helper()
	rows, err := NewRows(ds, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range texts {
		var fields [][]byte
		for _, text := range row {
			fields = append(fields, []byte(text))
		}
		if reject, ok := rows.Append(int64(i+2), fields); !ok {
			t.Fatal(reject.Reason)
		}
	}
	return rows.Take()
}

// BenchmarkHash hashes rows as payments have them.
func BenchmarkHash(b *testing.B) {
	ds := Dataset{Key: []string{"ref"}, Columns: []Column{
		{Name: "ref", Kind: Text}, {Name: "paid", Kind: Date}, {Name: "supplier", Kind: Text}, {Name: "service", Kind: Text},
		{Name: "amount", Kind: Decimal, Precision: 18, Scale: 2}, {Name: "done", Kind: Boolean}, {Name: "note", Kind: Text},
	}}
	var texts [][]string
	for i := range 10_000 {
		texts = append(texts, []string{fmt.Sprint("PAY", i), "2025-06-30", "A supplier, Limited", "Adult social care", "12.50", "no", "of the contract"})
	}
	batch := batchOf(b, ds, texts...)
	hasher := NewRowHasher(batch.Schema(), ds.Key)
	b.ResetTimer()
	for b.Loop() {
		keys, contents := hasher.Hash(batch)
		keys.Release()
		contents.Release()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/10_000, "ns/row")
}
