package pipeline_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/connectors/sqldb/sqldbtest"
	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/schedules/pipeline"
	"github.com/goldthread/goldthread/warehouse"
)

const housingSource = `source: housing
kind: sqldb
engine: %s
host: %s
port: %d
database: %s
user: %s
datasets:
  - name: tenancies
    table: run_tenancies
    mode: increment
    key: [id]
    cursor: {column: updated_at}
    personal_data: none
    columns: {id: {type: integer}, name: {type: text}, updated_at: {type: timestamp}}
`

// A table that is empty all of a sudden takes no row away until a person says that this is right.
func TestAnEmptiedTableWaitsForAPersonsWord(t *testing.T) {
	onEachServer(t, func(t *testing.T, server *sqldbtest.Server) {
		server.Exec(t, "create table run_tenancies (id integer primary key, name varchar(40), updated_at timestamp null); insert into run_tenancies values (1, 'a', '2026-01-01'), (2, 'b', '2026-01-02')")
		c := newCouncil(t)
		c.write("sources/housing.yaml", fmt.Sprintf(housingSource, server.Engine, server.Host, server.Port, server.Database, server.User))
		if first := loadOf(c.run()); first.Stored != 2 {
			t.Fatalf("%+v", first)
		}
		server.Exec(t, "delete from run_tenancies")
		result := c.run()
		held := func(p pipeline.Problem) bool {
			return p.Dataset == "tenancies" && p.Held && strings.Contains(p.What, "0 rows came")
		}
		if !slices.ContainsFunc(result.Problems, held) || loadOf(result).LoadID != 0 {
			t.Fatalf("%+v", result.Problems)
		}
		settings, err := council.Load(c.root)
		if err != nil {
			t.Fatal(err)
		}
		folder := pipeline.Council{Root: c.root, Settings: settings, Version: "test"}
		if _, err := folder.Accept(t.Context(), warehouse.Acceptance{Source: "housing", Dataset: "tenancies", AcceptedBy: "a person"}); err != nil {
			t.Fatal(err)
		}
		result = c.run()
		if got := loadOf(result); got.Deleted != 2 || got.Read != 0 {
			t.Errorf("%+v: %+v", got, result.Problems)
		}
		if want := "housing.tenancies: everything was compared; rows gone at the source: 2, rows stored that had been missed: 0"; !slices.Contains(result.Notes, want) {
			t.Errorf("%q is not told in %q", want, result.Notes)
		}
	})
}

func loadOf(result pipeline.Result) (load pipeline.Load) {
	for _, l := range result.Loads {
		if l.Source == "housing" {
			load = l
		}
	}
	return load
}
