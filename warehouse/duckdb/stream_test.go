package duckdb

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/duckdb/duckdb-go/v2"
)

// TestAStreamGivesRowsBeforeTheyAreAllMade reads the first rows of an answer whose last one fails.
func TestAStreamGivesRowsBeforeTheyAreAllMade(t *testing.T) {
	db, err := OpenShared(t.Context(), Settings{MemoryLimit: "64MB", Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	argument := "20000000"
	s, err := OpenStream(t.Context(), conn, "select n::varchar, case when n = 20000000 then error('the last row') else $1 end from range(1, 20000001) as r (n)", []*string{&argument})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	read, last := 0, ""
	for {
		rows, err := s.Next()
		if err != nil {
			var engine *duckdb.Error
			if !errors.As(err, &engine) || !strings.Contains(engine.Msg, "the last row") {
				t.Errorf("it ends with %v", err)
			}
			break
		}
		if rows == 0 {
			t.Fatal("it ends as if it were whole")
		}
		read += rows
		last = string(s.Columns()[1].Text(rows - 1))
	}
	if read < 1000 || last != argument {
		t.Errorf("read %d rows, the last of them %q", read, last)
	}
}

// TestAStreamStopsWithItsContext stops one while it runs and one before, and uses the connection again.
func TestAStreamStopsWithItsContext(t *testing.T) {
	db, err := OpenShared(t.Context(), Settings{MemoryLimit: "64MB", Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	why := errors.New("enough")
	for _, endless := range []string{
		"select count(*) from range(1000000000000) a, range(1000) b where a.range * b.range % 7 = 3",
		"select a.range from range(1000000000000) a, range(1000) b",
	} {
		ctx, stop := context.WithCancelCause(t.Context())
		go stop(why)
		s, err := OpenStream(ctx, conn, endless, nil)
		if err == nil {
			for rows := 1; rows > 0 && err == nil; {
				rows, err = s.Next()
			}
			s.Close()
		}
		if !errors.Is(err, why) {
			t.Errorf("%s ends with %v", endless, err)
		}
		if s, err = OpenStream(t.Context(), conn, "select 1", nil); err != nil {
			t.Fatal(err)
		}
		if rows, err := s.Next(); rows != 1 || err != nil || At[int32](s.Columns()[0], 0) != 1 {
			t.Errorf("afterwards %d rows, %v", rows, err)
		}
		s.Close()
	}
}
