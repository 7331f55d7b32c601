package pipeline_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/goldthread/goldthread/connectors/sqldb/sqldbtest"
	"github.com/goldthread/goldthread/schedules/pipeline"
)

// A connection that ends in any way, before the first row or before the end of the last, leaves nothing behind, and the next
// reading is whole.
func TestACutConnectionLeavesNothing(t *testing.T) {
	onEachServer(t, func(t *testing.T, server *sqldbtest.Server) {
		proxy := sqldbtest.Behind(t, server)
		through := *server
		through.Host, through.Port = "127.0.0.1", proxy.Port
		p := newPull(t, server, "cut", "{column: updated_at}")
		p.server = &through
		p.connection = "tls: \"off\"\nsilence: 1s\ntries: 1\n"
		p.open(t.TempDir(), cutDataset)
		p.server = server
		none := p.passed(proxy)
		p.exec("insert into %s (id, name, updated_at) select i, concat('tenant ', i), '2026-01-01' from SERIES(5000)")
		all := p.passed(proxy)
		for _, how := range []sqldbtest.Cut{sqldbtest.Reset, sqldbtest.Finish, sqldbtest.Silence} {
			for place, after := range map[string]int64{"row 0": none, "1 %": none + (all-none)/100, "half": none + (all-none)/2, "last": all - 8} {
				t.Run(fmt.Sprintf("%s at %s", how, place), func(t *testing.T) {
					p.T = t
					p.renew()
					proxy.Cut(how, after, -1)
					p.failsWith(map[sqldbtest.Cut]string{sqldbtest.Silence: "fell silent"}[how])
					proxy.Cut(sqldbtest.None, 0, 0)
					p.night("5000 read, 5000 stored, 0 unchanged, 0 deleted")
				})
			}
		}
	})
}

const cutDataset = `
    table: TABLE
    mode: increment
    key: [id]
    cursor: {column: updated_at}
    columns: {id: {type: integer}, name: {type: text}}
`

// passed reads once and gives how many bytes came from the server.
func (p *pull) passed(proxy *sqldbtest.Proxy) int64 {
	p.Helper()
	p.renew()
	if _, err := pipeline.Ingest(p.Context(), p.warehouse, "housing", p); err != nil {
		p.Fatal(err)
	}
	return proxy.Passed()
}

// failsWith reads once, in vain: nothing is stored, the look says that it may pass, and not much time goes by.
func (p *pull) failsWith(words string) {
	p.Helper()
	if words == "" {
		words = "the connection was cut"
	}
	began := time.Now()
	loads, err := pipeline.Ingest(p.Context(), p.warehouse, "housing", p)
	if err == nil || len(loads) > 0 || !strings.Contains(err.Error(), words) || !strings.Contains(err.Error(), "may pass") {
		p.Errorf("%d loads: %v", len(loads), err)
	}
	if stored := p.query("select count(*) from meta.loads"); stored != "0" {
		p.Errorf("%s loads are in the ledger", stored)
	}
	if took := time.Since(began); took > 20*time.Second {
		p.Errorf("it took %s", took)
	}
	p.says("failed: ")
}
