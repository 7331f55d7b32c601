package pipeline_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/goldthread/goldthread/connectors/sqldb/sqldbtest"
	"github.com/goldthread/goldthread/schedules/pipeline"
)

// A history is a table that changes at random, and every row that it ever held.
type history struct {
	*pull
	db     *sql.DB
	random *rand.Rand
	mu     sync.Mutex
	ever   map[string]bool // rows as "id name"
	ids    int
	count  int
	late   []lateChange
}

// A lateChange is a transaction that stays open while others come and go.
type lateChange struct {
	tx      *sql.Tx
	commits bool
}

// While a table changes at random, no pull brings a row that was never there, and a quiet full comparison brings all that is.
func TestHistoryOfATableThatChangesMeanwhile(t *testing.T) {
	onEachServer(t, func(t *testing.T, server *sqldbtest.Server) {
		h := &history{pull: newPull(t, server, "history", "{column: updated_at, look_back: 5s}"), random: rand.New(rand.NewPCG(20261125, 5)), ever: map[string]bool{}}
		var err error
		if h.db, err = server.DB(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { h.db.Close() })
		extracts, strangers := 200, 0
		for n := range extracts {
			if n%40 == 39 {
				h.compareAll()
			}
			h.extract(n)
			strangers += h.strangers()
		}
		for _, late := range h.late {
			h.end(late)
		}
		h.compareAll()
		h.extract(-1)
		if got, want := h.query("select coalesce(string_agg(concat_ws(' ', id, name), ';' order by id), '') from current.housing__tenancies"), h.atSource(); got != want {
			t.Errorf("after a quiet full comparison present are\n%s\nwant\n%s", got, want)
		}
		fmt.Printf("histories: %s, %d extracts, %d changes, %d rows that the source never had\n", server.Engine, extracts, h.count, strangers)
	})
}

func (h *history) compareAll() {
	h.before = func(cursor map[string]any) { cursor["compared"] = 0 }
}

// extract reads once while the table changes; at -1 it is quiet.
func (h *history) extract(n int) {
	h.Helper()
	var changing sync.WaitGroup
	if n >= 0 {
		changing.Go(func() {
			for range 1 + h.random.IntN(6) {
				h.change(n)
			}
		})
	}
	loads, err := pipeline.Ingest(h.Context(), h.warehouse, "housing", h)
	changing.Wait()
	if err != nil {
		h.Fatalf("extract %d: %v", n, err)
	}
	for _, l := range loads {
		if l.Read != l.Stored+l.Unchanged+l.Quarantined+l.Blank || l.Quarantined > 0 {
			h.Errorf("extract %d: %+v", n, l)
		}
	}
}

// change makes one change. The clocks of those who stamp rows are up to four seconds off, and many stamps are equal.
func (h *history) change(n int) {
	stamp := fmt.Sprintf("timestamp '2026-01-01 00:00:00' + interval '%d' second", n*10+h.random.IntN(9)-4)
	h.count++
	name := fmt.Sprintf("v%d", h.count)
	id := 1 + h.random.IntN(max(1, h.ids))
	var statement string
	switch kind := h.random.IntN(10); {
	case kind < 4 || h.ids == 0:
		h.ids++
		id = h.ids
		statement = fmt.Sprintf("insert into %s (id, name, updated_at) values (%d, '%s', %s)", h.table, id, name, stamp)
	case kind < 7:
		statement = fmt.Sprintf("update %s set name = '%s', updated_at = %s where id = %d", h.table, name, stamp, id)
	case kind < 8: // a change that nothing stamps
		statement = fmt.Sprintf("update %s set name = '%s' where id = %d", h.table, name, id)
	default:
		statement = fmt.Sprintf("delete from %s where id = %d", h.table, id)
	}
	if h.random.IntN(8) == 0 {
		h.endOne()
		id = apart + h.count // that nobody else changes, as they would have to wait for the transaction
		h.begin(fmt.Sprintf("insert into %s (id, name, updated_at) values (%d, '%s', %s)", h.table, id, name, stamp), id, name)
		return
	}
	h.saw(id, name)
	if _, err := h.db.Exec(statement); err != nil {
		h.Errorf("%s: %v", statement, err)
	}
}

const apart = 1_000_000

func (h *history) saw(id int, name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ever[fmt.Sprintf("%d %s", id, name)] = true
}

// begin opens a transaction that inserts a row and ends some changes later, one in three of them in vain.
func (h *history) begin(statement string, id int, name string) {
	tx, err := h.db.Begin()
	if err == nil {
		_, err = tx.Exec(statement)
	}
	if err != nil {
		h.Error(err)
		return
	}
	late := lateChange{tx: tx, commits: h.random.IntN(3) > 0}
	if late.commits {
		h.saw(id, name)
	}
	h.late = append(h.late, late)
}

// endOne ends the oldest of the open transactions, where there are several.
func (h *history) endOne() {
	if len(h.late) > 2 {
		h.end(h.late[0])
		h.late = h.late[1:]
	}
}

func (h *history) end(late lateChange) {
	end := late.tx.Rollback
	if late.commits {
		end = late.tx.Commit
	}
	if err := end(); err != nil {
		h.Error(err)
	}
}

// strangers counts rows that are present and that the source never had.
func (h *history) strangers() (n int) {
	h.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	for row := range strings.SplitSeq(h.query("select coalesce(string_agg(concat_ws(' ', id, name), ';'), '') from current.housing__tenancies"), ";") {
		if row != "" && !h.ever[row] {
			h.Errorf("the source never had %q", row)
			n++
		}
	}
	return n
}

func (h *history) atSource() string {
	h.Helper()
	rows, err := h.db.Query("select id, name from " + h.table + " order by id")
	if err != nil {
		h.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var id, name string
		if err := rows.Scan(&id, &name); err != nil {
			h.Fatal(err)
		}
		all = append(all, id+" "+name)
	}
	if err := rows.Err(); err != nil {
		h.Fatal(err)
	}
	return strings.Join(all, ";")
}
