package connectors

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
)

var paymentColumns = Dataset{Key: []string{"ref"}, Columns: []Column{
	{Name: "ref", Kind: Text}, {Name: "paid", Kind: Date}, {Name: "amount", Kind: Decimal, Precision: 18, Scale: 2}, {Name: "n", Kind: Integer},
	{Name: "status", Kind: Decimal, Precision: 5, Statuses: map[string]string{"x": "suppressed"}},
}}

// appendPayments adds rows whose texts follow from their numbers.
func appendPayments(t *testing.T, rows *Rows, from, n int) {
	t.Helper()
	for i := from; i < from+n; i++ {
		fields := [][]byte{fmt.Appendf(nil, "R%d", i), []byte("2025-06-30"), fmt.Appendf(nil, "%d.50", i), fmt.Append(nil, i), []byte("x")}
		if i%3 == 0 {
			fields[3], fields[4] = nil, []byte("7")
		}
		if reject, ok := rows.Append(int64(i), fields); !ok {
			t.Fatal(reject.Reason)
		}
	}
}

func checkPayments(t *testing.T, batch arrow.RecordBatch, from int) {
	t.Helper()
	for row := range int(batch.NumRows()) {
		i := from + row
		want := fmt.Sprintf("R%d 2025-06-30 %d.5 %d (null) suppressed %d", i, i, i, i)
		if i%3 == 0 {
			want = fmt.Sprintf("R%d 2025-06-30 %d.5 (null) 7 ok %d", i, i, i)
		}
		got := ""
		for column := range int(batch.NumCols()) {
			got += " " + batch.Column(column).ValueStr(row)
		}
		if got != " "+want {
			t.Errorf("row %d is%s; want %s", i, got, want)
		}
	}
}

// TestABatchKeepsItsMemoryUntilItIsReleased takes batches while earlier ones are still held, of sizes that grow and shrink,
// and releases them in another goroutine, as the engine does.
func TestABatchKeepsItsMemoryUntilItIsReleased(t *testing.T) {
	rows, err := NewRows(paymentColumns, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	type taken struct {
		batch arrow.RecordBatch
		from  int
	}
	held := make(chan taken, 3)
	var checked sync.WaitGroup
	checked.Go(func() {
		for b := range held {
			checkPayments(t, b.batch, b.from)
			b.batch.Release()
		}
	})
	from := 0
	for turn := range 60 {
		n := 1 + turn*37%400
		appendPayments(t, rows, from, n)
		held <- taken{rows.Take(), from}
		from += n
	}
	close(held)
	checked.Wait()
}

func TestARecyclerGivesTheRoomThatIsAskedFor(t *testing.T) {
	r := &recycler{}
	for _, n := range []int{0, 1, 63, 64, 65, 1000, 1024, 1025} {
		b := r.Allocate(n)
		if len(b) != n {
			t.Errorf("%d bytes were asked for and %d given", n, len(b))
		}
		r.Free(append(b, 1)) // perhaps grown
	}
	b := r.Allocate(1000)
	again := &b[0]
	r.Free(b)
	if b = r.Allocate(900); &b[0] != again {
		t.Error("memory that came back was not given again")
	}
	if larger := r.Reallocate(5000, append(b[:0], 7)); len(larger) != 5000 || larger[0] != 7 {
		t.Error("what was there did not come along")
	}
}
