package pipeline_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/connectors/all"
	"github.com/goldthread/goldthread/connectors/lginform/lginformtest"
	"github.com/goldthread/goldthread/connectors/sqldb/sqldbtest"
	"github.com/goldthread/goldthread/schedules/pipeline"
)

// examined gives what the doctor says of a source, a line a finding.
func (c *councilFolder) examined(source string, deep bool) string {
	c.t.Helper()
	folder, err := pipeline.OpenWith(c.t.Context(), c.root, all.Kinds, func(string) string { return lginformtest.Token })
	if err != nil {
		c.t.Fatal(err)
	}
	found, err := folder.Examine(c.t.Context(), source, deep)
	if err != nil {
		c.t.Fatal(err)
	}
	var text strings.Builder
	for _, f := range found {
		fmt.Fprintf(&text, "%t %s %s: %s\n", f.OK, f.Dataset, f.Tried, f.Found)
	}
	return text.String()
}

func TestADatabaseIsExaminedWithoutItsData(t *testing.T) {
	onEachServer(t, func(t *testing.T, server *sqldbtest.Server) {
		server.Exec(t, "create table tenancies (id integer not null primary key, name varchar(80), rent numeric(12,4), changed timestamp)")
		server.Exec(t, "insert into tenancies values (1, 'Canary One', 512.1250, '2026-01-01 10:00:00'), (2, 'Canary Two', null, '2026-01-02 10:00:00')")
		c := newCouncil(t)
		c.write("sources/housing.yaml", fmt.Sprintf(`source: housing
kind: sqldb
engine: %s
host: %s
port: %d
database: %s
user: %s
datasets:
  - name: tenancies
    table: tenancies
    mode: increment
    key: [id]
    cursor: {column: changed}
    columns: {id: {type: integer}, name: {type: text}, rent: {type: "decimal(18,4)"}, changed: {type: timestamp}}
`, server.Engine, server.Host, server.Port, server.Database, server.User))
		text := c.examined("housing", true)
		for _, want := range []string{
			"false tenancies rights: the account may write to", "true tenancies rows: 2 fit the contract, 0 would be set aside",
			"true tenancies precision: rent: at most 3 digits before the point and 3 behind it, where 14 and 4 have room; 1 of 2 empty",
			"true tenancies precision: name: text of at most 10 characters", "true tenancies precision: changed: moments to whole seconds",
			"true tenancies key: id tells one row from another in 2 rows", "true tenancies cursor: one of",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("it does not say %q", want)
			}
		}
		if t.Failed() || strings.Contains(text, "Canary") || strings.Contains(text, "512") {
			t.Error(text)
		}
	})
}

func TestAnAllowanceHoldsForTheDoctorToo(t *testing.T) {
	server := lginformtest.New(t)
	c := newCouncil(t)
	c.write("sources/lgi.yaml", fmt.Sprintf(lginformSource, server.URL)+"allowance: {month_mb: 1}\n")
	if text := c.examined("lgi", true); !strings.Contains(text, "true figures rows: 160 fit the contract") {
		t.Error(text)
	}
	c.runWithKey()
	c.damage("update meta.extracts set size_bytes = 1000000 where source = 'lgi' and size_bytes > 10000")
	if text := c.examined("lgi", false); !strings.Contains(text, "false figures reading: ") || !strings.Contains(text, "1.0 of the 1 MB a month") {
		t.Error(text)
	}
}
