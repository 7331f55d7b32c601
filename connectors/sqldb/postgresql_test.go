package sqldb

import (
	"fmt"
	"testing"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/sqldb/sqldbtest"
	"github.com/goldthread/goldthread/schedules/pipeline"
	"github.com/goldthread/goldthread/warehouse"
)

// open gives a source by the text of its file.
func open(t *testing.T, text string) *Source {
	t.Helper()
	file, err := connectors.Kinds{"sqldb": Default}.Decode("sources/housing.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	source, err := file.Config.Open(connectors.Deps{Root: t.TempDir(), Zone: time.UTC, Getenv: func(string) string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	return source.(*Source)
}

// settings begin a source's file over a server.
func settings(s *sqldbtest.Server) string {
	return fmt.Sprintf("source: housing\nkind: sqldb\nengine: %s\nhost: %s\nport: %d\ndatabase: %s\nuser: %s\nbatch_rows: 100\ndatasets:\n", s.Engine, s.Host, s.Port, s.Database, s.User)
}

func openWarehouse(t *testing.T) *warehouse.Warehouse {
	t.Helper()
	w, err := warehouse.Open(t.Context(), warehouse.Options{Folder: t.TempDir(), Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func TestATableLands(t *testing.T) {
	server := sqldbtest.StartPostgreSQL(t)
	if server == nil {
		return
	}
	server.Exec(t, `create table tenancies (id bigint primary key, name text, rent numeric(10,2), since date, updated_at timestamptz);
		insert into tenancies select i, 'tenant ' || i, i + 0.25, date '2020-01-01' + i, timestamptz '2026-01-01 12:00:00.123456+01' from generate_series(1, 1000) i`)
	source := open(t, settings(server)+`
  - name: tenancies
    table: tenancies
    mode: snapshot
    key: [id]
    totals: [rent]
    columns:
      id: {type: integer}
      name: {type: text}
      rent: {type: "decimal(10,2)"}
      since: {type: date}
      updated_at: {type: timestamp}
`)
	loads, err := pipeline.Ingest(t.Context(), openWarehouse(t), "housing", source)
	if err != nil {
		t.Fatal(err)
	}
	if len(loads) != 1 || loads[0].Read != 1000 || loads[0].Stored != 1000 {
		t.Errorf("%+v", loads)
	}
}
